//! What a finding belongs to, and how that is named in its folder.

use std::path::Path;

use deadzone_core::replay::Repro;
use deadzone_reports::command::quoted;

use crate::registry;
use crate::versions::WORKING_COPY;

/// What a finding belongs to.
pub(crate) struct Provenance<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) engine: &'a str,
    pub(crate) engine_version: &'a str,
    pub(crate) seed: u64,
}

impl Provenance<'_> {
    /// The engine as it stands in the name of a folder; where a working copy lies is
    /// not part of it.
    pub(super) fn label(&self) -> String {
        match self.engine_version.strip_prefix(WORKING_COPY) {
            Some(_) => format!("{}-path", self.engine),
            None => format!("{}-{}", self.engine, self.engine_version),
        }
    }

    /// The command line that replays a plan on the very same engine.
    pub(super) fn again(&self, plan: &Path) -> String {
        let plan = plan.to_string_lossy();
        let built_in = registry::engine(self.engine)
            .is_some_and(|engine| engine.info().version == self.engine_version);
        let command = format!("deadzone replay {}", quoted(&plan));
        if built_in {
            return command;
        }
        let engine = format!("{}@{}", self.engine, self.engine_version);
        format!("{command} --engine {}", quoted(&engine))
    }

    /// A test that the adapter has written, which knows of releases alone: that of a
    /// working copy takes the engine from there.
    pub(super) fn repro(&self, repro: &Repro) -> Repro {
        let mut repro = repro.clone();
        let Some(folder) = self.engine_version.strip_prefix(WORKING_COPY) else { return repro };
        let folder = Path::new(folder).canonicalize().unwrap_or_else(|_| folder.into());
        let path = toml_edit::Value::from(folder.to_string_lossy().into_owned());
        for text in [&mut repro.dependencies, &mut repro.source] {
            *text = from_path(text, self.engine, path.to_string().trim());
        }
        repro
    }
}

/// Takes a package from a path wherever a line of `text` asks for one release of it.
fn from_path(text: &str, package: &str, path: &str) -> String {
    let release = format!("{package} = \"=");
    let lines = text.split_inclusive('\n').map(|line| {
        let Some((before, rest)) = line.split_once(&release) else { return line.to_owned() };
        let Some((_, after)) = rest.split_once('"') else { return line.to_owned() };
        format!("{before}{package} = {{ path = {path} }}{after}")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provenance<'a>(engine: &'a str, engine_version: &'a str) -> Provenance<'a> {
        Provenance { scenario: "text", engine, engine_version, seed: 1 }
    }

    #[test]
    fn a_finding_is_replayed_on_the_version_that_it_was_found_on() {
        let again = |version| provenance("yrs", version).again(Path::new("found/x/shrunk.json"));
        let built_in = registry::engine("yrs").expect("it is built in").info().version;
        assert_eq!(again(built_in), "deadzone replay found/x/shrunk.json");
        let old = again("0.24.0");
        assert_eq!(old, "deadzone replay found/x/shrunk.json --engine yrs@0.24.0");
        let copy = again("path:../my yrs");
        assert_eq!(copy, "deadzone replay found/x/shrunk.json --engine 'yrs@path:../my yrs'");
    }

    #[test]
    fn a_folder_is_never_named_by_a_path() {
        assert_eq!(provenance("yrs", "0.24.0").label(), "yrs-0.24.0");
        assert_eq!(provenance("yrs", "path:/home/me/y-crdt/yrs").label(), "yrs-path");
    }

    #[test]
    fn a_test_takes_the_working_copy() {
        let line = "yrs = \"=0.28.1\"".to_owned();
        let source = format!("//! [dependencies]\n//! {line}\n\nuse yrs::Doc;\n");
        let repro = Repro { dependencies: line.clone(), source, caveats: Vec::new() };
        let same = provenance("yrs", "0.28.1").repro(&repro);
        assert_eq!(same, repro);
        // Nothing lies there; what does is named by its whole path.
        let copy = provenance("yrs", "path:no/y \"q\"").repro(&repro);
        assert_eq!(copy.dependencies, r#"yrs = { path = 'no/y "q"' }"#);
        assert_eq!(copy.source, repro.source.replace(&line, &copy.dependencies));
    }
}
