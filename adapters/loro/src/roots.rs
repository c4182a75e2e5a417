//! The containers of a document, from its roots down.

use std::borrow::Cow;
use std::collections::BTreeMap;

use deadzone_core::edit::{ContainerKind, Path, Roots, Step};
use deadzone_core::engine::EngineError;
use loro::{
    Container, LoroCounter, LoroDoc, LoroList, LoroMap, LoroMovableList, LoroText, LoroTree,
};

/// Handles of a document's roots, kept so that an edit need not look them up.
#[derive(Debug)]
pub(crate) struct RootContainers(BTreeMap<String, Container>);

impl RootContainers {
    /// Makes every root present in `doc`.
    ///
    /// Loro shows a root in the document's value from the first time that
    /// anybody asks for it, so this runs after importing: a document with roots
    /// would no longer take a snapshot as a whole.
    pub(crate) fn open(doc: &LoroDoc, roots: &Roots) -> Result<Self, EngineError> {
        let open = |(name, kind): (&String, &ContainerKind)| {
            // Loro's own rule for names; it panics on others.
            if name.is_empty() || name.contains(['/', '\0']) {
                return Err(EngineError::NotSupported(
                    "a root with an empty name, a slash or a NUL in it",
                ));
            }
            let name_in_loro = name.as_str();
            let container = match kind {
                ContainerKind::Text => Container::Text(doc.get_text(name_in_loro)),
                ContainerKind::Map => Container::Map(doc.get_map(name_in_loro)),
                ContainerKind::List => Container::List(doc.get_list(name_in_loro)),
                ContainerKind::MovableList => {
                    Container::MovableList(doc.get_movable_list(name_in_loro))
                }
                ContainerKind::Counter => Container::Counter(doc.get_counter(name_in_loro)),
                ContainerKind::Tree => Container::Tree(doc.get_tree(name_in_loro)),
            };
            Ok((name.clone(), container))
        };
        roots.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// The roots by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Container)> {
        self.0.iter()
    }

    /// The names and kinds, as they were opened.
    pub(crate) fn kinds(&self) -> Roots {
        let kind = |container: &Container| match container {
            Container::Text(_) => ContainerKind::Text,
            Container::Map(_) => ContainerKind::Map,
            Container::List(_) => ContainerKind::List,
            Container::MovableList(_) => ContainerKind::MovableList,
            Container::Counter(_) => ContainerKind::Counter,
            Container::Tree(_) => ContainerKind::Tree,
            Container::Unknown(_) => unreachable!("no root is opened as an unknown container"),
        };
        self.0.iter().map(|(name, container)| (name.clone(), kind(container))).collect()
    }

    /// The container at the end of a path.
    pub(crate) fn find(&self, at: &Path) -> Option<Cow<'_, Container>> {
        let mut found = Cow::Borrowed(self.0.get(at.root.as_str())?);
        for step in &at.steps {
            found = Cow::Owned(child(&found, step)?);
        }
        Some(found)
    }
}

fn child(container: &Container, step: &Step) -> Option<Container> {
    let value = match (container, step) {
        (Container::Map(map), Step::Key(key)) => map.get(key),
        (Container::List(list), Step::Element(index)) => list.get(*index as usize),
        (Container::MovableList(list), Step::Element(index)) => list.get(*index as usize),
        _ => None,
    };
    value?.into_container().ok()
}

/// A container that is not yet in a document.
pub(crate) fn empty(kind: ContainerKind) -> Container {
    match kind {
        ContainerKind::Text => Container::Text(LoroText::new()),
        ContainerKind::Map => Container::Map(LoroMap::new()),
        ContainerKind::List => Container::List(LoroList::new()),
        ContainerKind::MovableList => Container::MovableList(LoroMovableList::new()),
        ContainerKind::Counter => Container::Counter(LoroCounter::new()),
        ContainerKind::Tree => Container::Tree(LoroTree::new()),
    }
}
