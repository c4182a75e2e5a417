//! What people do to a document: one generator per kind of workload, each from
//! named streams, each giving timed transactions with positions that stay
//! valid whatever others do meanwhile.

mod board;
mod form;
mod outline;
mod pace;
mod todo;
mod trace;
mod typing;
mod words;

pub(crate) use self::trace::difference;
pub use self::trace::{
    Concurrent, MAX_PAUSE, MAX_TRACE_BYTES, Patch, Sequential, Trace, TraceError, Traces,
    Transaction, Version,
};
use crate::edit::{ContainerKind, Edit, Path, Position};
use crate::plan::{MAX_STEPS, PlanError};
use crate::rng::{Draws, Stream};
use crate::scenario::{DocumentShape, Workload};
use crate::time::Time;

/// Somebody who works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person<'a> {
    /// The name of their group.
    pub(crate) group: &'a str,
    /// Their number in it.
    pub(crate) number: u32,
    /// What they work on.
    pub(crate) shape: &'a DocumentShape,
    /// When they stop.
    pub(crate) end: Time,
    /// Where their draws come from.
    pub(crate) stream: Stream,
    /// How many inputs they may make.
    pub(crate) limit: usize,
}

/// One input: a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// When.
    pub(crate) at: Time,
    /// The changes, in order.
    pub(crate) edits: Vec<Edit<Position>>,
}

/// Everything that `person` does, in order of time.
pub(crate) fn inputs(
    workload: &Workload,
    person: &Person<'_>,
    traces: &Traces,
) -> Result<Vec<Input>, PlanError> {
    match workload {
        Workload::Idle => Ok(Vec::new()),
        Workload::Typing(typing) => typing::inputs(typing, person),
        Workload::Form(pace) => form::inputs(pace, person),
        Workload::Todo(pace) => todo::inputs(pace, person),
        Workload::Board(pace) => board::inputs(pace, person),
        Workload::Trace(replay) => trace::inputs(replay, person, traces),
    }
}

impl Person<'_> {
    /// A name that nobody else has: `desk/3`.
    fn name(&self) -> String {
        format!("{}/{}", self.group, self.number)
    }

    /// The roots of one of these kinds, the first kind's first.
    fn roots(&self, kinds: &[ContainerKind]) -> Vec<(Path<Position>, ContainerKind)> {
        let of_kind = |kind: &ContainerKind| {
            let kind = *kind;
            let roots = self.shape.roots.iter().filter(move |(_, is)| **is == kind);
            roots.map(move |(name, _)| (Path::root(name.clone()), kind))
        };
        kinds.iter().flat_map(of_kind).collect()
    }

    /// The error that says which root `workload` would need.
    fn no_root(
        &self,
        workload: &'static str,
        needs: &'static str,
        example: &'static str,
    ) -> PlanError {
        let roots = &self.shape.roots;
        let has: Vec<_> =
            roots.iter().map(|(n, kind)| format!("`{n}` ({})", kind.name())).collect();
        PlanError::NoRoot {
            group: self.group.to_owned(),
            workload,
            needs,
            has: if has.is_empty() {
                "no roots".to_owned()
            } else {
                format!("only {}", has.join(", "))
            },
            example,
        }
    }
}

/// Inputs as they are made, within the person's bound.
struct Script<'a> {
    person: &'a Person<'a>,
    inputs: Vec<Input>,
}

impl<'a> Script<'a> {
    fn new(person: &'a Person<'a>) -> Self {
        Self { person, inputs: Vec::new() }
    }

    fn push(&mut self, at: Time, edits: Vec<Edit<Position>>) -> Result<(), PlanError> {
        if self.inputs.len() == self.person.limit {
            let place = format!("the inputs of `{}`", self.person.name());
            return Err(PlanError::TooLong { place, limit: MAX_STEPS });
        }
        self.inputs.push(Input { at, edits });
        Ok(())
    }
}

/// One of `choices`, each as often as its weight says.
fn weighted<T: Copy, const N: usize>(draws: &mut Draws, choices: &[(u32, T); N]) -> T {
    choices[draws.weighted(&choices.each_ref().map(|(weight, _)| *weight))].1
}

/// Anywhere, evenly.
fn anywhere(draws: &mut Draws) -> Position {
    Position::Share((draws.bits() >> 32) as u32)
}
