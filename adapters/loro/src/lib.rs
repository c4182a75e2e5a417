//! deadzone-adapter-loro
