//! What an edit took away, read from the state before it.

use super::place::{PlaceNumber, PlaceStep, Standing, Stands, Write};
use super::{ElementNumber, History, Made, MadeBy};
use crate::document::{Document, Node, Run, TreeNode};
use crate::edit::{Action, ContainerKind, Edit, Path, Step, Value};
use crate::model::Model;

impl<'a> History<'a> {
    /// Notes what the edits of a transaction did; they are at these places.
    pub(super) fn take_effects(
        &mut self,
        number: u32,
        made: &'a Made,
        places: impl Iterator<Item = PlaceNumber>,
    ) {
        if made.by != MadeBy::Edit {
            return;
        }
        let observed = self.observed;
        let before = made.before.map(|state| &observed.shown[state].document);
        let mut steps = Between::new(before, &made.edits);
        for ((nth, edit), place) in (0..).zip(&made.edits).zip(places) {
            steps.with_state_before(nth as usize, |state| {
                self.take_effect(number, nth, edit, place, state);
            });
        }
    }

    fn take_effect(
        &mut self,
        number: u32,
        nth: u32,
        edit: &'a Edit,
        place: PlaceNumber,
        before: Option<&Document>,
    ) {
        let node = before.and_then(|document| node_at(document, &edit.at));
        match &edit.action {
            Action::DeleteText { index, count } => match node {
                Some(Node::Text(runs)) => {
                    for character in characters_in(runs, *index, *count) {
                        let element = self.elements.character(character);
                        self.is_gone(element, number);
                    }
                }
                _ => self.places.get_mut(place).unseen_removals = true,
            },
            Action::Mark { .. } => self.places.get_mut(place).marks.push((number, nth)),
            Action::Put { key, value } => self.write(number, place, key, Some(value), node),
            Action::Delete { key } => self.write(number, place, key, None, node),
            Action::Set { index, value } => {
                let new = match value {
                    Value::Scalar(scalar) => self.elements.item(scalar),
                    _ => None,
                };
                let old = self.take_out(number, place, *index, 1, node);
                if let Some(new) = new {
                    let new = &mut self.elements.all[new as usize];
                    (new.by_set, new.replaces) = (true, old);
                }
                if matches!(value, Value::Container(_)) {
                    // Another writer may set the same element, and wins.
                    let below = self.places.step(Some(place), PlaceStep::Element);
                    self.places.get_mut(below).lossy = true;
                }
            }
            Action::Remove { index, count } => {
                self.take_out(number, place, *index, *count, node);
            }
            Action::Move { from, .. } => self.move_item(number, place, *from, node),
            Action::CreateNode { label, parent, .. } => {
                self.stand(number, place, label, Stands::Created(parent.as_deref()));
            }
            Action::MoveNode { label, parent, .. } => {
                self.stand(number, place, label, Stands::Moved(parent.as_deref()));
            }
            Action::DeleteNode { label } => {
                self.stand(number, place, label, Stands::Deleted);
                let element = self.elements.label(label);
                self.is_gone(element, number);
                if let Some(Node::Tree(nodes)) = node {
                    for below in tree_node(nodes, label).into_iter().flat_map(|n| &n.children) {
                        self.sweep_tree(number, below);
                    }
                }
            }
            Action::InsertText { .. } | Action::Insert { .. } | Action::Increment { .. } => {}
        }
    }

    fn stand(&mut self, edit: u32, place: PlaceNumber, label: &'a str, what: Stands<'a>) {
        self.places.get_mut(place).standings.push(Standing { edit, label, what });
    }

    fn is_gone(&mut self, element: Option<ElementNumber>, by: u32) {
        if let Some(element) = element {
            self.elements.all[element as usize].gone_by.push(by);
        }
    }

    fn write(
        &mut self,
        edit: u32,
        map: PlaceNumber,
        key: &'a str,
        value: Option<&'a Value>,
        node: Option<&Node>,
    ) {
        let place = self.places.step(Some(map), PlaceStep::Key(key));
        if let Some(value) = value {
            self.places.put(place, value);
        }
        let entries = match node {
            Some(Node::Map(entries)) => Some(entries),
            _ => None,
        };
        let seen = entries.is_some();
        self.places.get_mut(place).writes.push(Write { edit, value, seen });
        if !seen {
            self.places.get_mut(map).unseen_removals = true;
        }
        match entries.and_then(|entries| entries.get(key)) {
            None => {}
            Some(Node::Scalar(scalar)) => {
                let element = self.elements.value(scalar);
                self.is_gone(element, edit);
            }
            Some(container) => {
                self.places.get_mut(place).lossy = true;
                self.shares[edit as usize] = true;
                self.sweep(edit, container);
            }
        }
    }

    /// Elements of a list are gone; which was the first of them.
    fn take_out(
        &mut self,
        edit: u32,
        list: PlaceNumber,
        index: u32,
        count: u32,
        node: Option<&Node>,
    ) -> Option<ElementNumber> {
        let Some(Node::List(items)) = node else {
            self.places.get_mut(list).unseen_removals = true;
            let below = self.places.step(Some(list), PlaceStep::Element);
            self.places.get_mut(below).lossy = true;
            return None;
        };
        // What is moved while it is taken out may stay.
        let movable = self.places.get(list).kind != Some(ContainerKind::List);
        let mut first = None;
        for item in items.iter().skip(index as usize).take(count as usize) {
            match item {
                Node::Scalar(scalar) => {
                    let element = self.elements.item(scalar);
                    first = first.or(element);
                    self.is_gone(element, edit);
                }
                container => {
                    let below = self.places.step(Some(list), PlaceStep::Element);
                    self.places.get_mut(below).lossy = true;
                    self.shares[edit as usize] = true;
                    if !movable {
                        self.sweep(edit, container);
                    }
                }
            }
        }
        first
    }

    fn move_item(&mut self, edit: u32, list: PlaceNumber, from: u32, node: Option<&Node>) {
        let place = self.places.get_mut(list);
        place.moves = true;
        let Some(Node::List(items)) = node else {
            place.unseen_moves = true;
            return;
        };
        if let Some(Node::Scalar(scalar)) = items.get(from as usize)
            && let Some(element) = self.elements.item(scalar)
        {
            self.elements.all[element as usize].moved_by.push(edit);
        }
    }

    /// What stood in a container that is gone.
    fn sweep(&mut self, edit: u32, node: &Node) {
        match node {
            Node::Text(runs) => {
                for character in runs.iter().flat_map(|run| run.text.chars()) {
                    let element = self.elements.character(character);
                    self.is_gone(element, edit);
                }
            }
            Node::Map(entries) => {
                for entry in entries.values() {
                    match entry {
                        Node::Scalar(scalar) => {
                            let element = self.elements.value(scalar);
                            self.is_gone(element, edit);
                        }
                        container => self.sweep(edit, container),
                    }
                }
            }
            Node::List(items) => {
                for item in items {
                    match item {
                        Node::Scalar(scalar) => {
                            let element = self.elements.item(scalar);
                            self.is_gone(element, edit);
                        }
                        container => self.sweep(edit, container),
                    }
                }
            }
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }

    fn sweep_tree(&mut self, edit: u32, node: &TreeNode) {
        let element = self.elements.label(&node.label);
        self.is_gone(element, edit);
        for child in &node.children {
            self.sweep_tree(edit, child);
        }
    }
}

/// The states between the edits of a transaction.
struct Between<'a> {
    before: Option<&'a Document>,
    edits: &'a [Edit],
    /// From the second edit on: the document before `at`.
    model: Option<Model>,
    at: usize,
}

impl<'a> Between<'a> {
    fn new(before: Option<&'a Document>, edits: &'a [Edit]) -> Self {
        Self { before, edits, model: None, at: 0 }
    }

    /// Calls with the state before an edit, which may be none; those of edits
    /// that take nothing away are not needed.
    fn with_state_before(&mut self, edit: usize, mut call: impl FnMut(Option<&Document>)) {
        if edit == 0 || self.before.is_none() {
            return call(self.before);
        }
        if !takes_away(&self.edits[edit].action) {
            return call(None);
        }
        let before = self.before.expect("checked above");
        let model = self.model.get_or_insert_with(|| Model::of(&before.roots));
        if model.apply(&self.edits[self.at..edit]).is_err() {
            self.before = None;
            return call(None);
        }
        self.at = edit;
        call(Some(&model.document()));
    }
}

fn takes_away(action: &Action) -> bool {
    match action {
        Action::DeleteText { .. }
        | Action::Put { .. }
        | Action::Delete { .. }
        | Action::Set { .. }
        | Action::Remove { .. }
        | Action::Move { .. }
        | Action::DeleteNode { .. } => true,
        Action::InsertText { .. }
        | Action::Mark { .. }
        | Action::Insert { .. }
        | Action::Increment { .. }
        | Action::CreateNode { .. }
        | Action::MoveNode { .. } => false,
    }
}

/// The node at the end of a path.
pub(in crate::check) fn node_at<'d>(document: &'d Document, at: &Path) -> Option<&'d Node> {
    let root = document.roots.get(at.root.as_str())?;
    at.steps.iter().try_fold(root, |node, step| match (node, step) {
        (Node::Map(entries), Step::Key(key)) => entries.get(key),
        (Node::List(items), Step::Element(index)) => items.get(*index as usize),
        _ => None,
    })
}

/// The characters in `count` code units from `index` on.
fn characters_in(runs: &[Run], index: u32, count: u32) -> impl Iterator<Item = char> {
    let mut at = 0;
    runs.iter()
        .flat_map(|run| run.text.chars())
        .map(move |character| {
            let from = at;
            at += character.len_utf16() as u32;
            (from, character)
        })
        .skip_while(move |(from, _)| *from < index)
        .take_while(move |(from, _)| *from < index + count)
        .map(|(_, character)| character)
}

fn tree_node<'d>(nodes: &'d [TreeNode], label: &str) -> Option<&'d TreeNode> {
    nodes.iter().find_map(|node| {
        if node.label == label { Some(node) } else { tree_node(&node.children, label) }
    })
}
