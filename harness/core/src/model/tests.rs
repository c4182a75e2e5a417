use super::*;
use crate::document::{Run, TreeNode};

fn model(kind: ContainerKind) -> Model {
    Model::new(&Roots::from([("r".to_owned(), kind)]))
}

fn at_root(action: Action) -> Edit {
    Edit { at: Path::root("r"), action }
}

fn insert_text(index: u32, text: &str) -> Edit {
    at_root(Action::InsertText { index, text: text.to_owned() })
}

fn mark(index: u32, count: u32, value: Scalar) -> Edit {
    at_root(Action::Mark { index, count, name: "bold".to_owned(), value })
}

fn runs(model: &Model) -> Vec<(String, bool)> {
    match &model.document().roots["r"] {
        Node::Text(runs) => runs
            .iter()
            .map(|Run { text, marks }| (text.clone(), marks.contains_key("bold")))
            .collect(),
        other => panic!("text expected: {other:?}"),
    }
}

#[test]
fn marks_grow_at_their_end_and_not_at_their_start() {
    let mut model = model(ContainerKind::Text);
    let edits = [insert_text(0, "abcd"), mark(1, 2, Scalar::Bool(true))];
    assert_eq!(model.apply(&edits), Ok(true));
    model.apply(&[insert_text(3, "X")]).unwrap();
    model.apply(&[insert_text(1, "Y")]).unwrap();
    let expected = [("aY", false), ("bcX", true), ("d", false)];
    assert_eq!(runs(&model), expected.map(|(text, bold)| (text.to_owned(), bold)));
    assert_eq!(model.apply(&[mark(2, 3, Scalar::Bool(true))]), Ok(false));
    assert_eq!(model.apply(&[mark(1, 0, Scalar::Bool(true))]), Ok(false));
    assert_eq!(model.apply(&[mark(0, 6, Scalar::Null)]), Ok(true));
    assert_eq!(runs(&model), [("aYbcXd".to_owned(), false)]);
}

#[test]
fn deleting_a_marked_stretch_joins_its_neighbours() {
    let mut model = model(ContainerKind::Text);
    model.apply(&[insert_text(0, "abcd"), mark(1, 2, Scalar::Bool(true))]).unwrap();
    model.apply(&[at_root(Action::DeleteText { index: 1, count: 2 })]).unwrap();
    assert_eq!(runs(&model), [("ad".to_owned(), false)]);
}

#[test]
fn indices_are_utf16_and_never_split_a_pair() {
    let mut model = model(ContainerKind::Text);
    model.apply(&[insert_text(0, "a😀b")]).unwrap();
    assert_eq!(model.length(&Path::root("r")), Some(4));
    assert_eq!(model.snap(&Path::root("r"), 2), 1);
    assert_eq!(model.snap(&Path::root("r"), 3), 3);
    assert!(matches!(model.apply(&[insert_text(2, "x")]), Err(EngineError::Misplaced(_))));
    let delete = at_root(Action::DeleteText { index: 0, count: 2 });
    assert!(matches!(model.apply(&[delete]), Err(EngineError::Misplaced(_))));
    assert_eq!(runs(&model), [("a😀b".to_owned(), false)]);
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let mut model = model(ContainerKind::Text);
    model.apply(&[insert_text(0, "abc")]).unwrap();
    let before = model.clone();
    assert!(model.apply(&[insert_text(3, "d"), insert_text(9, "x")]).is_err());
    assert_eq!(model, before);
}

#[test]
fn moves_count_without_the_element_itself() {
    let mut model = model(ContainerKind::MovableList);
    let values = (0..4).map(|n| Value::Scalar(Scalar::Int(n))).collect();
    model.apply(&[at_root(Action::Insert { index: 0, values })]).unwrap();
    assert_eq!(model.apply(&[at_root(Action::Move { from: 0, to: 3 })]), Ok(true));
    assert_eq!(model.apply(&[at_root(Action::Move { from: 2, to: 2 })]), Ok(false));
    assert!(model.apply(&[at_root(Action::Move { from: 0, to: 4 })]).is_err());
    let order = [1, 2, 3, 0].map(|n| Node::Scalar(Scalar::Int(n)));
    assert_eq!(model.document().roots["r"], Node::List(order.to_vec()));
}

#[test]
fn a_node_does_not_go_under_itself() {
    let create = |label: &str, parent: Option<&str>| {
        let parent = parent.map(str::to_owned);
        at_root(Action::CreateNode { label: label.to_owned(), parent, index: 0 })
    };
    let go = |label: &str, parent: Option<&str>, index| {
        let parent = parent.map(str::to_owned);
        at_root(Action::MoveNode { label: label.to_owned(), parent, index })
    };
    let mut model = model(ContainerKind::Tree);
    model.apply(&[create("a", None), create("b", Some("a")), create("c", Some("b"))]).unwrap();
    assert_eq!(model.apply(&[go("a", Some("c"), 0)]), Ok(false));
    assert_eq!(model.apply(&[go("a", Some("a"), 0)]), Ok(false));
    assert!(model.apply(&[go("c", None, 2)]).is_err());
    assert_eq!(model.apply(&[go("c", None, 1)]), Ok(true));
    assert_eq!(model.apply(&[go("c", None, 1)]), Ok(false));
    let leaf = |label: &str| TreeNode { label: label.to_owned(), children: Vec::new() };
    let top = TreeNode { label: "a".to_owned(), children: vec![leaf("b")] };
    assert_eq!(model.document().roots["r"], Node::Tree(vec![top, leaf("c")]));
    assert_eq!(model.children(&Path::root("r")), ["a", "b", "c"]);
}

#[test]
fn a_model_survives_storage() {
    let mut model = model(ContainerKind::Text);
    model.apply(&[insert_text(0, "a😀b"), mark(1, 2, Scalar::Int(3))]).unwrap();
    let stored = serde_json::to_vec(&model).unwrap();
    assert_eq!(serde_json::from_slice::<Model>(&stored).unwrap(), model);
}
