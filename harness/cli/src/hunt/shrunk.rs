//! What a finding was shrunk to, as it is told.

use serde::Serialize;

use super::finding::Finding;
use super::folder::Written;

/// What a finding was shrunk to, as it is told.
#[derive(Debug, Serialize)]
pub(crate) struct Shrunk {
    pub(crate) cause: String,
    steps_before: usize,
    steps_after: usize,
    tried: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    /// The command line that shows it again, where it is written.
    #[serde(skip)]
    again: Option<String>,
}

impl Shrunk {
    /// Of a finding that is known, nothing is written.
    pub(crate) fn new(finding: &Finding, written: Option<Written>) -> Self {
        let (folder, again) =
            written.map(|Written { folder, again }| (folder.display().to_string(), again)).unzip();
        Self {
            cause: finding.cause.clone(),
            steps_before: finding.plan.steps.len(),
            steps_after: finding.shrunk.steps.len(),
            tried: finding.tried,
            folder,
            again,
        }
    }

    /// Prints it, with `seeds` if it came from some.
    pub(crate) fn show(&self, seeds: Option<&str>) {
        let Self { cause, steps_before, steps_after, tried, folder, again } = self;
        let steps = format!("{steps_before} before, {steps_after} after shrinking ({tried} tried)");
        let lines = [
            ("cause", Some(cause.as_str())),
            ("seed", seeds),
            ("steps", Some(&steps)),
            ("folder", folder.as_deref()),
            ("again", again.as_deref()),
        ];
        for (name, what) in lines {
            if let Some(what) = what {
                anstream::println!("    {name:8}{what}");
            }
        }
    }
}
