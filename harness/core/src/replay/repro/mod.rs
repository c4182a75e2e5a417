//! What adapters share when they write a [`Story`] out as a test of their
//! engine alone: the names of things, the head of the file, what is asserted at
//! its end, and lines with indentation.
//!
//! Who reads such a file knows the engine and not deadzone, so it speaks of
//! replicas `a`, `b`, `c`, and of nothing that is ours.

mod claim;
mod code;
mod kinds;
mod names;

pub use self::claim::Claim;
pub use self::code::Code;
pub use self::kinds::Kinds;
pub use self::names::{Names, replica_name};

use super::{Ending, Story};
use crate::engine::EngineInfo;

/// The lines in which the file says what it is about: the demand, what happens
/// instead, the engine's version, and the caveats.
pub fn head(info: &EngineInfo, story: &Story, dependencies: &str, caveats: &[String]) -> Code {
    let mut code = Code::with_prefix("//! ");
    let EngineInfo { name, version, .. } = info;
    match &story.ending {
        Ending::Violated(violation) => {
            code.words(&format!("{name} {version}: a history in which something does not hold."));
            code.line("");
            code.words(&format!("Expected: {}.", violation.oracle.demand()));
            code.line("");
            let when = match violation.step {
                Some(step) => format!("after step {step}"),
                None => "at the end".to_owned(),
            };
            let said = names::in_words(&violation.said);
            code.words(&format!("What happens, {when}: {said}."));
            code.line("");
            code.words("The test fails for as long as that is so.");
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

/// The name of the test: what is demanded, as a function is called.
pub fn test_name(story: &Story) -> String {
    let Some(violation) = story.ending.violation() else {
        return "replicas_converge".to_owned();
    };
    names::identifier(&format!("{} {}", violation.oracle.name(), violation.about), 48)
}
