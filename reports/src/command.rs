//! The command that reproduces a row.

use deadzone_core::record::{CpuMode, Results, RunRecord};

use crate::context::Context;

/// The command line that makes this run again, quoted for a POSIX shell.
///
/// The engine's version is named only if it is not the one that is built in, or
/// if `results` hold several versions of the engine.
pub fn reproduce(run: &RunRecord, results: &Results, context: &Context) -> String {
    let several = results
        .runs
        .iter()
        .any(|other| other.engine == run.engine && other.engine_version != run.engine_version);
    let built_in = context.engines.get(&run.engine).map_or("", |text| text.version.as_str());
    let other = !built_in.is_empty() && built_in != run.engine_version;
    let engine = if several || other {
        format!("{}@{}", run.engine, run.engine_version)
    } else {
        run.engine.clone()
    };
    let mut command = format!(
        "deadzone run {} --engine {} --seed {}",
        quoted(context.argument(&run.scenario)),
        quoted(&engine),
        run.seed
    );
    if let Some(folder) = context.traces(&run.scenario) {
        command.push_str(" --traces ");
        command.push_str(&quoted(folder));
    }
    for (key, value) in &run.parameters {
        command.push_str(" --set ");
        command.push_str(&quoted(&format!("{key}={value}")));
    }
    if run.simulator != "event" {
        command.push_str(" --simulator ");
        command.push_str(&quoted(&run.simulator));
    }
    match run.cpu {
        CpuMode::Counted => {}
        CpuMode::Wall => command.push_str(" --cpu wall"),
        CpuMode::Off => command.push_str(" --cpu off"),
    }
    command
}

/// As one word of a POSIX shell.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/@=+:,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_the_shell() {
        for (word, expected) in [
            ("sync.debounce=300ms", "sync.debounce=300ms"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(rm)", "'$(rm)'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
