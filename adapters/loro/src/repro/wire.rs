//! The exchange of version vectors and updates.

use deadzone_core::replay::repro::{Scribe as _, replica_name};
use deadzone_core::replay::{Happened, MessageNumber};
use deadzone_core::schedule::ReplicaNumber;

use super::Writer;

impl Writer {
    /// The first thing that a side says is its version vector; after that, what
    /// the other lacks.
    pub(super) fn sent(
        &mut self,
        index: usize,
        message: MessageNumber,
        from: ReplicaNumber,
        to: ReplicaNumber,
    ) {
        let (name, variable) = (replica_name(from), format!("message_{}", message.0));
        self.code().gap();
        let wanted = self.wants(&variable);
        if self.greeted.insert((from, to)) {
            if wanted {
                self.code().line(&format!("let {variable} = {name}.oplog_vv().encode();"));
            }
            return;
        }
        let known = knowledge(from, to);
        let export = format!("{name}.export(ExportMode::updates(&{known})).unwrap();");
        let export = if wanted { format!("let {variable} = {export}") } else { export };
        self.code().line(&export);
        if self.sends_updates_after(index, from, to) {
            self.code().line(&format!("{known}.merge(&{name}.oplog_vv());"));
        }
    }

    pub(super) fn received(
        &mut self,
        index: usize,
        message: MessageNumber,
        from: ReplicaNumber,
        to: ReplicaNumber,
    ) {
        let (name, variable) = (replica_name(to), format!("message_{}", message.0));
        let known = knowledge(to, from);
        let more = self.sends_updates_after(index, to, from);
        if self.is_greeting(message) {
            self.heard.insert((to, from));
            if more {
                let more_than_once = self.updates_after(index, to, from) > 1
                    || self.receives_updates_after(index, to, from);
                let binding = if more_than_once { "let mut" } else { "let" };
                self.code().line(&format!(
                    "{binding} {known} = VersionVector::decode(&{variable}).unwrap();"
                ));
            }
            return;
        }
        self.code().line(&format!("{name}.import(&{variable}).unwrap();"));
        if more && self.heard.contains(&(to, from)) {
            self.code().line(&format!(
                "let meta = LoroDoc::decode_import_blob_meta(&{variable}, false).unwrap();"
            ));
            self.code().line(&format!("{known}.merge(&meta.partial_end_vv);"));
        }
    }

    /// Whether a message was the first of its sender on its connection.
    fn is_greeting(&self, message: MessageNumber) -> bool {
        let mut events = self.draft.story.events.iter();
        let said = events.find_map(|event| match &event.what {
            Happened::Sent { message: number, bytes, .. } if *number == message => Some(bytes),
            _ => None,
        });
        said.is_some_and(|bytes| bytes.last() == Some(&0))
    }

    fn sends_updates_after(&self, index: usize, from: ReplicaNumber, to: ReplicaNumber) -> bool {
        self.updates_after(index, from, to) > 0
    }

    /// How often updates are sent after an event, while the connection lasts.
    fn updates_after(&self, index: usize, from: ReplicaNumber, to: ReplicaNumber) -> usize {
        let line = (from, to);
        self.on_this_connection(index, from, to)
            .filter(|what| match what {
                Happened::Sent { message, from, to, .. } => {
                    (*from, *to) == line && !self.is_greeting(*message)
                }
                _ => false,
            })
            .count()
    }

    /// Whether updates come back after an event and before the last ones go.
    fn receives_updates_after(&self, index: usize, to: ReplicaNumber, from: ReplicaNumber) -> bool {
        let line = (from, to);
        let mut came = false;
        for what in self.on_this_connection(index, from, to) {
            match what {
                Happened::Received { message, from, to } if (*from, *to) == line => {
                    came |= !self.is_greeting(*message);
                }
                Happened::Sent { message, from, to, .. }
                    if (*to, *from) == line && came && !self.is_greeting(*message) =>
                {
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    fn on_this_connection(
        &self,
        index: usize,
        one: ReplicaNumber,
        other: ReplicaNumber,
    ) -> impl Iterator<Item = &Happened> {
        let later = self.draft.story.events[index + 1..].iter().map(|event| &event.what);
        later.take_while(move |what| match what {
            Happened::Disconnected { a, b, .. } => {
                (*a, *b) != (one, other) && (*a, *b) != (other, one)
            }
            _ => true,
        })
    }
}

/// The variable for what a replica knows that another holds.
fn knowledge(of: ReplicaNumber, about: ReplicaNumber) -> String {
    format!("{}_knows_{}", replica_name(of), replica_name(about))
}
