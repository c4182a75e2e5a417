//! Builds the worker for another version of an engine, once, and keeps it.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, anyhow};
use deadzone_core::record::CpuMode;
use deadzone_meter::is_instrumented;
use deadzone_worker::{Job, Task};
use sha2::{Digest, Sha256};

use super::scratch::{self, Origin, PACKAGE};
use super::workspace;
use crate::exit::BadInput;
use crate::registry::Source;
use crate::worker::{self, Ended};

/// Of what cargo said of a build that failed, the end is shown.
const LINES_SHOWN: usize = 30;

/// What cargo calls its lock file.
const LOCKFILE: &str = "Cargo.lock";

/// Of the digest in a folder's name.
const DIGITS: usize = 12;

/// What would give a worker other flags than this program has.
const VARIABLES: &[&str] = &[
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_TARGET_DIR",
    "CARGO_MANIFEST_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
];

/// A worker binary to be.
pub(super) struct Workshop<'a> {
    pub(super) engine: &'a str,
    pub(super) source: &'a Source,
    pub(super) origin: &'a Origin,
}

impl Workshop<'_> {
    /// The worker binary; builds it where it is not there yet. A working copy is
    /// always built, since cargo knows best what changed in it.
    ///
    /// # Errors
    /// [`BadInput`] where the user can mend it: cargo or the compiler is not
    /// there, or the working copy does not build.
    pub(super) fn worker(&self) -> Result<PathBuf> {
        let files = scratch::files(self.engine, self.source, self.origin)?;
        let compiler = compiler()?;
        let root = cache()?.join("workers");
        let folder = root.join(self.name(&files, &compiler));
        let binary = folder.join("engine-worker");
        let is_release = matches!(self.origin, Origin::Release { .. });
        if is_release && binary.is_file() {
            return Ok(binary);
        }
        let _turn = self.turn(&root)?;
        if is_release && binary.is_file() {
            return Ok(binary);
        }
        let built = self.build_in(&root.join("workspace"), files, &folder, &root)?;
        // In one step, so that another deadzone never sees half of it.
        let half = folder.join(format!("engine-worker.{}", std::process::id()));
        fs::copy(&built, &half)
            .and_then(|_| fs::rename(&half, &binary))
            .with_context(|| format!("keeping {}", built.display()))?;
        self.check(&binary)?;
        Ok(binary)
    }

    /// Waits until no other deadzone builds a worker; none does until what is
    /// given back is dropped.
    fn turn(&self, root: &Path) -> Result<File> {
        let place = root.join("lock");
        let taken = fs::create_dir_all(root).and_then(|()| File::create(&place));
        let file = taken.with_context(|| format!("writing {}", place.display()))?;
        let waited = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                anstream::eprintln!(
                    "waiting to build a worker for {}: another deadzone builds one",
                    self.title()
                );
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        waited.with_context(|| format!("locking {}", place.display()))?;
        Ok(file)
    }

    /// What the engine is called in messages.
    fn title(&self) -> String {
        match self.origin {
            Origin::Release { version, .. } => format!("{} {version}", self.engine),
            Origin::Path { folder, .. } => format!("{} in {}", self.engine, folder.display()),
        }
    }

    /// The name of the folder: a digest over all that decides what is built.
    fn name(&self, files: &BTreeMap<String, String>, compiler: &str) -> String {
        let mut hash = Sha256::new();
        let mut put = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        put(compiler);
        put(env!("DEADZONE_PROFILE"));
        for (path, text) in files {
            put(path);
            put(text);
        }
        let digest = deadzone_core::digest::hex(&hash.finalize());
        let version = match self.origin {
            Origin::Release { version, .. } => version.to_string(),
            Origin::Path { .. } => "path".to_owned(),
        };
        format!("{}-{version}-{}", self.engine, &digest[..DIGITS])
    }

    /// Builds it where all workers are built, one after the other, so that what they
    /// share is compiled once; gives the binary. The lock file, which cargo makes fit
    /// the engine, is kept in `folder`.
    fn build_in(
        &self,
        place: &Path,
        mut files: BTreeMap<String, String>,
        folder: &Path,
        root: &Path,
    ) -> Result<PathBuf> {
        let kept = folder.join(LOCKFILE);
        if let Ok(lockfile) = fs::read_to_string(&kept) {
            files.insert(LOCKFILE.to_owned(), lockfile);
        }
        workspace::replace(place, &files, self.engine)
            .with_context(|| format!("writing {}", place.display()))?;
        let built = self.build(place, &root.join("target"))?;
        fs::create_dir_all(folder)
            .and_then(|()| fs::copy(place.join(LOCKFILE), &kept))
            .with_context(|| format!("writing {}", kept.display()))?;
        Ok(built)
    }

    /// Lets cargo build it; gives the binary.
    fn build(&self, folder: &Path, target: &Path) -> Result<PathBuf> {
        anstream::eprintln!("building a worker for {}", self.title());
        let mut command = Command::new("cargo");
        command.args(["build", "--package", PACKAGE]).current_dir(folder);
        if env!("DEADZONE_PROFILE") == "release" {
            command.arg("--release");
        }
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("CARGO_TARGET_DIR", target);
        let mut cargo = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting cargo")?;
        let said = cargo.stderr.take().expect("it is piped");
        let (mut last, mut held_back) = (VecDeque::new(), Vec::new());
        for line in BufReader::new(said).lines() {
            let line = line.context("listening to cargo")?;
            if is_status(&line) {
                anstream::eprintln!("  {line}");
            } else {
                held_back.push(line.clone());
            }
            last.push_back(line);
            if last.len() > LINES_SHOWN {
                last.pop_front();
            }
        }
        if !cargo.wait().context("waiting for cargo")?.success() {
            for line in held_back {
                anstream::eprintln!("  {line}");
            }
            let said = Vec::from(last).join("\n");
            let message = format!("{} does not build; cargo said last:\n{said}", self.title());
            return Err(match self.origin {
                Origin::Path { .. } => BadInput::error(message),
                Origin::Release { .. } => anyhow!(message),
            });
        }
        let profile = env!("DEADZONE_PROFILE");
        Ok(target.join(env!("DEADZONE_TARGET")).join(profile).join(PACKAGE))
    }

    /// Asks a worker just built which version it holds.
    fn check(&self, binary: &Path) -> Result<()> {
        let job = Job {
            engine: self.engine.to_owned(),
            mode: CpuMode::Off,
            seed: 0,
            blocks_max: u64::MAX >> 1,
            task: Task::Describe,
        };
        let expected = self.origin.version().to_string();
        let error = match worker::run(Some(binary), &job, |_| ())? {
            Ended::Described { version, counts }
                if version == expected && counts == is_instrumented() =>
            {
                return Ok(());
            }
            Ended::Described { version, counts: false } if version == expected => {
                BadInput::error(format!(
                    "the worker for {} does not count CPU work, though this program does; cargo \
                     has other flags for it: look for `rustflags` in the configuration of cargo \
                     in your home folder",
                    self.title()
                ))
            }
            other => anyhow!("the worker for {} says {other:?} of itself", self.title()),
        };
        // It must not be taken for built the next time.
        let _ = fs::remove_file(binary);
        Err(error)
    }
}

/// Whether cargo says with this line what it does, as `   Compiling yrs v0.24.0`, and
/// not what the compiler has to say, which is warnings as long as all goes well.
fn is_status(line: &str) -> bool {
    let Some((verb, rest)) = line.split_at_checked(12) else { return false };
    let letters = verb.trim_start();
    !letters.is_empty() && letters.chars().all(char::is_alphabetic) && rest.starts_with(' ')
}

/// The compiler that workers are built with, in its own words; it must be the one
/// that this program was built with, since results name one compiler.
fn compiler() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output();
    let said = match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        _ => {
            return Err(BadInput::error(
                "another version of an engine must be compiled, and there is no Rust here; \
                 expected cargo and rustc (https://rustup.rs), or a version that is built in",
            ));
        }
    };
    let version = said.lines().next().unwrap_or_default();
    if version != env!("DEADZONE_RUSTC_VERSION") {
        return Err(BadInput::error(format!(
            "this program was built with {}, and here is {version}: counts of the two cannot be \
             compared; expected the same, as by RUSTUP_TOOLCHAIN, or deadzone built anew",
            env!("DEADZONE_RUSTC_VERSION")
        )));
    }
    Ok(said)
}

/// The folder for what can be made again.
fn cache() -> Result<PathBuf> {
    let of_user = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|it| it.is_absolute());
    let cache = of_user.or_else(|| Some(env::home_dir()?.join(".cache")));
    let cache = cache.ok_or_else(|| {
        BadInput::error(
            "there is no place for the workers of other versions; expected HOME or \
             XDG_CACHE_HOME to be set",
        )
    })?;
    Ok(cache.join("deadzone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_from_warnings() {
        for line in ["   Compiling yrs v0.24.0", "    Blocking waiting for file lock"] {
            assert!(is_status(line), "{line}");
        }
        for line in [
            "",
            "warning: unused variable: `a`",
            "   |",
            "   --> src/lib.rs:1:1",
            "12 |     let a = 1;",
            "error: could not compile `yrs`",
            "            ^",
        ] {
            assert!(!is_status(line), "{line}");
        }
    }
}
