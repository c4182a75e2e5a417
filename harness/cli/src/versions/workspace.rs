//! The folder in which all workers are built, one after the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Makes the folder hold `files` (paths below it, and texts). What is there already
/// and the same stays as it is, and so do the adapters of engines other than
/// `engine`, which cargo does not look at: cargo compiles anew only what changed.
pub(super) fn replace(
    folder: &Path,
    files: &BTreeMap<String, String>,
    engine: &str,
) -> io::Result<()> {
    remove_strangers(folder, files, engine)?;
    write(folder, files)
}

/// Writes what is not there yet or is different: cargo goes by time stamps.
fn write(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if fs::read_to_string(&path).is_ok_and(|there| there == *text) {
            continue;
        }
        fs::create_dir_all(path.parent().expect("it lies in the folder"))?;
        fs::write(&path, text)?;
        if text.starts_with("#!") {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

/// Removes what another deadzone left there and `files` do not have. The adapters of
/// other engines stay, since cargo does not look at them.
fn remove_strangers(
    folder: &Path,
    files: &BTreeMap<String, String>,
    engine: &str,
) -> io::Result<()> {
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            let below = path.strip_prefix(folder).expect("it was found there");
            let foreign = below.starts_with("adapters")
                && below.components().count() > 1
                && !below.starts_with(Path::new("adapters").join(engine));
            if foreign {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if !files.contains_key(below.to_string_lossy().as_ref()) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_holds_what_was_written_last() {
        let folder = tempfile::tempdir().expect("a folder for tests");
        let files = |paths: &[&str]| {
            paths.iter().map(|path| ((*path).to_owned(), "x".to_owned())).collect()
        };
        let put = |engine: &str, files: &BTreeMap<String, String>| {
            replace(folder.path(), files, engine).expect("it can be written");
        };
        let is_there = |path: &str| folder.path().join(path).is_file();
        put("yrs", &files(&["Cargo.toml", "core/build.rs", "adapters/yrs/lib.rs"]));
        put("loro", &files(&["Cargo.toml", "core/lib.rs", "adapters/loro/lib.rs"]));
        assert!(is_there("core/lib.rs") && !is_there("core/build.rs"));
        assert!(is_there("adapters/yrs/lib.rs") && is_there("adapters/loro/lib.rs"));
        put("yrs", &files(&["Cargo.toml", "core/lib.rs", "adapters/yrs/read.rs"]));
        assert!(is_there("adapters/yrs/read.rs") && !is_there("adapters/yrs/lib.rs"));
    }
}
