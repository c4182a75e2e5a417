//! The environment that runs have.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use deadzone_worker::ENVIRONMENT;

/// Starts this program again with a worker's environment, unless it has that.
///
/// # Panics
/// If it cannot be started.
pub fn as_in_a_worker() {
    let (name, value) = ENVIRONMENT;
    if env::var(name).is_ok_and(|set| set == value) {
        return;
    }
    let program = env::current_exe().expect("a running program has a path");
    let error = Command::new(program).args(env::args_os().skip(1)).env(name, value).exec();
    panic!("this program cannot be started again: {error}");
}
