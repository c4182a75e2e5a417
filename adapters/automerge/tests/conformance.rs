//! Automerge passes the suite of all adapters.

deadzone_conformance::suite!(deadzone_adapter_automerge::Automerge);
