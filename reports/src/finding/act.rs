//! What replicas do, one thing at a time: what pages tell and draw.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::document::Document;
use deadzone_core::edit::Edit;
use deadzone_core::engine::ReplicaId;
use deadzone_core::replay::{Happened, MessageNumber};
use deadzone_core::schedule::{Joining, ReplicaNumber, ScheduleAction};

use super::letters::{count, listed, running};
use super::words;
use crate::units;

/// One thing that happened. Replicas that it is about stand in
/// [`Act::replicas`], the one that does something first.
#[derive(Clone, Debug)]
pub(super) enum Act<'a> {
    Created {
        at: ReplicaNumber,
    },
    Edit {
        at: ReplicaNumber,
        edits: &'a [Edit],
        changed: bool,
    },
    Undo {
        at: ReplicaNumber,
    },
    Redo {
        at: ReplicaNumber,
    },
    /// Updates arrive, in `calls` calls; `again` if all of them had arrived
    /// before.
    Apply {
        at: ReplicaNumber,
        of: Vec<u32>,
        again: bool,
        calls: usize,
    },
    Connect {
        a: ReplicaNumber,
        b: ReplicaNumber,
    },
    Disconnect {
        a: ReplicaNumber,
        b: ReplicaNumber,
        lost: &'a [MessageNumber],
    },
    Send {
        message: MessageNumber,
        from: ReplicaNumber,
        to: ReplicaNumber,
        bytes: usize,
    },
    /// `sent` is the step in which it was sent.
    Receive {
        message: MessageNumber,
        from: ReplicaNumber,
        to: ReplicaNumber,
        sent: Option<u32>,
    },
    /// Messages go to and fro until both are silent.
    Exchange {
        a: ReplicaNumber,
        b: ReplicaNumber,
        messages: usize,
        bytes: usize,
    },
    Merge {
        from: ReplicaNumber,
        to: ReplicaNumber,
        bytes: usize,
    },
    Join {
        from: ReplicaNumber,
        to: ReplicaNumber,
        how: Joining,
    },
    Save {
        at: ReplicaNumber,
        whole: bool,
        bytes: usize,
    },
    /// `empty` if nothing was stored, `renamed` if it comes back under a new id.
    Restart {
        at: ReplicaNumber,
        empty: bool,
        renamed: bool,
    },
    LookBack {
        at: ReplicaNumber,
        document: &'a Document,
    },
    Read {
        at: ReplicaNumber,
    },
    Skip {
        why: &'a str,
    },
    /// A step in which the engine got no further.
    Attempt {
        action: &'a ScheduleAction,
    },
}

impl Act<'_> {
    /// Who has a part in it; the one who acts stands first.
    pub(super) fn replicas(&self) -> Vec<ReplicaNumber> {
        match *self {
            Self::Created { at }
            | Self::Edit { at, .. }
            | Self::Undo { at }
            | Self::Redo { at }
            | Self::Apply { at, .. }
            | Self::Save { at, .. }
            | Self::Restart { at, .. }
            | Self::LookBack { at, .. }
            | Self::Read { at } => vec![at],
            Self::Connect { a, b }
            | Self::Disconnect { a, b, .. }
            | Self::Exchange { a, b, .. } => {
                vec![a, b]
            }
            Self::Send { from, to, .. } => vec![from, to],
            Self::Receive { from, to, .. }
            | Self::Merge { from, to, .. }
            | Self::Join { from, to, .. } => vec![to, from],
            Self::Skip { .. } => Vec::new(),
            Self::Attempt { action } => {
                let mut replicas = action.replicas();
                if matches!(
                    action,
                    ScheduleAction::Receive { .. }
                        | ScheduleAction::Merge { .. }
                        | ScheduleAction::Join { .. }
                ) {
                    replicas.reverse();
                }
                replicas
            }
        }
    }

    /// Whose document it may change.
    pub(super) fn changes(&self) -> Vec<ReplicaNumber> {
        match *self {
            Self::Edit { changed: false, .. } => Vec::new(),
            Self::Edit { at, .. }
            | Self::Undo { at }
            | Self::Redo { at }
            | Self::Apply { at, .. }
            | Self::Restart { at, .. } => vec![at],
            Self::Receive { to, .. } | Self::Merge { to, .. } | Self::Join { to, .. } => vec![to],
            Self::Exchange { a, b, .. } => vec![a, b],
            _ => Vec::new(),
        }
    }

    /// Who does it: `replica 1`, `replicas 0 and 2`; none where nobody does.
    pub(super) fn who(&self) -> String {
        match *self {
            Self::Connect { a, b }
            | Self::Disconnect { a, b, .. }
            | Self::Exchange { a, b, .. } => {
                format!("replicas {} and {}", a.0, b.0)
            }
            _ => self.replicas().first().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// What it does, after [`Self::who`].
    pub(super) fn does(&self) -> String {
        match self {
            Self::Created { .. } => "is made, empty".to_owned(),
            Self::Edit { edits, changed: true, .. } => words::edits(edits),
            Self::Edit { edits, changed: false, .. } => {
                format!("{}, which changes nothing", words::edits(edits))
            }
            Self::Undo { .. } => "takes its last own edit back".to_owned(),
            Self::Redo { .. } => "does again what it took back last".to_owned(),
            Self::Apply { of, again, calls, .. } => applied(of, *again, *calls),
            Self::Connect { .. } => "connect".to_owned(),
            Self::Disconnect { lost: [], .. } => "lose their connection".to_owned(),
            Self::Disconnect { lost, .. } => {
                let numbers: Vec<u32> = lost.iter().map(|message| message.0).collect();
                format!(
                    "lose their connection, and {} {} with it",
                    if lost.len() == 1 { "message" } else { "messages" },
                    listed(&numbers)
                )
            }
            Self::Send { message, to, bytes, .. } => {
                format!("sends message {} to {to} ({})", message.0, size(*bytes))
            }
            Self::Receive { message, from, sent, .. } => {
                let sent = sent.map(|step| format!(", sent in step {step}")).unwrap_or_default();
                format!("receives message {} from {from}{sent}", message.0)
            }
            Self::Exchange { messages, bytes, .. } => format!(
                "exchange messages until both are silent ({}, {})",
                count(*messages, "message"),
                size(*bytes)
            ),
            Self::Merge { from, bytes, .. } => {
                format!("takes in a whole save of {from} ({})", size(*bytes))
            }
            Self::Join { from, how, .. } => match how {
                Joining::Load => format!("is new and loads a whole save of {from}"),
                Joining::Fork => format!("is new, a fork of {from}"),
                Joining::Shallow => {
                    format!("is new and loads a snapshot of {from} without its history")
                }
            },
            Self::Save { whole, bytes, .. } => {
                let what = if *whole { "everything" } else { "what is new" };
                format!("stores {what} ({})", size(*bytes))
            }
            Self::Restart { empty, renamed, .. } => {
                let with =
                    if *empty { "empty: nothing was stored" } else { "with what it had stored" };
                let name = if *renamed { ", under a new id" } else { "" };
                format!("dies and comes back {with}{name}")
            }
            Self::LookBack { .. } => "looks at an earlier version".to_owned(),
            Self::Read { .. } => "is read".to_owned(),
            Self::Skip { why } => format!("(not done: {})", running(why)),
            Self::Attempt { action } => attempted(action),
        }
    }

    /// A whole sentence.
    pub(super) fn sentence(&self) -> String {
        format!("{} {}", self.who(), self.does()).trim().to_owned()
    }
}

fn applied(of: &[u32], again: bool, calls: usize) -> String {
    let again = if again { " again" } else { "" };
    match of {
        [step] => format!("receives the update of step {step}{again}"),
        steps => {
            let together = if calls == 1 { ", in one call" } else { "" };
            format!("receives the updates of steps {}{again}{together}", listed(steps))
        }
    }
}

fn attempted(action: &ScheduleAction) -> String {
    match action {
        ScheduleAction::Edit { edits, .. } => words::edits(edits),
        ScheduleAction::Undo { .. } => "takes its last own edit back".to_owned(),
        ScheduleAction::Redo { .. } => "does again what it took back last".to_owned(),
        ScheduleAction::Deliver { updates, .. } => applied(updates, false, 1),
        ScheduleAction::Connect { b, .. } => format!("connects to {b}"),
        ScheduleAction::Disconnect { b, .. } => format!("loses its connection to {b}"),
        ScheduleAction::Send { to, .. } => format!("has a message for {to}"),
        ScheduleAction::Receive { from, .. } => format!("receives a message from {from}"),
        ScheduleAction::Sync { b, .. } => format!("exchanges messages with {b}"),
        ScheduleAction::Merge { from, .. } => format!("takes in a whole save of {from}"),
        ScheduleAction::Join { from, .. } => format!("begins with what {from} holds"),
        ScheduleAction::Save { .. } => "is stored".to_owned(),
        ScheduleAction::Restart { .. } => "dies and comes back".to_owned(),
        ScheduleAction::Checkout { .. } => "looks at an earlier version".to_owned(),
        ScheduleAction::Read { .. } => "is read".to_owned(),
    }
}

fn size(bytes: usize) -> String {
    units::human(bytes as u64, "bytes")
}

/// Reads events one by one into acts.
#[derive(Default)]
pub(super) struct Reader {
    /// The updates that each replica made or was given.
    delivered: BTreeMap<ReplicaNumber, BTreeSet<u32>>,
    /// In which step each message was sent.
    sent: BTreeMap<MessageNumber, Option<u32>>,
    ids: BTreeMap<ReplicaNumber, ReplicaId>,
}

impl Reader {
    /// The act that an event is; none for a document that was shown.
    pub(super) fn read<'a>(&mut self, step: Option<u32>, what: &'a Happened) -> Option<Act<'a>> {
        Some(match what {
            Happened::Shown { .. } => return None,
            Happened::Created { replica: at, id } => {
                self.ids.insert(*at, *id);
                Act::Created { at: *at }
            }
            Happened::Edited { replica: at, edits, changed, .. } => {
                self.own(*at, step);
                Act::Edit { at: *at, edits, changed: *changed }
            }
            Happened::Undone { replica: at, .. } => {
                self.own(*at, step);
                Act::Undo { at: *at }
            }
            Happened::Redone { replica: at, .. } => {
                self.own(*at, step);
                Act::Redo { at: *at }
            }
            Happened::Applied { replica: at, of, .. } => {
                let delivered = self.delivered.entry(*at).or_default();
                let again = of.iter().all(|step| delivered.contains(step));
                delivered.extend(of);
                Act::Apply { at: *at, of: of.clone(), again, calls: 1 }
            }
            Happened::Connected { a, b } => Act::Connect { a: *a, b: *b },
            Happened::Disconnected { a, b, lost } => Act::Disconnect { a: *a, b: *b, lost },
            Happened::Sent { message, from, to, bytes } => {
                self.sent.insert(*message, step);
                Act::Send { message: *message, from: *from, to: *to, bytes: bytes.len() }
            }
            Happened::Received { message, from, to } => {
                let sent = self.sent.get(message).copied().flatten();
                Act::Receive { message: *message, from: *from, to: *to, sent }
            }
            Happened::Merged { from, to, saved } => {
                Act::Merge { from: *from, to: *to, bytes: saved.len() }
            }
            Happened::Joined { from, to, how, id, .. } => {
                self.ids.insert(*to, *id);
                let delivered = self.delivered.get(from).cloned().unwrap_or_default();
                self.delivered.insert(*to, delivered);
                Act::Join { from: *from, to: *to, how: *how }
            }
            Happened::Saved { replica: at, whole, saved } => {
                Act::Save { at: *at, whole: *whole, bytes: saved.len() }
            }
            Happened::Restarted { replica: at, id, stored } => {
                let renamed = self.ids.insert(*at, *id).is_some_and(|before| before != *id);
                // What it had been given since it was stored may come as news.
                self.delivered.remove(at);
                Act::Restart { at: *at, empty: stored.is_empty(), renamed }
            }
            Happened::CheckedOut { replica: at, document } => Act::LookBack { at: *at, document },
            Happened::Reading { replica } => Act::Read { at: *replica },
            Happened::Skipped { why } => Act::Skip { why },
        })
    }

    fn own(&mut self, at: ReplicaNumber, step: Option<u32>) {
        self.delivered.entry(at).or_default().extend(step);
    }
}
