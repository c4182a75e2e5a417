//! deadzone-benches
