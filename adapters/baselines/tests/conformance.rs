//! The reference CRDT passes the suite of all adapters.

deadzone_conformance::suite!(deadzone_adapter_baselines::Reference);
