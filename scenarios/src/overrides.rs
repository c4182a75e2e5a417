//! `--set KEY=VALUE`: fields of a scenario changed from outside.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::error::{Error, Located, Problem};

/// What groups of the fleet are found by.
const GROUP: &str = "group";

/// `text` with every (key, value) of `overrides` set, in order.
///
/// # Errors
/// [`Error::Overridden`] with the one that leads nowhere.
pub(crate) fn apply(
    text: &str,
    path: &str,
    overrides: &[(String, String)],
) -> Result<String, Error> {
    let blame = |key: &str, value: &str, problem| Error::Overridden {
        path: path.to_owned(),
        overrides: format!("{key}={value}"),
        problem,
    };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        blame("", "", Problem::new(error.message().to_owned()))
    })?;
    for (key, value) in overrides {
        let segments: Vec<&str> = key.split('.').map(str::trim).collect();
        set(document.as_item_mut(), &segments, value_of(value))
            .map_err(|problem| blame(key, value, problem))?;
    }
    Ok(document.to_string())
}

/// A problem of `text`, with the override to blame.
pub(crate) fn blame(
    text: &str,
    path: &str,
    overrides: &[(String, String)],
    located: Located,
) -> Error {
    let (span, problem) = located.said_of(text);
    let table = DeTable::parse(text).ok();
    let guilty = overrides.iter().rev().find(|(key, _)| {
        let segments: Vec<&str> = key.split('.').map(str::trim).collect();
        let (Some(table), Some(span)) = (&table, &span) else { return false };
        let whole = place_of(table.get_ref(), &segments);
        let within = |place: Range<usize>| place.start <= span.start && span.end <= place.end;
        whole.is_some_and(within) || unknown_key(table.get_ref(), &segments).as_ref() == Some(span)
    });
    let shown = |(key, value): &(String, String)| format!("{key}={value}");
    if let Some(one) = guilty {
        return Error::Overridden { path: path.to_owned(), overrides: shown(one), problem };
    }
    let place = match (&table, &span) {
        (Some(table), Some(span)) => key_at(table.get_ref(), span),
        _ => String::new(),
    };
    let what =
        if place.is_empty() { problem.what } else { format!("in {place}: {}", problem.what) };
    Error::Overridden {
        path: path.to_owned(),
        overrides: overrides.iter().map(shown).collect::<Vec<_>>().join(" --set "),
        problem: Problem { what, ..problem },
    }
}

/// The value as TOML, or as a string if it is none: `--set sync.debounce=1s`.
fn value_of(text: &str) -> Value {
    let text = text.trim();
    match text.parse::<Value>() {
        Ok(Value::Datetime(_)) | Err(_) => Value::from(text),
        Ok(value) => value,
    }
}

fn set(item: &mut Item, segments: &[&str], value: Value) -> Result<(), Problem> {
    let Some((segment, rest)) = segments.split_first() else {
        *item = Item::Value(value);
        return Ok(());
    };
    if segment.is_empty() {
        return Err(
            Problem::new("a key with an empty part").expected("a path such as `sync.debounce`")
        );
    }
    match item {
        Item::ArrayOfTables(tables) => {
            let names: Vec<&str> = tables.iter().filter_map(name_in).collect();
            let index = index_of(segment, tables.len(), &names)?;
            let table = tables.get_mut(index).expect("the index was found in this array");
            set_in(table, false, rest, value)
        }
        Item::Value(Value::Array(array)) => {
            let names: Vec<&str> =
                array.iter().filter_map(|each| name_in(each.as_inline_table()?)).collect();
            let index = index_of(segment, array.len(), &names)?;
            let element = array.get_mut(index).expect("the index was found in this array");
            match (element, rest) {
                (element, []) => *element = value,
                (Value::InlineTable(table), _) => return set_in(table, true, rest, value),
                _ => return Err(no_table(segment)),
            }
            Ok(())
        }
        Item::Table(table) => set_in(table, false, segments, value),
        Item::Value(Value::InlineTable(table)) => set_in(table, true, segments, value),
        _ => Err(no_table(segment)),
    }
}

fn inline_table() -> Item {
    Item::Value(Value::InlineTable(InlineTable::new()))
}

/// `inline` tables can only hold inline ones.
fn set_in(
    table: &mut dyn TableLike,
    inline: bool,
    segments: &[&str],
    value: Value,
) -> Result<(), Problem> {
    let Some((segment, rest)) = segments.split_first() else {
        return Err(Problem::new("this names a whole table").expected("one of its fields"));
    };
    if rest.is_empty() {
        match table.get_mut(segment) {
            Some(item) => *item = Item::Value(value),
            None => drop(table.insert(segment, Item::Value(value))),
        }
        return Ok(());
    }
    if !table.contains_key(segment) {
        table.insert(segment, if inline { inline_table() } else { Item::Table(Table::new()) });
    }
    let item = table.get_mut(segment).expect("it was there, or has just been put there");
    set(item, rest, value)
}

fn no_table(segment: &str) -> Problem {
    Problem::new(format!("there is nothing below which `{segment}` could be"))
        .expected("a path of tables, such as `sync.debounce`")
}

fn name_in<T: TableLike + ?Sized>(table: &T) -> Option<&str> {
    table.get(GROUP)?.as_str()
}

fn index_of(segment: &str, length: usize, names: &[&str]) -> Result<usize, Problem> {
    let by_name = names.iter().position(|name| *name == segment);
    let by_number = segment.parse::<usize>().ok().filter(|index| *index < length);
    by_name.or(by_number).ok_or_else(|| {
        let indices = match length {
            0 => "nothing: this list is empty".to_owned(),
            1 => "0".to_owned(),
            _ => format!("0 to {}", length - 1),
        };
        if names.is_empty() {
            Problem::new(format!("no entry `{segment}` in this list")).expected(indices)
        } else {
            Problem::unknown("group", segment, names.iter().copied())
        }
    })
}

/// The first key of `segments`, which may be one that had to be made.
fn unknown_key(table: &DeTable<'_>, segments: &[&str]) -> Option<Range<usize>> {
    let first = segments.first()?;
    table.keys().find(|key| key.get_ref().as_ref() == *first).map(Spanned::span)
}

/// From the key that `segments` lead to, to the end of its value.
fn place_of(table: &DeTable<'_>, segments: &[&str]) -> Option<Range<usize>> {
    let (segment, rest) = segments.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == *segment)?;
    if rest.is_empty() {
        return Some(key.span().start..value.span().end);
    }
    place_below(value, rest)
}

fn place_below(value: &Spanned<DeValue<'_>>, segments: &[&str]) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => place_of(table, segments),
        DeValue::Array(array) => {
            let (segment, rest) = segments.split_first()?;
            let named = |each: &Spanned<DeValue<'_>>| {
                let table = each.get_ref().as_table()?;
                let (_, name) = table.iter().find(|(key, _)| key.get_ref().as_ref() == GROUP)?;
                name.get_ref().as_str().map(str::to_owned)
            };
            let element = array
                .iter()
                .find(|each| named(each).as_deref() == Some(*segment))
                .or_else(|| array.get(segment.parse::<usize>().ok()?))?;
            if rest.is_empty() { Some(element.span()) } else { place_below(element, rest) }
        }
        _ => None,
    }
}

/// The dotted key whose value holds `span`, as far down as there are keys.
fn key_at(table: &DeTable<'_>, span: &Range<usize>) -> String {
    let holds = |place: Range<usize>| place.start <= span.start && span.end <= place.end;
    for (key, value) in table {
        let below = key_below(value, span);
        if !below.is_empty() || holds(key.span()) || holds(value.span()) {
            return join(key.get_ref(), &below);
        }
    }
    String::new()
}

fn key_below(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> String {
    match value.get_ref() {
        DeValue::Table(table) => key_at(table, span),
        DeValue::Array(array) => array
            .iter()
            .enumerate()
            .map(|(index, each)| (index, key_below(each, span)))
            .find(|(_, below)| !below.is_empty())
            .map(|(index, below)| join(&index.to_string(), &below))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn join(key: &str, below: &str) -> String {
    if below.is_empty() { key.to_owned() } else { format!("{key}.{below}") }
}
