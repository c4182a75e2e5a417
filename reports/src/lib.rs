//! deadzone-reports
