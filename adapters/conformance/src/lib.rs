//! deadzone-conformance
