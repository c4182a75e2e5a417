//! Where two documents differ, for people.

use crate::document::{Document, Node, TreeNode};

/// The most characters of a value that are shown.
const SHOWN_MAX: usize = 120;

/// Where two documents first differ: the path, and what stands there in both.
pub fn difference(one: &Document, other: &Document) -> String {
    let names = one.roots.keys().chain(other.roots.keys());
    for name in names {
        match (one.roots.get(name), other.roots.get(name)) {
            (Some(a), Some(b)) if a == b => {}
            (a, b) => return deepest(name, a, b),
        }
    }
    "none".to_owned()
}

/// Goes down as long as only one part differs.
fn deepest(path: &str, one: Option<&Node>, other: Option<&Node>) -> String {
    match (one, other) {
        (Some(Node::Map(a)), Some(Node::Map(b))) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let mut differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
            if let (Some(key), None) = (differing.next(), differing.next()) {
                return deepest(&format!("{path}.{key}"), a.get(key), b.get(key));
            }
        }
        (Some(Node::List(a)), Some(Node::List(b))) if a.len() == b.len() => {
            let mut differing = (0..a.len()).filter(|index| a[*index] != b[*index]);
            if let (Some(index), None) = (differing.next(), differing.next()) {
                return deepest(&format!("{path}[{index}]"), a.get(index), b.get(index));
            }
        }
        _ => {}
    }
    format!("{path} is {} against {}", cut(shown(one)), cut(shown(other)))
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn shown(node: Option<&Node>) -> String {
    node.map_or_else(|| "not there".to_owned(), words)
}

fn words(node: &Node) -> String {
    match node {
        Node::Scalar(scalar) => serde_json::to_string(scalar).expect("scalars are always JSON"),
        Node::Counter(sum) => sum.to_string(),
        Node::Text(runs) => {
            let run = |run: &crate::document::Run| {
                let marks: Vec<&str> = run.marks.keys().map(String::as_str).collect();
                match marks.is_empty() {
                    true => run.text.clone(),
                    false => format!("{{{}:{}}}", marks.join("+"), run.text),
                }
            };
            format!("“{}”", runs.iter().map(run).collect::<String>())
        }
        Node::Map(entries) => {
            let entry = |(key, node): (&String, &Node)| format!("{key}: {}", words(node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Node::List(items) => {
            format!("[{}]", items.iter().map(words).collect::<Vec<_>>().join(", "))
        }
        Node::Tree(nodes) => format!("({})", forest(nodes)),
    }
}

fn forest(nodes: &[TreeNode]) -> String {
    let node = |node: &TreeNode| match node.children.is_empty() {
        true => node.label.clone(),
        false => format!("{} ({})", node.label, forest(&node.children)),
    };
    nodes.iter().map(node).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Run, Scalar};

    #[test]
    fn it_names_the_place_and_both_values() {
        let text =
            |text: &str| Node::Text(vec![Run { text: text.to_owned(), marks: Default::default() }]);
        let list = |items: &[i64]| {
            Node::List(items.iter().map(|item| Node::Scalar(Scalar::Int(*item))).collect())
        };
        let map = |a: Node, b: Node| Node::Map([("a".to_owned(), a), ("b".to_owned(), b)].into());
        let document = |node: Node| Document { roots: [("root".to_owned(), node)].into() };
        let check = |one: Node, other: Node, said: &str| {
            assert_eq!(difference(&document(one), &document(other)), said);
        };
        check(text("ab"), text("ba"), "root is “ab” against “ba”");
        check(
            map(list(&[1, 2]), text("x")),
            map(list(&[1, 3]), text("x")),
            "root.a[1] is 2 against 3",
        );
        check(
            map(list(&[1]), text("x")),
            map(list(&[2]), text("y")),
            "root is {a: [1], b: “x”} against {a: [2], b: “y”}",
        );
        check(list(&[1]), list(&[1, 2]), "root is [1] against [1, 2]");
        let leaf = |label: &str| TreeNode { label: label.to_owned(), children: Vec::new() };
        let parent = TreeNode { label: "A".to_owned(), children: vec![leaf("B")] };
        check(
            Node::Tree(vec![parent]),
            Node::Tree(vec![leaf("A"), leaf("B")]),
            "root is (A (B)) against (A, B)",
        );
        let none = Document::default();
        assert_eq!(difference(&none, &document(text("a"))), "root is not there against “a”");
    }
}
