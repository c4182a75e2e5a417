//! The replay of a sequential trace.
//!
//! B4 makes each deletion and each insertion a transaction, encodes its update,
//! and forgets it. Any other trace keeps its own transactions, and a second
//! replica gets the updates afterwards, many at once, as a device does that
//! comes back after a while.

use super::Driven;
use super::bench::{Bench, Stop};
use super::inputs::TEXT;
use super::micro::finish;
use super::verdict::Findings;
use crate::edit::{Action, Edit, Path};
use crate::workload::{Patch, Sequential};

/// How many updates the second replica gets at once.
const BATCH: usize = 1_000;

/// Replays `trace`; as B4 if `is_b4`.
pub(super) fn run(bench: &mut Bench<'_>, trace: &Sequential, is_b4: bool) -> Driven {
    let mut first = bench.create()?;
    let mut updates = Vec::new();
    if !trace.start.is_empty() {
        let action = Action::InsertText { index: 0, text: trace.start.clone() };
        updates.extend(bench.edit(&mut first, &[on_text(action)])?);
    }
    bench.timed(|bench| {
        for transaction in &trace.transactions {
            let edits = edits(&transaction.patches);
            if is_b4 {
                for edit in &edits {
                    bench.edit(&mut first, std::slice::from_ref(edit))?;
                }
            } else if !edits.is_empty() {
                updates.extend(bench.edit(&mut first, &edits)?);
            }
        }
        Ok::<_, Stop>(())
    })?;
    let mut findings = if is_b4 {
        Findings::of_all(bench, [&mut first])?
    } else {
        let mut second = bench.create()?;
        for batch in updates.chunks(BATCH) {
            bench.apply_all(&mut second, batch)?;
        }
        Findings::of_all(bench, [&mut first, &mut second])?
    };
    drop(updates);
    findings.check_text(TEXT, &trace.end);
    let count = bench.tally.updates;
    finish(bench, &mut first, findings, count)
}

/// The edits that `patches` are made of.
pub(super) fn edits(patches: &[Patch]) -> Vec<Edit> {
    patches.iter().flat_map(|patch| patch.actions(|index| index)).map(on_text).collect()
}

fn on_text(action: Action) -> Edit {
    Edit { at: Path::root(TEXT), action }
}
