//! What an adapter writes as tests of its engine alone, held to the files that it
//! wrote before, which are compiled and run.

use std::fs;
use std::path::PathBuf;

use deadzone_core::check::{Oracle, Violation};
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::Engine;
use deadzone_core::replay::{Ending, Happened, Repro, Story};
use deadzone_core::schedule::{ReplicaNumber, Schedule};

use crate::stories::{self, as_if, tell, up_to};

/// The tests that are generated for an engine.
pub struct Generated {
    engine: Box<dyn Engine>,
    folder: PathBuf,
}

impl Generated {
    /// Those that lie in `tests/generated` of the adapter's folder.
    pub fn of(engine: impl Engine + 'static, adapter: &str) -> Self {
        Self { engine: Box::new(engine), folder: PathBuf::from(adapter).join("tests/generated") }
    }

    /// What happens when the engine runs a schedule.
    ///
    /// # Panics
    /// If a step is skipped.
    pub fn tell(&self, schedule: &Schedule) -> Story {
        tell(self.engine.as_ref(), schedule)
    }

    /// The story as a test.
    ///
    /// # Panics
    /// If the adapter cannot write that.
    pub fn repro(&self, story: &Story) -> Repro {
        self.engine.repro(story).expect("the adapter can write it")
    }

    /// Holds a file to the source that is made now. With `UPDATE_GENERATED` set it
    /// writes the file instead.
    ///
    /// # Panics
    /// If the file has other bytes, or cannot be read or written.
    pub fn hold(&self, name: &str, source: &str) {
        let file = self.folder.join(format!("{name}.rs"));
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            fs::write(&file, source).expect("the folder is there");
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        let file = file.display();
        assert!(known == source, "{file} is not what is made now; UPDATE_GENERATED=1 writes it");
    }

    /// Holds the test of a schedule that the engine passes.
    ///
    /// # Panics
    /// As [`Self::hold`], and if the engine does not pass it.
    pub fn hold_healthy(&self, name: &str, schedule: &Schedule) {
        let story = self.tell(schedule);
        assert_eq!(story.ending, Ending::Held);
        self.hold(name, &self.repro(&story).source);
    }

    /// Holds the test of a story that fails, with this message.
    ///
    /// # Panics
    /// As [`Self::hold`].
    pub fn hold_failing(&self, name: &str, story: &Story, message: &str) {
        self.hold(name, &failing(&self.repro(story).source, message));
    }

    /// Holds the test of the story as if it had ended like this.
    ///
    /// # Panics
    /// As [`Self::hold`].
    pub fn hold_as_if(&self, name: &str, story: Story, violation: Violation) {
        self.hold(name, &self.repro(&as_if(story, violation)).source);
    }

    /// Holds what is asserted where something does not hold, of stories in which it
    /// does.
    ///
    /// # Panics
    /// As [`Self::hold`].
    pub fn hold_what_is_demanded(&self) {
        let hold = |name: &str, story: Story, oracle, about, replica| {
            let violation = Violation::new(oracle, about, "something else happens");
            self.hold_as_if(name, story, violation.at(ReplicaNumber(replica)));
        };
        let chain = self.tell(&stories::chain_in_reverse());
        hold("backwards", chain.clone(), Oracle::History, "backwards", 2);
        hold("nothing_waits", chain, Oracle::Pending, "updates", 2);
        let snapshots = self.tell(&stories::snapshots());
        hold("snapshot", snapshots, Oracle::History, "snapshot", 0);
        let protocol = self.tell(&stories::protocol());
        let restarted = |what: &Happened| matches!(what, Happened::Restarted { .. });
        hold("restored", up_to(protocol, restarted), Oracle::Durability, "document", 0);
    }

    /// Holds what ends the process, or does not end, of stories in which it does
    /// neither. The source of the one that does not end.
    ///
    /// # Panics
    /// As [`Self::hold`].
    pub fn hold_what_kills(&self) -> String {
        let merged = |what: &Happened| matches!(what, Happened::Merged { .. });
        let merging = up_to(self.tell(&stories::snapshots()), merged);
        let at = ReplicaNumber(1);
        let abort = Violation::new(Oracle::Abort, "signal-6", "the engine aborted");
        self.hold_as_if("abort", merging.clone(), abort.at(at));
        let said = "the engine ran past its limit of work";
        let hang = as_if(merging, Violation::new(Oracle::Hang, "work", said).at(at));
        let source = self.repro(&hang).source;
        self.hold("hang", &source);
        source
    }

    /// Holds what would never fall silent, of a story in which it does.
    ///
    /// # Panics
    /// As [`Self::hold`].
    pub fn hold_what_talks(&self) {
        let said = "replica 0 and replica 2 still talk";
        let chatter = Violation::new(Oracle::Liveness, "chatter", said);
        let chatter = chatter.at(ReplicaNumber(0)).at(ReplicaNumber(2));
        self.hold_as_if("silent", self.tell(&stories::protocol()), chatter);
    }

    /// Where what would be right cannot be computed, what is wrong is named.
    ///
    /// # Panics
    /// As [`Self::hold`].
    pub fn hold_what_is_wrong_today(&self, kinds: &[ContainerKind]) {
        let story = self.tell(&stories::broadcast(kinds));
        let wrong = Violation::new(Oracle::Elements, "text", "an element of replica 1 is lost");
        let story = as_if(story, wrong.at(ReplicaNumber(1)));
        self.hold_failing("wrong_today", &story, "b shows what it must not");
    }
}

/// The test, if it must fail with this message.
pub fn failing(source: &str, message: &str) -> String {
    let fails = format!("#[test]\n#[should_panic(expected = {message:?})]\n");
    source.replacen("#[test]\n", &fails, 1)
}
