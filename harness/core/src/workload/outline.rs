//! An outline in a tree root: entries are added, moved and removed.

use crate::edit::{Action, Edit, Path, Position};
use crate::rng::Draws;

use super::{anywhere, weighted};

/// How many of their own entries a person comes back to.
const REMEMBERED: usize = 64;

/// A person's part of an outline. They move and remove entries of their own;
/// where these went meanwhile, others decide as well.
pub(super) struct Outline {
    tree: Path<Position>,
    /// What all labels of this person begin with.
    owner: String,
    made: u32,
    labels: Vec<String>,
}

#[derive(Clone, Copy)]
enum Task {
    Add,
    Move,
    Remove,
}

impl Outline {
    pub(super) fn new(tree: Path<Position>, owner: String) -> Self {
        Self { tree, owner, made: 0, labels: Vec::new() }
    }

    pub(super) fn edit(&mut self, draws: &mut Draws) -> Edit<Position> {
        let task = weighted(draws, &[(55, Task::Add), (35, Task::Move), (10, Task::Remove)]);
        let index = anywhere(draws);
        let action = match task {
            Task::Move | Task::Remove if self.labels.is_empty() => self.add(draws, index),
            Task::Add => self.add(draws, index),
            Task::Move => {
                let label = draws.pick(&self.labels).clone();
                let parent = self.parent(draws).filter(|parent| *parent != label);
                Action::MoveNode { label, parent, index }
            }
            Task::Remove => {
                let place = draws.below(self.labels.len() as u64) as usize;
                Action::DeleteNode { label: self.labels.swap_remove(place) }
            }
        };
        Edit { at: self.tree.clone(), action }
    }

    fn add(&mut self, draws: &mut Draws, index: Position) -> Action<Position> {
        let parent = self.parent(draws);
        let label = format!("{}-{}", self.owner, self.made);
        self.made += 1;
        if self.labels.len() == REMEMBERED {
            let place = draws.below(REMEMBERED as u64) as usize;
            self.labels.swap_remove(place);
        }
        self.labels.push(label.clone());
        Action::CreateNode { label, parent, index }
    }

    /// The top one time in three, else one of the person's entries.
    fn parent(&self, draws: &mut Draws) -> Option<String> {
        let top = draws.below(3) == 0 || self.labels.is_empty();
        (!top).then(|| draws.pick(&self.labels).clone())
    }
}
