//! The suite that every adapter passes, in both formats of updates. The faults
//! named here are those of yrs; `faults.rs` and `damage.rs` show them alone.

/// As applications have it.
mod v1 {
    deadzone_conformance::suite!(
        deadzone_adapter_yrs::Yrs::default(),
        fails {
            broadcast_in_any_order: "a chain of updates of two clients in reverse waits for ever",
            damaged_messages: "an update may fail when half of it is in the document",
        },
        may_fail {
            same_calls_same_bytes: "the keys of an object are in the order of std's hash maps",
            damaged_updates: "a client id of more than 53 bits panics in debug builds",
            damaged_stores: "a client id of more than 53 bits panics in debug builds",
        },
    );
}

/// As crdt-benchmarks measures it.
mod v2 {
    use deadzone_adapter_yrs::Yrs;
    use deadzone_core::engine::Engine;

    deadzone_conformance::suite!(
        *Yrs::default().published_encoding().expect("there is V2"),
        fails {
            broadcast_in_any_order: "a chain of updates of two clients in reverse waits for ever",
        },
        may_fail {
            same_calls_same_bytes: "the keys of an object are in the order of std's hash maps",
        },
        aborts {
            damaged_messages: "flipped bits in V2 end in memory that was freed",
            damaged_updates: "flipped bits in V2 end in memory that was freed",
            damaged_stores: "flipped bits in V2 end in memory that was freed",
        },
    );
}
