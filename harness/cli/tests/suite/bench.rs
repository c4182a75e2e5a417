//! Folders to run in, scenarios to run, and the program itself.

use std::path::Path;
use std::process::{Command, Stdio};

use deadzone_core::record::Results;
use tempfile::TempDir;

/// Two people and a relay for twenty seconds: a run takes some milliseconds.
pub(crate) const TINY: &str = r#"schema = 1
name = "tiny"
question = "Do two people who write at once see the same in the end?"
duration = "20s"
settle = "30s"

[document]
notes = "text"

[[fleet]]
group = "writers"
count = 2
device = "laptop-top"
link = "wifi"
workload = { kind = "typing", rate = "52wpm" }

[relay]
kind = "replica"

[expect]
converged_within = "20s"
"#;

/// A device of its own.
pub(crate) const TOY: &str = r#"
[device.toy]
summary = "a toy"
slowdown = "10x"
busy_power = "284mW"
flush_latency = "25ms"
write_latency = "1ms"
read_rate = "70MB/s"
flush_energy = "125uJ"
byte_energy = "6nJ"
memory = "256MB"
base_power = "19mW"
radios = { wifi = "wifi" }
"#;

/// What the program said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder to run in, removed at the end.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    /// With `tiny.toml` in it.
    pub(crate) fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder for tests") };
        bench.write("tiny.toml", TINY);
        bench
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in the folder"))
            .expect("a folder for tests");
        std::fs::write(path, content).expect("it can be written");
    }

    /// `tiny.toml` with `from` replaced by `to`, under another name.
    pub(crate) fn write_variant(&self, name: &str, from: &str, to: &str) {
        assert_eq!(TINY.matches(from).count(), 1, "{from:?} should stand in the scenario once");
        let named = TINY.replace("\"tiny\"", &format!("{name:?}"));
        self.write(&format!("{name}.toml"), named.replace(from, to));
    }

    /// `tiny.toml` under another name, on this variant of [`TOY`].
    pub(crate) fn write_on_toys(&self, name: &str, toy: &str) {
        self.write(name, TINY.replace("\"laptop-top\"", "\"toy\"") + toy);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn results(&self, out: &str) -> Results {
        let results: Results = serde_json::from_str(&self.read(&format!("{out}/results.json")))
            .expect("results are JSON of this form");
        assert!(results.is_intact(), "the digest of {out} does not fit");
        results
    }

    /// Everything in the folder, by its path.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("it is there") {
                let path = entry.expect("it can be listed").path();
                let shown = path.strip_prefix(self.path()).expect("it is inside").display();
                files.push(shown.to_string());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        files.sort();
        files
    }

    /// The program, to be started in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deadzone"));
        command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn say(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().expect("the program starts");
        Said {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("it prints UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("it prints UTF-8"),
        }
    }

    /// Runs it and holds it to a code.
    pub(crate) fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.say(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:#?}");
        said
    }

    /// `deadzone run` on the reference engine, for these results.
    pub(crate) fn run(&self, scenario: &str, out: &str, more: &[&str]) -> Results {
        let arguments = [&["run", scenario, "--engine", "reference", "--out", out], more].concat();
        self.expect(0, &arguments);
        self.results(out)
    }

    /// For inputs that are refused: says so, with code 2, prints nothing else, and
    /// leaves everything as it was. Gives the command and the message.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let before = self.files();
        let said = self.expect(2, arguments);
        assert_eq!(said.stdout, "", "{arguments:?}");
        assert_eq!(self.files(), before, "{arguments:?} left something");
        format!("$ deadzone {}\n{}\n", arguments.join(" "), said.stderr)
    }
}
