//! Stories as tests of yrs alone.

mod courier;
mod edits;
mod ending;
mod literal;

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::engine::{Delivery, Engine as _, ReplicaId};
use deadzone_core::replay::repro::{Claim, Code, Kinds, Names, Parts, replica_name};
use deadzone_core::replay::{Event, Happened, Repro, Story};
use deadzone_core::schedule::ReplicaNumber;

use self::courier::{Courier, Said};
use crate::Yrs;
use crate::encoding::Encoding;

/// What a file may name.
const NAMES: [&str; 20] = [
    "std::collections::BTreeMap",
    "std::sync::Arc",
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
    "yrs::Update",
    "yrs::merge_updates_v1",
    "yrs::merge_updates_v2",
    "yrs::types::Attrs",
    "yrs::types::text::YChange",
];

/// The story as a test of yrs alone. None where it edits a tree, moves a
/// container, looks at earlier versions, takes edits back, or leaves open what
/// a path leads to.
pub(crate) fn repro(engine: Yrs, story: &Story) -> Option<Repro> {
    let claim = Claim::of(story)?;
    let parts = Parts::settled(|used| Writer::new(engine, story, &claim, used).write())?;
    let info = engine.info();
    let dependencies = format!("yrs = \"={}\"", info.version);
    Some(parts.into_repro(&info, story, &dependencies))
}

/// Writes a file.
struct Writer<'a> {
    engine: Yrs,
    story: &'a Story,
    claim: &'a Claim,
    /// The variables that are used; all of them if that is not known.
    used: Option<&'a BTreeSet<String>>,
    names: Names,
    kinds: Kinds,
    courier: Courier,
    /// The client ids.
    clients: BTreeMap<ReplicaNumber, u64>,
    saves: u32,
    parts: Parts,
}

impl<'a> Writer<'a> {
    fn new(
        engine: Yrs,
        story: &'a Story,
        claim: &'a Claim,
        used: Option<&'a BTreeSet<String>>,
    ) -> Self {
        let parts = Parts {
            names: NAMES.to_vec(),
            traits: BTreeSet::from(["yrs::Transact"]),
            ..Parts::default()
        };
        Self {
            engine,
            story,
            claim,
            used,
            names: Names::of(&story.roots),
            kinds: Kinds::of(story),
            courier: Courier::default(),
            clients: BTreeMap::new(),
            saves: 0,
            parts,
        }
    }

    fn write(mut self) -> Option<Parts> {
        let mut together = false;
        for (index, event) in self.story.events.iter().enumerate() {
            if let Claim::Twice(at, first) = self.claim
                && *first == index
            {
                let at = replica_name(*at);
                self.code().gap();
                self.code().comment("Everything once more.");
                self.code().line(&format!("let before = shown(&{at});"));
            } else if event.step.is_none() && arrives(&event.what) && !together {
                together = true;
                self.code().gap();
                self.code().comment("Everything is brought to everyone.");
            }
            self.event(event)?;
        }
        self.ending()?;
        self.helpers();
        Some(self.parts)
    }

    fn code(&mut self) -> &mut Code {
        &mut self.parts.body
    }

    /// The ending of the names of functions that encode and decode.
    fn v(&self) -> &'static str {
        match self.engine.encoding {
            Encoding::V1 => "v1",
            Encoding::V2 => "v2",
        }
    }

    /// Whether a variable is used; makes it known.
    fn wants(&mut self, variable: &str) -> bool {
        self.parts.variables.insert(variable.to_owned());
        self.used.is_none_or(|used| used.contains(variable))
    }

    fn event(&mut self, event: &Event) -> Option<()> {
        match &event.what {
            Happened::Created { replica, id } => self.created(*replica, *id),
            Happened::Edited { replica, edits, changed, updates } => {
                let update = format!("update_{}", event.step?);
                let broadcast = self.story.delivery == Delivery::Broadcast;
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
                    let (a, b) = (replica_name(*a), replica_name(*b));
                    self.code().gap();
                    self.code().comment(&format!(
                        "The connection between {a} and {b} breaks; what is on its way is lost."
                    ));
                    self.code().line("");
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
            }
            Happened::Saved { replica, whole: true, .. } => {
                self.saved(*replica, true);
            }
            Happened::Saved { replica, .. } => {
                self.courier.saved_increment(*replica);
                self.remember(*replica);
            }
            Happened::Restarted { replica, id, stored } => {
                let name = replica_name(*replica);
                self.code().gap();
                self.code().comment(&format!("{name} starts again, with what was stored."));
                self.created(*replica, *id);
                let stored =
                    if stored.is_empty() { Vec::new() } else { self.courier.restarted(*replica) };
                if !stored.is_empty() {
                    self.apply(*replica, &stored);
                }
            }
            // Reading changes nothing in yrs.
            Happened::Shown { .. } | Happened::Skipped { .. } => {}
            Happened::Undone { .. } | Happened::Redone { .. } | Happened::CheckedOut { .. } => {
                return None;
            }
        }
        Some(())
    }

    fn created(&mut self, replica: ReplicaNumber, id: ReplicaId) {
        let (name, client) = (replica_name(replica), id.as_u64() >> 11);
        self.clients.insert(replica, client);
        self.code().line(&format!("let {name} = replica({client});"));
    }

    /// Applies what these variables hold, in one transaction.
    fn apply(&mut self, to: ReplicaNumber, variables: &[String]) {
        let to = replica_name(to);
        let updates: Vec<String> = variables.iter().map(|name| format!("&{name}")).collect();
        let updates = updates.join(", ");
        let news = match variables {
            [variable] => Some(courier::news(variable, &to)).filter(|news| self.passes_on(news)),
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

    /// Whether what is new in an update is passed on; only known, and only so,
    /// when it is known which variables are used.
    fn passes_on(&mut self, news: &str) -> bool {
        self.wants(news)
    }

    /// Saves a replica as a whole.
    fn saved(&mut self, replica: ReplicaNumber, to_storage: bool) -> String {
        let variable = format!("saved_{}", self.saves);
        self.saves += 1;
        if to_storage {
            self.courier.saved_whole(replica, &variable);
        }
        let (name, v) = (replica_name(replica), self.v());
        self.parts.traits.insert("yrs::ReadTxn");
        self.code().gap();
        self.code().line(&format!(
            "let {variable} = {name}.transact().encode_state_as_update_{v}(&StateVector::default());"
        ));
        self.remember(replica);
        variable
    }

    /// Keeps what is shown, if it is compared with what comes back.
    fn remember(&mut self, replica: ReplicaNumber) {
        if *self.claim == Claim::Restored(replica) {
            let name = replica_name(replica);
            self.parts.traits.insert("yrs::ReadTxn");
            let line = format!("let before = (shown(&{name}), {name}.transact().state_vector());");
            self.code().line(&line);
        }
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
                self.parts.traits.extend(["yrs::ReadTxn", "yrs::updates::encoder::Encode"]);
                format!("let {variable} = {from}.transact().state_vector().encode_v1();")
            }
            Said::Answer(question) => {
                self.parts.traits.extend(["yrs::ReadTxn", "yrs::updates::decoder::Decode"]);
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

fn arrives(what: &Happened) -> bool {
    matches!(
        what,
        Happened::Applied { .. }
            | Happened::Connected { .. }
            | Happened::Sent { .. }
            | Happened::Merged { .. }
    )
}
