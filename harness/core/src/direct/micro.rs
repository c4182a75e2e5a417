//! B1, B2 and B3, step by step as in the original.

use super::Driven;
use super::bench::{Bench, Client, Stop};
use super::inputs::Input;
use super::verdict::{Figures, Findings};
use crate::document::Node;
use crate::edit::Edit;

/// Runs one.
pub(super) fn run(bench: &mut Bench<'_>, input: &Input) -> Driven {
    match input {
        Input::One { transactions, inputs, expected } => {
            one(bench, transactions, *inputs, expected)
        }
        Input::Two { initial, clients, expected } => two(bench, initial, clients, expected),
        Input::Many { clients, root } => many(bench, clients, root),
    }
}

/// B1: one client edits, the other gets the updates afterwards.
fn one(
    bench: &mut Bench<'_>,
    transactions: &[Vec<Edit>],
    inputs: u64,
    expected: &(&'static str, Node),
) -> Driven {
    let (mut first, mut second) = (bench.create()?, bench.create()?);
    let updates = bench.timed(|bench| {
        let mut updates = Vec::new();
        for edits in transactions {
            updates.extend(bench.edit(&mut first, edits)?);
        }
        Ok::<_, Stop>(updates)
    })?;
    bench.apply(&mut second, &updates)?;
    drop(updates);
    let mut findings = Findings::of_all(bench, [&mut first, &mut second])?;
    findings.check_root(expected.0, &expected.1);
    finish(bench, &mut first, findings, inputs)
}

/// B2: each transaction's update goes to the other client at once.
fn two(
    bench: &mut Bench<'_>,
    initial: &[Edit],
    clients: &[Vec<Edit>; 2],
    expected: &(&'static str, Node),
) -> Driven {
    let (mut first, mut second) = (bench.create()?, bench.create()?);
    let updates = bench.edit(&mut first, initial)?;
    bench.apply(&mut second, &updates)?;
    bench.timed(|bench| {
        let updates = bench.edit(&mut first, &clients[0])?;
        bench.apply(&mut second, &updates)?;
        let updates = bench.edit(&mut second, &clients[1])?;
        bench.apply(&mut first, &updates)
    })?;
    let mut findings = Findings::of_all(bench, [&mut first, &mut second])?;
    findings.check_root(expected.0, &expected.1);
    finish(bench, &mut first, findings, 2)
}

/// B3: everybody edits a document of their own, two get everybody's updates.
fn many(bench: &mut Bench<'_>, clients: &[Vec<Edit>], root: &str) -> Driven {
    let mut replicas = Vec::with_capacity(clients.len());
    for _ in clients {
        replicas.push(bench.create()?);
    }
    let mut updates = Vec::with_capacity(clients.len());
    for (replica, edits) in replicas.iter_mut().zip(clients) {
        updates.extend(bench.edit(replica, edits)?);
    }
    let [first, second, ..] = replicas.as_mut_slice() else {
        unreachable!("B3 has at least 20 clients");
    };
    bench.apply_all(first, &updates)?;
    bench.timed(|bench| bench.apply_all(second, &updates))?;
    let count = updates.len();
    drop(updates);
    let mut findings = Findings::of_all(bench, [&mut *first, second])?;
    if count < clients.len() {
        let clients = clients.len();
        findings.violated(format!("{clients} clients edited, but there are {count} updates"));
    }
    findings.check_contributions(root, clients);
    finish(bench, first, findings, count as u64)
}

/// Saves and loads the document of `client`, as every benchmark does in the
/// end. Means are over `mean_of` updates or inputs.
pub(super) fn finish(
    bench: &mut Bench<'_>,
    client: &mut Client,
    mut findings: Findings,
    mean_of: u64,
) -> Driven {
    let (stored, encode_work) = bench.save(client)?;
    let document_bytes = stored.len() as u64;
    let (mut loaded, parse_work) = bench.load(stored)?;
    let heap_live_bytes = loaded.live_bytes();
    findings.check_loaded(&bench.read(&mut loaded)?);
    let figures = Figures { mean_of, encode_work, parse_work, document_bytes, heap_live_bytes };
    Ok((findings, figures))
}
