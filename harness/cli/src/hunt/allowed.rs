//! Causes that are known: shown, and no failure.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use deadzone_core::schedule::SavedPlan;

use crate::exit::BadInput;

/// Causes that are known, by engine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed(BTreeSet<(String, String)>);

impl Allowed {
    /// From a file with a line `ENGINE CAUSE` each (`#` begins a comment), or a
    /// folder of findings: every `.json` file in it that names a cause.
    ///
    /// # Errors
    /// [`BadInput`] with the place and what would be right.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let unreadable = |error: std::io::Error| BadInput::error(format!("{shown}: {error}"));
        if !path.is_dir() {
            let text = std::fs::read_to_string(path).map_err(unreadable)?;
            return Self::parse(&text, &shown.to_string());
        }
        let mut known = BTreeSet::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                let SavedPlan { engine, found, .. } = super::folder::read_plan(&file)?;
                known.extend(found.map(|found| (engine, found.cause)));
            }
        }
        Ok(Self(known))
    }

    fn parse(text: &str, shown: &str) -> Result<Self> {
        let mut known = BTreeSet::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let [engine, cause] = words.as_slice() else {
                return Err(BadInput::error(format!(
                    "{shown}:{}:1: `{line}` is no known cause; expected an engine and a cause, as \
                     `yrs pending/waits/broadcast/any/any`",
                    number + 1
                )));
            };
            known.insert(((*engine).to_owned(), (*cause).to_owned()));
        }
        Ok(Self(known))
    }

    /// Whether this cause is known of this engine.
    pub(crate) fn holds(&self, engine: &str, cause: &str) -> bool {
        self.0.contains(&(engine.to_owned(), cause.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_engines_and_causes() {
        let list = "# known\nyrs pending/waits/broadcast/any/any # issue 1\n\n";
        let allowed = Allowed::parse(list, "list").expect("it is well-formed");
        assert!(allowed.holds("yrs", "pending/waits/broadcast/any/any"));
        assert!(!allowed.holds("loro", "pending/waits/broadcast/any/any"));
        let wrong = Allowed::parse("a b c", "list").expect_err("three words").to_string();
        assert!(wrong.starts_with("list:1:1: `a b c`"), "{wrong}");
    }
}
