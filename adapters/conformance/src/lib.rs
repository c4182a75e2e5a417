//! The suite that every adapter passes.
//!
//! An adapter takes it up with one line in `tests/conformance.rs`:
//!
//! ```ignore
//! deadzone_conformance::suite!(deadzone_adapter_x::X);
//! ```
//!
//! which expands to one `#[test]` for each function of [`mod@suite`]. Containers
//! that an engine declares as lacking are left out, and the test says so;
//! containers that its adapter builds from others are held to converging and to
//! doing locally what an edit says, not to the laws of merging in
//! [`suite::merge`].
//!
//! What an engine is known not to hold is declared with a reason:
//!
//! ```ignore
//! deadzone_conformance::suite!(
//!     deadzone_adapter_x::X,
//!     fails { damaged_updates: "panics on a cut-off update, issue 123" },
//!     may_fail { same_calls_same_bytes: "hash order of std" },
//!     aborts { damaged_stores: "overflows the stack" },
//! );
//! ```
//!
//! A test under `fails` runs and must fail, so that the list stays honest; one
//! under `may_fail` runs and may; one under `aborts` does not run.

#![forbid(unsafe_code)]

pub mod fleet;
pub mod generate;
pub mod generated;
pub mod stories;
pub mod suite;
pub mod twin;
pub mod undo_scenes;

use std::panic::{AssertUnwindSafe, catch_unwind};

use deadzone_core::engine::Engine;

/// What an engine is known not to hold.
#[derive(Clone, Copy, Debug)]
pub struct Exception {
    /// The name of the test.
    pub test: &'static str,
    /// What is done about it.
    pub how: How,
    /// Why, for people.
    pub reason: &'static str,
}

/// How a known failure is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It must fail.
    Fails,
    /// It may fail.
    MayFail,
    /// It takes the process with it, so it is not run.
    Aborts,
}

/// Runs one test as its exception says, if there is one.
///
/// # Panics
/// If the test fails and no exception allows it, or if it passes although it
/// must fail.
#[expect(clippy::print_stderr, reason = "the test harness shows it where it belongs")]
pub fn run(test: &str, body: fn(&dyn Engine), engine: &dyn Engine, exceptions: &[Exception]) {
    let Some(known) = exceptions.iter().find(|known| known.test == test) else {
        return body(engine);
    };
    if known.how == How::Aborts {
        eprintln!("not run, since it aborts: {}", known.reason);
        return;
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| body(engine)));
    match (outcome, known.how) {
        (Err(_), _) => eprintln!("known to fail: {}", known.reason),
        (Ok(()), How::MayFail) => {}
        (Ok(()), _) => panic!("{test} passes; take it out of the exceptions: {}", known.reason),
    }
}

/// Refuses exceptions for tests that do not exist.
///
/// # Panics
/// If there are any.
pub fn check_exceptions(exceptions: &[Exception]) {
    for known in exceptions {
        let exists = suite::TESTS.iter().any(|(name, _)| *name == known.test);
        assert!(exists, "there is no test called {}", known.test);
    }
}

/// Expands to the tests of [`mod@suite`] for an engine; see the crate's page.
#[macro_export]
macro_rules! suite {
    (
        $engine:expr
        $(, fails { $($fails:ident: $fails_reason:literal),* $(,)? })?
        $(, may_fail { $($may_fail:ident: $may_fail_reason:literal),* $(,)? })?
        $(, aborts { $($aborts:ident: $aborts_reason:literal),* $(,)? })?
        $(,)?
    ) => {
        const EXCEPTIONS: &[$crate::Exception] = &[
            $($($crate::Exception {
                test: stringify!($fails), how: $crate::How::Fails, reason: $fails_reason,
            },)*)?
            $($($crate::Exception {
                test: stringify!($may_fail), how: $crate::How::MayFail, reason: $may_fail_reason,
            },)*)?
            $($($crate::Exception {
                test: stringify!($aborts), how: $crate::How::Aborts, reason: $aborts_reason,
            },)*)?
        ];

        #[test]
        fn exceptions_name_tests() {
            $crate::check_exceptions(EXCEPTIONS);
        }

        $crate::tests!(expand $engine);
    };
}
