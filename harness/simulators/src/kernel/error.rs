//! Why there is no network of a kernel's here.

use std::io;

/// Why a run cannot go over a kernel's network, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// The user may not.
    #[error("network namespaces need root; expected to be run as root")]
    NotRoot,
    /// The kernel gives no namespace.
    #[error("a network namespace could not be had: {0}")]
    Namespace(#[source] io::Error),
    /// The system gives no timer, or no thread.
    #[error("the system does not give what waiting needs: {0}")]
    System(#[source] io::Error),
    /// A tool is not there, or does not answer.
    #[error("`{program}` could not be run: {error}; expected the package iproute2")]
    Tool {
        /// Which.
        program: &'static str,
        /// Why.
        error: io::Error,
    },
    /// A tool refused.
    #[error("`{program}` said: {said}{hint}")]
    Said {
        /// Which.
        program: &'static str,
        /// What.
        said: String,
        /// What may help.
        hint: &'static str,
    },
    /// A socket could not be had.
    #[error("a socket in the namespace of node {node}: {error}")]
    Socket {
        /// Whose.
        node: u32,
        /// Why.
        error: io::Error,
    },
}

impl KernelError {
    /// A tool that said this refused.
    pub(super) fn said(program: &'static str, said: &[u8]) -> Self {
        let said = String::from_utf8_lossy(said);
        // Beneath the first line there is at most its usage.
        let said = said.lines().next().unwrap_or("nothing").to_owned();
        let hint = if said.contains("qdisc kind is unknown") {
            "; expected a kernel with the module sch_netem"
        } else {
            ""
        };
        Self::Said { program, said, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_refuses_is_told_with_what_would_help() {
        let said = |words: &str| KernelError::said("tc", words.as_bytes()).to_string();
        assert_eq!(
            said("Error: Specified qdisc kind is unknown.\nCommand failed -:1\n"),
            "`tc` said: Error: Specified qdisc kind is unknown.; expected a kernel with the module \
             sch_netem"
        );
        assert_eq!(said("What is \"x\"?\nUsage: …"), "`tc` said: What is \"x\"?");
        assert_eq!(said(""), "`tc` said: nothing");
    }
}
