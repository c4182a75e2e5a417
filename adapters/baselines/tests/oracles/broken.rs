//! The reference CRDT with one thing broken.

use deadzone_adapter_baselines::Reference;
use deadzone_core::document::{Document, Node, Run, Scalar, TreeNode};
use deadzone_core::edit::{Action, Edit, Path};
use deadzone_core::engine::{
    Edited, Engine, EngineError, EngineInfo, PeerId, Replica, Save, Seen, Setup, Update, Version,
};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Some characters are gone once something arrived.
    LosesCharacters,
    /// Some characters are there twice once something arrived.
    DoublesCharacters,
    /// The first two characters change places once something arrived.
    SwapsCharacters,
    /// Some keys are gone once something arrived.
    LosesKeys,
    /// A counter is off by one once something arrived.
    Miscounts,
    /// Some elements of movable lists are there twice once something arrived.
    DoublesMovables,
    /// Children stand beside their parent once something arrived.
    LiftsChildren,
    /// Marks are gone once something arrived.
    LosesMarks,
    /// What is typed at the start goes to the end.
    TypesAtTheEnd,
    /// Some characters show only once three things arrived.
    ShowsLate,
    /// An undo takes the whole text away.
    UndoesEverything,
    /// Nothing: an undo that only takes what is its own away.
    UndoesNothing,
}

/// See the module.
pub(crate) struct Broken(pub(crate) Defect);

impl Broken {
    fn around(&self, inner: Box<dyn Replica>) -> Box<dyn Replica> {
        Box::new(BrokenReplica { inner, defect: self.0, arrivals: 0 })
    }
}

impl Engine for Broken {
    fn info(&self) -> EngineInfo {
        Reference.info()
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Reference.create(setup).map(|inner| self.around(inner))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        Reference.load(setup, stored).map(|inner| self.around(inner))
    }
}

struct BrokenReplica {
    inner: Box<dyn Replica>,
    defect: Defect,
    arrivals: u32,
}

impl BrokenReplica {
    fn spoil(&self, document: &mut Document) {
        let arrived = self.arrivals > 0;
        for (root, node) in &mut document.roots {
            match (self.defect, node) {
                (Defect::LosesCharacters, Node::Text(runs)) if arrived => {
                    rewrite(runs, |character| if is_chosen(character) { 0 } else { 1 });
                }
                (Defect::ShowsLate, Node::Text(runs)) if self.arrivals < 3 => {
                    rewrite(runs, |character| if is_chosen(character) { 0 } else { 1 });
                }
                (Defect::DoublesCharacters, Node::Text(runs)) if arrived => {
                    rewrite(runs, |character| if is_chosen(character) { 2 } else { 1 });
                }
                (Defect::SwapsCharacters, Node::Text(runs)) if arrived => swap(runs),
                (Defect::LosesMarks, Node::Text(runs)) if arrived => {
                    let text: String = runs.drain(..).map(|run| run.text).collect();
                    if !text.is_empty() {
                        runs.push(Run { text, marks: Default::default() });
                    }
                }
                (Defect::LosesKeys, Node::Map(entries)) if arrived => {
                    entries.retain(|key, _| key != "a");
                }
                (Defect::Miscounts, Node::Counter(sum)) if arrived => *sum += 1,
                (Defect::DoublesMovables, Node::List(items)) if arrived && root == "board" => {
                    let chosen: Vec<Node> =
                        items.iter().filter(|i| is_chosen_item(i)).cloned().collect();
                    items.extend(chosen);
                }
                (Defect::LiftsChildren, Node::Tree(nodes)) if arrived => lift(nodes),
                _ => {}
            }
        }
    }
}

fn is_chosen(character: char) -> bool {
    u32::from(character) % 5 == 0
}

fn is_chosen_item(item: &Node) -> bool {
    matches!(item, Node::Scalar(Scalar::Int(value)) if value % 5 == 0)
}

fn rewrite(runs: &mut Vec<Run>, times: impl Fn(char) -> usize) {
    for run in &mut *runs {
        run.text = run.text.chars().flat_map(|c| std::iter::repeat_n(c, times(c))).collect();
    }
    runs.retain(|run| !run.text.is_empty());
}

fn swap(runs: &mut [Run]) {
    if let Some(run) = runs.first_mut() {
        let mut characters: Vec<char> = run.text.chars().collect();
        if characters.len() > 1 {
            characters.swap(0, 1);
        }
        run.text = characters.into_iter().collect();
    }
}

fn lift(nodes: &mut Vec<TreeNode>) {
    let children: Vec<TreeNode> =
        nodes.iter_mut().flat_map(|node| std::mem::take(&mut node.children)).collect();
    nodes.extend(children);
}

impl Replica for BrokenReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let mut edits = edits.to_vec();
        if self.defect == Defect::TypesAtTheEnd
            && let [Edit { at, action: Action::InsertText { index, .. } }] = edits.as_mut_slice()
            && *index == 0
        {
            *index = self.inner.length(at).unwrap_or(0);
        }
        self.inner.edit(&edits)
    }

    fn length(&self, at: &Path) -> Option<u32> {
        self.inner.length(at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        self.inner.snap(at, index)
    }

    fn children(&self, at: &Path) -> Vec<String> {
        self.inner.children(at)
    }

    fn read(&mut self) -> Document {
        let mut document = self.inner.read();
        self.spoil(&mut document);
        document
    }

    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.inner.connect(peer, saved)
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.inner.poll(peer)
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        self.arrivals += 1;
        self.inner.receive(peer, message)
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.inner.disconnect(peer)
    }

    fn take_updates(&mut self) -> Vec<Update> {
        self.inner.take_updates()
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        self.arrivals += 1;
        self.inner.apply(update)
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        self.inner.newly_seen(into);
    }

    fn pending(&self) -> usize {
        self.inner.pending()
    }

    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        self.arrivals += 1;
        self.inner.merge(saved)
    }

    fn undo(&mut self) -> Result<Edited, EngineError> {
        let notes = Path::root("notes");
        let count = match self.defect {
            Defect::UndoesEverything => self.inner.length(&notes).unwrap_or(0),
            Defect::UndoesNothing => 0,
            _ => return Err(EngineError::NotSupported("undo")),
        };
        let likes = Edit { at: Path::root("likes"), action: Action::Increment { by: 1 } };
        let delete = Edit { at: notes, action: Action::DeleteText { index: 0, count } };
        self.inner.edit(&[likes, delete])
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        self.inner.save(how)
    }

    fn version(&mut self) -> Result<Version, EngineError> {
        Err(EngineError::NotSupported("versions"))
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        self.inner.fork(setup).map(|inner| Broken(self.defect).around(inner))
    }
}
