//! Reading editing traces from the folder that `--traces` names.

use std::path::Path;

use anyhow::Result;
use deadzone_core::workload::Trace;

use crate::exit::BadInput;

/// Reads one trace file.
///
/// # Errors
/// [`BadInput`] with the path, and the position inside where there is one.
pub(crate) fn read(path: &Path) -> Result<Trace> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| BadInput::error(format!("{shown}: cannot read the trace: {error}")))?;
    Trace::parse(&shown, &bytes).map_err(|error| BadInput::error(error.to_string()))
}
