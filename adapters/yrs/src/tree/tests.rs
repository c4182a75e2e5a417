use super::*;

fn forest(entries: &[(&str, Option<&str>, u8)]) -> Forest {
    let entry = |(label, parent, position): &(&str, Option<&str>, u8)| {
        let position = [*position].as_slice().into();
        (label.to_string(), Standing { parent: parent.map(str::to_owned), position })
    };
    Forest::new(entries.iter().map(entry).collect())
}

fn drawn(forest: &Forest) -> String {
    fn draw(nodes: &[TreeNode]) -> String {
        let node = |node: &TreeNode| match node.children.as_slice() {
            [] => node.label.clone(),
            children => format!("{}({})", node.label, draw(children)),
        };
        nodes.iter().map(node).collect::<Vec<_>>().join(" ")
    }
    draw(&forest.nodes())
}

#[test]
fn children_stand_in_the_order_of_their_positions() {
    let forest = forest(&[("c", None, 1), ("a", None, 2), ("x", Some("c"), 9), ("b", None, 2)]);
    assert_eq!(drawn(&forest), "c(x) a b");
    assert_eq!(forest.labels(), ["c", "x", "a", "b"]);
    assert_eq!(forest.length(), 4);
}

#[test]
fn cycles_are_cut_above_their_smallest_label() {
    let entries =
        [("c", Some("b"), 1), ("b", Some("d"), 1), ("d", Some("c"), 1), ("a", Some("d"), 2)];
    assert_eq!(drawn(&forest(&entries)), "b(c(d(a)))");
    let alone = [("a", Some("a"), 1), ("b", None, 2)];
    assert_eq!(drawn(&forest(&alone)), "a b");
}

#[test]
fn what_stands_below_a_missing_node_is_hidden() {
    let forest = forest(&[("a", Some("gone"), 1), ("b", Some("a"), 1), ("c", None, 1)]);
    assert_eq!(drawn(&forest), "c");
    assert_eq!(forest.length(), 1);
}

#[test]
fn edits_do_what_they_say() {
    let mut forest = Forest::default();
    let steps = [("a", None, 0), ("b", None, 1), ("c", None, 1), ("x", Some("b"), 0)];
    for (label, parent, index) in steps {
        let change = forest.create(label, parent, index, 7).expect("there is room");
        forest = forest.after(change);
    }
    assert_eq!(drawn(&forest), "a c b(x)");
    let steps = [
        ("c", Some("b"), 0, "a b(c x)"),
        ("x", Some("b"), 0, "a b(x c)"),
        ("x", Some("b"), 1, "a b(c x)"),
        ("b", None, 0, "b(c x) a"),
        ("a", Some("x"), 0, "b(c x(a))"),
    ];
    for (label, parent, index, expected) in steps {
        let change = forest.relocate(label, parent, index, 7).expect("there is room");
        assert!(matches!(change, Change::Set(..)), "{expected}");
        forest = forest.after(change);
        assert_eq!(drawn(&forest), expected);
    }
    for (label, parent, index) in
        [("b", None, 0), ("b", Some("b"), 0), ("b", Some("a"), 9), ("x", Some("b"), 1)]
    {
        assert!(matches!(forest.relocate(label, parent, index, 7), Ok(Change::None)), "{label}");
    }
    assert!(forest.relocate("c", None, 2, 7).is_err());
    assert!(forest.relocate("c", Some("nobody"), 0, 7).is_err());
    assert!(forest.relocate("nobody", None, 0, 7).is_err());
    assert!(forest.create("a", None, 0, 7).is_err());
    assert!(forest.create(RESERVED_KEY, None, 0, 7).is_err());
    let change = forest.delete("x").expect("it is there");
    let forest = forest.after(change);
    assert_eq!(drawn(&forest), "b(c)");
    assert!(forest.delete("a").is_err());
}
