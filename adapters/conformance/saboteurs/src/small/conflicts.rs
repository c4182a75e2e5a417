//! Values that lost against others of which their writers did not know.

use std::collections::BTreeMap;

use super::operation::{Change, Commit, Id, held};
use super::replica::SmallReplica;

impl SmallReplica {
    /// How many values lie under keys beside those that are shown.
    pub(super) fn losers(&self) -> u64 {
        let mut writes: BTreeMap<(Id, &str), Vec<Write<'_>>> = BTreeMap::new();
        for commit in &self.history[self.forgotten..] {
            for (id, operation) in commit.numbered() {
                if let Change::Put { key, value } = &operation.change {
                    let write = Write { id, commit, is_value: value.is_some() };
                    writes.entry((operation.at, key)).or_default().push(write);
                }
            }
        }
        let losers = |writes: &Vec<Write<'_>>| {
            let heads = writes.iter().filter(|one| !writes.iter().any(|it| it.overwrites(one)));
            (heads.filter(|head| head.is_value).count() as u64).saturating_sub(1)
        };
        writes.values().map(losers).sum()
    }
}

struct Write<'a> {
    id: Id,
    commit: &'a Commit,
    is_value: bool,
}

impl Write<'_> {
    fn overwrites(&self, other: &Self) -> bool {
        let same = self.commit.first == other.commit.first;
        let knew = held(&self.commit.after, other.commit.author()) >= other.commit.number;
        if same { self.id > other.id } else { knew }
    }
}
