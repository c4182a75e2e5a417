//! Edits of trees.

use super::Writer;
use crate::edit::{Action, Position};
use crate::hunt::feature::Feature;
use crate::hunt::view::{Branch, Change, SPOTS_MAX, View};

impl Writer<'_> {
    pub(super) fn in_tree(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        let known = self.known_nodes(view, spot).count();
        let options = [
            // Further ones could not be told apart here.
            (Feature::CreateNode, self.nodes.len() < SPOTS_MAX || known == 0),
            (Feature::MoveNode, known > 0),
            (Feature::DeleteNode, known > 0),
        ];
        match self.choose(&options) {
            Some(Feature::MoveNode) => {
                let node = self.node(view, spot, known);
                let parent = match self.may(Feature::NoOps, 10) {
                    true => Some(node),
                    false => self.parent(view, spot, known),
                };
                let index = self.place();
                self.nodes[usize::from(node)].parent = parent.filter(|parent| *parent != node);
                Action::MoveNode { label: self.label(node), parent: self.label_of(parent), index }
            }
            Some(Feature::DeleteNode) => {
                let node = self.node(view, spot, known);
                self.change(view, Change::Cut(node));
                Action::DeleteNode { label: self.label(node) }
            }
            _ => {
                let parent = self.parent(view, spot, known);
                self.labels += 1;
                let label = format!("n{}", self.labels);
                if self.nodes.len() < SPOTS_MAX {
                    let node = self.nodes.len() as u8;
                    self.nodes.push(Branch { tree: spot, label: label.clone(), parent });
                    self.change(view, Change::Node(node));
                }
                Action::CreateNode { label, parent: self.label_of(parent), index: self.place() }
            }
        }
    }

    fn known_nodes(&self, view: &View, tree: u8) -> impl Iterator<Item = u8> {
        let is_known = move |(number, node): &(u8, &Branch)| {
            node.tree == tree && view.has_node(*number, &self.nodes)
        };
        (0_u8..).zip(&self.nodes).filter(is_known).map(|(number, _)| number)
    }

    fn node(&mut self, view: &View, tree: u8, known: usize) -> u8 {
        // The few oldest are moved about by everybody.
        let of = if self.may(Feature::SamePlace, 60) { known.min(3) } else { known };
        let chosen = self.draws.below(of as u64) as usize;
        self.known_nodes(view, tree).nth(chosen).expect("it is one of those counted")
    }

    fn parent(&mut self, view: &View, tree: u8, known: usize) -> Option<u8> {
        (known > 0 && self.percent(65)).then(|| self.node(view, tree, known))
    }

    fn label(&self, node: u8) -> String {
        self.nodes[usize::from(node)].label.clone()
    }

    fn label_of(&self, node: Option<u8>) -> Option<String> {
        node.map(|node| self.label(node))
    }
}
