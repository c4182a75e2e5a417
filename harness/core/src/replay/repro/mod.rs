//! What adapters share when they write a [`Story`] out as a test of their
//! engine alone: the names of things, the head of the file, what is asserted at
//! its end, and lines with indentation.
//!
//! An adapter says how an event is written for its engine, and how a few demands
//! are put to it: it implements [`Scribe`] over a [`Draft`], and calls [`write()`].
//!
//! Who reads such a file knows the engine and not deadzone, so it speaks of
//! replicas `a`, `b`, `c`, and of nothing that is ours.

mod claim;
mod code;
mod draft;
mod kinds;
mod names;
mod scribe;
mod shadow;

use std::collections::BTreeSet;
use std::rc::Rc;

pub use self::claim::Claim;
pub use self::code::Code;
pub use self::draft::Draft;
pub use self::kinds::Kinds;
pub use self::names::{Names, replica_name};
pub use self::scribe::Scribe;
pub use self::shadow::{Entries, MapWrite, Shadow};
use super::{Ending, Repro, Story};
use crate::check::Oracle;
use crate::engine::EngineInfo;

/// The story as a test of an engine alone; none where it cannot be written.
/// `dependencies` are the lines of `[dependencies]` that it needs, and `scribe`
/// begins to write on an empty draft.
pub fn write<S: Scribe>(
    info: &EngineInfo,
    dependencies: &str,
    story: &Story,
    scribe: impl Fn(Draft) -> S,
) -> Option<Repro> {
    let claim = Claim::of(story)?;
    let mut told = story.clone();
    if let Claim::Silent(_, _, from) = claim {
        told.events.truncate(from);
    }
    let told = Rc::new(told);
    let parts = Parts::settled(|used| {
        let draft = Draft::new(Rc::clone(&told), claim.clone(), used.cloned());
        scribe(draft).write()
    })?;
    Some(parts.into_repro(info, story, dependencies))
}

/// What an adapter has written.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// What stands in the test.
    pub body: Code,
    /// The functions after it.
    pub helpers: Code,
    /// Paths to import if their last name is used.
    pub names: Vec<&'static str>,
    /// Paths to import, as nothing names them: traits.
    pub traits: BTreeSet<&'static str>,
    /// Variables that can be left out if nothing uses them.
    pub variables: BTreeSet<String>,
    /// See [`Repro::caveats`].
    pub caveats: Vec<String>,
}

impl Parts {
    /// What `write` writes when it is told which variables are used. It is told
    /// none the first time, and then keeps all of them.
    fn settled(write: impl Fn(Option<&BTreeSet<String>>) -> Option<Self>) -> Option<Self> {
        let mut parts = write(None)?;
        // What only an unused variable was made from is then unused itself.
        loop {
            let used = parts.used_variables();
            let again = write(Some(&used))?;
            let settled = again.used_variables() == used;
            parts = again;
            if settled {
                return Some(parts);
            }
        }
    }

    /// The variables that are used after they were made.
    fn used_variables(&self) -> BTreeSet<String> {
        let body = &self.body;
        let made = |name: &str| body.as_str().matches(&format!("let {name} =")).count();
        let used = |name: &&String| body.mentions(name) > made(name);
        self.variables.iter().filter(used).cloned().collect()
    }

    /// The whole file.
    fn into_repro(self, info: &EngineInfo, story: &Story, dependencies: &str) -> Repro {
        let oracle = story.ending.violation().map(|violation| violation.oracle);
        let name = test_name(story);
        let mut test = Code::default();
        test.line("#[test]");
        if oracle == Some(Oracle::Hang) {
            test.open(&format!("fn {name}() {{"));
            test.line(BOUNDED);
            test.close("}");
            test.item(PATIENCE);
            test.gap();
            test.open("fn steps() {");
        } else {
            test.open(&format!("fn {name}() {{"));
        }
        test.append(&self.body);
        test.close("}");
        test.gap();
        test.append(&self.helpers);
        let last = |path: &str| path.rsplit("::").next().unwrap_or_default().to_owned();
        let all = self.names.into_iter().chain(NAMES);
        let named = all.filter(|path| test.mentions(&last(path)) > 0);
        let mut imports = Code::default();
        imports.imports(named.chain(self.traits));
        let head = head(info, story, dependencies, &self.caveats);
        Repro {
            dependencies: dependencies.to_owned(),
            source: [head.as_str(), imports.as_str(), test.as_str().trim_end()].join("\n") + "\n",
            caveats: self.caveats,
        }
    }
}

/// What a file may name that has steps in a thread.
const NAMES: [&str; 3] = ["std::sync::mpsc", "std::thread", "std::time::Duration"];

/// Steps that may never come to an end, in a thread that nobody waits for longer
/// than that.
const BOUNDED: &str = r#"let (tell, end) = mpsc::channel();
thread::spawn(move || {
    steps();
    tell.send(()).unwrap();
});
end.recv_timeout(PATIENCE).expect("the steps come to an end");"#;

const PATIENCE: &str = r"/// How long the steps may take. Where they come to an end, they take a moment.
const PATIENCE: Duration = Duration::from_secs(20);";

/// The lines in which the file says what it is about: the demand, what happens
/// instead, the engine's version, and the caveats.
fn head(info: &EngineInfo, story: &Story, dependencies: &str, caveats: &[String]) -> Code {
    let mut code = Code::with_prefix("//! ");
    let EngineInfo { name, version, .. } = info;
    match &story.ending {
        Ending::Violated(violation) => {
            code.words(&format!("{name} {version}: a history in which something does not hold."));
            code.line("");
            code.words(&format!("Expected: {}.", violation.oracle.demand()));
            code.line("");
            let when = match violation.step {
                Some(step) if ends_in_a_call(violation.oracle) => format!("in step {step}"),
                Some(step) => format!("after step {step}"),
                None => "at the end".to_owned(),
            };
            let said = names::in_words(&violation.said);
            code.words(&format!("What happens, {when}: {said}."));
            code.line("");
            code.words(match violation.oracle {
                Oracle::Abort => "The test takes its process with it for as long as that is so.",
                _ => "The test fails for as long as that is so.",
            });
        }
        Ending::Held | Ending::Unsupported(_) => {
            code.words(&format!("{name} {version}: a history in which everything holds."));
            code.line("");
            code.words("Expected, and what happens: all replicas come to show the same document.");
        }
    }
    for caveat in caveats {
        code.line("");
        code.words(&format!("Note: {caveat}."));
    }
    code.line("");
    code.line("```toml");
    code.line("[dependencies]");
    dependencies.lines().for_each(|line| code.line(line));
    code.line("```");
    code
}

/// Whether what is seen is a call that does not end as it should.
fn ends_in_a_call(oracle: Oracle) -> bool {
    oracle.is_death() || oracle == Oracle::Refusal
}

/// The name of the test: what is demanded, as a function is called.
fn test_name(story: &Story) -> String {
    let Some(violation) = story.ending.violation() else {
        return "replicas_converge".to_owned();
    };
    names::identifier(&format!("{} {}", violation.oracle.name(), violation.about), 48)
}

#[cfg(test)]
mod tests;
