//! What github-action-benchmark takes. It knows one direction per file, so
//! there are two.

use deadzone_core::record::{Better, Results};
use serde::Serialize;

use crate::command::reproduce;
use crate::context::Context;
use crate::tracked::{self, Tracked};

/// The two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gha {
    /// For `tool: customSmallerIsBetter`.
    pub smaller: String,
    /// For `tool: customBiggerIsBetter`.
    pub bigger: String,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: String,
    value: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

/// One entry for each figure of which one way is good, named
/// `scenario/engine metric` or `scenario/engine/group metric`, and
/// `failed_runs`. Wall-clock figures are left out: the action would alert on
/// the machine's mood. `extra` holds the versions and the command of the first
/// seed.
pub fn render(results: &Results, context: &Context) -> Gha {
    let (mut smaller, mut bigger) = (Vec::new(), Vec::new());
    for tracked in tracked::all(results).iter().filter(|tracked| !tracked.wall) {
        let extra = extra(tracked, results, context);
        for (name, figure) in &tracked.figures {
            let entries = match figure.better {
                Better::Less => &mut smaller,
                Better::More => &mut bigger,
                Better::None => continue,
            };
            let differ = figure.min != figure.max;
            entries.push(Entry {
                name: format!("{} {name}", tracked.name),
                unit: figure.unit.clone(),
                value: figure.value,
                range: differ.then(|| format!("{} to {}", figure.min, figure.max)),
                extra: extra.clone(),
            });
        }
        if tracked.is_whole_run() && (tracked.failed > 0 || !tracked.figures.is_empty()) {
            smaller.push(Entry {
                name: format!("{} failed_runs", tracked.name),
                unit: "count".to_owned(),
                value: tracked.failed,
                range: None,
                extra,
            });
        }
    }
    Gha { smaller: json(&smaller), bigger: json(&bigger) }
}

fn extra(tracked: &Tracked<'_>, results: &Results, context: &Context) -> String {
    let column = &tracked.column;
    let command = reproduce(column.runs[0], results, context);
    format!("{} {}\n{command}", column.engine, column.version)
}

fn json(entries: &[Entry]) -> String {
    let mut text = serde_json::to_string_pretty(entries).expect("lists of strings are JSON");
    text.push('\n');
    text
}
