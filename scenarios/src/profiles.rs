//! What is built in: devices, links, outages, radios and the CPU model.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use deadzone_core::profile::{CpuModel, DeviceProfile, LinkProfile, OutageProfile, RadioProfile};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::file::profile::ProfilesFile;
use crate::resolve::{self, Definitions};

/// The device that relays are.
pub(crate) const SERVER: &str = "server";

/// The profile files, radios before the devices that name them.
const FILES: [(&str, &str); 5] = [
    ("profiles/cpu.toml", include_str!("../profiles/cpu.toml")),
    ("profiles/radios.toml", include_str!("../profiles/radios.toml")),
    ("profiles/devices.toml", include_str!("../profiles/devices.toml")),
    ("profiles/links.toml", include_str!("../profiles/links.toml")),
    ("profiles/outages.toml", include_str!("../profiles/outages.toml")),
];

/// Everything that scenarios may name, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profiles {
    /// Kinds of device.
    pub devices: BTreeMap<String, DeviceProfile>,
    /// Access links.
    pub links: BTreeMap<String, LinkProfile>,
    /// How links come and go.
    pub outages: BTreeMap<String, OutageProfile>,
    /// Radio models.
    pub radios: BTreeMap<String, RadioProfile>,
    /// How counted work becomes time.
    pub cpu: CpuModel,
}

impl Profiles {
    /// What is built in, from `scenarios/profiles/*.toml`, where every figure
    /// has its source.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Profiles> = LazyLock::new(|| {
            Profiles::read(&FILES).expect("a test reads the same files, which are compiled in")
        });
        &BUILT_IN
    }

    /// All definitions of these files, given as (path, text).
    fn read(files: &[(&str, &str)]) -> Result<Self, Error> {
        let mut profiles = Self {
            devices: BTreeMap::new(),
            links: BTreeMap::new(),
            outages: BTreeMap::new(),
            radios: BTreeMap::new(),
            cpu: CpuModel {
                allocation_milliblocks: 0,
                allocated_byte_milliblocks: 0,
                block_picoseconds: 0,
                wasm_percent: 0,
            },
        };
        for (path, text) in files {
            let file: ProfilesFile = toml::from_str(text)
                .map_err(|error| crate::error::Located::from(error).in_file(path, text))?;
            resolve::define(&Definitions::from(&file), &mut profiles)
                .map_err(|error| error.in_file(path, text))?;
            if file.cpu.is_some() {
                profiles.cpu = resolve::cpu_model(file.cpu.as_ref(), None)
                    .map_err(|error| error.in_file(path, text))?;
            }
        }
        Ok(profiles)
    }
}

/// SHA-256 over all profile files, in hex: results that differ here come from
/// other models.
pub fn models_digest() -> String {
    let mut hash = Sha256::new();
    for (path, text) in FILES {
        for part in [path, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    deadzone_core::digest::hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_fine() {
        let profiles = Profiles::read(&FILES).unwrap_or_else(|error| panic!("{error}"));
        assert!(profiles.cpu.block_picoseconds > 0);
        assert!(profiles.devices.contains_key(SERVER));
    }

    #[test]
    fn every_link_has_a_device_that_can_use_it_and_every_device_a_link() {
        let profiles = Profiles::built_in();
        for link in profiles.links.values() {
            let usable = |device: &DeviceProfile| {
                device.radios.iter().any(|radio| radio.technology == link.technology)
            };
            assert!(profiles.devices.values().any(usable), "{}", link.name);
        }
        for device in profiles.devices.values() {
            for radio in &device.radios {
                let over = |link: &LinkProfile| link.technology == radio.technology;
                assert!(profiles.links.values().any(over), "{} {}", device.name, radio.technology);
            }
        }
    }

    #[test]
    fn only_the_relay_hangs_on_mains() {
        for device in Profiles::built_in().devices.values() {
            assert_eq!(device.battery_millijoules.is_none(), device.name == SERVER);
        }
    }

    #[test]
    fn the_digest_is_of_the_files() {
        let digest = models_digest();
        assert_eq!(digest.len(), 64);
        assert_eq!(digest, models_digest());
    }
}
