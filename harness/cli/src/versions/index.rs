//! Which releases of a crate there are, as cargo knows them.
//!
//! Cargo keeps what it read of the registry's index below its home, one file for
//! each crate: some bytes of its own, and for each release the line of the index,
//! all parted by zeros. Asking cargo to resolve a manifest that names the crate
//! brings the file up to date, with whatever mirror, proxy and credentials the
//! user has set up for cargo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use super::release::Release;

/// The releases of one crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Releases(BTreeMap<Release, Line>);

/// What the index says of a release, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Line {
    vers: String,
    #[serde(default)]
    yanked: bool,
    #[serde(default)]
    deps: Vec<Dependency>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Dependency {
    name: String,
    /// What it is called upstream, where `name` is another.
    package: Option<String>,
    req: String,
    kind: Option<String>,
}

impl Releases {
    /// As cargo last saw them; empty if it never did.
    pub(crate) fn known(package: &str) -> Result<Self> {
        let mut newest = None;
        let indexes = cargo_home()?.join("registry/index");
        for index in fs::read_dir(&indexes).into_iter().flatten().flatten() {
            let path = index.path().join(".cache").join(place(package));
            let Ok(changed) = path.metadata().and_then(|metadata| metadata.modified()) else {
                continue;
            };
            if newest.as_ref().is_none_or(|(then, _)| changed > *then) {
                newest = Some((changed, path));
            }
        }
        let Some((_, path)) = newest else { return Ok(Self::default()) };
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(Self::parse(&bytes))
    }

    /// As the registry has them now.
    ///
    /// # Errors
    /// If cargo cannot reach the registry and never did.
    pub(crate) fn now(package: &str) -> Result<Self> {
        let refreshed = refresh(package);
        let known = Self::known(package)?;
        match refreshed {
            Ok(()) if known.0.is_empty() => {
                Err(anyhow!("cargo does not tell which releases of {package} there are"))
            }
            Ok(()) => Ok(known),
            Err(error) if known.0.is_empty() => Err(error.context(format!(
                "learning which releases of {package} there are; expected a network, or a \
                 registry that cargo has seen before"
            ))),
            Err(error) => {
                anstream::eprintln!(
                    "note: taking the releases of {package} that cargo saw last: {error:#}"
                );
                Ok(known)
            }
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| *byte == 0).filter_map(|part| {
            let line: Line = serde_json::from_slice(part).ok()?;
            Some((line.vers.parse().ok()?, line))
        });
        Self(lines.collect())
    }

    /// Whether there is this release, and it was not taken back.
    pub(crate) fn has(&self, release: Release) -> bool {
        self.0.get(&release).is_some_and(|line| !line.yanked)
    }

    /// Those from `from` to `to`, both included, that were not taken back.
    pub(crate) fn within(&self, from: Release, to: Release) -> Vec<Release> {
        let range = self.0.range(from..=to);
        range.filter(|(_, line)| !line.yanked).map(|(release, _)| *release).collect()
    }

    /// For each of `inner` that the release needs, the least version that it
    /// takes: the one that it was released with.
    fn least(&self, release: Release, inner: &[&str]) -> BTreeMap<String, Release> {
        let Some(line) = self.0.get(&release) else { return BTreeMap::new() };
        let named = line.deps.iter().filter_map(|dependency| {
            let package = dependency.package.as_ref().unwrap_or(&dependency.name);
            let counts = dependency.kind.as_deref().is_none_or(|kind| kind == "normal")
                && inner.contains(&package.as_str());
            let least = dependency.req.trim_start_matches(['^', '=', '~', '>', ' ']);
            Some((package.clone(), least.parse().ok()?)).filter(|_| counts)
        });
        named.collect()
    }
}

/// The versions of inner crates that a release was released with. Requirements
/// alone would let cargo take the inner crates of a later release.
pub(crate) fn pins(
    package: &str,
    release: Release,
    inner: &[&str],
) -> Result<BTreeMap<String, Release>> {
    let mut pins = BTreeMap::new();
    let mut open = Releases::known(package)?.least(release, inner);
    while let Some((package, least)) = open.pop_first() {
        let known = pins.get(&package).copied();
        if known.is_some_and(|known| known >= least) {
            continue;
        }
        pins.insert(package.clone(), least);
        open.extend(Releases::known(&package)?.least(least, inner));
    }
    Ok(pins)
}

/// Lets cargo read what the index says of a crate, and of all that it needs.
fn refresh(package: &str) -> Result<()> {
    let folder = tempfile::tempdir().context("making a folder for cargo")?;
    let manifest = format!(
        "[package]\nname = \"ask\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n\
         [lib]\npath = \"lib.rs\"\n[dependencies]\n{package} = \"*\"\n"
    );
    fs::write(folder.path().join("Cargo.toml"), manifest)?;
    fs::write(folder.path().join("lib.rs"), "")?;
    let output = Command::new("cargo")
        .args(["generate-lockfile", "--quiet"])
        .current_dir(folder.path())
        .output()
        .context("starting cargo, which other versions of engines need")?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    Err(anyhow!("cargo: {}", said.join("; ")))
}

fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = env::home_dir().ok_or_else(|| anyhow!("neither CARGO_HOME nor HOME is set"))?;
    Ok(home.join(".cargo"))
}

/// Where an index keeps a crate.
fn place(package: &str) -> PathBuf {
    let package = package.to_lowercase();
    let part = |range| package.get(range).unwrap_or_default();
    match package.len() {
        0..=2 => Path::new(&package.len().to_string()).join(&package),
        3 => Path::new("3").join(part(0..1)).join(&package),
        _ => Path::new(part(0..2)).join(part(2..4)).join(&package),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Releases {
        let mut bytes = b"\x03\x02\0\0\0etag: \"abc\"\0".to_vec();
        for (version, rest) in [
            ("0.9.0", ""),
            ("0.10.0", r#","yanked":true"#),
            ("0.10.1", r#","deps":[{"name":"inner","req":"^0.3.1","kind":"normal"}]"#),
            ("1.0.0-beta.1", ""),
            (
                "1.0.0",
                r#","deps":[
                    {"name":"renamed","package":"inner","req":"^0.4.0","kind":null},
                    {"name":"other","req":"^7.0.0"},
                    {"name":"inner","req":"^0.9.0","kind":"dev"}]"#,
            ),
        ] {
            bytes.extend(version.as_bytes());
            bytes.push(0);
            bytes.extend(format!(r#"{{"name":"x","vers":"{version}"{rest}}}"#).as_bytes());
            bytes.push(0);
        }
        Releases::parse(&bytes)
    }

    #[test]
    fn releases_are_read_and_ordered() {
        let (first, last) = (Release(0, 0, 0), Release(9, 0, 0));
        let all = [Release(0, 9, 0), Release(0, 10, 1), Release(1, 0, 0)];
        assert_eq!(some().within(first, last), all);
        assert_eq!(some().within(Release(0, 10, 1), Release(1, 0, 0)), all[1..]);
        assert!(!some().has(Release(0, 10, 0)), "it was yanked");
        assert!(!some().has(Release(0, 10, 2)));
    }

    #[test]
    fn inner_crates_are_those_of_the_release() {
        let least = |release| some().least(release, &["inner"]);
        assert_eq!(least(Release(0, 9, 0)), BTreeMap::new());
        assert_eq!(least(Release(0, 10, 1)), [("inner".to_owned(), Release(0, 3, 1))].into());
        assert_eq!(least(Release(1, 0, 0)), [("inner".to_owned(), Release(0, 4, 0))].into());
    }

    #[test]
    fn rubbish_is_no_release() {
        assert_eq!(
            Releases::parse(b"\x03\x02\0\0\0\xff\xfe{}\0{\"vers\":1}\0"),
            Releases::default()
        );
    }

    #[test]
    fn places_are_those_of_the_index() {
        for (package, expected) in
            [("a", "1/a"), ("io", "2/io"), ("yrs", "3/y/yrs"), ("Loro-common", "lo/ro/loro-common")]
        {
            assert_eq!(place(package), Path::new(expected));
        }
    }
}
