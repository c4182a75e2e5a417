//! What the loop needs of a network.

use deadzone_core::time::Time;
use deadzone_core::world::{Errand, Heard, World};

/// Somebody else's network between the nodes of a world.
pub(crate) trait Network {
    /// Takes an errand in hand.
    fn take(&mut self, errand: Errand, world: &World<'_>);

    /// Whether anything is under way that may still be heard of.
    fn is_busy(&self) -> bool;

    /// Goes on until `until`, or until something is heard: gives that in the order
    /// in which it came, with the time of each.
    async fn run_until(&mut self, until: Time) -> Vec<(Time, Heard)>;
}
