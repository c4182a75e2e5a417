//! What is written for an engine that says what happens and nothing else.

use std::collections::BTreeMap;

use super::*;
use crate::check::Violation;
use crate::document::Document;
use crate::edit::Roots;
use crate::engine::{Delivery, ReplicaId};
use crate::replay::{Event, Happened, MessageNumber};
use crate::schedule::ReplicaNumber;

const A: ReplicaNumber = ReplicaNumber(0);
const B: ReplicaNumber = ReplicaNumber(1);
const C: ReplicaNumber = ReplicaNumber(2);

struct Sayer(Draft);

impl Scribe for Sayer {
    fn draft(&self) -> &Draft {
        &self.0
    }

    fn draft_mut(&mut self) -> &mut Draft {
        &mut self.0
    }

    fn event(&mut self, _index: usize, event: &Event) -> Option<()> {
        let line = match &event.what {
            Happened::Created { replica, .. } => format!("created({});", replica_name(*replica)),
            Happened::Sent { message, .. } => format!("sent({});", message.0),
            Happened::Received { message, .. } => format!("received({});", message.0),
            Happened::Connected { .. } => "connected();".to_owned(),
            _ => return None,
        };
        self.code().line(&line);
        Some(())
    }

    fn fresh(&mut self) {
        self.code().line("fresh();");
    }

    fn apply_to_fresh(&mut self, update: &str) {
        self.code().line(&format!("apply({update});"));
    }

    fn reload_as_fresh(&mut self, name: &str) {
        self.code().line(&format!("reload({name});"));
    }

    fn nothing_waits(&mut self, name: &str) {
        self.code().line(&format!("nothing_waits({name});"));
    }

    fn held(&mut self, name: &str) -> String {
        format!("held({name})")
    }

    fn comparisons(&mut self, _name: &str, _document: &Document) -> Option<Vec<String>> {
        Some(Vec::new())
    }

    fn helpers(&mut self) -> Option<Code> {
        Some(Code::default())
    }

    fn talk(&mut self, a: ReplicaNumber, b: ReplicaNumber, messages_max: u32) -> Option<()> {
        let (a, b) = (replica_name(a), replica_name(b));
        self.code().line(&format!("talk({a}, {b}, {messages_max});"));
        Some(())
    }
}

fn created(replica: ReplicaNumber) -> Happened {
    Happened::Created { replica, id: ReplicaId([replica.0; 16]) }
}

fn sent(message: u32, from: ReplicaNumber, to: ReplicaNumber) -> Happened {
    Happened::Sent { message: MessageNumber(message), from, to, bytes: Vec::new() }
}

fn received(message: u32, from: ReplicaNumber, to: ReplicaNumber) -> Happened {
    Happened::Received { message: MessageNumber(message), from, to }
}

fn written(events: Vec<Happened>, violation: Violation) -> Option<String> {
    let events = events.into_iter().map(|what| Event { step: Some(1), what }).collect();
    let ending = Ending::Violated(violation);
    let story = Story { roots: Roots::new(), delivery: Delivery::Protocol, events, ending };
    let info = EngineInfo {
        name: "sayer",
        version: "1.0.0",
        summary: "says what happens",
        authority: crate::engine::Authority::Replicas,
        containers: BTreeMap::new(),
        marks: crate::engine::Support::Native,
        deliveries: Vec::new(),
        undo: false,
    };
    write(&info, "sayer = \"=1.0.0\"", &story, Sayer).map(|repro| repro.source)
}

fn check(events: Vec<Happened>, violation: Violation, expected: &[&str]) {
    let source = written(events, violation).expect("it can be written");
    let mut rest = source.as_str();
    for line in expected {
        let (_, after) = rest.split_once(line).unwrap_or_else(|| panic!("{line} in {source}"));
        rest = after;
    }
}

#[test]
fn a_hang_is_waited_for_so_long_and_no_longer() {
    let violation = Violation::new(Oracle::Hang, "work", "the engine ran on").at(A);
    let expected = ["fn hang_work()", "steps();", "recv_timeout(PATIENCE)", "fn steps() {"];
    let events = vec![created(A), Happened::Reading { replica: A }];
    let last = ["created(a);", "shown(&a);", "// The call above does not return."];
    check(events, violation, &[expected.as_slice(), &last].concat());
}

#[test]
fn an_abort_is_named() {
    let violation = Violation::new(Oracle::Abort, "signal-6", "the engine aborted").at(A);
    let expected = ["takes its process with it", "created(a);", "// The process dies in the call"];
    check(vec![created(A)], violation, &expected);
}

/// No event tells of a replica that is made anew at the end.
#[test]
fn a_death_at_the_end_is_that_of_a_fresh_replica() {
    let stranger = ReplicaNumber(crate::schedule::REPLICAS_MAX);
    let violation = Violation::new(Oracle::Abort, "signal-6", "the engine aborted").at(stranger);
    check(vec![created(A)], violation, &["created(a);", "reload(a);", "shown(&fresh)"]);
}

#[test]
fn chatter_is_a_talk_from_where_nothing_is_under_way() {
    let violation = || Violation::new(Oracle::Liveness, "chatter", "they talk").at(A).at(B);
    let connected = |b| Happened::Connected { a: A, b };
    let before = [created(A), created(B), connected(B), sent(0, A, B), connected(C)];
    let talk = [sent(1, B, A), received(1, B, A), received(0, A, B), sent(2, A, B)];
    let events = [before.as_slice(), &talk].concat();
    check(events.clone(), violation(), &["received(0);", "talk(a, b, 400);"]);
    let source = written(events, violation()).expect("it can be written");
    assert!(!source.contains("sent(2)"), "{source}");
    // Without a last exchange there is nothing to show.
    assert_eq!(written(vec![created(A), created(B)], violation()), None);
}

#[test]
fn what_nobody_uses_is_left_out_with_what_it_is_made_from() {
    let write = |used: Option<&BTreeSet<String>>| {
        let mut parts = Parts::default();
        let lines = [("one", "1"), ("two", "one + 1"), ("three", "3")];
        for (name, value) in lines {
            parts.variables.insert(name.to_owned());
            if used.is_none_or(|used| used.contains(name)) {
                parts.body.line(&format!("let {name} = {value};"));
            }
        }
        parts.body.line("three;");
        Some(parts)
    };
    let parts = Parts::settled(write).expect("it was written");
    assert_eq!(parts.body.as_str(), "let three = 3;\nthree;\n");
}
