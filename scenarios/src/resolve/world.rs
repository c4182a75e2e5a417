//! Worlds: the file as a whole.

use std::collections::BTreeMap;

use deadzone_core::edit::Roots;
use deadzone_core::plan::MAX_STEPS;
use deadzone_core::scenario::{DocumentShape, Expectations, Group, Workload, WorldScenario};
use deadzone_core::time::Span;

use super::workload::Stage;
use super::{Definitions, check_head, check_name, expect, fault, fleet, profile, sync, workload};
use crate::error::{Located, Problem};
use crate::file::WorldFile;
use crate::file::document::DocumentFile;
use crate::profiles::Profiles;
use crate::units::TIME;
use crate::values::{At, TimeText};

/// The longest that a scenario may last.
const MAX_DURATION: Span = Span::from_secs(365 * 86_400);
/// Time to converge where the file says none.
const SETTLE: Span = Span::from_secs(300);
/// The deepest nesting: engines recurse, and their stacks end.
const MAX_NESTING: u32 = 64;
/// The most edits that people may make, as far as that is known beforehand.
const MAX_EDITS: u128 = MAX_STEPS as u128;

pub(super) fn scenario(file: WorldFile, built_in: &Profiles) -> Result<WorldScenario, Located> {
    check_head(&file.schema, &file.name, &file.question)?;
    let duration = length(&file.duration)?;
    let settle = file.settle.as_ref().map_or(Ok(SETTLE), length)?;
    let document = document(&file.document)?;

    let mut profiles = built_in.clone();
    let own = Definitions {
        radio: &file.radio,
        device: &file.device,
        link: &file.link,
        outage: &file.outage,
    };
    profile::define(&own, &mut profiles)?;

    let stage = Stage { duration, document: &document };
    let groups = fleet::groups(&file.fleet, &stage, &profiles)?;
    check_edits(&file, &groups, duration)?;
    let rooms = rooms(&file.document, &groups)?;
    let smallest = devices(&groups) / rooms;
    let topology = sync::topology(file.relay.as_ref(), file.mesh.as_ref(), smallest, &profiles)?;
    let sync = sync::policy(file.sync.as_ref())?;
    let faults = fault::faults(&file.fault, duration, &groups, &topology)?;
    let expect = match &file.expect {
        Some(expect) => expect::expectations(expect, &groups, &topology)?,
        None => Expectations::default(),
    };
    Ok(WorldScenario {
        name: file.name.value,
        question: file.question.value,
        duration,
        settle,
        document,
        rooms,
        fleet: groups,
        topology,
        sync,
        faults,
        expect,
        compare: file.compare,
        cpu_model: profile::cpu_model(file.cpu.as_ref(), Some(&built_in.cpu))?,
    })
}

fn length(text: &At<TimeText>) -> Result<Span, Located> {
    if text.0 == Span::ZERO || text.0 > MAX_DURATION {
        return Err(text.refused(
            "is no time to run for",
            format!("more than nothing and at most {}", TIME.format(MAX_DURATION.as_nanos())),
        ));
    }
    Ok(text.0)
}

pub(super) fn document(file: &At<DocumentFile>) -> Result<DocumentShape, Located> {
    let mut roots = Roots::new();
    for (name, kind) in &file.roots {
        check_name(name, "root", &['-', '_'])?;
        roots.insert(name.value.clone(), **kind);
    }
    if roots.is_empty() {
        return Err(
            file.wrong("a document without roots", "at least one such as `notes = \"text\"`")
        );
    }
    let nesting = file.nesting.as_ref().map_or(0, |depth| **depth);
    match &file.nesting {
        Some(depth) if nesting > MAX_NESTING => {
            let what = format!("containers nested {nesting} deep");
            Err(depth.wrong(what, format!("0 to {MAX_NESTING}")))
        }
        _ => Ok(DocumentShape { roots, nesting }),
    }
}

/// How many documents the fleet is divided among.
fn rooms(document: &At<DocumentFile>, groups: &[Group]) -> Result<u32, Located> {
    let Some(rooms) = &document.rooms else { return Ok(1) };
    let devices = devices(groups);
    if **rooms == 0 || **rooms > devices {
        let what = format!("{} rooms for {devices} devices", **rooms);
        return Err(rooms.wrong(what, format!("1 to {devices}, so that somebody is in each")));
    }
    let replays = |group: &&Group| matches!(group.workload, Workload::Trace(_));
    if let Some(group) = groups.iter().find(replays).filter(|_| **rooms > 1) {
        let what = format!("{} rooms, and group `{}` replays a trace", **rooms, group.name);
        return Err(rooms.wrong(what, "`rooms = 1`: a trace is the history of one document"));
    }
    Ok(**rooms)
}

/// How many devices the fleet has; groups are bounded so that 32 bits are enough.
fn devices(groups: &[Group]) -> u32 {
    groups.iter().map(|group| group.count).sum()
}

fn check_edits(file: &WorldFile, groups: &[Group], duration: Span) -> Result<(), Located> {
    let mut edits = 0_u128;
    for (group, at) in groups.iter().zip(&file.fleet) {
        edits += u128::from(group.count) * workload::edits(&group.workload, duration);
        if edits > MAX_EDITS {
            return Err(Problem::new(format!(
                "people would make about {edits} edits up to this group"
            ))
            .expected(format!(
                "at most {MAX_EDITS} in a scenario: fewer devices, less time, or longer pauses"
            ))
            .at(at.span.clone()));
        }
    }
    Ok(())
}

/// The devices of every group by the group's name.
pub(super) fn counts(groups: &[Group]) -> BTreeMap<&str, u32> {
    groups.iter().map(|group| (group.name.as_str(), group.count)).collect()
}
