//! Which saboteurs there are, and who should catch them where.

use deadzone_core::check::Oracle;

use crate::{Flaw, Small};

/// An engine that is broken on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Saboteur {
    /// The engine; its name is `saboteur-` and the kind of its fault, its summary
    /// what is wrong.
    pub engine: Small,
    /// The oracles that should find it, the most likely one first.
    pub caught_by: &'static [Oracle],
    /// The stock hunts that should find it.
    pub hunts: &'static [&'static str],
}

/// The same CRDT without a fault.
pub const fn sound() -> Small {
    Small { name: "saboteur-none", summary: "the small CRDT, sound", flaw: Flaw::None }
}

const fn saboteur(
    flaw: Flaw,
    name: &'static str,
    summary: &'static str,
    caught_by: &'static [Oracle],
    hunts: &'static [&'static str],
) -> Saboteur {
    Saboteur { engine: Small { name, summary, flaw }, caught_by, hunts }
}

/// All of them, by what they break.
pub fn all() -> Vec<Saboteur> {
    [SEQUENCES, MAPS_AND_COUNTERS, MOVES, DELIVERY, STORAGE, PROCESS].concat()
}

const SEQUENCES: &[Saboteur] = &[
    saboteur(
        Flaw::ArrivalOrder,
        "saboteur-arrival-order",
        "what was inserted concurrently at one place stands in the order of arrival",
        &[Oracle::Convergence, Oracle::Order, Oracle::History],
        &["text", "lists"],
    ),
    saboteur(
        Flaw::BreaksTiesInACircle,
        "saboteur-tie-circle",
        "three concurrent insertions at one place are ordered in a circle",
        &[Oracle::Convergence, Oracle::Order, Oracle::History],
        &["text", "lists"],
    ),
    saboteur(
        Flaw::LosesNeighbours,
        "saboteur-lost-neighbour",
        "an element is lost where its left neighbour was deleted concurrently",
        &[Oracle::Convergence, Oracle::Elements, Oracle::History],
        &["text", "lists"],
    ),
    saboteur(
        Flaw::InsertsByOldIndex,
        "saboteur-old-index",
        "the first insertion after a deletion from elsewhere goes by the indices before it",
        &[Oracle::LocalEdit],
        &["text", "lists"],
    ),
    saboteur(
        Flaw::CountsSurrogates,
        "saboteur-surrogate",
        "where a deletion of a surrogate pair arrives, it takes the next character along",
        &[Oracle::Convergence, Oracle::Elements, Oracle::Durability],
        &["text"],
    ),
    saboteur(
        Flaw::ForgetsTombstones,
        "saboteur-tombstone",
        "tombstones are forgotten at a reload, and what was typed behind them goes to the start",
        &[Oracle::Convergence, Oracle::Order, Oracle::History],
        &["storage"],
    ),
    saboteur(
        Flaw::MarksSwallow,
        "saboteur-mark-swallows",
        "a mark runs to the end of the text once somebody else deletes the character behind it",
        &[Oracle::Marks, Oracle::LocalEdit],
        &["rich-text"],
    ),
    saboteur(
        Flaw::UndoesByIndex,
        "saboteur-undo-by-index",
        "undo deletes whatever stands by now where the text was typed",
        &[Oracle::Undo, Oracle::Elements],
        &["text"],
    ),
];

const MAPS_AND_COUNTERS: &[Saboteur] = &[
    saboteur(
        Flaw::CountersForget,
        "saboteur-counter-forgets",
        "of concurrent increments only one counts",
        &[Oracle::Counter],
        &["counters"],
    ),
    saboteur(
        Flaw::WritesByArrival,
        "saboteur-last-arrival",
        "of writes with equal timestamps, each replica keeps the one that arrived last",
        &[Oracle::Convergence, Oracle::History],
        &["maps"],
    ),
    saboteur(
        Flaw::Resurrects,
        "saboteur-resurrects",
        "a key that was deleted here, put again elsewhere and deleted there shows its old value",
        &[Oracle::Convergence, Oracle::Map, Oracle::History, Oracle::Durability],
        &["maps"],
    ),
    saboteur(
        Flaw::TakesEqualContainers,
        "saboteur-equal-container",
        "a container put over one of the same kind that was concurrently written to is not put",
        &[Oracle::Convergence, Oracle::History],
        &["nested"],
    ),
];

const MOVES: &[Saboteur] = &[
    saboteur(
        Flaw::MovesDouble,
        "saboteur-move-doubles",
        "an element that two people move at once is there twice",
        &[Oracle::MovableList, Oracle::Elements],
        &["moves"],
    ),
    saboteur(
        Flaw::TreesCycle,
        "saboteur-tree-cycles",
        "two nodes that are moved under each other at once are gone in a cycle",
        &[Oracle::Tree, Oracle::Claims],
        &["trees"],
    ),
];

const DELIVERY: &[Saboteur] = &[
    saboteur(
        Flaw::LosesWhatWasUnderWay,
        "saboteur-lost-reconnect",
        "an update that was under way when the connection broke is never sent again",
        &[Oracle::Convergence, Oracle::Liveness, Oracle::Pending],
        &["everything"],
    ),
    saboteur(
        Flaw::AppliesTwice,
        "saboteur-applies-twice",
        "an older update that arrives a second time takes effect a second time",
        &[Oracle::Idempotence, Oracle::Convergence, Oracle::Counter, Oracle::Elements],
        &["counters", "text", "lists"],
    ),
    saboteur(
        Flaw::DropsEarly,
        "saboteur-drops-early",
        "an update that arrives before what it builds on is dropped",
        &[Oracle::Convergence, Oracle::Elements, Oracle::History, Oracle::Pending],
        &["text", "everything"],
    ),
    saboteur(
        Flaw::ForgetsToWake,
        "saboteur-never-wakes",
        "an update that waits for another author's waits for ever",
        &[Oracle::Pending],
        &["text", "everything"],
    ),
    saboteur(
        Flaw::ClaimsTooMuch,
        "saboteur-claims",
        "a replica reports edits as seen that still wait for what they build on",
        &[Oracle::Claims, Oracle::Elements, Oracle::Convergence],
        &["text", "everything"],
    ),
    saboteur(
        Flaw::Chatters,
        "saboteur-chatter",
        "once messages have crossed, both sides confirm each other's confirmations for ever",
        &[Oracle::Liveness],
        &["everything"],
    ),
];

const STORAGE: &[Saboteur] = &[
    saboteur(
        Flaw::SavesTooLittle,
        "saboteur-save-drops-last",
        "an incremental save leaves out the commit that has just arrived",
        &[Oracle::Durability],
        &["storage"],
    ),
    saboteur(
        Flaw::ReplaysBackwards,
        "saboteur-replays-backwards",
        "incremental saves are replayed the last one first, and what does not fit is dropped",
        &[Oracle::Durability],
        &["storage"],
    ),
    saboteur(
        Flaw::ForgetsLosers,
        "saboteur-forgets-losers",
        "of values written concurrently, a save holds the one alone that is shown",
        &[Oracle::Convergence, Oracle::History],
        &["maps", "storage"],
    ),
    saboteur(
        Flaw::RefusesWhatWaits,
        "saboteur-refuses-waiting",
        "a save that was written while an update waited is refused as damaged",
        &[Oracle::Refusal],
        &["storage"],
    ),
    saboteur(
        Flaw::ChecksOutByTime,
        "saboteur-checkout-by-time",
        "a checkout goes by timestamps and shows what was concurrent as well",
        &[Oracle::History],
        &["storage"],
    ),
    saboteur(
        Flaw::StaysInThePast,
        "saboteur-stays-in-the-past",
        "after a checkout the document stays as it was then, if something has just arrived",
        &[Oracle::History, Oracle::Convergence],
        &["storage"],
    ),
    saboteur(
        Flaw::ForksShareTheirId,
        "saboteur-fork-shares-id",
        "a fork goes on under the id of its origin",
        &[Oracle::Convergence, Oracle::Elements, Oracle::Claims],
        &["storage"],
    ),
];

const PROCESS: &[Saboteur] = &[
    saboteur(
        Flaw::Panics,
        "saboteur-panics",
        "a merge panics if it meets two unknown local commits in the same container",
        &[Oracle::Panic],
        &["everything"],
    ),
    saboteur(
        Flaw::Aborts,
        "saboteur-aborts",
        "the merge of a deletion ends the process if it meets two unknown local commits",
        &[Oracle::Abort],
        &["everything"],
    ),
    saboteur(
        Flaw::NeverReturns,
        "saboteur-endless-merge",
        "a merge never returns if it meets two unknown local commits, one of the same timestamp",
        &[Oracle::Hang],
        &["everything"],
    ),
];
