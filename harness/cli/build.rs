//! Notes what the binary is built with, since it decides about counts.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    set("RUSTC_VERSION", &output_of(Command::new(rustc).arg("--version")).unwrap_or_default());
    set("TARGET", &env::var("TARGET").unwrap_or_default());
    set("PROFILE", &env::var("PROFILE").unwrap_or_default());
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    set("FLAGS", &flags.replace('\u{1f}', " "));
    let git = output_of(Command::new("git").args(["rev-parse", "HEAD"])).unwrap_or_default();
    set("GIT", &git);

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
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

fn set(name: &str, value: &str) {
    println!("cargo::rustc-env=DEADZONE_{name}={value}");
}

fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
