//! Writes the folders of the findings of the tests, to look at them:
//! `cargo run -p deadzone-reports --example findings -- FOLDER`.

#[allow(dead_code, missing_docs, reason = "the tests use the rest")]
#[path = "../tests/stories/mod.rs"]
mod stories;

use std::path::Path;

use deadzone_reports::finding::{self, trace};
use deadzone_reports::table::Style;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "findings".to_owned());
    let all = [
        ("broadcast", stories::broadcast()),
        ("protocol", stories::protocol()),
        ("snapshot", stories::snapshot()),
        ("panics", stories::panics()),
        ("hostile", stories::hostile()),
        ("long", stories::long()),
    ];
    for (name, told) in &all {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder)?;
        for (name, content) in finding::files(&told.finding()) {
            std::fs::write(folder.join(name), content)?;
        }
        let style = Style { color: true, width: 100 };
        let trace = trace::render(&told.story, trace::Documents::Shown, style);
        std::fs::write(folder.join("trace.txt"), trace)?;
    }
    Ok(())
}
