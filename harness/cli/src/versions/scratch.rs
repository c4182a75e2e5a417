//! The workspace that a worker for another version of an engine is built in: the
//! parts of this one that a worker needs, with the engine's version replaced.
//!
//! It has the same lock file to begin with, so that everything but the engine
//! and what it needs is what this program was built with, and the same flags,
//! profiles and compiler wrapper, so that counting is the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Value, value};

use super::release::Release;
use crate::registry::Source;

/// What this program was built from, as far as a worker needs it: paths below
/// the root, and texts.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The package that is the worker.
pub(super) const PACKAGE: &str = "engine-worker";

/// The features of adapters that choose what older releases need are called by
/// the release that did away with it, as `engine-before-0-26`.
const FEATURE: &str = "engine-before-";

/// What the engine is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A release, with the versions of its inner crates.
    Release { version: Release, pins: BTreeMap<String, Release> },
    /// A working copy with this version in its manifest; the path is absolute.
    Path { folder: PathBuf, version: Release },
}

impl Origin {
    pub(super) fn version(&self) -> Release {
        match self {
            Self::Release { version, .. } | Self::Path { version, .. } => *version,
        }
    }
}

/// The files of the workspace: paths below its root, and texts.
pub(super) fn files(
    engine: &str,
    source: &Source,
    origin: &Origin,
) -> Result<BTreeMap<String, String>> {
    let adapter = format!("adapters/{engine}");
    let wanted =
        |path: &str| !path.starts_with("adapters/") || path.starts_with(&format!("{adapter}/"));
    let mut files: BTreeMap<String, String> = SOURCES
        .iter()
        .filter(|(path, _)| wanted(path))
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let mut members: Vec<String> = files
        .keys()
        .filter_map(|path| path.strip_suffix("/Cargo.toml"))
        .map(str::to_owned)
        .collect();
    for member in &members {
        let text = files.get_mut(&format!("{member}/Cargo.toml")).expect("it was found there");
        *text = without_tests(text).with_context(|| format!("the manifest of {member}"))?;
    }
    let features = features(&files[&format!("{adapter}/Cargo.toml")], origin.version())?;
    members.push("worker".to_owned());
    let root = files.get_mut("Cargo.toml").expect("it is among the sources");
    *root = root_manifest(root, &members, source, origin).context("the root manifest")?;
    let config = files.get_mut(".cargo/config.toml").expect("it is among the sources");
    *config = cargo_config(config, origin).context("cargo's configuration")?;
    files.insert("worker/Cargo.toml".to_owned(), worker_manifest(engine, &features, origin));
    files.insert("worker/src/main.rs".to_owned(), worker_main(source));
    Ok(files)
}

/// A member's manifest without what only tests need, since that is not there.
fn without_tests(text: &str) -> Result<String> {
    let mut manifest: DocumentMut = text.parse()?;
    manifest.remove("dev-dependencies");
    Ok(manifest.to_string())
}

fn root_manifest(
    text: &str,
    members: &[String],
    source: &Source,
    origin: &Origin,
) -> Result<String> {
    let mut manifest: DocumentMut = text.parse()?;
    manifest["workspace"]["members"] = value(members.iter().collect::<Array>());
    let engine = &mut manifest["workspace"]["dependencies"][source.package];
    let mut table = match engine.as_value() {
        Some(Value::InlineTable(table)) => table.clone(),
        _ => InlineTable::new(),
    };
    table.remove("version");
    match origin {
        Origin::Release { version, .. } => table.insert("version", format!("={version}").into()),
        Origin::Path { folder, .. } => {
            let folder = folder.to_str().context("the path of the working copy is no UTF-8")?;
            table.insert("path", folder.into())
        }
    };
    *engine = value(table);
    // Cargo warns of profiles for packages that are not there.
    if let Some(packages) = manifest["profile"]["dev"]["package"].as_table_mut() {
        packages.retain(|package, _| {
            package == "*" || package == source.package || source.inner.contains(&package)
        });
    }
    Ok(manifest.to_string())
}

/// Tells the adapter which version it is built against.
fn cargo_config(text: &str, origin: &Origin) -> Result<String> {
    let mut config: DocumentMut = text.parse()?;
    let mut env = toml_edit::Table::new();
    env["DEADZONE_ENGINE_VERSION"] = value(origin.version().to_string());
    config["env"] = Item::Table(env);
    Ok(config.to_string())
}

/// The features of an adapter that this version needs.
fn features(manifest: &str, version: Release) -> Result<Vec<String>> {
    let manifest: DocumentMut = manifest.parse().context("the manifest of the adapter")?;
    let Some(features) = manifest.get("features").and_then(Item::as_table) else {
        return Ok(Vec::new());
    };
    let mut needed = Vec::new();
    for (feature, _) in features {
        let Some(before) = feature.strip_prefix(FEATURE) else { continue };
        let mut before = before.replace('-', ".");
        while before.matches('.').count() < 2 {
            before.push_str(".0");
        }
        let before: Release = before.parse().with_context(|| format!("the feature {feature}"))?;
        if version < before {
            needed.push(feature.to_owned());
        }
    }
    Ok(needed)
}

fn worker_manifest(engine: &str, features: &[String], origin: &Origin) -> String {
    let features: Array = features.iter().collect();
    let mut text = format!(
        "[package]\n\
         name = \"{PACKAGE}\"\n\
         version.workspace = true\n\
         edition.workspace = true\n\
         publish = false\n\
         \n\
         [dependencies]\n\
         deadzone-meter.workspace = true\n\
         deadzone-worker.workspace = true\n\
         deadzone-adapter-{engine} = {{ workspace = true, features = {features} }}\n"
    );
    if let Origin::Release { pins, .. } = origin
        && !pins.is_empty()
    {
        text.push_str("\n# The inner crates of this release, and not those of a later one.\n");
        for (package, version) in pins {
            writeln!(text, "{package} = \"={version}\"").expect("memory takes it");
        }
    }
    text
}

fn worker_main(source: &Source) -> String {
    format!(
        "//! Serves runs on one engine.\n\
         \n\
         use deadzone_meter::CountingAllocator;\n\
         \n\
         #[global_allocator]\n\
         static ALLOCATOR: CountingAllocator = CountingAllocator;\n\
         \n\
         fn main() -> std::io::Result<()> {{\n    \
             deadzone_worker::serve(&[Box::new({})])\n\
         }}\n",
        source.value
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    fn source(engine: &str) -> Source {
        let mut entries = registry::engines().into_iter();
        let entry = entries.find(|entry| entry.engine.info().name == engine).expect("it is known");
        entry.source.expect("it has versions")
    }

    fn manifests(engine: &str, origin: &Origin) -> String {
        let files = files(engine, &source(engine), origin).expect("the sources are well-formed");
        // What is not replaced need not be looked at here.
        let shown = [".cargo/config.toml", "worker/Cargo.toml", "worker/src/main.rs"];
        let mut text = String::new();
        for path in shown {
            writeln!(text, "=== {path}\n{}", files[path]).expect("memory takes it");
        }
        let root: DocumentMut = files["Cargo.toml"].parse().expect("it was just written");
        let engine = &root["workspace"]["dependencies"][source(engine).package];
        let members = &root["workspace"]["members"];
        let profiles: Vec<_> =
            root["profile"]["dev"]["package"].as_table().expect("there are some").iter().collect();
        let profiles: Vec<_> = profiles.into_iter().map(|(package, _)| package).collect();
        writeln!(text, "=== Cargo.toml\nengine ={engine}\nmembers ={members}\n{profiles:?}")
            .expect("memory takes it");
        let paths: Vec<_> = files.keys().filter(|path| !path.ends_with(".rs")).collect();
        writeln!(text, "=== beside sources\n{paths:#?}").expect("memory takes it");
        text
    }

    #[test]
    fn an_old_release() {
        let origin = Origin::Release { version: Release(0, 24, 0), pins: BTreeMap::new() };
        insta::assert_snapshot!(manifests("yrs", &origin));
    }

    #[test]
    fn a_release_with_inner_crates() {
        let pins = [("loro-internal", Release(1, 13, 7)), ("loro-common", Release(1, 13, 1))];
        let pins = pins.map(|(package, version)| (package.to_owned(), version)).into();
        let origin = Origin::Release { version: Release(1, 13, 7), pins };
        insta::assert_snapshot!(manifests("loro", &origin));
    }

    #[test]
    fn a_working_copy() {
        let (folder, version) = ("/home/me/automerge \"2\"".into(), Release(0, 12, 0));
        insta::assert_snapshot!(manifests("automerge", &Origin::Path { folder, version }));
    }

    #[test]
    fn features_follow_the_version() {
        let manifest = "[features]\nengine-before-0-26 = []\nengine-before-1-2-3 = []\nx = []\n";
        let needed = |version| features(manifest, version).expect("well-formed");
        assert_eq!(needed(Release(0, 25, 9)), ["engine-before-0-26", "engine-before-1-2-3"]);
        assert_eq!(needed(Release(0, 26, 0)), ["engine-before-1-2-3"]);
        assert!(needed(Release(1, 2, 3)).is_empty());
        assert!(features("[features]\nengine-before-x = []\n", Release(1, 0, 0)).is_err());
    }

    #[test]
    fn everything_that_a_member_needs_is_there() {
        let origin = Origin::Release { version: Release(0, 24, 0), pins: BTreeMap::new() };
        let files = files("yrs", &source("yrs"), &origin).expect("the sources are well-formed");
        assert!(files.contains_key("adapters/yrs/src/shim/id_set.rs"));
        assert!(files.contains_key("harness/worker/src/framing.rs"));
        assert!(!files.keys().any(|path| path.starts_with("adapters/yrs/tests")));
        assert!(!files.keys().any(|path| path.starts_with("adapters/loro")));
        assert!(!files["harness/core/Cargo.toml"].contains("baselines"));
    }
}
