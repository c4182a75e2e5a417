//! What this binary is, and what machine it runs on.

use std::collections::BTreeMap;

use deadzone_core::profile::CpuModel;
use deadzone_core::record::{Build, Environment};
use sha2::{Digest, Sha256};

/// What may change counts without anyone's fault.
pub(crate) fn build() -> Build {
    Build {
        deadzone: env!("CARGO_PKG_VERSION").to_owned(),
        rustc: env!("DEADZONE_RUSTC_VERSION").to_owned(),
        target: env!("DEADZONE_TARGET").to_owned(),
        profile: env!("DEADZONE_PROFILE").to_owned(),
        flags: env!("DEADZONE_FLAGS").to_owned(),
        cpu_features: cpu_features(),
        lockfile: deadzone_core::digest::hex(&Sha256::digest(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/Cargo.lock"
        )))),
        models: deadzone_scenarios::models_digest(),
    }
}

/// What differs between machines and moments.
pub(crate) fn environment(model: &CpuModel, started: std::time::SystemTime) -> Environment {
    Environment {
        git: env!("DEADZONE_GIT").to_owned(),
        host: host(),
        reproducible: false,
        started: humantime::format_rfc3339_seconds(started).to_string(),
        wall_time_ns: 0,
        wall_time_in_engine_ns: 0,
        cpu_model: BTreeMap::from([
            ("allocated_byte_milliblocks".to_owned(), model.allocated_byte_milliblocks),
            ("allocation_milliblocks".to_owned(), model.allocation_milliblocks),
            ("block_picoseconds".to_owned(), model.block_picoseconds),
            ("wasm_percent".to_owned(), model.wasm_percent),
        ]),
    }
}

/// The processor's name and how many of it there are.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", name.unwrap_or_else(|| std::env::consts::ARCH.to_owned()))
}

/// Features of the processor that hashing and compression libraries dispatch on
/// at run time.
#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<String> {
    macro_rules! present {
        ($($name:tt),*) => {
            [$(($name, std::arch::is_x86_feature_detected!($name))),*]
        };
    }
    let features = present![
        "aes",
        "avx",
        "avx2",
        "avx512bw",
        "avx512f",
        "avx512vl",
        "bmi1",
        "bmi2",
        "fma",
        "pclmulqdq",
        "popcnt",
        "sha",
        "sse4.1",
        "sse4.2",
        "ssse3"
    ];
    features.iter().filter(|(_, there)| *there).map(|(name, _)| (*name).to_owned()).collect()
}

/// Features of the processor that hashing and compression libraries dispatch on
/// at run time.
#[cfg(target_arch = "aarch64")]
fn cpu_features() -> Vec<String> {
    macro_rules! present {
        ($($name:tt),*) => {
            [$(($name, std::arch::is_aarch64_feature_detected!($name))),*]
        };
    }
    let features = present!["aes", "crc", "neon", "sha2", "sha3", "sve"];
    features.iter().filter(|(_, there)| *there).map(|(name, _)| (*name).to_owned()).collect()
}
