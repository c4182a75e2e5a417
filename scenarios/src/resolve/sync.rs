//! How devices reach each other, and how they sync.

use deadzone_core::engine::Delivery;
use deadzone_core::scenario::{Durability, Mesh, OfflineEdits, Relay, SyncPolicy, Topology};
use deadzone_core::time::Span;

use super::look_up;
use crate::error::Located;
use crate::file::{MeshFile, RelayFile, RelayKind, SyncFile};
use crate::profiles::{Profiles, SERVER};
use crate::units::TIME;
use crate::values::{At, TimeText};

/// Between neighbouring regions of a cloud; intercontinental round trips are
/// 90ms to 330ms (IBM Cloud's table of October 2024).
const REGION_RTT: Span = Span::from_millis(40);
/// Between two access networks of one region; an estimate.
const BACKBONE_RTT: Span = Span::from_millis(20);
const NEIGHBOURS: u32 = 2;
/// More than this is an outage, not a distance.
const MAX_RTT: Span = Span::from_secs(3_600);
/// More than this is an outage, not a setting.
const MAX_WAIT: Span = Span::from_secs(7 * 86_400);

/// `devices` are those of the smallest room.
pub(super) fn topology(
    relay: Option<&At<RelayFile>>,
    mesh: Option<&At<MeshFile>>,
    devices: u32,
    profiles: &Profiles,
) -> Result<Topology, Located> {
    let kind = relay.and_then(|relay| relay.kind.as_ref());
    if let Some(kind) = kind.filter(|kind| ***kind == RelayKind::None) {
        let Some(mesh) = mesh else {
            return Err(kind.wrong("no relay, and no [mesh] either", "a table `[mesh]`"));
        };
        return mesh_of(mesh, devices).map(Topology::Mesh);
    }
    if let Some(mesh) = mesh {
        return Err(
            mesh.wrong("a [mesh] beside a relay", "`kind = \"none\"` in [relay], or no [mesh]")
        );
    }
    let given = relay.map(|relay| &relay.value);
    let device = match given.and_then(|relay| relay.device.as_ref()) {
        Some(name) => look_up(name, "device", &profiles.devices)?,
        None => profiles.devices.get(SERVER).expect("a test finds it among the built-in ones"),
    };
    let region_rtt = given.and_then(|relay| relay.region_rtt.as_ref());
    Ok(Topology::Relay(Relay {
        region_rtt: within(region_rtt, REGION_RTT, Span::ZERO, MAX_RTT)?,
        device: device.clone(),
    }))
}

fn mesh_of(mesh: &At<MeshFile>, devices: u32) -> Result<Mesh, Located> {
    let others = devices - 1;
    if others == 0 {
        let expected = "two or more devices in the fleet, and in each of its rooms";
        return Err(mesh.wrong("a mesh of one device", expected));
    }
    let neighbours = match &mesh.neighbours {
        Some(count) if **count == 0 || **count > others => {
            let what = format!("{} neighbours for each of {devices} devices", **count);
            return Err(count.wrong(what, format!("1 to {others}")));
        }
        Some(count) => **count,
        None => NEIGHBOURS.min(others),
    };
    let backbone_rtt = within(mesh.backbone_rtt.as_ref(), BACKBONE_RTT, Span::ZERO, MAX_RTT)?;
    Ok(Mesh { neighbours, backbone_rtt })
}

pub(super) fn policy(file: Option<&At<SyncFile>>) -> Result<SyncPolicy, Located> {
    const MILLISECOND: Span = Span::from_millis(1);
    let given =
        |of: fn(&SyncFile) -> &Option<At<TimeText>>| file.and_then(|file| of(file).as_ref());
    let policy = SyncPolicy {
        debounce: within(
            given(|file| &file.debounce),
            Span::from_millis(300),
            Span::ZERO,
            MAX_WAIT,
        )?,
        delivery: delivery(file.and_then(|file| file.delivery.as_ref()))?,
        durability: file
            .and_then(|file| file.durability.as_deref().copied())
            .unwrap_or(Durability::Relaxed),
        save_interval: within(
            given(|file| &file.save_interval),
            Span::from_secs(1),
            MILLISECOND,
            MAX_WAIT,
        )?,
        connection_timeout: within(
            given(|file| &file.connection_timeout),
            Span::from_secs(30),
            MILLISECOND,
            MAX_WAIT,
        )?,
        retry_min: within(
            given(|file| &file.retry_min),
            Span::from_secs(1),
            MILLISECOND,
            MAX_WAIT,
        )?,
        retry_max: within(
            given(|file| &file.retry_max),
            Span::from_secs(30),
            MILLISECOND,
            MAX_WAIT,
        )?,
        offline: file
            .and_then(|file| file.offline.as_deref().copied())
            .unwrap_or(OfflineEdits::Refuse),
    };
    if policy.retry_min > policy.retry_max
        && let Some(blamed) = given(|file| &file.retry_min).or(given(|file| &file.retry_max))
    {
        return Err(blamed.wrong(
            format!(
                "waits from {} up to {}",
                TIME.format(policy.retry_min.as_nanos()),
                TIME.format(policy.retry_max.as_nanos())
            ),
            "`retry_min` no longer than `retry_max`",
        ));
    }
    Ok(policy)
}

fn within(
    given: Option<&At<TimeText>>,
    default: Span,
    least: Span,
    most: Span,
) -> Result<Span, Located> {
    match given {
        None => Ok(default),
        Some(text) if text.0 < least || text.0 > most => Err(text.refused(
            "makes no sense here",
            format!("{} to {}", TIME.format(least.as_nanos()), TIME.format(most.as_nanos())),
        )),
        Some(text) => Ok(text.0),
    }
}

/// Devices in a world send updates; snapshots are for hunts.
fn delivery(given: Option<&At<Delivery>>) -> Result<Delivery, Located> {
    match given {
        None => Ok(Delivery::Protocol),
        Some(at) => match at.value {
            Delivery::Protocol | Delivery::Broadcast => Ok(at.value),
            Delivery::Snapshot | Delivery::Shallow => Err(at.wrong(
                format!("devices in a world do not sync by {}", at.value.name()),
                "`protocol` or `broadcast`; snapshots are part of hunts",
            )),
        },
    }
}
