//! Exit codes: public promises.

use std::io::{self, ErrorKind};

/// Ran, and all held.
pub(crate) const OK: i32 = 0;
/// deadzone itself failed.
pub(crate) const FAILED: i32 = 1;
/// Bad usage, a bad file, or an input that is not there.
pub(crate) const USAGE: i32 = 2;
/// `gate`: a metric regressed beyond its tolerance.
pub(crate) const REGRESSED: i32 = 3;
/// An invariant was violated, or an engine did not converge.
pub(crate) const VIOLATED: i32 = 4;
/// Two runs that should be the same differed.
pub(crate) const DIFFERED: i32 = 5;
/// An engine panicked, aborted, or ran past its work limit.
pub(crate) const ENGINE_DIED: i32 = 6;
/// `gate`: the two results cannot be compared.
pub(crate) const INCOMPARABLE: i32 = 7;
/// The user stopped it; what was finished is written.
pub(crate) const INTERRUPTED: i32 = 130;

/// What the user could have done better: a wrong flag, file or name. Ends the
/// program with [`USAGE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadInput(pub(crate) String);

impl BadInput {
    /// As an error to return.
    pub(crate) fn error(message: impl Into<String>) -> anyhow::Error {
        Self(message.into()).into()
    }

    /// For a place that the user named and that could not be written. A place that
    /// cannot be is theirs to mend; a disk that is full is not bad input.
    pub(crate) fn place(message: impl std::fmt::Display, error: &io::Error) -> anyhow::Error {
        match error.kind() {
            ErrorKind::NotFound => Self::error(format!("{message}: its folder is not there")),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Self::error(format!(
                "{message}: it lies below a file, or a file has its name; expected a folder"
            )),
            ErrorKind::IsADirectory => {
                Self::error(format!("{message}: it is a folder; expected a file"))
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::error(format!("{message}: {error}"))
            }
            _ => anyhow::anyhow!("{message}: {error}"),
        }
    }
}
