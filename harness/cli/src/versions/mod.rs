//! Engines in other versions than the ones built in.
//!
//! Cargo cannot hold two versions of a crate that are compatible by semver in one
//! graph, so each version gets a worker binary of its own: the adapter's source
//! in a workspace of its own in the user's cache, with the version replaced.

mod build;
mod index;
mod release;
mod scratch;
mod spec;
mod workspace;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use deadzone_core::engine::{Engine, EngineInfo};
use serde::Deserialize;

use self::build::Workshop;
use self::index::Releases;
use self::scratch::Origin;
use self::spec::{Spec, Wanted};
use crate::exit::BadInput;
use crate::registry::{self, Source};

pub(crate) use release::Release;

/// How a version that is a working copy begins; its folder follows.
pub(crate) const WORKING_COPY: &str = "path:";

/// An engine in one version.
pub(crate) struct Choice {
    /// The engine that is built in: what its adapter declares holds for the
    /// other versions, too.
    engine: Box<dyn Engine>,
    /// As results name it.
    pub(crate) version: String,
    /// Where it comes from; none if it is built in.
    from: Option<(Source, Origin)>,
}

impl Choice {
    /// The version that is built in.
    pub(crate) fn built_in(engine: Box<dyn Engine>) -> Self {
        Self { version: engine.info().version.to_owned(), engine, from: None }
    }

    /// What the adapter declares; its version is the one that is built in.
    pub(crate) fn info(&self) -> EngineInfo {
        self.engine.info()
    }

    /// The worker binary, which may have to be built first; none if this program
    /// is its own worker.
    ///
    /// # Errors
    /// If it does not build; [`BadInput`] where the user can mend that.
    pub(crate) fn worker(&self) -> Result<Option<PathBuf>> {
        let Some((source, origin)) = &self.from else { return Ok(None) };
        Workshop { engine: self.info().name, source, origin }.worker().map(Some)
    }
}

/// The engines that the words of `--engine` name, each version once.
///
/// # Errors
/// [`BadInput`] on a word that names nothing; others if releases cannot be looked
/// up.
pub(crate) fn choose(words: &[String]) -> Result<Vec<Choice>> {
    let mut specs = Vec::new();
    // All of them are read before anything is looked up.
    for word in words {
        specs.extend(spec::parse(word)?);
    }
    let mut choices: Vec<Choice> = Vec::new();
    for spec in &specs {
        for choice in choices_of(spec)? {
            let same = |known: &Choice| {
                known.info().name == choice.info().name && known.version == choice.version
            };
            if !choices.iter().any(same) {
                choices.push(choice);
            }
        }
    }
    Ok(choices)
}

fn choices_of(spec: &Spec) -> Result<Vec<Choice>> {
    let release = |version| release(spec.engine, version);
    match &spec.version {
        Wanted::BuiltIn => Ok(vec![Choice::built_in(engine(spec.engine))]),
        Wanted::Release(version) => {
            let package = source(spec.engine).package;
            if !Releases::known(package)?.has(*version) && !Releases::now(package)?.has(*version) {
                return Err(BadInput::error(format!(
                    "--engine {}@{version}: there is no such release of {package}, or it was \
                     yanked; expected one of https://crates.io/crates/{package}/versions",
                    spec.engine
                )));
            }
            Ok(vec![release(*version)?])
        }
        Wanted::Range(from, to) => {
            let package = source(spec.engine).package;
            let versions = Releases::now(package)?.within(*from, *to);
            if versions.is_empty() {
                return Err(BadInput::error(format!(
                    "--engine {}@{from}..{to}: there is no release of {package} in it",
                    spec.engine
                )));
            }
            versions.into_iter().map(release).collect()
        }
        Wanted::Path(folder) => Ok(vec![working_copy(spec.engine, folder)?]),
    }
}

fn engine(name: &str) -> Box<dyn Engine> {
    registry::engine(name).expect("specs name engines that are built in")
}

fn source(engine: &str) -> Source {
    let mut entries = registry::engines().into_iter();
    let entry = entries.find(|entry| entry.engine.info().name == engine);
    entry
        .and_then(|entry| entry.source)
        .expect("specs name versions only of engines that have them")
}

fn release(name: &str, version: Release) -> Result<Choice> {
    let engine = engine(name);
    if engine.info().version == version.to_string() {
        return Ok(Choice::built_in(engine));
    }
    let source = source(name);
    // What an inner crate needs is known to cargo only once it has looked.
    let mut pins = index::pins(source.package, version, source.inner)?;
    if pins.is_empty() && !source.inner.is_empty() {
        Releases::now(source.package)?;
        pins = index::pins(source.package, version, source.inner)?;
    }
    let origin = Origin::Release { version, pins };
    Ok(Choice { engine, version: version.to_string(), from: Some((source, origin)) })
}

/// What `cargo metadata` says of a folder, as far as it matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
}

fn working_copy(name: &str, folder: &Path) -> Result<Choice> {
    let source = source(name);
    let shown = folder.display();
    let wrong = |what: &str| {
        BadInput::error(format!(
            "--engine {name}@path:{shown}: {what}; expected the folder of a working copy of {}",
            source.package
        ))
    };
    let manifest = folder.join("Cargo.toml");
    let manifest =
        manifest.canonicalize().map_err(|_| wrong("there is no Cargo.toml in that folder"))?;
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .output()
        .context("starting cargo")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(wrong(&format!("cargo cannot read it: {}", said.trim())));
    }
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).context("reading what cargo says of a folder")?;
    let there = metadata.packages.iter().find(|package| package.manifest_path == manifest);
    let Some(package) = there else { return Err(wrong("it holds no package")) };
    if package.name != source.package {
        return Err(wrong(&format!("it holds the package `{}`", package.name)));
    }
    // What is before a release counts as that release.
    let number = package.version.split(['-', '+']).next().unwrap_or_default();
    let version: Release = number.parse().map_err(|error| wrong(&format!("{error}")))?;
    let (first, last) = source.versions();
    if version < first {
        return Err(wrong(&format!(
            "it is {version}, and the adapter speaks to {first} and later"
        )));
    }
    if version > last {
        anstream::eprintln!(
            "note: {shown} is {} {version}; the adapter is known to speak to {last}",
            source.package
        );
    }
    let folder = manifest.parent().expect("a file lies in a folder").to_owned();
    let origin = Origin::Path { folder, version };
    Ok(Choice {
        engine: engine(name),
        version: format!("{WORKING_COPY}{shown}"),
        from: Some((source, origin)),
    })
}
