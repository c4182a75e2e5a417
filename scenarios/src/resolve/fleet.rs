//! Groups of devices.

use std::collections::BTreeSet;

use deadzone_core::measure::{HISTOGRAMS, METRICS};
use deadzone_core::profile::{DeviceProfile, LinkProfile};
use deadzone_core::scenario::Group;

use super::workload::{self, Stage};
use super::{check_name, look_up};
use crate::error::{Located, Problem, one_of};
use crate::file::expect::{CONVERGED_WITHIN, OF_BASELINES};
use crate::file::fleet::GroupFile;
use crate::profiles::Profiles;
use crate::values::At;

/// The most devices in a scenario; each may hold a replica.
pub(super) const MAX_DEVICES: u32 = 1_000_000;

/// The group that the relay is.
pub(super) const RELAY: &str = "relay";

pub(super) fn groups(
    files: &[At<GroupFile>],
    stage: &Stage<'_>,
    profiles: &Profiles,
) -> Result<Vec<Group>, Located> {
    if files.is_empty() {
        return Err(Problem::new("no devices").expected("at least one table `[[fleet]]`").at(0..0));
    }
    let mut names = BTreeSet::new();
    let mut devices = 0_u64;
    let mut groups = Vec::new();
    for file in files {
        check_group_name(&file.group)?;
        if !names.insert(file.group.as_str()) {
            let what = format!("a second group `{}`", *file.group);
            return Err(file.group.wrong(what, "a name of its own for each group"));
        }
        let count = file.count.as_ref().map_or(1, |count| **count);
        devices += u64::from(count);
        if let Some(at) = &file.count
            && (count == 0 || devices > u64::from(MAX_DEVICES))
        {
            let what = format!("a group of {count} devices");
            let expected = format!("1 or more, and at most {MAX_DEVICES} in all groups together");
            return Err(at.wrong(what, expected));
        }
        groups.push(group(file, count, stage, profiles)?);
    }
    Ok(groups)
}

fn group(
    file: &At<GroupFile>,
    count: u32,
    stage: &Stage<'_>,
    profiles: &Profiles,
) -> Result<Group, Located> {
    let mut device = look_up(&file.device, "device", &profiles.devices)?.clone();
    if let Some(quota) = &file.quota {
        device.cpu.quota = Some(quota.0);
    }
    if let Some(runtime) = &file.runtime {
        device.cpu.runtime = **runtime;
    }
    let outages = match &file.outages {
        Some(name) => Some(look_up(name, "outage", &profiles.outages)?.clone()),
        None => None,
    };
    Ok(Group {
        name: file.group.value.clone(),
        count,
        links: links(file, &device, profiles)?,
        device,
        outages,
        workload: workload::workload(file.workload.as_ref(), stage)?,
    })
}

fn links(
    file: &At<GroupFile>,
    device: &DeviceProfile,
    profiles: &Profiles,
) -> Result<Vec<LinkProfile>, Located> {
    let names = &file.link.0;
    if names.is_empty() {
        let what = format!("group `{}` has no link", *file.group);
        return Err(file.group.wrong(what, "at least one; a fault or an outage may take it away"));
    }
    let mut links: Vec<LinkProfile> = Vec::new();
    for name in names {
        let link = look_up(name, "link", &profiles.links)?;
        if links.iter().any(|earlier| earlier.name == link.name) {
            let what = format!("link `{}` stands here twice", **name);
            return Err(name.wrong(what, "each link once, in order of preference"));
        }
        if !device.radios.iter().any(|radio| radio.technology == link.technology) {
            let has: Vec<&str> =
                device.radios.iter().map(|radio| radio.technology.as_str()).collect();
            return Err(name.wrong(
                format!("`{}` has no `{}` radio for this link", device.name, link.technology),
                format!("a link over {}", one_of(&has)),
            ));
        }
        links.push(link.clone());
    }
    Ok(links)
}

/// Groups share a table with metrics in `[expect]`, and a path with indices in
/// `--set fleet.…`.
fn check_group_name(name: &At<String>) -> Result<(), Located> {
    check_name(name, "group", &['-', '_'])?;
    let figures = METRICS.iter().chain(HISTOGRAMS).map(|info| info.name);
    let mut taken = figures.chain([RELAY, CONVERGED_WITHIN, OF_BASELINES]);
    if taken.any(|taken| taken == name.as_str()) {
        let what = format!("the name `{}` is taken", **name);
        return Err(name.wrong(what, "a name that is no metric and not `relay`"));
    }
    if name.chars().all(|character| character.is_ascii_digit()) {
        let what = format!("a group called `{}`", **name);
        return Err(name.wrong(what, "a name that is no number"));
    }
    Ok(())
}
