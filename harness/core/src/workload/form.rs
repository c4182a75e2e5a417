//! Filling in forms: fields of the map roots are put, corrected, put again and
//! sometimes cleared.
//!
//! Without nesting, everybody fills in the same fields, as on a page of
//! settings: the last writer wins. With nesting, each session (and each form
//! that is full) begins a form of its own under a new key, with nested parts as
//! deep as the document allows; a part of the edits still goes to the shared
//! fields.

use std::collections::BTreeMap;

use super::pace::Moments;
use super::words::{email, name, title, word};
use super::{Input, Person, Script, weighted};
use crate::document::Scalar;
use crate::edit::{Action, ContainerKind, Edit, Path, Position, Step, Value};
use crate::plan::PlanError;
use crate::rng::Draws;
use crate::scenario::Pace;
use crate::units::PartsPerMillion;

/// The share of edits that go to the shared fields when there are forms.
const SHARED: PartsPerMillion = PartsPerMillion(200_000);
/// The share of edits that put the same value again.
const AGAIN: PartsPerMillion = PartsPerMillion(100_000);
/// The share of edits that clear a field.
const CLEARED: PartsPerMillion = PartsPerMillion(50_000);
/// How many edits a form takes, at least and at most.
const FORM: (u64, u64) = (8, 20);
/// The nested parts of a form, each in the one before; the last repeats.
const PARTS: [&str; 4] = ["address", "contact", "billing", "more"];

/// Everything that `person` fills in.
pub(super) fn inputs(pace: &Pace, person: &Person<'_>) -> Result<Vec<Input>, PlanError> {
    let maps: Vec<_> =
        person.roots(&[ContainerKind::Map]).into_iter().map(|(path, _)| path).collect();
    if maps.is_empty() {
        return Err(person.no_root("form", "a map", "settings = \"map\""));
    }
    let mut clerk = Clerk {
        draws: person.stream.named("fields").draws(),
        person,
        maps,
        form: None,
        forms: 0,
        remembered: BTreeMap::new(),
    };
    let mut script = Script::new(person);
    for (at, begins) in Moments::new(person.stream, pace, person.end) {
        let edits = clerk.edit(begins);
        script.push(at, edits)?;
    }
    Ok(script.inputs)
}

/// A form that is being filled in.
struct Form {
    at: Path<Position>,
    left: u64,
}

struct Clerk<'a> {
    draws: Draws,
    person: &'a Person<'a>,
    maps: Vec<Path<Position>>,
    form: Option<Form>,
    forms: u32,
    /// What this person put last, by field.
    remembered: BTreeMap<(Path<Position>, &'static str), Scalar>,
}

impl Clerk<'_> {
    fn edit(&mut self, begins: bool) -> Vec<Edit<Position>> {
        let nesting = self.person.shape.nesting;
        if nesting == 0 || (!begins && self.draws.chance(SHARED)) {
            let map = self.draws.pick(&self.maps).clone();
            return vec![self.field(map)];
        }
        let mut edits = Vec::new();
        if begins || self.form.as_ref().is_none_or(|form| form.left == 0) {
            edits = self.open();
        }
        let depth = self.draws.below(u64::from(nesting)) as u32;
        let form = self.form.as_mut().expect("just opened");
        form.left = form.left.saturating_sub(1);
        let part = (0..depth).fold(form.at.clone(), |at, depth| at.then(Step::Key(part(depth))));
        let field = self.field(part);
        edits.push(field);
        edits
    }

    /// A new form with all its parts.
    fn open(&mut self) -> Vec<Edit<Position>> {
        let map = self.draws.pick(&self.maps).clone();
        let key = format!("{}/{}", self.person.name(), self.forms);
        self.forms += 1;
        self.remembered.clear();
        let mut at = map;
        let mut edits = Vec::new();
        for depth in 0..self.person.shape.nesting {
            let key = if depth == 0 { key.clone() } else { part(depth - 1) };
            let value = Value::Container(ContainerKind::Map);
            edits.push(Edit { at: at.clone(), action: Action::Put { key: key.clone(), value } });
            at = at.then(Step::Key(key));
        }
        let form = edits[0].at.clone().then(Step::Key(key));
        self.form = Some(Form { at: form, left: self.draws.between(FORM.0, FORM.1) });
        edits
    }

    fn field(&mut self, at: Path<Position>) -> Edit<Position> {
        let draws = &mut self.draws;
        let fields =
            [(3, "name"), (3, "email"), (2, "city"), (2, "age"), (2, "newsletter"), (1, "notes")];
        let field = weighted(draws, &fields);
        if draws.chance(CLEARED) {
            return Edit { at, action: Action::Delete { key: field.to_owned() } };
        }
        let fresh = match field {
            "name" => Scalar::Text(name(draws).to_owned()),
            "email" => Scalar::Text(email(draws)),
            "city" => Scalar::Text(word(draws).to_owned()),
            "age" => Scalar::Int(draws.between(18, 99) as i64),
            "newsletter" => Scalar::Bool(draws.below(2) == 0),
            _ => Scalar::Text(title(draws)),
        };
        let again = draws.chance(AGAIN);
        let known = self.remembered.entry((at.clone(), field)).or_insert_with(|| fresh.clone());
        if !again {
            *known = fresh;
        }
        let value = Value::Scalar(known.clone());
        Edit { at, action: Action::Put { key: field.to_owned(), value } }
    }
}

fn part(depth: u32) -> String {
    PARTS[(depth as usize).min(PARTS.len() - 1)].to_owned()
}
