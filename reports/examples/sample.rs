//! Writes every page about a made-up campaign into a folder, to look at:
//! `cargo run -p deadzone-reports --example sample -- DIR`.

#![expect(clippy::print_stdout, reason = "the terminal table is one of the pages")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use deadzone_reports::gate::{self, Tolerances};
use deadzone_reports::{bmf, csv, gha, html, junit, markdown, svg, table};

#[path = "../tests/fixture/mod.rs"]
mod fixture;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("expected a folder to write to")?);
    fs::create_dir_all(folder.join("charts"))?;
    let (results, context) = (fixture::results(), fixture::context());
    let gha = gha::render(&results, &context);
    let comparison = gate::compare(&results, &results, &Tolerances::default());
    for (name, content) in [
        ("results.json", serde_json::to_string_pretty(&results)?),
        ("report.html", html::render(&results, &context)),
        ("summary.md", markdown::render(&results, &context)),
        ("junit.xml", junit::render(&results, &context)),
        ("bmf.json", bmf::render(&results)),
        ("gha-smaller.json", gha.smaller),
        ("gha-bigger.json", gha.bigger),
        ("results.csv", csv::render(&results)),
        ("gate.md", gate::markdown(&comparison)),
    ] {
        fs::write(folder.join(name), content)?;
    }
    for (name, content) in svg::files(&results, &context) {
        fs::write(folder.join("charts").join(name), content)?;
    }
    print!("{}", table::render(&results, &context, table::Style { color: true, width: 120 }));
    Ok(())
}
