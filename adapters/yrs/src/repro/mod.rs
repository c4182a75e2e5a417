//! Stories as tests of yrs alone.

mod courier;
mod edits;
mod ending;
mod literal;
mod tree;
mod undo;

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::document::Document;
use deadzone_core::engine::{Delivery, Engine as _, ReplicaId};
use deadzone_core::replay::repro::{self, Code, Draft, MapWrite, Scribe, Shadow, replica_name};
use deadzone_core::replay::{Event, Happened, Repro, Story};
use deadzone_core::schedule::ReplicaNumber;

use self::courier::{Courier, Said};
use crate::Yrs;
use crate::encoding::Encoding;
use crate::shim;

/// What a file may name.
const NAMES: [&str; 23] = [
    "std::collections::BTreeMap",
    "std::sync::Arc",
    "std::sync::Mutex",
    "yrs::Any",
    "yrs::ArrayPrelim",
    "yrs::ArrayRef",
    "yrs::ClientID",
    "yrs::Doc",
    "yrs::MapPrelim",
    "yrs::MapRef",
    "yrs::OffsetKind",
    "yrs::Options",
    "yrs::Out",
    "yrs::StateVector",
    "yrs::TextPrelim",
    "yrs::TextRef",
    "yrs::UndoManager",
    "yrs::Update",
    "yrs::merge_updates_v1",
    "yrs::merge_updates_v2",
    "yrs::types::Attrs",
    "yrs::types::text::YChange",
    "yrs::undo",
];

/// The story as a test of yrs alone. None where it moves a container, looks at
/// earlier versions, or leaves open what a path or an edit of a tree is.
pub(crate) fn repro(engine: Yrs, story: &Story) -> Option<Repro> {
    let info = engine.info();
    let dependencies = format!("yrs = \"={}\"", info.version);
    repro::write(&info, &dependencies, story, |draft| Writer::new(engine, draft))
}

/// Writes a file.
struct Writer {
    engine: Yrs,
    draft: Draft,
    courier: Courier,
    /// The client ids.
    clients: BTreeMap<ReplicaNumber, u64>,
    /// Whether anything is taken back, which own transactions must be told apart
    /// for.
    undoes: bool,
    /// What trees are made of, if there are any.
    shadow: Option<Shadow>,
    /// What the present edit writes to the map of a tree.
    writes: Vec<MapWrite>,
}

impl Scribe for Writer {
    fn draft(&self) -> &Draft {
        &self.draft
    }

    fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    fn event(&mut self, index: usize, event: &Event) -> Option<()> {
        if let Some(shadow) = &mut self.shadow {
            let entries = |saved: &[u8], root: &str| tree::entries(self.engine, saved, root);
            self.writes = shadow.follow(&self.engine, index, &event.what, entries)?;
        }
        match &event.what {
            Happened::Created { replica, id } => {
                self.created(*replica, *id);
                self.tracks_undo(index, *replica)?;
            }
            Happened::Edited { replica, edits, changed, updates } => {
                let update = format!("update_{}", event.step?);
                let broadcast = self.draft.story.delivery == Delivery::Broadcast;
                if *changed && updates.len() > usize::from(broadcast) {
                    return None;
                }
                if *changed {
                    self.courier.edited(*replica, &update);
                }
                self.edited(*replica, edits, *changed, &update)?;
            }
            Happened::Applied { replica, of, updates } => {
                let variables: Vec<String> =
                    of.iter().map(|step| format!("update_{step}")).collect();
                for (variable, bytes) in variables.iter().zip(updates) {
                    self.courier.arrived(*replica, None, variable, bytes);
                }
                self.apply(*replica, &variables);
            }
            Happened::Connected { a, b } => self.courier.connected(*a, *b),
            Happened::Disconnected { a, b, lost } => {
                self.courier.disconnected(*a, *b);
                if !lost.is_empty() {
                    self.draft.connection_breaks(*a, *b, true);
                }
            }
            Happened::Sent { message, from, to, bytes } => {
                let said = self.courier.sent(*message, *from, *to, bytes)?;
                self.sent(&format!("message_{}", message.0), *from, &said);
            }
            Happened::Received { message, from, to } => {
                let variable = format!("message_{}", message.0);
                if let Some(payload) = self.courier.received(*message, *from, *to) {
                    self.courier.arrived(*to, Some(*from), &variable, &payload);
                    self.apply(*to, &[variable]);
                }
            }
            Happened::Merged { from, to, saved } => {
                let variable = self.saved(*from, true);
                self.courier.arrived(*to, None, &variable, saved);
                self.apply(*to, &[variable]);
            }
            Happened::Joined { from, to, id, saved, .. } => {
                let variable = self.saved(*from, saved.is_some());
                self.created(*to, *id);
                self.apply(*to, &[variable]);
                self.tracks_undo(index, *to)?;
            }
            Happened::Saved { replica, whole: true, .. } => {
                self.saved(*replica, true);
            }
            Happened::Saved { replica, .. } => {
                self.courier.saved_increment(*replica);
                self.remember(*replica);
            }
            Happened::Restarted { replica, id, stored } => {
                self.draft.starts_again(*replica);
                self.created(*replica, *id);
                let stored =
                    if stored.is_empty() { Vec::new() } else { self.courier.restarted(*replica) };
                if !stored.is_empty() {
                    self.apply(*replica, &stored);
                }
                self.tracks_undo(index, *replica)?;
            }
            // Reading changes nothing in yrs.
            Happened::Shown { .. } | Happened::Reading { .. } | Happened::Skipped { .. } => {}
            Happened::Undone { updates, .. } | Happened::Redone { updates, .. }
                if updates.len() > 1 =>
            {
                return None;
            }
            Happened::Undone { replica, .. } => self.takes_back(*replica, "undo", event.step?),
            Happened::Redone { replica, .. } => self.takes_back(*replica, "redo", event.step?),
            Happened::CheckedOut { .. } => return None,
        }
        Some(())
    }

    fn fresh(&mut self) {
        self.code().line("let fresh = replica(1);");
    }

    fn apply_to_fresh(&mut self, update: &str) {
        self.code().line(&format!("apply(&fresh, &[&{update}]);"));
    }

    fn reload_as_fresh(&mut self, name: &str) {
        let save = self.whole_save(name);
        self.code().line(&format!("let saved = {save};"));
        self.code().line("let fresh = replica(1);");
        self.code().line("apply(&fresh, &[&saved]);");
    }

    fn nothing_waits(&mut self, name: &str) {
        self.needs("yrs::ReadTxn");
        self.code().open("{");
        self.code().line(&format!("let txn = {name}.transact();"));
        self.code().line("let updates = txn.store().pending_update();");
        self.code().line("let deletions = txn.store().pending_ds();");
        self.code().line("let nothing_waits = updates.is_none() && deletions.is_none();");
        self.code().line(&format!("assert!(nothing_waits, \"{name} still waits for something\");"));
        self.code().close("}");
    }

    fn held(&mut self, name: &str) -> String {
        self.needs("yrs::ReadTxn");
        format!("{name}.transact().state_vector()")
    }

    fn talk(&mut self, a: ReplicaNumber, b: ReplicaNumber, messages_max: u32) -> Option<()> {
        let (a, b, v) = (replica_name(a), replica_name(b), self.v());
        self.needs("yrs::ReadTxn");
        self.code().line("let mut messages = 0;");
        self.code().open("loop {");
        for (from, to) in [(&a, &b), (&b, &a)] {
            let code = self.code();
            code.line(&format!("let wanted = {to}.transact().state_vector();"));
            code.line(&format!(
                "let sent = {from}.transact().encode_state_as_update_{v}(&wanted);"
            ));
            code.line(&format!("let new_at_{to} = apply_and_pass_on(&{to}, &[&sent]);"));
        }
        let nothing = match self.engine.encoding {
            Encoding::V1 => "[0; 2]",
            Encoding::V2 => "[0; 13]",
        };
        self.code().open(&format!("if new_at_{a} == {nothing} && new_at_{b} == {nothing} {{"));
        self.code().line("break;");
        self.code().close("}");
        self.code().line("messages += 2;");
        self.code()
            .line(&format!("assert!(messages <= {messages_max}, \"{a} and {b} still talk\");"));
        self.code().close("}");
        Some(())
    }

    fn comparisons(&mut self, name: &str, document: &Document) -> Option<Vec<String>> {
        self.roots_as_today(name, document)
    }

    fn helpers(&mut self) -> Option<Code> {
        Some(self.functions())
    }
}

impl Writer {
    fn new(engine: Yrs, mut draft: Draft) -> Self {
        draft.parts.names = NAMES.to_vec();
        let shadow = Shadow::of(&draft.story);
        if shadow.is_some() {
            draft.parts.caveats.push(tree::CAVEAT.to_owned());
        }
        draft.parts.traits = BTreeSet::from(["yrs::Transact"]);
        Self {
            engine,
            draft,
            courier: Courier::default(),
            clients: BTreeMap::new(),
            undoes: false,
            shadow,
            writes: Vec::new(),
        }
    }

    /// The ending of the names of functions that encode and decode.
    fn v(&self) -> &'static str {
        match self.engine.encoding {
            Encoding::V1 => "v1",
            Encoding::V2 => "v2",
        }
    }

    fn created(&mut self, replica: ReplicaNumber, id: ReplicaId) {
        let client = shim::number_of(shim::client_id(id.as_u64() >> 11));
        let name = replica_name(replica);
        self.clients.insert(replica, client);
        self.code().line(&format!("let {name} = replica({client});"));
    }

    /// Applies what these variables hold, in one transaction.
    fn apply(&mut self, to: ReplicaNumber, variables: &[String]) {
        let to = replica_name(to);
        let updates: Vec<String> = variables.iter().map(|name| format!("&{name}")).collect();
        let updates = updates.join(", ");
        let news = match variables {
            [variable] => Some(courier::news(variable, &to)).filter(|news| self.wants(news)),
            _ => None,
        };
        match news {
            Some(news) => {
                let line = format!("let {news} = apply_and_pass_on(&{to}, &[{updates}]);");
                self.code().line(&line);
            }
            None => self.code().line(&format!("apply(&{to}, &[{updates}]);")),
        }
    }

    /// Saves a replica as a whole.
    fn saved(&mut self, replica: ReplicaNumber, to_storage: bool) -> String {
        let variable = self.draft.next_save();
        if to_storage {
            self.courier.saved_whole(replica, &variable);
        }
        let save = self.whole_save(&replica_name(replica));
        self.code().gap();
        self.code().line(&format!("let {variable} = {save};"));
        self.remember(replica);
        variable
    }

    fn whole_save(&mut self, name: &str) -> String {
        self.needs("yrs::ReadTxn");
        let v = self.v();
        format!("{name}.transact().encode_state_as_update_{v}(&StateVector::default())")
    }

    fn sent(&mut self, variable: &str, from: ReplicaNumber, said: &Said) {
        // Making a message changes nothing in yrs.
        if !self.wants(variable) {
            return;
        }
        let (from, v) = (replica_name(from), self.v());
        self.code().gap();
        let line = match said {
            Said::StateVector => {
                self.draft.parts.traits.extend(["yrs::ReadTxn", "yrs::updates::encoder::Encode"]);
                format!("let {variable} = {from}.transact().state_vector().encode_v1();")
            }
            Said::Answer(question) => {
                self.draft.parts.traits.extend(["yrs::ReadTxn", "yrs::updates::decoder::Decode"]);
                self.code()
                    .line(&format!("let wanted = StateVector::decode_v1(&{question}).unwrap();"));
                format!("let {variable} = {from}.transact().encode_state_as_update_{v}(&wanted);")
            }
            Said::Updates(updates) => match updates.as_slice() {
                [update] => format!("let {variable} = {update}.clone();"),
                updates => {
                    let updates: Vec<String> =
                        updates.iter().map(|update| format!("&{update}")).collect();
                    let updates = updates.join(", ");
                    format!("let {variable} = merge_updates_{v}([{updates}]).unwrap();")
                }
            },
        };
        self.code().line(&line);
    }
}
