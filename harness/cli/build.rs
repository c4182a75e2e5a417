//! Notes what the binary is built with, since it decides about counts.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What a worker for another version of an engine is built from. Without tests,
/// benches and whatever else a folder holds beside its manifest and `src`.
const WORKER_SOURCES: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "ci/rustc-unmetered",
    "ci/sancov_default.ld",
    "harness/core",
    "harness/meter",
    "harness/meter/probe",
    "harness/simulators",
    "harness/worker",
    "adapters/automerge",
    "adapters/loro",
    "adapters/yrs",
];

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    set("RUSTC_VERSION", &output_of(Command::new(rustc).arg("--version")).unwrap_or_default());
    set("TARGET", &env::var("TARGET").unwrap_or_default());
    set("PROFILE", &env::var("PROFILE").unwrap_or_default());
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    set("FLAGS", &flags.replace('\u{1f}', " "));
    let git = output_of(Command::new("git").args(["rev-parse", "HEAD"])).unwrap_or_default();
    set("GIT", &git);

    // Asked when it runs: a target folder may be shared by several clones.
    let manifest = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let root = Path::new(&manifest).join("../..");
    embed_worker_sources(&root);
    let lockfile = root.join("Cargo.lock");
    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("Cargo.lock");
    fs::copy(&lockfile, target).expect("a workspace has a lock file");
    println!("cargo::rerun-if-changed={}", lockfile.display());
    for reference in [".git/HEAD", ".git/logs/HEAD"] {
        let path = root.join(reference);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

/// Writes a list of paths and texts, so that workers are built from what this
/// program was built from, wherever it runs.
fn embed_worker_sources(root: &Path) {
    let mut files = Vec::new();
    for source in WORKER_SOURCES {
        let path = root.join(source);
        if path.is_dir() {
            files.push(path.join("Cargo.toml"));
            collect(&path.join("src"), &mut files);
            // The folder as well: a file may be added to it.
            println!("cargo::rerun-if-changed={}", path.join("src").display());
        } else {
            files.push(path);
        }
    }
    files.sort();
    let mut list = "&[\n".to_owned();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let file = file.canonicalize().expect("it was just found");
        let inside = file.strip_prefix(root.canonicalize().expect("it holds the file"));
        let inside = inside.expect("it lies below the root");
        writeln!(list, "({inside:?}, include_str!({file:?})),").expect("memory takes it");
    }
    list.push(']');
    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("sources.rs");
    fs::write(target, list).expect("cargo's folder takes it");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a crate has sources") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn set(name: &str, value: &str) {
    println!("cargo::rustc-env=DEADZONE_{name}={value}");
}

fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
