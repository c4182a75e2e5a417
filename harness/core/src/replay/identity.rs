//! The ids of replicas.

use crate::engine::ReplicaId;
use crate::plan::NodeId;
use crate::rng::Stream;
use crate::schedule::{Origin, ReplicaNumber, Schedule};
use crate::sync;

/// The id of the `life`-th process of a replica: as wide and as random as those
/// of applications, and the same whatever other replicas do.
pub(super) fn replica_id(schedule: &Schedule, replica: ReplicaNumber, life: u32) -> ReplicaId {
    let root = Stream::root(schedule.seed);
    if schedule.origin == Origin::World {
        return sync::replica_id(root, NodeId(u32::from(replica.0)), life);
    }
    let stream = root.named("replica").numbered(u64::from(replica.0));
    let mut draws = stream.numbered(u64::from(life)).draws();
    let mut id = [0; 16];
    id[..8].copy_from_slice(&draws.bits().to_le_bytes());
    id[8..].copy_from_slice(&draws.bits().to_le_bytes());
    ReplicaId(id)
}

/// A replica that no schedule has, for looking at what another made.
pub(super) const STRANGER: ReplicaNumber = ReplicaNumber(u8::MAX);
