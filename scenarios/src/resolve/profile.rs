//! Definitions of profiles: all of them, and in full radios and the CPU model.

use std::collections::BTreeMap;

use deadzone_core::profile::{CpuModel, RadioProfile, TailPhase};
use deadzone_core::time::Span;
use deadzone_core::units::Milliwatts;

use super::check_name;
use super::device::device;
use super::link::link;
use super::outage::outage;
use crate::error::{Located, Problem};
use crate::file::profile::{CpuFile, DeviceFile, LinkFile, OutageFile, ProfilesFile, RadioFile};
use crate::profiles::Profiles;
use crate::units;
use crate::values::{At, FinePowerText, PowerText, TimeText};

/// What radios and links may be of.
const TECHNOLOGIES: [&str; 6] = ["wifi", "lte", "5g", "3g", "ble", "ethernet"];
/// More than this is an outage, not a distance.
pub(super) const MAX_DELAY: Span = Span::from_secs(3_600);
/// No radio of a phone or laptop draws more.
const MAX_RADIO_POWER: Milliwatts = Milliwatts(50_000);
/// Tables of definitions, of a file of profiles or of a scenario.
pub(crate) struct Definitions<'a> {
    /// Radios.
    pub(crate) radio: &'a BTreeMap<At<String>, At<RadioFile>>,
    /// Devices.
    pub(crate) device: &'a BTreeMap<At<String>, At<DeviceFile>>,
    /// Links.
    pub(crate) link: &'a BTreeMap<At<String>, At<LinkFile>>,
    /// Outages.
    pub(crate) outage: &'a BTreeMap<At<String>, At<OutageFile>>,
}

impl<'a> From<&'a ProfilesFile> for Definitions<'a> {
    fn from(file: &'a ProfilesFile) -> Self {
        Self { radio: &file.radio, device: &file.device, link: &file.link, outage: &file.outage }
    }
}

/// Adds definitions to `profiles`; they replace those of the same name.
pub(crate) fn define(own: &Definitions<'_>, profiles: &mut Profiles) -> Result<(), Located> {
    for (name, file) in own.radio {
        check_name(name, "radio", &['-', '_'])?;
        profiles.radios.insert(name.value.clone(), radio(name, file)?);
    }
    for (name, file) in own.device {
        check_name(name, "device", &['-', '_'])?;
        let device = device(name, file, &profiles.radios)?;
        profiles.devices.insert(name.value.clone(), device);
    }
    for (name, file) in own.link {
        check_name(name, "link", &['-', '_'])?;
        profiles.links.insert(name.value.clone(), link(name, file)?);
    }
    for (name, file) in own.outage {
        check_name(name, "outage", &['-', '_'])?;
        profiles.outages.insert(name.value.clone(), outage(name, file)?);
    }
    Ok(())
}

/// The CPU model: what `file` says, and `otherwise` for the rest. Without
/// `otherwise` the file must say everything.
pub(crate) fn cpu_model(
    file: Option<&At<CpuFile>>,
    otherwise: Option<&CpuModel>,
) -> Result<CpuModel, Located> {
    let weight = |key: &str,
                  given: fn(&CpuFile) -> &Option<At<u64>>,
                  default: fn(&CpuModel) -> u64,
                  (least, most): (u64, u64)| {
        let given_weight = file.and_then(|file| given(file).as_ref());
        match (given_weight, otherwise) {
            (Some(weight), _) if **weight < least || **weight > most => {
                Err(weight.wrong(format!("{key} of {}", **weight), format!("{least} to {most}")))
            }
            (Some(weight), _) => Ok(**weight),
            (None, Some(otherwise)) => Ok(default(otherwise)),
            (None, None) => Err(Problem::new(format!("`{key}` is missing"))
                .at(file.map_or(0..0, |file| file.span.clone()))),
        }
    };
    Ok(CpuModel {
        allocation_milliblocks: weight(
            "allocation_milliblocks",
            |file| &file.allocation_milliblocks,
            |model| model.allocation_milliblocks,
            (0, 100_000_000),
        )?,
        allocated_byte_milliblocks: weight(
            "allocated_byte_milliblocks",
            |file| &file.allocated_byte_milliblocks,
            |model| model.allocated_byte_milliblocks,
            (0, 1_000_000),
        )?,
        block_picoseconds: weight(
            "block_picoseconds",
            |file| &file.block_picoseconds,
            |model| model.block_picoseconds,
            (1, 1_000_000),
        )?,
        wasm_percent: weight(
            "wasm_percent",
            |file| &file.wasm_percent,
            |model| model.wasm_percent,
            (100, 10_000),
        )?,
    })
}

fn radio(name: &At<String>, file: &RadioFile) -> Result<RadioProfile, Located> {
    let tail = file.tail.iter().map(|phase| {
        Ok(TailPhase {
            length: at_most(&phase.length, MAX_DELAY)?,
            power: radio_power(&phase.power)?,
        })
    });
    let per_mbps = |power: &Option<At<FinePowerText>>| power.as_ref().map_or(0, |power| power.0);
    Ok(RadioProfile {
        name: name.value.clone(),
        promotion: at_most(&file.promotion, MAX_DELAY)?,
        promotion_power: radio_power(&file.promotion_power)?,
        transfer_power: radio_power(&file.transfer_power)?,
        up_microwatts_per_mbps: per_mbps(&file.up_per_mbps),
        down_microwatts_per_mbps: per_mbps(&file.down_per_mbps),
        tail: tail.collect::<Result<_, Located>>()?,
        idle_power: radio_power(&file.idle_power)?,
        paging_delay: file
            .paging_delay
            .as_ref()
            .map_or(Ok(Span::ZERO), |delay| at_most(delay, MAX_DELAY))?,
    })
}

pub(super) fn check_technology(name: &At<String>) -> Result<(), Located> {
    if TECHNOLOGIES.contains(&name.as_str()) {
        return Ok(());
    }
    Err(Problem::unknown("technology", name, TECHNOLOGIES).at(name.span.clone()))
}

pub(super) fn at_most(text: &At<TimeText>, most: Span) -> Result<Span, Located> {
    if text.0 > most { Err(out_of_range(text, Span::ZERO, most)) } else { Ok(text.0) }
}

pub(super) fn out_of_range(text: &At<TimeText>, least: Span, most: Span) -> Located {
    let [least, most] = [least, most].map(|span| units::TIME.format(span.as_nanos()));
    text.refused("makes no sense here", format!("{least} to {most}"))
}

fn radio_power(text: &At<PowerText>) -> Result<Milliwatts, Located> {
    if text.0 > MAX_RADIO_POWER {
        let most = units::POWER.format(MAX_RADIO_POWER.0);
        return Err(text.refused("is more than a radio draws", format!("at most {most}")));
    }
    Ok(text.0)
}
