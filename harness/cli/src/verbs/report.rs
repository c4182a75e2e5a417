//! `deadzone report`: results as another format.

use std::path::Path;

use anyhow::Result;

use crate::args::{ReportArgs, ReportFormat};
use crate::exit::{self, BadInput};
use crate::output::write_file;
use crate::{context, results_file};

/// Renders.
///
/// # Errors
/// On a file that is no results, or a place that cannot be written.
pub(crate) fn report(args: &ReportArgs) -> Result<i32> {
    let results = results_file::read_all(&args.results)?;
    let context = context::of_built_in();
    let page = match args.format {
        ReportFormat::Html => deadzone_reports::html::render(&results, &context),
        ReportFormat::Markdown => deadzone_reports::markdown::render(&results, &context),
        ReportFormat::Junit => deadzone_reports::junit::render(&results, &context),
        ReportFormat::Bmf => deadzone_reports::bmf::render(&results),
        ReportFormat::Csv => deadzone_reports::csv::render(&results),
        ReportFormat::Svg => {
            let charts = deadzone_reports::svg::files(&results, &context);
            return write_all(args, "svg", &charts);
        }
        ReportFormat::Png => {
            let pictures = deadzone_reports::png::files(&results, &context)?;
            return write_all(args, "png", &pictures);
        }
        ReportFormat::Gha => {
            let files = deadzone_reports::gha::render(&results, &context);
            let files = [
                ("gha-smaller.json".to_owned(), files.smaller),
                ("gha-bigger.json".to_owned(), files.bigger),
            ];
            return write_all(args, "gha", &files);
        }
    };
    match &args.out {
        Some(path) => write(path, &page)?,
        None => anstream::println!("{}", page.trim_end()),
    }
    Ok(exit::OK)
}

fn write_all(args: &ReportArgs, format: &str, files: &[(String, impl AsRef<[u8]>)]) -> Result<i32> {
    let Some(folder) = &args.out else {
        return Err(BadInput::error(format!(
            "--format {format} is several files; expected --out with the folder for them"
        )));
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        BadInput::place(format!("--out {}: cannot make the folder", folder.display()), &error)
    })?;
    for (name, content) in files {
        write(&folder.join(name), content)?;
    }
    Ok(exit::OK)
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    write_file(path, content, &format!("--out {}: cannot write it", path.display()))
}
