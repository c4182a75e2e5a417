//! Where engine code is called: everything that the calls of one run share.

use crate::edit::{Edit, Position, Roots};
use crate::engine::{Engine, EngineError, Role, Setup};
use crate::measure::Histogram;
use crate::plan::{NodeId, PlanAction, PlanStep};
use crate::profile::CpuModel;
use crate::record::CpuMode;
use crate::sandbox::{Given, Heap, Panicked, Sandbox, call};
use crate::sync::agenda::Spares;
use crate::sync::witness::{Call, Witness};
use crate::time::Time;
use crate::units::Work;

/// The engine of a run, the sandbox around it, and what its calls came to.
pub struct Lab<'a> {
    /// The engine.
    pub engine: &'a dyn Engine,
    /// The way to the meter and the clock.
    pub sandbox: &'a mut dyn Sandbox,
    /// The weights of counted work.
    pub model: &'a CpuModel,
    /// How CPU cost is found.
    pub mode: CpuMode,
    /// Work of all calls so far.
    pub work_total: Work,
    /// Work of single calls.
    pub call_work: Histogram,
    /// What the plan's people do.
    pub edits: Edits<'a>,
    /// What a replica is set up with, but for its id and role.
    pub roots: Roots,
    /// Memory that nodes use for a moment; begins empty.
    pub spares: Spares,
    /// Who is told of the calls, if anybody is.
    pub witness: Option<&'a mut dyn Witness>,
}

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The engine panicked.
    #[error("{0}")]
    Panicked(#[from] Panicked),
    /// The engine lacks something that the scenario needs.
    #[error("the engine lacks {0}")]
    Unsupported(&'static str),
    /// The engine gave an error where none is allowed.
    #[error("{0}")]
    Violated(String),
}

impl Lab<'_> {
    /// Calls engine code for one replica and books what it cost.
    ///
    /// # Errors
    /// [`Stop::Panicked`].
    pub fn call<T: Given>(
        &mut self,
        now: Time,
        heap: &mut Heap,
        work: &mut Work,
        code: impl FnOnce() -> T,
    ) -> Result<T, Stop> {
        self.sandbox.advance_to(now);
        let called = call(self.sandbox, self.model, self.mode, heap, code)?;
        *work += called.work;
        self.work_total += called.work;
        self.call_work.record(called.work.0);
        Ok(called.value)
    }

    /// Tells the witness, if there is one.
    pub(in crate::sync) fn tell(&mut self, at: NodeId, call: Call<'_>) {
        if let Some(witness) = &mut self.witness {
            witness.called(at, call);
        }
    }

    /// What a replica of this node is set up with.
    pub fn setup(&self, id: crate::engine::ReplicaId, role: Role) -> Setup {
        Setup { id, role, roots: self.roots.clone() }
    }
}

/// The edits of a plan by the number of their step.
#[derive(Clone, Copy, Default)]
pub struct Edits<'a> {
    steps: &'a [PlanStep],
}

impl<'a> Edits<'a> {
    /// Those of these steps.
    pub fn new(steps: &'a [PlanStep]) -> Self {
        Self { steps }
    }

    pub(in crate::sync) fn of(&self, step: u32) -> &'a [Edit<Position>] {
        match &self.steps[step as usize].what {
            PlanAction::Edit { edits, .. } => edits,
            other => panic!("step {step} is no edit: {other:?}"),
        }
    }
}

/// An error that an engine must not give at this place.
pub(in crate::sync) fn refuse(doing: &str, error: EngineError) -> Stop {
    match error {
        EngineError::NotSupported(what) => Stop::Unsupported(what),
        other => Stop::Violated(format!("{doing}: {other}")),
    }
}
