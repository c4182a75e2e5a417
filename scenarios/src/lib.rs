//! deadzone-scenarios
