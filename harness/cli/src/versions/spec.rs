//! What `--engine` says: `NAME`, `NAME@VERSION`, `NAME@A..B`, `NAME@path:DIR`.

use std::path::PathBuf;

use anyhow::Result;

use super::WORKING_COPY;
use super::release::Release;
use crate::exit::BadInput;
use crate::registry::{self, Entry};

/// How like a known name (by Jaro and Winkler, of 1) a wrong one is at least that
/// was meant to be it.
const LIKENESS_MIN: f64 = 0.7;

/// One engine as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    /// Its name, which is known.
    pub(crate) engine: &'static str,
    pub(crate) version: Wanted,
}

/// Which version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The one that this program holds.
    BuiltIn,
    /// This release.
    Release(Release),
    /// All releases from the first to the second, both included.
    Range(Release, Release),
    /// A working copy, in this folder.
    Path(PathBuf),
}

/// Reads one word; `all` is several engines.
///
/// # Errors
/// [`BadInput`] that says what would be right.
pub(crate) fn parse(word: &str) -> Result<Vec<Spec>> {
    let entries = registry::engines();
    if word == "all" {
        let all = entries.iter().filter(|entry| entry.default);
        return Ok(all.map(|entry| built_in(entry.engine.info().name)).collect());
    }
    let (name, version) = match word.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (word, None),
    };
    let every = registry::all_engines();
    let entry = every
        .iter()
        .find(|entry| entry.engine.info().name == name)
        .ok_or_else(|| unknown(name, &entries))?;
    let engine = entry.engine.info().name;
    let Some(version) = version else { return Ok(vec![built_in(engine)]) };
    Ok(vec![Spec { engine, version: wanted(word, version, entry)? }])
}

fn built_in(engine: &'static str) -> Spec {
    Spec { engine, version: Wanted::BuiltIn }
}

fn wanted(word: &str, version: &str, entry: &Entry) -> Result<Wanted> {
    let info = entry.engine.info();
    if version == info.version {
        return Ok(Wanted::BuiltIn);
    }
    let wrong = |what: String| BadInput::error(format!("--engine {word}: {what}"));
    let Some(source) = &entry.source else {
        return Err(wrong(format!(
            "`{}` is part of this program and has no other versions; expected {}@{}",
            info.name, info.name, info.version
        )));
    };
    if let Some(folder) = version.strip_prefix(WORKING_COPY) {
        if folder.is_empty() {
            return Err(wrong(format!(
                "no folder is named; expected {}@path:DIR, the folder of the working copy",
                info.name
            )));
        }
        return Ok(Wanted::Path(folder.into()));
    }
    let (first, last) = source.versions();
    let release = |text: &str| {
        let release: Release = text
            .parse()
            .map_err(|error| wrong(format!("{error}; or {0}@A..B, or {0}@path:DIR", info.name)))?;
        if (first..=last).contains(&release) {
            return Ok(release);
        }
        Err(wrong(format!(
            "the adapter does not speak to {} {release}; expected a release from {first} to {last}",
            info.name
        )))
    };
    let Some((from, to)) = version.split_once("..") else {
        return Ok(Wanted::Release(release(version)?));
    };
    let (from, to) = (release(from)?, release(to)?);
    if from > to {
        return Err(wrong(format!(
            "it ends before it begins; expected {}@{to}..{from}",
            info.name
        )));
    }
    Ok(Wanted::Range(from, to))
}

fn unknown(name: &str, entries: &[Entry]) -> anyhow::Error {
    let names: Vec<_> = entries.iter().map(|entry| entry.engine.info().name).collect();
    let likeness = |known: &&str| strsim::jaro_winkler(known, name);
    let nearest = names.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let hint = nearest
        .filter(|nearest| likeness(nearest) >= LIKENESS_MIN)
        .map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?"));
    BadInput::error(format!(
        "unknown engine `{name}`; expected `all`, or names out of {}{hint}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_forms() {
        let version = |word: &str| {
            let mut specs = parse(word).expect("well-formed");
            assert_eq!((specs.len(), specs[0].engine), (1, "yrs"), "{word}");
            specs.remove(0).version
        };
        assert_eq!(version("yrs"), Wanted::BuiltIn);
        assert_eq!(version("yrs@0.25.0"), Wanted::Release(Release(0, 25, 0)));
        let range = Wanted::Range(Release(0, 24, 0), Release(0, 28, 1));
        assert_eq!(version("yrs@0.24.0..0.28.1"), range);
        assert_eq!(version("yrs@path:../y-crdt/yrs"), Wanted::Path("../y-crdt/yrs".into()));
        assert_eq!(version("yrs@path:/a..b@c"), Wanted::Path("/a..b@c".into()));
    }

    #[test]
    fn the_built_in_version_is_built_in() {
        for entry in registry::engines() {
            let info = entry.engine.info();
            let specs = parse(&format!("{}@{}", info.name, info.version)).expect("it is here");
            assert_eq!(specs, [built_in(info.name)]);
        }
    }

    #[test]
    fn all_is_the_defaults() {
        let names: Vec<_> = parse("all").expect("a word").iter().map(|spec| spec.engine).collect();
        assert_eq!(names, ["automerge", "yrs", "loro"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let said: Vec<_> = [
            "yr@0.24.0",
            "all@0.1.0",
            "@0.24.0",
            "yrs@",
            "yrs@latest",
            "yrs@0.24",
            "yrs@v0.24.0",
            "yrs@0.1.0",
            "yrs@99.0.0",
            "yrs@0.24.0..",
            "yrs@..0.24.0",
            "yrs@0.24.0..99.0.0",
            "yrs@0.28.0..0.24.0",
            "yrs@0.24.0...0.28.0",
            "yrs@path:",
            "reference@0.0.1",
            "cloud-first@path:x",
        ]
        .iter()
        .map(|word| parse(word).expect_err(word).to_string())
        .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
