//! From what is written to what is run: every name looked up, every default
//! filled in, everything checked.

mod device;
mod direct;
mod expect;
mod fault;
mod fleet;
mod hunt;
mod link;
mod outage;
mod profile;
mod sync;
mod workload;
mod world;

pub(crate) use profile::{Definitions, cpu_model, define};

use deadzone_core::scenario::Scenario;
use toml::de::DeTable;

use crate::error::{Located, Problem};
use crate::file::hunt::HuntFile;
use crate::file::{DirectFile, WorldFile};
use crate::profiles::Profiles;
use crate::values::At;

/// The version of the file format.
const SCHEMA: u32 = 1;

/// The longest name of a scenario, group or root.
const MAX_NAME: usize = 64;

/// The scenario that `text` describes, with `profiles` to draw on.
pub(crate) fn scenario(text: &str, profiles: &Profiles) -> Result<Scenario, Located> {
    let table = DeTable::parse(text)?;
    if table.get_ref().contains_key("direct") {
        let file: DirectFile = toml::from_str(text)?;
        direct::scenario(&file, profiles).map(Scenario::Direct)
    } else if table.get_ref().contains_key("hunt") {
        let file: HuntFile = toml::from_str(text)?;
        hunt::scenario(&file).map(Scenario::Hunt)
    } else {
        let file: WorldFile = toml::from_str(text)?;
        world::scenario(file, profiles).map(|world| Scenario::World(Box::new(world)))
    }
}

/// Checks what every scenario begins with.
fn check_head(schema: &At<u32>, name: &At<String>, question: &At<String>) -> Result<(), Located> {
    if **schema != SCHEMA {
        let what = format!("schema {} is not known here", **schema);
        return Err(schema.wrong(what, format!("`schema = {SCHEMA}`")));
    }
    check_name(name, "scenario", &['-', '_', '.'])?;
    if question.trim().is_empty() || question.contains('\n') {
        return Err(question.wrong("this is no question", "one sentence on one line"));
    }
    Ok(())
}

/// Names end up in paths of files and of `--set`.
fn check_name(name: &At<String>, noun: &str, marks: &[char]) -> Result<(), Located> {
    let fits = |character: char| character.is_ascii_alphanumeric() || marks.contains(&character);
    let begins = name.chars().next().is_some_and(|first| first.is_ascii_alphanumeric());
    if begins && name.len() <= MAX_NAME && name.chars().all(fits) {
        return Ok(());
    }
    let shown: String = name.escape_debug().take(MAX_NAME).collect();
    let marks: String = marks.iter().map(|mark| format!(", `{mark}`")).collect();
    Err(name.wrong(
        format!("`{shown}` cannot be the name of this {noun}"),
        format!("up to {MAX_NAME} of a-z, A-Z, 0-9{marks}, the first a letter or digit"),
    ))
}

/// Looks `name` up among built-in and own definitions.
fn look_up<'a, T>(
    name: &At<String>,
    noun: &str,
    known: &'a std::collections::BTreeMap<String, T>,
) -> Result<&'a T, Located> {
    known.get(name.as_str()).ok_or_else(|| {
        Problem::unknown(noun, name, known.keys().map(String::as_str)).at(name.span.clone())
    })
}
