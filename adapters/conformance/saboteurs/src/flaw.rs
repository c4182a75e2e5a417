//! The faults.

/// A fault of [`crate::Small`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// None: it is sound.
    None,
    /// What was inserted concurrently at one place stands in the order of
    /// arrival.
    ArrivalOrder,
    /// Ties are broken by serial number arithmetic, which is no order of three.
    BreaksTiesInACircle,
    /// An element is lost where its left neighbour was removed concurrently.
    LosesNeighbours,
    /// After a removal from elsewhere, the next insertion goes by old indices.
    InsertsByOldIndex,
    /// A removal from elsewhere counts surrogates as characters.
    CountsSurrogates,
    /// What was removed is forgotten at a reload, and what was inserted behind
    /// it goes to the start.
    ForgetsTombstones,
    /// A mark has no end once another has removed the neighbour behind it.
    MarksSwallow,
    /// The last writer of a counter wins.
    CountersForget,
    /// Of equal timestamps in a map, the one that arrived last wins.
    WritesByArrival,
    /// A key that was put again elsewhere shows its old value once deleted.
    Resurrects,
    /// An empty container over one of the same kind is taken for the old one.
    TakesEqualContainers,
    /// A move is a removal and an insertion.
    MovesDouble,
    /// A move in a tree is not checked for cycles where it arrives.
    TreesCycle,
    /// What was sent before a connection broke is taken for received.
    LosesWhatWasUnderWay,
    /// A commit that arrives a second time takes effect again, but for the last
    /// one of each author.
    AppliesTwice,
    /// A commit that arrives before another author's that it builds on is lost.
    DropsEarly,
    /// A commit that waits for another author's is never looked at again.
    ForgetsToWake,
    /// A commit that waits is reported as seen.
    ClaimsTooMuch,
    /// A batch without news is confirmed, and so is a confirmation.
    Chatters,
    /// An incremental save leaves out what has just arrived.
    SavesTooLittle,
    /// Incremental saves are replayed the last one first.
    ReplaysBackwards,
    /// A save holds no values that lost against others.
    ForgetsLosers,
    /// A store is refused if commits wait in it.
    RefusesWhatWaits,
    /// A checkout goes by time, and shows what is concurrent too.
    ChecksOutByTime,
    /// After a checkout the document stays as it was then, if something has
    /// arrived last.
    StaysInThePast,
    /// A fork has the id of its origin, if that has edited last.
    ForksShareTheirId,
    /// Undo removes whatever stands where the text was typed.
    UndoesByIndex,
    /// A merge with two unknown local commits in the same container panics.
    Panics,
    /// A merge of a removal with two unknown local commits aborts.
    Aborts,
    /// A merge with two unknown local commits, one of the same time, never
    /// returns.
    NeverReturns,
}
