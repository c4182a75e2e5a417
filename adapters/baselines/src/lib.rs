//! deadzone-adapter-baselines
