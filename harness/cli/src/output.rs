//! Output: complete or not there, and nothing of the user's lost.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

use crate::exit::BadInput;

/// What an output folder of ours always holds.
const RESULTS: &str = "results.json";

/// Names that we write; the rest of a folder is the user's.
const OURS: [&str; 6] = [RESULTS, "report.html", "summary.md", "junit.xml", "charts", "plans"];

/// An output folder in the making, beside the place where it will be.
pub(crate) struct Output {
    making: TempDir,
    place: PathBuf,
}

impl Output {
    /// Begins; fails early if the folder could not be written in the end.
    ///
    /// # Errors
    /// [`BadInput`] if `place` is something else than an output folder, with the
    /// path and the reason.
    pub(crate) fn begin(place: &Path) -> Result<Self> {
        let shown = place.display();
        if place.exists() && !place.is_dir() {
            return Err(BadInput::error(format!(
                "--out {shown}: this is a file; expected a folder"
            )));
        }
        if place.is_dir() && !place.join(RESULTS).exists() && !is_empty(place)? {
            return Err(BadInput::error(format!(
                "--out {shown}: the folder holds files and no {RESULTS}, so it is no output of \
                 deadzone; expected a new or an empty folder, or an earlier output"
            )));
        }
        let parent = parent_of(place);
        fs::create_dir_all(parent).map_err(|error| {
            BadInput::place(format!("--out {shown}: cannot make {}", parent.display()), &error)
        })?;
        let making = tempfile::Builder::new().prefix(".deadzone-out-").tempdir_in(parent).map_err(
            |error| {
                BadInput::place(
                    format!("--out {shown}: cannot write in {}", parent.display()),
                    &error,
                )
            },
        )?;
        Ok(Self { making, place: place.to_owned() })
    }

    /// Writes one file, with folders on the way.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let path = self.making.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Puts the folder in its place: in one step, whatever was there before.
    pub(crate) fn finish(self) -> Result<()> {
        let made = self.making.keep();
        let placed = put(&made, &self.place)
            .with_context(|| format!("cannot put the output at {}", self.place.display()));
        if placed.is_err() {
            // The error that matters is the one above.
            let _ = fs::remove_dir_all(&made);
        }
        placed
    }
}

/// Writes a file in one step: what was there before stays until the new one is
/// complete.
///
/// # Errors
/// [`BadInput`] for a place that cannot be; `message` says what it is for.
pub(crate) fn write_file(path: &Path, content: impl AsRef<[u8]>, message: &str) -> Result<()> {
    let wrong = |error: &std::io::Error| BadInput::place(message, error);
    if path.exists() && !path.is_file() {
        // A pipe or a device has nothing to lose, and cannot be replaced.
        return fs::write(path, content).map_err(|error| wrong(&error));
    }
    let mut file = tempfile::Builder::new()
        .prefix(".deadzone-")
        .permissions(readable())
        .tempfile_in(parent_of(path))
        .map_err(|error| wrong(&error))?;
    file.write_all(content.as_ref()).map_err(|error| wrong(&error))?;
    file.persist(path).map_err(|error| wrong(&error.error))?;
    Ok(())
}

/// As any program makes files: the umask takes its part off.
fn readable() -> fs::Permissions {
    fs::Permissions::from_mode(0o666)
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A temporary folder is for its owner alone; what is made in one is to be shown.
pub(crate) fn readable_by_all(folder: &Path) -> std::io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

fn put(made: &Path, place: &Path) -> Result<()> {
    readable_by_all(made)?;
    if !place.exists() {
        return Ok(fs::rename(made, place)?);
    }
    renameat_with(CWD, made, CWD, place, RenameFlags::EXCHANGE)?;
    // `made` is the old output now: what we did not write goes back.
    for entry in fs::read_dir(made)? {
        let name: OsString = entry?.file_name();
        if !OURS.iter().any(|ours| name == *ours) {
            fs::rename(made.join(&name), place.join(&name))?;
        }
    }
    Ok(fs::remove_dir_all(made)?)
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries =
        fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))?;
    Ok(entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_output_is_replaced_and_other_files_stay() {
        let scratch = tempfile::tempdir().expect("a folder for tests");
        let place = scratch.path().join("out");
        for round in ["first", "second"] {
            let output = Output::begin(&place).expect("it can be written");
            output.write(RESULTS, round).expect("it can be written");
            output.write("charts/a.svg", round).expect("it can be written");
            output.finish().expect("it can be put in place");
            fs::write(place.join("notes.txt"), "mine").expect("it can be written");
        }
        let read = |name: &str| fs::read_to_string(place.join(name)).expect("it is there");
        assert_eq!(read(RESULTS), "second");
        assert_eq!(read("charts/a.svg"), "second");
        assert_eq!(read("notes.txt"), "mine");
        assert_eq!(fs::read_dir(scratch.path()).expect("it is there").count(), 1);
    }

    #[test]
    fn a_folder_of_the_users_is_left_alone() {
        let scratch = tempfile::tempdir().expect("a folder for tests");
        fs::write(scratch.path().join("thesis.tex"), "mine").expect("it can be written");
        let refused = Output::begin(scratch.path()).err().expect("it is not ours").to_string();
        assert!(refused.contains("no output of"), "{refused}");
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_others_may_read_it() {
        let scratch = tempfile::tempdir().expect("a folder for tests");
        let path = scratch.path().join("baseline.json");
        for round in ["first", "second"] {
            write_file(&path, round, "a baseline").expect("it can be written");
            assert_eq!(fs::read_to_string(&path).expect("it is there"), round);
        }
        fs::write(scratch.path().join("plain"), "").expect("it can be written");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode(&path), mode(&scratch.path().join("plain")));
        let below = write_file(&path.join("below"), "x", "a baseline").expect_err("no folder");
        assert!(below.is::<BadInput>(), "{below}");
        assert_eq!(fs::read_dir(scratch.path()).expect("it is there").count(), 2);
    }

    #[test]
    fn without_finishing_the_old_output_stays() {
        let scratch = tempfile::tempdir().expect("a folder for tests");
        let place = scratch.path().join("out");
        let output = Output::begin(&place).expect("it can be written");
        output.write(RESULTS, "old").expect("it can be written");
        output.finish().expect("it can be put in place");
        let output = Output::begin(&place).expect("it can be written");
        output.write(RESULTS, "new").expect("it can be written");
        drop(output);
        assert_eq!(fs::read_to_string(place.join(RESULTS)).expect("it is there"), "old");
        assert_eq!(fs::read_dir(scratch.path()).expect("it is there").count(), 1);
    }
}
