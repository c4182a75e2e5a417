//! The document in the middle of a transaction: what a replica holds, and the
//! edits that it has not been given yet on top.

use std::collections::BTreeMap;

use crate::edit::{Path, Step, Value};
use crate::plan::Layout;

/// A container, told apart whatever happens to the indices on its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// One that the replica has, at this path there.
    Held(Path),
    /// One that the transaction makes.
    New(u32),
}

/// What stands at a place of a list or a map after an edit: a new container,
/// or something without inner structure.
pub(super) type Content = Option<u32>;

/// What an earlier edit of the transaction did to a container.
#[derive(Debug)]
pub(super) enum Effect {
    /// Text: removed code units, then put these in their place.
    Rewrite { index: u32, removed: u32, units: Vec<u16> },
    /// List: removed elements, then put these in their place.
    Splice { index: u32, removed: u32, inserted: Vec<Content> },
    /// Movable list.
    Move { from: u32, to: u32 },
    /// Map.
    Put { key: String, content: Content },
    /// Map.
    Delete { key: String },
    /// Tree: there is a node of this label, under this parent.
    Create { label: String, parent: Option<String> },
    /// Tree: a node went away, or to another parent.
    Uproot { deleted: bool },
}

/// See the module.
pub(super) struct Draft<'a, 'l> {
    layout: &'a Layout<'l>,
    /// Whether another edit follows that has to know.
    keeps_notes: bool,
    effects: BTreeMap<Origin, Vec<Effect>>,
    created: u32,
}

impl<'a, 'l> Draft<'a, 'l> {
    /// That of a transaction of this many edits.
    pub(super) fn new(layout: &'a Layout<'l>, edits: usize) -> Self {
        Self { layout, keeps_notes: edits > 1, effects: BTreeMap::new(), created: 0 }
    }

    /// Whether paths in the transaction may part from those in the replica.
    pub(super) fn keeps_notes(&self) -> bool {
        self.keeps_notes
    }

    /// Notes what an edit did to `container`.
    pub(super) fn note(&mut self, container: &Origin, effect: impl FnOnce() -> Effect) {
        if self.keeps_notes {
            self.effects.entry(container.clone()).or_default().push(effect());
        }
    }

    /// What will stand where `value` is put.
    pub(super) fn content(&mut self, value: &Value) -> Content {
        matches!(value, Value::Container(_)).then(|| {
            self.created += 1;
            self.created
        })
    }

    fn effects(&self, container: &Origin) -> impl DoubleEndedIterator<Item = &Effect> {
        self.effects.get(container).into_iter().flatten()
    }

    /// The length of a text, a list, a map or a tree, as
    /// [`Replica::length`](crate::engine::Replica::length) has it. Of maps and trees made
    /// or changed in the transaction it only says that they are there.
    pub(super) fn length(&self, container: &Origin) -> Option<u32> {
        let held = match container {
            Origin::Held(path) => self.layout.length(path)?,
            Origin::New(_) => 0,
        };
        Some(self.effects(container).fold(held, |length, effect| match effect {
            Effect::Rewrite { removed, units, .. } => length - removed + units.len() as u32,
            Effect::Splice { removed, inserted, .. } => length - removed + inserted.len() as u32,
            _ => length,
        }))
    }

    /// The container one step below; none where there is surely none.
    pub(super) fn child(&self, container: Origin, mut step: Step) -> Option<Origin> {
        for effect in self.effects(&container).rev() {
            match (effect, &mut step) {
                (Effect::Put { key, content }, Step::Key(at)) if key == at => {
                    return content.map(Origin::New);
                }
                (Effect::Delete { key }, Step::Key(at)) if key == at => return None,
                (Effect::Splice { index, removed, inserted }, Step::Element(at)) => {
                    let after = index + inserted.len() as u32;
                    if *at >= after {
                        *at = *at - after + index + removed;
                    } else if *at >= *index {
                        return inserted[(*at - *index) as usize].map(Origin::New);
                    }
                }
                (Effect::Move { from, to }, Step::Element(at)) => {
                    *at = before_move(*from, *to, *at)
                }
                _ => {}
            }
        }
        match container {
            Origin::Held(path) => Some(Origin::Held(path.then(step))),
            Origin::New(_) => None,
        }
    }

    /// `index` of a text, or one less if it would split a surrogate pair.
    pub(super) fn snap(&self, container: &Origin, index: u32) -> u32 {
        let mut held = index;
        for effect in self.effects(container).rev() {
            let Effect::Rewrite { index: start, removed, units } = effect else { continue };
            let after = start + units.len() as u32;
            if held >= after {
                held = held - after + start + removed;
            } else if held > *start {
                let within = (held - start) as usize;
                let splits = (0xdc00..0xe000).contains(&units[within]);
                return index - u32::from(splits);
            }
        }
        match container {
            Origin::Held(path) => index - (held - self.layout.snap(path, held)),
            Origin::New(_) => index,
        }
    }

    /// Whether a tree surely has a node of this label: where the transaction has
    /// deleted another, that may have taken it along.
    pub(super) fn has_node(&self, container: &Origin, wanted: &str) -> bool {
        for effect in self.effects(container).rev() {
            match effect {
                Effect::Create { label, .. } if label == wanted => return true,
                Effect::Uproot { deleted: true } => return false,
                _ => {}
            }
        }
        match container {
            Origin::Held(path) => self.layout.children(path).iter().any(|label| label == wanted),
            Origin::New(_) => false,
        }
    }

    /// How many children `parent` surely has in a tree.
    pub(super) fn branches(&self, container: &Origin, parent: Option<&str>) -> u32 {
        let held = match container {
            Origin::Held(path) => self.layout.branches(path, parent).unwrap_or(0),
            Origin::New(_) => 0,
        };
        self.effects(container).fold(held, |count, effect| match effect {
            Effect::Create { parent: under, .. } if under.as_deref() == parent => count + 1,
            // Where it came from is not known; perhaps from here.
            Effect::Uproot { .. } => count.saturating_sub(1),
            _ => count,
        })
    }
}

/// Where the element that stands at `at` after the move stood before it.
fn before_move(from: u32, to: u32, at: u32) -> u32 {
    if at == to {
        return from;
    }
    let without = if at > to { at - 1 } else { at };
    if without >= from { without + 1 } else { without }
}
