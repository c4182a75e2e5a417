//! Edits in words.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, Edit, Path, Position, Step, Value};

use super::letters::{columns, count, name, quoted, quoted_shortly, shortened, visible};

/// What a transaction does, as the rest of a sentence: `types "a" at 0 in
/// notes, then sets "k" to 1 in board`.
pub(super) fn edits<P: Place>(edits: &[Edit<P>]) -> String {
    let words: Vec<String> = edits.iter().map(edit).collect();
    words.join(", then ")
}

/// An index, or where a schedule wants one to be.
pub(super) trait Place {
    /// As it stands in a sentence.
    fn words(&self) -> String;
}

impl Place for u32 {
    fn words(&self) -> String {
        self.to_string()
    }
}

impl Place for Position {
    fn words(&self) -> String {
        match self {
            Self::Exact(index) => index.to_string(),
            Self::Share(0) => "the start".to_owned(),
            Self::Share(u32::MAX) => "the end".to_owned(),
            Self::Share(share) => {
                format!("{} % of the length", (u64::from(*share) * 100) >> 32)
            }
            Self::Cursor(0) => "its cursor".to_owned(),
            Self::Cursor(offset) => format!("its cursor {offset:+}"),
        }
    }
}

fn edit<P: Place>(edit: &Edit<P>) -> String {
    let place = path(&edit.at);
    match &edit.action {
        Action::InsertText { index, text } => {
            let index = index.words();
            format!("types {} at {index} in {place}", quoted_shortly(text))
        }
        Action::DeleteText { index, count: 1 } => {
            let index = index.words();
            format!("deletes the character at {index} in {place}")
        }
        Action::DeleteText { index, count } => {
            let index = index.words();
            format!("deletes {count} characters from {index} on in {place}")
        }
        Action::Mark { index, count: length, name: mark, value } => {
            let index = index.words();
            let length = count(*length as usize, "character");
            let mark = name(mark);
            if *value == Scalar::Null {
                format!("takes the mark {mark} off {length} from {index} on in {place}")
            } else {
                format!("marks {length} from {index} on in {place} as {mark} = {}", scalar(value))
            }
        }
        Action::Put { key, value: new } => {
            format!("sets {} to {} in {place}", quoted(key), value(new))
        }
        Action::Delete { key } => format!("removes {} from {place}", quoted(key)),
        Action::Insert { index, values } => {
            let index = index.words();
            let values: Vec<String> = values.iter().map(value).collect();
            format!("inserts {} at {index} in {place}", values.join(", "))
        }
        Action::Set { index, value: new } => {
            format!("replaces the element at {} in {place} by {}", index.words(), value(new))
        }
        Action::Remove { index, count: 1 } => {
            format!("removes the element at {} from {place}", index.words())
        }
        Action::Remove { index, count } => {
            format!("removes {count} elements from {} on from {place}", index.words())
        }
        Action::Move { from, to } => {
            let (from, to) = (from.words(), to.words());
            format!("moves the element at {from} in {place} so that it stands at {to}")
        }
        Action::Increment { by } => format!("adds {by} to {place}"),
        Action::CreateNode { label, parent, index } => {
            let (index, under) = (index.words(), under(parent.as_deref()));
            format!("makes the node {} at {index} {under} of {place}", name(label))
        }
        Action::MoveNode { label, parent, index } => {
            let (index, under) = (index.words(), under(parent.as_deref()));
            format!("moves the node {} to {index} {under} of {place}", name(label))
        }
        Action::DeleteNode { label } => format!("removes the node {} from {place}", name(label)),
    }
}

fn under(parent: Option<&str>) -> String {
    parent.map_or_else(|| "at the top".to_owned(), |parent| format!("under {}", name(parent)))
}

/// The place in a document: `notes`, `board["k"][3]`.
fn path<P: Place>(path: &Path<P>) -> String {
    let mut words = name(&path.root);
    for step in &path.steps {
        match step {
            Step::Key(key) => words.push_str(&format!("[{}]", quoted(key))),
            Step::Element(index) => words.push_str(&format!("[{}]", index.words())),
        }
    }
    words
}

fn value(value: &Value) -> String {
    match value {
        Value::Scalar(value) => scalar(value),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, field)| format!("{}: {}", quoted(key), scalar(field)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Container(kind) => format!("a new, empty {}", kind.name().replace('-', " ")),
    }
}

/// A plain value.
pub(super) fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Text(value) => quoted_shortly(value),
    }
}

/// What a transaction does, in a few letters: `+乙`, `k = 1`.
pub(super) fn sign(edits: &[Edit], most: usize) -> String {
    let Some(first) = edits.first() else { return String::new() };
    let more = if edits.len() > 1 { " …" } else { "" };
    let sign = action_sign(&first.action);
    format!("{}{more}", shortened(&sign, most - columns(more)))
}

fn action_sign(action: &Action) -> String {
    match action {
        Action::InsertText { text, .. } => format!("+{}", visible(text)),
        Action::DeleteText { count, .. } => format!("−{count}"),
        Action::Mark { name: mark, value, .. } if *value == Scalar::Null => {
            format!("−{}", visible(mark))
        }
        Action::Mark { name: mark, .. } => visible(mark),
        Action::Put { key, value } => format!("{} = {}", visible(key), value_sign(value)),
        Action::Delete { key } => format!("−{}", visible(key)),
        Action::Insert { values, .. } => {
            let values: Vec<String> = values.iter().map(value_sign).collect();
            format!("+{}", values.join(", "))
        }
        Action::Set { index, value } => format!("[{index}] = {}", value_sign(value)),
        Action::Remove { index, count: 1 } => format!("−[{index}]"),
        Action::Remove { index, count } => {
            format!("−[{index}..{}]", u64::from(*index) + u64::from(*count))
        }
        Action::Move { from, to } => format!("{from} → {to}"),
        Action::Increment { by } => format!("{by:+}"),
        Action::CreateNode { label, .. } => format!("+{}", visible(label)),
        Action::MoveNode { label, parent, .. } => {
            format!("{} → {}", visible(label), parent.as_deref().map_or("top".to_owned(), visible))
        }
        Action::DeleteNode { label } => format!("−{}", visible(label)),
    }
}

fn value_sign(value: &Value) -> String {
    match value {
        Value::Scalar(Scalar::Text(text)) => visible(text),
        Value::Scalar(value) => scalar(value),
        Value::Object(_) => "{…}".to_owned(),
        Value::Container(kind) => kind.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use deadzone_core::edit::ContainerKind;

    use super::*;

    fn check(action: Action, sentence: &str, sign: &str) {
        let at = Path::root("x").then(Step::Key("a b".to_owned())).then(Step::Element(2));
        let edits = [Edit { at, action }];
        assert_eq!(super::edits(&edits).replace("x[\"a b\"][2]", "…"), sentence);
        assert_eq!(super::sign(&edits, 12), sign);
    }

    #[test]
    fn every_action_has_words() {
        let text = |text: &str| Scalar::Text(text.to_owned());
        let own = str::to_owned;
        check(Action::InsertText { index: 3, text: own("乙") }, "types \"乙\" at 3 in …", "+乙");
        check(Action::DeleteText { index: 3, count: 1 }, "deletes the character at 3 in …", "−1");
        check(
            Action::DeleteText { index: 3, count: 2 },
            "deletes 2 characters from 3 on in …",
            "−2",
        );
        let mark = |value| Action::Mark { index: 0, count: 1, name: own("bold"), value };
        check(mark(Scalar::Bool(true)), "marks 1 character from 0 on in … as bold = true", "bold");
        check(mark(Scalar::Null), "takes the mark bold off 1 character from 0 on in …", "−bold");
        let put = Action::Put { key: own("k"), value: Value::Scalar(text("v")) };
        check(put, "sets \"k\" to \"v\" in …", "k = v");
        let fields = [(own("a"), Scalar::Int(1))].into();
        let put = Action::Put { key: own("k"), value: Value::Object(fields) };
        check(put, "sets \"k\" to {\"a\": 1} in …", "k = {…}");
        check(Action::Delete { key: own("k") }, "removes \"k\" from …", "−k");
        let values =
            vec![Value::Scalar(Scalar::Int(7)), Value::Container(ContainerKind::MovableList)];
        check(
            Action::Insert { index: 0, values },
            "inserts 7, a new, empty movable list at 0 in …",
            "+7, movable…",
        );
        let value = Value::Scalar(Scalar::Null);
        check(
            Action::Set { index: 4, value },
            "replaces the element at 4 in … by null",
            "[4] = null",
        );
        check(Action::Remove { index: 4, count: 1 }, "removes the element at 4 from …", "−[4]");
        check(
            Action::Remove { index: 4, count: 2 },
            "removes 2 elements from 4 on from …",
            "−[4..6]",
        );
        check(
            Action::Move { from: 4, to: 0 },
            "moves the element at 4 in … so that it stands at 0",
            "4 → 0",
        );
        check(Action::Increment { by: -5 }, "adds -5 to …", "-5");
        let parent = Some(own("p"));
        check(
            Action::CreateNode { label: own("n"), parent: None, index: 0 },
            "makes the node n at 0 at the top of …",
            "+n",
        );
        check(
            Action::MoveNode { label: own("n"), parent, index: 1 },
            "moves the node n to 1 under p of …",
            "n → p",
        );
        check(Action::DeleteNode { label: own("n") }, "removes the node n from …", "−n");
    }

    #[test]
    fn positions_of_schedules_have_words() {
        let at = |index| {
            let action = Action::InsertText { index, text: "a".to_owned() };
            edits(&[Edit { at: Path::root("x"), action }])
        };
        assert_eq!(at(Position::END), "types \"a\" at the end in x");
        assert_eq!(at(Position::Share(1 << 31)), "types \"a\" at 50 % of the length in x");
        assert_eq!(at(Position::Cursor(-1)), "types \"a\" at its cursor -1 in x");
    }
}
