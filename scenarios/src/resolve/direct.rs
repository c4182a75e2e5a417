//! Micro workloads.

use deadzone_core::scenario::{Benchmark, DirectScenario};

use super::{check_head, profile};
use crate::error::{Located, Problem};
use crate::file::{DirectFile, DirectTable};
use crate::profiles::Profiles;
use crate::values::At;

/// N where the file says none, as in dmonad/crdt-benchmarks.
const OPERATIONS: u32 = 6_000;
/// More than anybody waits for.
const MAX_OPERATIONS: u32 = 10_000_000;

const BENCHMARKS: &[(&str, Benchmark)] = &[
    ("B1.1", Benchmark::B1_1),
    ("B1.2", Benchmark::B1_2),
    ("B1.3", Benchmark::B1_3),
    ("B1.4", Benchmark::B1_4),
    ("B1.5", Benchmark::B1_5),
    ("B1.6", Benchmark::B1_6),
    ("B1.7", Benchmark::B1_7),
    ("B1.8", Benchmark::B1_8),
    ("B1.9", Benchmark::B1_9),
    ("B1.10", Benchmark::B1_10),
    ("B1.11", Benchmark::B1_11),
    ("B2.1", Benchmark::B2_1),
    ("B2.2", Benchmark::B2_2),
    ("B2.3", Benchmark::B2_3),
    ("B2.4", Benchmark::B2_4),
    ("B3.1", Benchmark::B3_1),
    ("B3.2", Benchmark::B3_2),
    ("B3.3", Benchmark::B3_3),
    ("B3.4", Benchmark::B3_4),
];

/// The id of the one workload that needs a recorded trace.
const B4: &str = "B4";
/// The name for any other trace, and for the synthetic one.
const TRACE: &str = "trace";

pub(super) fn scenario(file: &DirectFile, profiles: &Profiles) -> Result<DirectScenario, Located> {
    check_head(&file.schema, &file.name, &file.question)?;
    let benchmark = benchmark(&file.direct)?;
    let operations = match &file.direct.operations {
        Some(count) if **count == 0 || **count > MAX_OPERATIONS => {
            return Err(
                count.wrong(format!("{} operations", **count), format!("1 to {MAX_OPERATIONS}"))
            );
        }
        Some(count) if file.direct.trace.is_some() => {
            return Err(count.wrong("a recorded trace is replayed whole", "no `operations`"));
        }
        Some(count) => **count,
        None => OPERATIONS,
    };
    Ok(DirectScenario {
        name: file.name.value.clone(),
        question: file.question.value.clone(),
        benchmark,
        operations,
        cpu_model: profile::cpu_model(file.cpu.as_ref(), Some(&profiles.cpu))?,
    })
}

fn benchmark(table: &At<DirectTable>) -> Result<Benchmark, Located> {
    let Some(id) = &table.benchmark else {
        return match &table.trace {
            Some(trace) => b4(trace),
            None => Err(table.wrong("no workload", "`benchmark = \"B1.1\"`, or a `trace` for B4")),
        };
    };
    if id.eq_ignore_ascii_case(TRACE) {
        let file = table.trace.as_ref().map(named_file).transpose()?;
        return Ok(Benchmark::Trace { file });
    }
    if id.eq_ignore_ascii_case(B4) {
        let missing = || id.wrong("B4 without a trace", "`trace = \"automerge-paper.json.gz\"`");
        return b4(table.trace.as_ref().ok_or_else(missing)?);
    }
    if let Some(trace) = &table.trace {
        let what = format!("a trace for {}", id.escape_debug());
        return Err(trace.wrong(what, "a trace only for `B4` and `trace`"));
    }
    let found = BENCHMARKS.iter().find(|(name, _)| id.eq_ignore_ascii_case(name));
    found.map(|(_, benchmark)| benchmark.clone()).ok_or_else(|| {
        let known = BENCHMARKS.iter().map(|(name, _)| *name).chain([B4, TRACE]);
        Problem::new(format!("unknown benchmark `{}`", id.escape_debug()))
            .expected("B1.1 to B1.11, B2.1 to B2.4, B3.1 to B3.4, B4, or `trace`")
            .nearest(id, known)
            .at(id.span.clone())
    })
}

fn b4(trace: &At<String>) -> Result<Benchmark, Located> {
    named_file(trace).map(|trace| Benchmark::B4 { trace })
}

fn named_file(trace: &At<String>) -> Result<String, Located> {
    if trace.is_empty() {
        return Err(trace.wrong("no file", "the trace's path in the folder of traces"));
    }
    Ok(trace.value.clone())
}
