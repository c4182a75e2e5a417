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

    /// The labels of a node's children, or of the top nodes; none if there is
    /// no such node.
    pub(super) fn children(&self, parent: Option<&str>) -> Option<Vec<&str>> {
        let nodes = match parent {
            None => &self.top,
            Some(parent) => &find(&self.top, parent)?.children,
        };
        Some(nodes.iter().map(|node| node.label.as_str()).collect())
    }

    /// See [`super::Part::check`].
    pub(super) fn check(&self, action: &Action) -> Result<bool, &'static str> {
        let find = |label: &str| find(&self.top, label);
        match action {
            Action::CreateNode { label, parent, index } => {
                if find(label).is_some() {
                    return Err("the label is taken");
                }
                self.check_place(None, parent.as_deref(), *index)?;
                Ok(true)
            }
            Action::MoveNode { label, parent, index } => {
                let node = find(label).ok_or(NO_NODE)?;
                let under_itself = parent.as_ref().is_some_and(|parent| {
                    parent == label || self::find(&node.children, parent).is_some()
                });
                Ok(!under_itself && self.check_place(Some(label), parent.as_deref(), *index)?)
            }
            Action::DeleteNode { label } => find(label).map(|_| true).ok_or(NO_NODE),
            _ => Err(WRONG_KIND),
        }
    }

    /// Whether a node, or a new one, is not there already.
    fn check_place(
        &self,
        label: Option<&str>,
        parent: Option<&str>,
        index: u32,
    ) -> Result<bool, &'static str> {
        let siblings = self.children(parent).ok_or("there is no such parent")?;
        let now = siblings.iter().position(|sibling| Some(*sibling) == label);
        let others = siblings.len() - usize::from(now.is_some());
        if index as usize > others {
            return Err(OUT_OF_BOUNDS);
        }
        Ok(now != Some(index as usize))
    }

    /// See [`super::Part::perform`].
    pub(super) fn perform(&mut self, action: &Action) {
        match action {
            Action::CreateNode { label, parent, index } => {
                let node = TreeNode { label: label.clone(), children: Vec::new() };
                self.insert(node, parent.as_deref(), *index);
            }
            Action::MoveNode { label, parent, index } => {
                if let Some(node) = take(&mut self.top, label) {
                    self.insert(node, parent.as_deref(), *index);
                }
            }
            Action::DeleteNode { label } => drop(take(&mut self.top, label)),
            _ => {}
        }
    }

    fn insert(&mut self, node: TreeNode, parent: Option<&str>, index: u32) {
        let siblings = match parent {
            None => &mut self.top,
            Some(parent) => match find_mut(&mut self.top, parent) {
                Some(parent) => &mut parent.children,
                None => return,
            },
        };
        siblings.insert(index as usize, node);
    }
}

impl From<Vec<TreeNode>> for Forest {
    fn from(top: Vec<TreeNode>) -> Self {
        Self { top }
    }
}

const NO_NODE: &str = "there is no such node";

fn find<'a>(nodes: &'a [TreeNode], label: &str) -> Option<&'a TreeNode> {
    nodes
        .iter()
        .find_map(|node| if node.label == label { Some(node) } else { find(&node.children, label) })
}

fn find_mut<'a>(nodes: &'a mut [TreeNode], label: &str) -> Option<&'a mut TreeNode> {
    nodes.iter_mut().find_map(|node| {
        if node.label == label { Some(node) } else { find_mut(&mut node.children, label) }
    })
}

/// Takes a node out of wherever it stands.
fn take(nodes: &mut Vec<TreeNode>, label: &str) -> Option<TreeNode> {
    if let Some(place) = nodes.iter().position(|node| node.label == label) {
        return Some(nodes.remove(place));
    }
    nodes.iter_mut().find_map(|node| take(&mut node.children, label))
}
