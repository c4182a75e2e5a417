//! What can be wrong with a scenario, said with its place.

use std::fmt;
use std::ops::Range;

/// A scenario that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something in the file.
    #[error("{path}:{line}:{column}: {problem}")]
    InFile {
        /// The file, as it was named by whoever asked.
        path: String,
        /// Its line, from 1.
        line: u32,
        /// The character in that line, from 1.
        column: u32,
        /// What is wrong.
        problem: Problem,
    },
    /// The file is fine, but not with what was set from outside.
    #[error("{path} with --set {overrides}: {problem}")]
    Overridden {
        /// The file.
        path: String,
        /// What was set: the one `KEY=VALUE` to blame if that is known, all if not.
        overrides: String,
        /// What is wrong.
        problem: Problem,
    },
    /// There is no embedded scenario of this name.
    #[error("{0}")]
    UnknownScenario(Problem),
}

/// What was wrong, what was expected, and the nearest thing that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What was wrong.
    pub what: String,
    /// What would be right.
    pub expected: Option<String>,
    /// The nearest known name.
    pub suggestion: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

impl Problem {
    /// Only what was wrong, so far.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), expected: None, suggestion: None }
    }

    /// And what would be right.
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// And the one of `known` that is nearest to `name`, if any is near.
    pub(crate) fn nearest<'a>(
        mut self,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.suggestion = nearest(name, known);
        self
    }

    /// An unknown `name` of a `noun`, of which there are `known` ones.
    pub(crate) fn unknown<'a>(
        noun: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let problem = Self::new(format!("unknown {noun} `{}`", name.escape_debug()));
        let problem = if known.is_empty() { problem } else { problem.expected(one_of(&known)) };
        problem.nearest(name, known)
    }

    /// At this place of the file.
    pub(crate) fn at(self, span: Range<usize>) -> Located {
        Located { span: Some(span), problem: self, begins_with_value: false }
    }
}

/// A problem and where in the text it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    /// Bytes of the text; none for the file as a whole.
    pub(crate) span: Option<Range<usize>>,
    /// What is wrong there.
    pub(crate) problem: Problem,
    /// Whether the message begins with the value that stands there: only the text
    /// knows how it is written.
    pub(crate) begins_with_value: bool,
}

impl Located {
    /// As an error of the file at `path`, which holds `text`.
    pub(crate) fn in_file(self, path: &str, text: &str) -> Error {
        let (span, problem) = self.said_of(text);
        let (line, column) = position(text, span.map_or(0, |span| span.start));
        Error::InFile { path: path.to_owned(), line, column, problem }
    }
}

impl Located {
    /// The place, and the whole message about `text`.
    pub(crate) fn said_of(self, text: &str) -> (Option<Range<usize>>, Problem) {
        let Self { span, mut problem, begins_with_value } = self;
        let value = span.clone().filter(|_| begins_with_value).and_then(|span| text.get(span));
        if let Some(value) = value {
            let value = value.trim_matches(['"', '\'']).escape_debug();
            problem.what = format!("{value} {}", problem.what);
        }
        (span, problem)
    }
}

impl From<toml::de::Error> for Located {
    fn from(error: toml::de::Error) -> Self {
        Self { span: error.span(), problem: explain(error.message()), begins_with_value: false }
    }
}

/// Line and column of a byte, both from 1, the column in characters.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[start..].chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// `` `a`, `b` or `c` ``; only the first dozen of very many.
pub(crate) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "no other key".to_owned(),
        [only] => only.clone(),
        _ if names.len() > quoted.len() => {
            format!("{} and {} more", quoted.join(", "), names.len() - quoted.len())
        }
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The one of `known` that somebody who wrote `name` most likely meant; none if
/// nothing is near enough.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let lower: String = name.chars().take(100).collect::<String>().to_lowercase();
    known
        .into_iter()
        .map(|each| {
            let each_lower = each.to_lowercase();
            let longest = lower.chars().count().max(each_lower.chars().count());
            let distance = strsim::osa_distance(&lower, &each_lower);
            let related = !lower.is_empty()
                && (each_lower.starts_with(&lower) || lower.starts_with(&each_lower));
            (distance, related || distance * 5 <= longest * 2, each)
        })
        .filter(|(_, near, _)| *near)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, each)| each.to_owned())
}

/// What serde or the TOML parser said, in our words.
fn explain(message: &str) -> Problem {
    let message = message.trim();
    for (start, noun) in [("unknown field `", "key"), ("unknown variant `", "name")] {
        if let Some((name, rest)) = message.strip_prefix(start).and_then(|it| it.split_once('`')) {
            let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
            return Problem::unknown(noun, name, known);
        }
    }
    if let Some(name) = message.strip_prefix("missing field `").and_then(|it| it.strip_suffix('`'))
    {
        let problem = Problem::new(format!("`{name}` is missing"));
        return match EXAMPLES.iter().find(|(key, _)| *key == name) {
            Some((_, example)) => problem.expected(*example),
            None => problem,
        };
    }
    if message == "wanted string or table" {
        return Problem::new("this is no name").expected("a string in quotes");
    }
    if let Some((length, expected)) =
        message.strip_prefix("invalid length ").and_then(|it| it.split_once(", expected "))
    {
        return Problem::new(format!("found {length} of them")).expected(in_toml_terms(expected));
    }
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) =
            message.strip_prefix(start).and_then(|it| it.split_once(", expected "))
        {
            return Problem::new(format!("found {}", in_toml_terms(found)))
                .expected(in_toml_terms(expected));
        }
    }
    match message.split_once(", expected ") {
        Some((what, expected)) => Problem::new(what).expected(expected),
        None => Problem::new(message),
    }
}

/// What a key that must be there may look like.
const EXAMPLES: &[(&str, &str)] = &[
    ("schema", "`schema = 1`"),
    ("name", "the file's name without `.toml`, such as `name = \"subway-commute\"`"),
    ("question", "one sentence on what the scenario finds out"),
    ("duration", "`duration = \"30min\"`"),
    ("document", "a table `[document]` with a root such as `notes = \"text\"`"),
    ("fleet", "at least one table `[[fleet]]`"),
    ("group", "a name such as `group = \"commuters\"`"),
    ("device", "`device = \"phone-mid\"`, or another name of `deadzone list devices`"),
    ("link", "`link = \"wifi\"`, or another name of `deadzone list links`"),
    ("workload", "`workload = { kind = \"typing\" }`, or `kind = \"idle\"` for none"),
    ("at", "`at = \"10min\"`"),
    ("summary", "one line on it"),
    ("kind", "a kind, such as `typing` for a workload or `partition` for a fault"),
    ("length", "`length = \"10s\"`"),
    ("power", "`power = \"1060mW\"`"),
    ("low", "the radio for the low end of energy; it may be the same"),
    ("high", "the radio for the high end of energy; it may be the same"),
    ("p", "`p`, how likely the bad state begins, and `r`, how likely it ends"),
    ("r", "`p`, how likely the bad state begins, and `r`, how likely it ends"),
];

fn in_toml_terms(serde_terms: &str) -> String {
    match serde_terms {
        "map" => "a table".to_owned(),
        "sequence" | "a sequence" => "an array".to_owned(),
        "an array of length 2" => "an array of two".to_owned(),
        "a string" => "a string in quotes".to_owned(),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "u64" => "a whole number, zero or more".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        other => match other.split_once(' ') {
            Some(("string", text)) => format!("the string {text}"),
            Some(("integer", number)) => {
                format!("the number {}", number.split(" as ").next().unwrap_or(number))
            }
            Some(("floating" | "boolean", value)) => {
                format!("the value {}", value.trim_start_matches("point "))
            }
            _ => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let text = "a = 1\nb = \"µ\" # x\n";
        let of = |needle: &str| position(text, text.find(needle).expect("is there"));
        assert_eq!(of("a"), (1, 1));
        assert_eq!(of("b"), (2, 1));
        assert_eq!(of("x"), (2, 11));
        assert_eq!(position(text, 9_999), (3, 1));
        assert_eq!(position(text, text.find('µ').expect("is there") + 1), (2, 6));
    }

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["laptop-top", "laptop-p75", "phone-mid", "phone-budget-2020"];
        for (name, meant) in [
            ("laptop-tpo", Some("laptop-top")),
            ("Phone-Mid", Some("phone-mid")),
            ("phone-budget", Some("phone-budget-2020")),
            ("toaster", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known).as_deref(), meant, "{name}");
        }
    }
}
