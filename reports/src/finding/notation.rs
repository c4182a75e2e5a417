//! Documents as people read them: each root in one line, in pieces that can be
//! compared.
//!
//! Text stands in quotation marks, a run with marks has them behind it in round
//! brackets; maps are `{"key": value}`, lists `[a, b]`, the nodes of a tree
//! `a (b, c)`.

use deadzone_core::document::{Document, Node, Run, Scalar, TreeNode};

use super::letters::{name, quoted, visible};
use super::words::scalar;

/// A part of a notation that is either the same on both sides or not: a
/// character of text, a value, a bracket.
pub(super) type Piece = String;

/// One root of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    /// Its name.
    pub(super) name: String,
    /// Its value.
    pub(super) pieces: Vec<Piece>,
}

/// All roots of a document, by name.
pub(super) fn roots(document: &Document) -> Vec<Root> {
    let root = |(key, node): (&String, &Node)| {
        let mut pieces = Vec::new();
        write(&mut pieces, node);
        Root { name: name(key), pieces }
    };
    document.roots.iter().map(root).collect()
}

/// The roots that are not as they were, each as `notes "ab"`.
pub(super) fn changed(before: Option<&Document>, after: &Document) -> Vec<String> {
    let same = |root: &String, node: &Node| {
        before.and_then(|before| before.roots.get(root)).is_some_and(|before| before == node)
    };
    let mut changed = Vec::new();
    for (root, node) in &after.roots {
        if !same(root, node) {
            let mut pieces = Vec::new();
            write(&mut pieces, node);
            changed.push(format!("{} {}", name(root), pieces.concat()));
        }
    }
    changed
}

fn write(into: &mut Vec<Piece>, node: &Node) {
    match node {
        Node::Scalar(Scalar::Text(text)) => into.push(quoted(text)),
        Node::Scalar(value) => into.push(scalar(value)),
        Node::Text(runs) => write_text(into, runs),
        Node::Counter(value) => into.push(value.to_string()),
        Node::Map(entries) => separated(into, ["{", "}"], entries, |into, (key, node)| {
            into.push(quoted(key));
            into.push(": ".to_owned());
            write(into, node);
        }),
        Node::List(items) => separated(into, ["[", "]"], items, write),
        Node::Tree(nodes) if nodes.is_empty() => into.push("()".to_owned()),
        Node::Tree(nodes) => separated(into, ["", ""], nodes, write_branch),
    }
}

fn write_branch(into: &mut Vec<Piece>, node: &TreeNode) {
    into.push(name(&node.label));
    if !node.children.is_empty() {
        separated(into, [" (", ")"], &node.children, write_branch);
    }
}

fn write_text(into: &mut Vec<Piece>, runs: &[Run]) {
    if runs.is_empty() {
        into.push("\"\"".to_owned());
    }
    for (number, run) in runs.iter().enumerate() {
        into.push(if number > 0 { " \"" } else { "\"" }.to_owned());
        into.extend(run.text.chars().map(|c| match c {
            '"' => "\\\"".to_owned(),
            c => visible(c.encode_utf8(&mut [0; 4])),
        }));
        into.push("\"".to_owned());
        if !run.marks.is_empty() {
            separated(into, [" (", ")"], &run.marks, |into, (mark, value)| {
                into.push(format!("{} = {}", name(mark), scalar(value)));
            });
        }
    }
}

fn separated<T>(
    into: &mut Vec<Piece>,
    [begin, end]: [&str; 2],
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<Piece>, T),
) {
    let mut divider = begin;
    let mut any = false;
    for item in items {
        if !divider.is_empty() {
            into.push(divider.to_owned());
        }
        write(into, item);
        (divider, any) = (", ", true);
    }
    if !any && !begin.is_empty() {
        into.push(begin.to_owned());
    }
    if !end.is_empty() {
        into.push(end.to_owned());
    }
}
