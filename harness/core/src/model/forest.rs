//! Trees of labelled nodes.

use serde::{Deserialize, Serialize};

use super::{OUT_OF_BOUNDS, WRONG_KIND};
use crate::document::TreeNode;
use crate::edit::Action;

/// A forest whose nodes can be moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Forest {
    top: Vec<TreeNode>,
}

impl Forest {
    /// The nodes without a parent, in order.
    pub fn top(&self) -> &[TreeNode] {
        &self.top
    }

    /// All labels, depth first, parents before their children.
    pub fn labels(&self) -> Vec<String> {
        fn collect(nodes: &[TreeNode], into: &mut Vec<String>) {
            for node in nodes {
                into.push(node.label.clone());
                collect(&node.children, into);
            }
        }
        let mut labels = Vec::new();
        collect(&self.top, &mut labels);
        labels
    }

    pub(super) fn apply(&mut self, action: &Action) -> Result<bool, &'static str> {
        match action {
            Action::CreateNode { label, parent, index } => {
                if find(&mut self.top, label).is_some() {
                    return Err("the label is taken");
                }
                let node = TreeNode { label: label.clone(), children: Vec::new() };
                self.insert(node, parent.as_deref(), *index)?;
                Ok(true)
            }
            Action::MoveNode { label, parent, index } => {
                self.move_node(label, parent.as_deref(), *index)
            }
            Action::DeleteNode { label } => {
                let (siblings, place) = find(&mut self.top, label).ok_or(NO_NODE)?;
                siblings.remove(place);
                Ok(true)
            }
            _ => Err(WRONG_KIND),
        }
    }

    fn move_node(
        &mut self,
        label: &str,
        parent: Option<&str>,
        index: u32,
    ) -> Result<bool, &'static str> {
        let (siblings, place) = find(&mut self.top, label).ok_or(NO_NODE)?;
        if let Some(parent) = parent {
            let under_itself =
                parent == label || find(&mut siblings[place].children, parent).is_some();
            if under_itself {
                return Ok(false);
            }
        }
        let before = self.top.clone();
        let (siblings, place) = find(&mut self.top, label).expect("found above");
        let node = siblings.remove(place);
        match self.insert(node, parent, index) {
            Ok(()) => Ok(self.top != before),
            Err(why) => {
                self.top = before;
                Err(why)
            }
        }
    }

    fn insert(
        &mut self,
        node: TreeNode,
        parent: Option<&str>,
        index: u32,
    ) -> Result<(), &'static str> {
        let siblings = match parent {
            None => &mut self.top,
            Some(parent) => match find(&mut self.top, parent) {
                Some((around, place)) => &mut around[place].children,
                None => return Err("there is no such parent"),
            },
        };
        if index as usize > siblings.len() {
            return Err(OUT_OF_BOUNDS);
        }
        siblings.insert(index as usize, node);
        Ok(())
    }
}

const NO_NODE: &str = "there is no such node";

/// The list that the node called `label` stands in, and where in it.
fn find<'a>(nodes: &'a mut Vec<TreeNode>, label: &str) -> Option<(&'a mut Vec<TreeNode>, usize)> {
    if let Some(place) = nodes.iter().position(|node| node.label == label) {
        return Some((nodes, place));
    }
    nodes.iter_mut().find_map(|node| find(&mut node.children, label))
}
