//! The tests, by what they are about. Each takes an engine and panics where
//! the engine does not hold what it must.

pub mod bounds;
pub mod damage;
pub mod delivery;
pub mod local;
pub mod merge;
pub mod random;
pub mod stamps;
pub mod storage;
pub mod undo;

use deadzone_core::engine::Engine;

/// The names of all tests: as a list, and as `#[test]` functions.
#[doc(hidden)]
#[macro_export]
macro_rules! tests {
    (expand $engine:expr) => {
        $crate::tests!(with [expand $engine]);
    };
    (with $how:tt) => {
        $crate::tests! {
            do $how
            local::declares_itself
            local::starts_empty
            local::text
            local::marks
            local::map
            local::list
            local::movable_list
            local::counter
            local::tree
            local::nested_containers
            bounds::unchanged_edits
            bounds::misplaced_edits
            bounds::transactions_are_all_or_nothing
            bounds::indices_are_utf16
            local::random_edits
            delivery::broadcast_in_any_order
            delivery::broadcast_twice
            delivery::broadcast_of_several_commits_at_once
            delivery::sync_from_every_prefix
            delivery::reconnects_in_mid_sync
            delivery::reconnects_after_losing_messages
            delivery::reconnects_after_forgetting_the_session
            delivery::three_replicas_through_a_middle_one
            delivery::falls_silent
            storage::saves_whole
            storage::saves_incrementally
            storage::saves_in_mid_sync
            storage::a_fresh_replica_is_the_same
            storage::forks
            storage::checks_out_versions
            stamps::seen_once_over_the_protocol
            stamps::seen_once_over_broadcast
            stamps::seen_after_a_load
            merge::counters_add_up
            merge::maps_keep_one_of_the_writes
            merge::nothing_typed_is_lost_or_doubled
            merge::elements_stand_once_after_moves
            merge::trees_stay_trees
            merge::marks_merge
            undo::undo_is_as_declared
            undo::undo_leaves_what_others_typed
            undo::undo_of_nothing
            undo::undo_one_transaction_at_a_time
            undo::undo_over_the_protocol
            undo::undo_over_broadcast
            undo::undo_in_nested_containers
            undo::undo_of_a_deleted_container
            undo::undo_of_a_deleted_node
            undo::undo_after_a_load_or_a_fork
            undo::undo_converges
            undo::undo_touches_no_letter_of_others
            random::converges_over_the_protocol
            random::converges_over_broadcast
            random::agrees_with_the_model_in_turns
            random::same_calls_same_bytes
            damage::damaged_messages
            damage::damaged_updates
            damage::damaged_stores
            damage::damaged_sessions
        }
    };
    (do [expand $engine:expr] $($module:ident::$name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let body = $crate::suite::$module::$name;
                $crate::run(stringify!($name), body, &$engine, EXCEPTIONS);
            }
        )*
    };
    (do [list] $($module:ident::$name:ident)*) => {
        /// Every test by name.
        pub const TESTS: &[(&str, fn(&dyn Engine))] = &[$((stringify!($name), $module::$name)),*];
    };
}

crate::tests!(with[list]);
