//! deadzone-adapter-yrs
