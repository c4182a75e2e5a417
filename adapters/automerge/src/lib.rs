//! deadzone-adapter-automerge
