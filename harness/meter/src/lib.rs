//! deadzone-meter
