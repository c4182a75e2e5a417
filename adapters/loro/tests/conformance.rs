//! Loro passes the suite of all adapters.

deadzone_conformance::suite!(deadzone_adapter_loro::Loro);
