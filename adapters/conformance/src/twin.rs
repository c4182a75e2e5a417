//! A replica beside a [`Model`] on which the same edits are done plainly.

use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Edit, Path, Roots, Step};
use deadzone_core::engine::{Edited, Engine, EngineError, Replica};
use deadzone_core::model::Model;

use crate::fleet::{setup, text};

/// A replica that must always look like its model.
pub struct Twin {
    /// The engine's side.
    pub replica: Box<dyn Replica>,
    /// Our side.
    pub model: Model,
    story: Vec<String>,
}

impl Twin {
    /// An empty document with these roots.
    ///
    /// # Panics
    /// If the engine cannot create it.
    pub fn new(engine: &dyn Engine, roots: &Roots) -> Self {
        let replica = engine.create(&setup(1, roots));
        let replica = replica.expect("an engine creates every root that it declares");
        Self { replica, model: Model::new(roots), story: Vec::new() }
    }

    /// One transaction on both sides.
    ///
    /// # Panics
    /// If the two disagree about it.
    pub fn edit(&mut self, edits: &[Edit]) {
        self.story.push(format!("{edits:?}"));
        let (ours, theirs) = (self.model.apply(edits), self.replica.edit(edits));
        match (&ours, &theirs) {
            // An engine may make a transaction of an edit that changes nothing.
            (Ok(_), Ok(Edited::Applied(_))) | (Ok(false), Ok(Edited::Unchanged)) => {}
            (Err(_), Err(EngineError::Misplaced(_))) => {}
            _ => self.fail(&format!("the edit should give {ours:?}, but gives {theirs:?}")),
        }
        self.check();
    }

    /// Fails unless both look the same.
    ///
    /// # Panics
    /// If they do not.
    pub fn check(&mut self) {
        let (ours, theirs) = (self.model.document(), self.replica.read());
        if ours != theirs {
            let (ours, theirs) = (text(&ours), text(&theirs));
            self.fail(&format!("the document should be\n  {ours}\nbut is\n  {theirs}"));
        }
        for path in paths(&ours) {
            let lengths = (self.model.length(&path), self.replica.length(&path));
            if lengths.0.is_some() && lengths.0 != lengths.1 {
                self.fail(&format!("length of {path:?} (should be, is): {lengths:?}"));
            }
            let children = (self.model.children(&path), self.replica.children(&path));
            if self.model.length(&path).is_some() && children.0 != children.1 {
                self.fail(&format!("children of {path:?} (should be, are): {children:?}"));
            }
        }
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{why}\nafter:\n  {}", self.story.join("\n  "));
    }
}

/// The paths of all containers and values in a document.
pub fn paths(document: &Document) -> Vec<Path> {
    fn collect(node: &Node, path: &Path, into: &mut Vec<Path>) {
        into.push(path.clone());
        match node {
            Node::Map(entries) => {
                for (key, child) in entries {
                    collect(child, &path.clone().then(Step::Key(key.clone())), into);
                }
            }
            Node::List(items) => {
                for (index, child) in items.iter().enumerate() {
                    collect(child, &path.clone().then(Step::Element(index as u32)), into);
                }
            }
            Node::Scalar(_) | Node::Text(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }
    let mut paths = Vec::new();
    for (name, node) in &document.roots {
        collect(node, &Path::root(name), &mut paths);
    }
    paths
}
