//! The replay of a concurrent trace with its own causality.
//!
//! Each agent is a replica that holds exactly the merge of a transaction's
//! parents when it makes it: what is missing is applied before. Where an
//! agent's transaction does not know of what its replica already holds (agents
//! that work in several places at once, or go back in time), the agent goes on
//! in a new replica, made from the updates of exactly the ancestors.
//!
//! The replicas' lines of transactions make version vectors, so that ancestry
//! is a comparison of numbers. Who does what is planned before any engine runs.

use super::bench::{Bench, Client, Stop};
use super::inputs::TEXT;
use super::micro::finish;
use super::sequential::edits;
use super::verdict::Findings;
use super::{Driven, MAX_REPLICAS};
use crate::document::{Document, Node};
use crate::engine::Update;
use crate::workload::{Concurrent, Version};

/// Which replica makes each transaction, and what it must be given before.
pub(super) struct Replay<'a> {
    trace: &'a Concurrent,
    steps: Vec<Step>,
    lanes: Vec<Lane>,
}

/// What is done for one transaction.
struct Step {
    /// Where.
    lane: usize,
    /// Transactions to apply first, in order.
    missing: Vec<u32>,
}

/// A replica of an agent.
#[derive(Default)]
struct Lane {
    agent: u32,
    /// The transactions made here, in order.
    made: Vec<u32>,
    /// How many transactions of each lane are held here.
    holds: Vec<u32>,
}

impl<'a> Replay<'a> {
    /// The plan of `trace`.
    ///
    /// # Errors
    /// The number of the transaction that would need one replica too many.
    pub(super) fn plan(trace: &'a Concurrent) -> Result<Self, usize> {
        let mut replay = Self { trace, steps: Vec::new(), lanes: Vec::new() };
        let mut children = vec![0_u32; trace.transactions.len()];
        for parent in trace.transactions.iter().flat_map(|version| &version.parents) {
            children[*parent as usize] += 1;
        }
        // What is known after each transaction, as long as children will ask.
        let mut known: Vec<Vec<u32>> = Vec::with_capacity(trace.transactions.len());
        for (number, version) in trace.transactions.iter().enumerate() {
            let mut wanted = Vec::new();
            for &parent in &version.parents {
                let parent = parent as usize;
                raise(&mut wanted, &known[parent]);
                children[parent] -= 1;
                if children[parent] == 0 {
                    known[parent] = Vec::new();
                }
            }
            let after = replay.step(number, version.agent, wanted)?;
            known.push(after);
        }
        Ok(replay)
    }

    /// Plans a transaction on top of `wanted`; gives what is known after it.
    fn step(&mut self, number: usize, agent: u32, wanted: Vec<u32>) -> Result<Vec<u32>, usize> {
        let fits = |lane: &Lane| lane.agent == agent && is_within(&lane.holds, &wanted);
        let lane = match self.lanes.iter().rposition(fits) {
            Some(lane) => lane,
            None if self.lanes.len() == MAX_REPLICAS => return Err(number),
            None => {
                self.lanes.push(Lane { agent, ..Lane::default() });
                self.lanes.len() - 1
            }
        };
        let missing = self.missing(&self.lanes[lane].holds, &wanted);
        self.steps.push(Step { lane, missing });
        let mut after = wanted;
        after.resize(after.len().max(lane + 1), 0);
        after[lane] += 1;
        let lane = &mut self.lanes[lane];
        lane.made.push(number as u32);
        lane.holds.clone_from(&after);
        Ok(after)
    }

    /// The transactions that are in `wanted` and not in `held`, in order.
    fn missing(&self, held: &[u32], wanted: &[u32]) -> Vec<u32> {
        let mut missing = Vec::new();
        for (number, (lane, &to)) in self.lanes.iter().zip(wanted).enumerate() {
            let from = held.get(number).copied().unwrap_or(0);
            missing.extend_from_slice(&lane.made[from as usize..to as usize]);
        }
        missing.sort_unstable();
        missing
    }

    /// Replays the trace. In the end every agent gets everything.
    pub(super) fn run(&self, bench: &mut Bench<'_>) -> Driven {
        let mut clients: Vec<Option<Client>> = self.lanes.iter().map(|_| None).collect();
        let mut log: Vec<Vec<Update>> = Vec::with_capacity(self.steps.len());
        bench.timed(|bench| {
            for (number, step) in self.steps.iter().enumerate() {
                let mut client = match clients[step.lane].take() {
                    Some(client) => client,
                    None => bench.create()?,
                };
                give(bench, &mut client, &log, &step.missing)?;
                log.push(self.make(bench, &mut client, number)?);
                clients[step.lane] = Some(client);
            }
            Ok::<_, Stop>(())
        })?;
        let mut full = self.complete(bench, clients, &log)?;
        drop(log);
        let mut findings = Findings::of_all(bench, full.iter_mut())?;
        findings.check_text(TEXT, &self.trace.end);
        let count = bench.tally.updates;
        finish(bench, &mut full[0], findings, count)
    }

    /// The latest replica of each agent, with everything.
    fn complete(
        &self,
        bench: &mut Bench<'_>,
        clients: Vec<Option<Client>>,
        log: &[Vec<Update>],
    ) -> Result<Vec<Client>, Stop> {
        let everything: Vec<u32> = self.lanes.iter().map(|lane| lane.made.len() as u32).collect();
        let mut full = Vec::new();
        for (number, (client, lane)) in clients.into_iter().zip(&self.lanes).enumerate() {
            let is_latest = self.lanes[number + 1..].iter().all(|later| later.agent != lane.agent);
            if let (Some(mut client), true) = (client, is_latest) {
                give(bench, &mut client, log, &self.missing(&lane.holds, &everything))?;
                full.push(client);
            }
        }
        if full.is_empty() {
            full.push(bench.create()?);
        }
        Ok(full)
    }

    fn make(
        &self,
        bench: &mut Bench<'_>,
        client: &mut Client,
        number: usize,
    ) -> Result<Vec<Update>, Stop> {
        let version = &self.trace.transactions[number];
        let failed = |what: String| {
            Stop::Failed(format!("transaction {number} of agent {}: {what}", version.agent))
        };
        let edits = if self.trace.astral {
            edits(&translated(version, &bench.read(client)?).map_err(failed)?)
        } else {
            edits(&version.patches)
        };
        if edits.is_empty() {
            return Ok(Vec::new());
        }
        bench.edit(client, &edits).map_err(|stop| match stop {
            Stop::Failed(what) => failed(what),
            other => other,
        })
    }
}

/// The patches of `version` in UTF-16 code units: where astral characters stand
/// is only in the document, which is read for it, unmetered.
fn translated(
    version: &Version,
    document: &Document,
) -> Result<Vec<crate::workload::Patch>, String> {
    let text: String = match document.roots.get(TEXT) {
        Some(Node::Text(runs)) => runs.iter().map(|run| run.text.as_str()).collect(),
        _ => String::new(),
    };
    version.translated(&text)
}

fn give(
    bench: &mut Bench<'_>,
    client: &mut Client,
    log: &[Vec<Update>],
    transactions: &[u32],
) -> Result<(), Stop> {
    let updates: Vec<Update> =
        transactions.iter().flat_map(|&number| log[number as usize].iter().cloned()).collect();
    if updates.is_empty() { Ok(()) } else { bench.apply_all(client, &updates) }
}

/// Raises every number of `into` to that of `other`.
fn raise(into: &mut Vec<u32>, other: &[u32]) {
    into.resize(into.len().max(other.len()), 0);
    for (ours, theirs) in into.iter_mut().zip(other) {
        *ours = (*ours).max(*theirs);
    }
}

/// Whether `held` has nothing that `wanted` lacks.
fn is_within(held: &[u32], wanted: &[u32]) -> bool {
    held.iter().enumerate().all(|(lane, &count)| count <= wanted.get(lane).copied().unwrap_or(0))
}
