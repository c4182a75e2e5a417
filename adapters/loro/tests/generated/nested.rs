//! Not made yet.
