//! The way into a simulated host from outside: its commands, and its end.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::station::Command;

/// What a station reads its commands from, from one start of its host to the next.
pub(crate) struct Inbox {
    pub(crate) commands: UnboundedReceiver<Command>,
    /// Once this is so, nothing of the station goes on.
    pub(crate) end: CancellationToken,
}

/// Where a host finds its inbox when it starts.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Mutex<Option<Inbox>>>);

impl Mailbox {
    /// To be called once for each start.
    pub(crate) fn take(&self) -> Inbox {
        let inbox = self.0.lock().expect("no holder panics").take();
        inbox.expect("each start has an inbox of its own")
    }
}

/// The outer side.
pub(crate) struct Door {
    commands: UnboundedSender<Command>,
    end: CancellationToken,
    mailbox: Mailbox,
}

impl Door {
    /// With an inbox for the first start.
    pub(crate) fn new() -> Self {
        let (commands, inbox) = unbounded_channel();
        let end = CancellationToken::new();
        let inbox = Inbox { commands: inbox, end: end.clone() };
        Self { commands, end, mailbox: Mailbox(Arc::new(Mutex::new(Some(inbox)))) }
    }

    pub(crate) fn mailbox(&self) -> Mailbox {
        self.mailbox.clone()
    }

    pub(crate) fn tell(&self, command: Command) {
        // A host that is off hears nothing.
        let _ = self.commands.send(command);
    }

    /// Its host dies.
    pub(crate) fn shut(&self) {
        self.end.cancel();
    }

    /// Its host starts again.
    pub(crate) fn open_again(&mut self) {
        let Self { commands, end, mailbox } = Self::new();
        (self.commands, self.end) = (commands, end);
        let inbox = mailbox.take();
        *self.mailbox.0.lock().expect("no holder panics") = Some(inbox);
    }
}
