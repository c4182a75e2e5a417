//! `deadzone list`: what there is, with a line on each.

use anyhow::Result;
use deadzone_core::measure::{HISTOGRAMS, METRICS};
use deadzone_scenarios::{Folder, Profiles};
use serde::Serialize;

use crate::args::{Format, ListArgs, Listed};
use crate::{exit, registry};

#[derive(Serialize)]
struct Item {
    name: String,
    summary: String,
}

/// Prints the list.
///
/// # Errors
/// If it cannot be written as JSON.
pub(crate) fn list(args: &ListArgs) -> Result<i32> {
    let items = items(args.what);
    match args.format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&items)?),
        Format::Human => {
            let width = items.iter().map(|item| item.name.chars().count()).max().unwrap_or(0);
            for Item { name, summary } in &items {
                anstream::println!("{name:width$}  {summary}");
            }
        }
    }
    Ok(exit::OK)
}

fn items(what: Listed) -> Vec<Item> {
    let item =
        |name: &str, summary: &str| Item { name: name.to_owned(), summary: summary.to_owned() };
    match what {
        Listed::Scenarios => {
            let files = deadzone_scenarios::embedded().iter();
            files
                .map(|file| {
                    let question = file.scenario().question().to_owned();
                    let summary = match file.folder {
                        Folder::Curated => question,
                        Folder::CrdtBenchmarks => format!("crdt-benchmarks: {question}"),
                        Folder::Hunt => format!("hunt: {question}"),
                    };
                    item(file.name, &summary)
                })
                .collect()
        }
        Listed::Engines => {
            let entries = registry::engines();
            let infos = entries.iter().map(|entry| entry.engine.info());
            infos
                .map(|info| {
                    let undo = if info.undo { "; has undo" } else { "" };
                    item(info.name, &format!("{} ({}){undo}", info.summary, info.version))
                })
                .collect()
        }
        Listed::Devices => {
            let profiles = Profiles::built_in();
            profiles.devices.iter().map(|(name, device)| item(name, &device.summary)).collect()
        }
        Listed::Links => {
            let profiles = Profiles::built_in();
            profiles.links.iter().map(|(name, link)| item(name, &link.summary)).collect()
        }
        Listed::Metrics => METRICS
            .iter()
            .chain(HISTOGRAMS)
            .map(|info| item(info.name, &format!("{} [{}]", info.summary, info.unit)))
            .collect(),
    }
}
