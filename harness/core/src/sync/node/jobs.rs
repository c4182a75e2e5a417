//! What the CPU does: engine calls, one job after the other.

use super::*;

impl Node {
    /// Makes sure that there is an agenda; [`Node::work`] gives it back if it
    /// has come to be empty.
    pub(super) fn open_agenda(&mut self, lab: &mut Lab<'_>) {
        if self.agenda.is_none() {
            self.agenda = Some(lab.spares.agenda());
        }
    }

    fn close_agenda(&mut self, lab: &mut Lab<'_>) {
        if let Some(agenda) = self.agenda.take_if(|agenda| agenda.is_empty()) {
            lab.spares.give_back(agenda);
        }
    }

    /// The next message that the radio has taken in by now.
    pub(super) fn next_inbound(&mut self, now: Time) -> Option<Inbound> {
        let inbox = &mut self.agenda.as_mut()?.inbox;
        if inbox.front()?.ready_at > now {
            return None;
        }
        inbox.pop_front()
    }

    pub(super) fn queue(&mut self, job: Job) -> Result<(), Stop> {
        let jobs = &mut self.agenda.get_or_insert_default().jobs;
        if jobs.len() >= JOBS_MAX {
            let who = self.id.0;
            return Err(Stop::Violated(format!("{JOBS_MAX} jobs wait for the CPU of node {who}")));
        }
        jobs.push_back(job);
        Ok(())
    }

    /// Does a job as soon as the CPU gets to it.
    pub(super) fn queue_and_work(
        &mut self,
        now: Time,
        job: Job,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if self.agenda.is_none() && self.cpu.free_at() <= now {
            self.start(now, job, lab, out)?;
            // Nothing else, nearly always.
            return if self.agenda.is_some() { self.work(now, lab, out) } else { Ok(()) };
        }
        self.open_agenda(lab);
        self.queue(job)?;
        self.work(now, lab, out)
    }

    /// Ends the job that is done by now and starts those that may start.
    pub(super) fn work(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        loop {
            if let Some(agenda) = &mut self.agenda
                && let Some(until) = agenda.busy_until
            {
                if until > now {
                    return Ok(());
                }
                agenda.busy_until = None;
                let mut effects = std::mem::take(&mut agenda.effects);
                self.release(until, &mut effects, out)?;
                self.agenda.get_or_insert_default().effects = effects;
            }
            if self.cpu.free_at() > now {
                // Left over from before a crash.
                let until = self.cpu.free_at();
                self.agenda.get_or_insert_default().busy_until = Some(until);
                return Ok(());
            }
            let job = self.agenda.as_mut().and_then(|agenda| agenda.jobs.pop_front());
            let Some(job) = job else {
                self.close_agenda(lab);
                return Ok(());
            };
            self.start(now, job, lab, out)?;
        }
    }

    /// Does a job on the free CPU. What comes of it waits until the CPU is done.
    fn start(
        &mut self,
        now: Time,
        job: Job,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        let mut work = Work(0);
        let mut effects = std::mem::take(&mut lab.spares.effects);
        self.run(now, job, lab, &mut work, &mut effects)?;
        self.tally.work += work;
        let profile = &self.kind.device.cpu;
        let span = Cpu::time_for(profile, lab.model, work);
        let until = self.cpu.run(profile, now, span);
        if until <= now {
            self.release(until, &mut effects, out)?;
        } else {
            self.open_agenda(lab);
            let agenda = self.agenda.get_or_insert_default();
            agenda.busy_until = Some(until);
            std::mem::swap(&mut agenda.effects, &mut effects);
        }
        lab.spares.effects = effects;
        Ok(())
    }

    pub(super) fn run(
        &mut self,
        now: Time,
        job: Job,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        match job {
            Job::Edit { step, asked_at } => self.run_edit(now, step, asked_at, lab, work, effects),
            Job::Join { peer, epoch } => self.run_join(now, peer, epoch, lab, work, effects),
            Job::Leave { peer } => self.run_leave(now, peer, lab, work),
            Job::Poll { peer } => {
                self.session_mut(peer).poll_queued = false;
                self.poll(now, peer, 1, lab, work, effects)
            }
            Job::Receive { peer, message, depth } => {
                self.run_receive(now, peer, &message, depth, lab, work, effects)
            }
            Job::Apply { peer, id, update } => {
                self.run_apply(now, peer, id, update, lab, work, effects)
            }
            Job::Store => self.run_store(now, lab, work, effects),
            Job::Load { since } => self.run_load(now, since, lab, work, effects),
        }
    }

    pub(super) fn run_edit(
        &mut self,
        now: Time,
        step: u32,
        asked_at: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let planned = lab.edits.of(step);
        let unix_milliseconds = self.unix_milliseconds(now);
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let mut edits = std::mem::take(&mut lab.spares.edits);
        let splits = self.kind.splits;
        let cursor = &mut self.cursor;
        let resolved = Layout::of(replica.as_ref(), lab.sandbox, |layout| {
            resolve_into(layout, cursor, planned, splits, &mut edits)
        });
        if !resolved? {
            lab.spares.edits = edits;
            effects.push(Effect::Skipped);
            return Ok(());
        }
        replica.set_clock(unix_milliseconds);
        lab.tell(self.id, Call::Edit { step });
        let edited = lab.call(now, &mut self.heap, work, || replica.edit(&edits))?;
        lab.spares.edits = edits;
        match edited {
            // What the lengths of containers cannot tell: a counter that is not there.
            Err(EngineError::Misplaced(_)) | Ok(Edited::Unchanged) => effects.push(Effect::Skipped),
            Err(error) => return Err(refuse("a local edit", error)),
            Ok(Edited::Applied(stamp)) => {
                lab.tell(self.id, Call::Edited);
                if self.kind.sync.durability == Durability::Strict {
                    self.save(now, lab, work, effects)?;
                }
                effects.push(Effect::Edited { step, stamp, asked_at, held: true });
                // Some engines say only now what of others' work it overlaps with.
                self.note_news(now, lab, effects)?;
            }
            Ok(Edited::Submitted(stamp)) => {
                effects.push(Effect::Edited { step, stamp, asked_at, held: false });
            }
        }
        Ok(())
    }

    pub(super) fn run_join(
        &mut self,
        now: Time,
        peer: NodeId,
        epoch: u32,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let index = self.session_index(peer);
        let session = &mut self.sessions[index];
        if session.epoch != epoch || session.line != Line::Up {
            return Ok(());
        }
        session.joined = true;
        let saved = session.saved.take();
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        lab.tell(self.id, Call::Connect { peer, epoch });
        lab.call(now, &mut self.heap, work, || replica.connect(peer_id, saved.as_deref()))?
            .map_err(|error| refuse("a session state that was saved", error))?;
        self.poll(now, peer, 1, lab, work, effects)
    }

    pub(super) fn run_leave(
        &mut self,
        now: Time,
        peer: NodeId,
        lab: &mut Lab<'_>,
        work: &mut Work,
    ) -> Result<(), Stop> {
        let index = self.session_index(peer);
        if !std::mem::take(&mut self.sessions[index].joined) {
            return Ok(());
        }
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        lab.tell(self.id, Call::Disconnect { peer });
        let saved = lab.call(now, &mut self.heap, work, || replica.disconnect(peer_id))?;
        self.sessions[index].saved = saved.map(Vec::into_boxed_slice);
        Ok(())
    }

    /// Everything that the engine has to say to a peer.
    pub(super) fn poll(
        &mut self,
        now: Time,
        peer: NodeId,
        depth: u32,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let index = self.session_index(peer);
        if !self.sessions[index].joined || self.sessions[index].line != Line::Up {
            return Ok(());
        }
        let epoch = self.sessions[index].epoch;
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        for _ in 0..MESSAGES_PER_POLL_MAX {
            lab.tell(self.id, Call::Poll { peer });
            let message = lab.call(now, &mut self.heap, work, || replica.poll(peer_id))?;
            let message = message.map(Rc::from);
            lab.tell(self.id, Call::Polled { peer, message: message.as_ref() });
            let Some(message) = message else { return Ok(()) };
            effects.push(Effect::Send { peer, epoch, body: Body::Protocol(message), depth });
        }
        Err(Stop::Violated(format!(
            "chatter: {MESSAGES_PER_POLL_MAX} messages for one peer at once, and no end"
        )))
    }

    #[expect(clippy::too_many_arguments, reason = "a job and the context of its run")]
    pub(super) fn run_receive(
        &mut self,
        now: Time,
        peer: NodeId,
        message: &Rc<[u8]>,
        depth: u32,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        if !self.session(peer).joined {
            return Ok(());
        }
        self.hold_cursor(lab)?;
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        lab.tell(self.id, Call::Receive { peer, message });
        lab.call(now, &mut self.heap, work, || replica.receive(peer_id, message))?
            .map_err(|error| refuse("a message of another replica", error))?;
        let news = self.note_news(now, lab, effects)?;
        self.poll(now, peer, depth + 1, lab, work, effects)?;
        if news {
            effects.push(Effect::Spread { except: Some(peer) });
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a job and the context of its run")]
    pub(super) fn run_apply(
        &mut self,
        now: Time,
        peer: NodeId,
        id: UpdateId,
        update: Rc<[u8]>,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        self.hold_cursor(lab)?;
        let Some(replica) = &mut self.replica else { return Ok(()) };
        lab.tell(self.id, Call::Apply { id });
        lab.call(now, &mut self.heap, work, || replica.apply(&update))?
            .map_err(|error| refuse("an update of another replica", error))?;
        self.note_news(now, lab, effects)?;
        self.store_soon(now);
        let broadcast = self.broadcast.get_or_insert_default();
        broadcast.receipts.push((peer, id));
        if broadcast.known.insert(id) {
            effects.push(Effect::Publish { id, update, except: Some(peer) });
        }
        Ok(())
    }

    /// Others' edits are about to be applied: whoever works here keeps their place.
    fn hold_cursor(&mut self, lab: &mut Lab<'_>) -> Result<(), Stop> {
        let Some(replica) = &self.replica else { return Ok(()) };
        let (cursor, splits) = (&mut self.cursor, self.kind.splits);
        Layout::of(replica.as_ref(), lab.sandbox, |layout| cursor.hold(layout, splits))?;
        Ok(())
    }

    /// Saves, and where updates travel by themselves puts the new ones into the
    /// outboxes: what is stored and what will be sent must not part.
    pub(super) fn run_store(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        if self.broadcasts() {
            let Some(replica) = &mut self.replica else { return Ok(()) };
            let updates = lab.call(now, &mut self.heap, work, || replica.take_updates())?;
            let broadcast = self.broadcast.get_or_insert_default();
            let origin = u64::from(self.id.0) << 32 | u64::from(self.incarnation);
            let first = UpdateId { origin, number: broadcast.updates_made };
            lab.tell(self.id, Call::Took { first, count: updates.len() });
            for update in updates {
                let id = UpdateId { origin, number: broadcast.updates_made };
                broadcast.updates_made += 1;
                broadcast.known.insert(id);
                effects.push(Effect::Publish { id, update: update.into(), except: None });
            }
        }
        self.save(now, lab, work, effects)?;
        if let Some(broadcast) = &mut self.broadcast {
            let receipts = broadcast.receipts.drain(..);
            effects.extend(receipts.map(|(peer, id)| Effect::Acknowledge { peer, id }));
        }
        Ok(())
    }

    pub(super) fn save(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let whole = self.storage.chunks().is_empty() || self.storage.wants_whole();
        let how = if whole { Save::Whole } else { Save::Incremental };
        lab.tell(self.id, Call::Save { whole });
        let bytes = lab.call(now, &mut self.heap, work, || replica.save(how))?;
        lab.tell(self.id, Call::Saved { bytes: &bytes });
        effects.push(Effect::Write { bytes, whole });
        Ok(())
    }

    pub(super) fn run_load(
        &mut self,
        now: Time,
        since: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let broadcast = &self.broadcast;
        let keeps = |id| broadcast.as_ref().is_some_and(|broadcast| broadcast.known.contains(id));
        lab.tell(self.id, Call::Load { chunks: self.storage.chunks(), keeps: &keeps });
        if self.storage.chunks().is_empty() {
            self.create(now, lab)?;
        } else {
            let setup = lab.setup(self.replica_id(), self.kind.role);
            let (engine, chunks) = (lab.engine, self.storage.chunks());
            let loaded = lab.call(now, &mut self.heap, work, || engine.load(&setup, chunks))?;
            self.replica = Some(loaded.map_err(|error| refuse("what was stored", error))?);
        }
        self.note_news(now, lab, effects)?;
        effects.push(Effect::Loaded { since });
        Ok(())
    }

    pub(super) fn create(&mut self, now: Time, lab: &mut Lab<'_>) -> Result<(), Stop> {
        let setup = lab.setup(self.replica_id(), self.kind.role);
        let engine = lab.engine;
        // Not charged: every app starts some time, and before its first edit.
        let created = lab.call(now, &mut self.heap, &mut Work(0), || engine.create(&setup))?;
        self.replica = Some(created.map_err(|error| refuse("a new document", error))?);
        Ok(())
    }

    pub(super) fn replica_id(&self) -> ReplicaId {
        id_from(self.stream, self.incarnation)
    }

    pub(super) fn unix_milliseconds(&self, now: Time) -> u64 {
        let since_start = (now.as_nanos() / 1_000_000) as i64;
        let shown = EPOCH_UNIX_MILLISECONDS + since_start + self.clock_offset_milliseconds;
        u64::try_from(shown).unwrap_or(0)
    }

    /// Whether others' edits arrived in the call before.
    pub(super) fn note_news(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<bool, Stop> {
        let Some(replica) = &mut self.replica else { return Ok(false) };
        let mut seen = Vec::new();
        ask(lab.sandbox, || replica.newly_seen(&mut seen))?;
        if seen.is_empty() {
            return Ok(false);
        }
        effects.extend(seen.into_iter().map(Effect::Saw));
        self.store_soon(now);
        Ok(true)
    }

    pub(super) fn store_soon(&mut self, now: Time) {
        self.store_at = self.store_at.min(now + self.kind.sync.save_interval);
    }
}
