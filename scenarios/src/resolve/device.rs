//! Devices: processor, storage, battery and radios.

use std::collections::BTreeMap;

use deadzone_core::profile::{
    CpuProfile, DeviceProfile, DeviceRadio, RadioProfile, Runtime, StorageProfile,
};
use deadzone_core::time::Span;
use deadzone_core::units::BitsPerSecond;

use super::look_up;
use super::profile::{at_most, check_technology};
use crate::error::Located;
use crate::file::profile::{DeviceFile, RadioChoice};
use crate::units;
use crate::values::At;

/// The slowest disk spins up in less.
const MAX_STORAGE_LATENCY: Span = Span::from_secs(60);

pub(super) fn device(
    name: &At<String>,
    file: &DeviceFile,
    radios: &BTreeMap<String, RadioProfile>,
) -> Result<DeviceProfile, Located> {
    if let Some(battery) = file.battery.as_ref().filter(|battery| battery.0 == 0) {
        return Err(battery.wrong("an empty battery", "no `battery` for what hangs on mains"));
    }
    if file.memory.0 == 0 {
        return Err(file.memory.wrong("no memory", "a size such as \"512MB\""));
    }
    if file.read_rate.0 == BitsPerSecond(0) {
        return Err(file.read_rate.wrong("storage that is never read", "a rate above zero"));
    }
    Ok(DeviceProfile {
        name: name.value.clone(),
        summary: file.summary.value.clone(),
        cpu: cpu(file)?,
        storage: StorageProfile {
            flush_latency: at_most(&file.flush_latency, MAX_STORAGE_LATENCY)?,
            write_latency: at_most(&file.write_latency, MAX_STORAGE_LATENCY)?,
            read_rate: file.read_rate.0,
            flush_nanojoules: file.flush_energy.0,
            byte_nanojoules: file.byte_energy.0,
        },
        battery_millijoules: file.battery.as_ref().map(|battery| battery.0),
        base_power: file.base_power.0,
        memory_bytes: file.memory.0,
        radios: device_radios(file, radios)?,
    })
}

fn cpu(file: &DeviceFile) -> Result<CpuProfile, Located> {
    let slowdown = file.slowdown.0;
    if slowdown == 0 {
        return Err(file.slowdown.wrong("a slowdown of nothing", "1x for the reference device"));
    }
    let (low, high) = match &file.slowdown_range {
        None => (slowdown, slowdown),
        Some(range) => {
            let [low, high] = &range.value;
            if low.0 == 0 || low.0 > slowdown || slowdown > high.0 {
                let slowdown = units::SLOWDOWN.format(slowdown);
                return Err(range.wrong(
                    format!("this range does not hold the slowdown of {slowdown}"),
                    "its low and its high end",
                ));
            }
            (low.0, high.0)
        }
    };
    Ok(CpuProfile {
        slowdown_percent: slowdown,
        slowdown_low_percent: low,
        slowdown_high_percent: high,
        busy_power: file.busy_power.0,
        quota: None,
        runtime: file.runtime.as_ref().map_or(Runtime::Native, |runtime| **runtime),
    })
}

fn device_radios(
    file: &DeviceFile,
    radios: &BTreeMap<String, RadioProfile>,
) -> Result<Vec<DeviceRadio>, Located> {
    file.radios
        .iter()
        .map(|(technology, choice)| {
            check_technology(technology)?;
            let find = |name: &At<String>| look_up(name, "radio", radios).cloned();
            let (model, low, high) = match &choice.value {
                RadioChoice::One(name) => {
                    let model = find(&At { value: name.clone(), span: choice.span.clone() })?;
                    (model.clone(), model.clone(), model)
                }
                RadioChoice::Range(range) => {
                    (find(&range.model)?, find(&range.low)?, find(&range.high)?)
                }
            };
            Ok(DeviceRadio { technology: technology.value.clone(), model, low, high })
        })
        .collect()
}
