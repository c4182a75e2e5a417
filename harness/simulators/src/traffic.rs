//! What is under way on a network, to know when there is nothing to wait for.

use std::collections::BTreeMap;

use deadzone_core::plan::NodeId;
use deadzone_core::world::{Channel, Heard};

use crate::envelope;
use crate::station::Report;

/// What is under way on a network.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    flows: BTreeMap<Channel, Flow>,
}

#[derive(Debug, Default)]
struct Flow {
    connecting: bool,
    /// Messages handed over and not arrived.
    under_way: u64,
    /// Whether some of them never will.
    lossy: bool,
    /// Whether one side has ended it and the other has still to hear of that.
    ending: bool,
}

impl Traffic {
    pub(crate) fn connect(&mut self, channel: Channel) {
        self.flows.insert(channel, Flow { connecting: true, ..Flow::default() });
    }

    fn connected(&mut self, channel: Channel) {
        if let Some(flow) = self.flows.get_mut(&channel) {
            flow.connecting = false;
        }
    }

    pub(crate) fn carry(&mut self, channel: Channel) {
        self.flows.entry(channel).or_default().under_way += 1;
    }

    fn arrived(&mut self, channel: Channel) {
        if let Some(flow) = self.flows.get_mut(&channel) {
            flow.under_way = flow.under_way.saturating_sub(1);
        }
    }

    /// What a station has reported, as the world hears of it.
    pub(crate) fn heard(&mut self, report: Report) -> Heard {
        match report {
            Report::Connected(channel) => {
                self.connected(channel);
                Heard::Connected(channel)
            }
            Report::Read { channel, from, frame } => {
                self.arrived(channel);
                Heard::Arrived(envelope::open(channel, from, &frame))
            }
            Report::Closed { channel, at } => {
                self.ended(channel);
                Heard::Closed { channel, at }
            }
        }
    }

    /// A side has ended it; `told` if the other side will hear of that.
    pub(crate) fn end(&mut self, channel: Channel, told: bool) {
        let Some(flow) = self.flows.get_mut(&channel) else { return };
        if told && !flow.connecting && !flow.ending {
            *flow = Flow { ending: true, ..Flow::default() };
        } else {
            self.flows.remove(&channel);
        }
    }

    /// Both sides know of the end.
    pub(crate) fn ended(&mut self, channel: Channel) {
        self.flows.remove(&channel);
    }

    /// The way between these two is cut: what is under way on it is lost.
    pub(crate) fn spoil(&mut self, dialer: NodeId, listener: NodeId) {
        for (channel, flow) in &mut self.flows {
            if (channel.dialer, channel.listener) == (dialer, listener) {
                flow.lossy |= flow.under_way > 0;
            }
        }
    }

    /// Connections between these two that have lost something.
    pub(crate) fn lossy(&self, dialer: NodeId, listener: NodeId) -> Vec<Channel> {
        let lossy = |(channel, flow): (&Channel, &Flow)| {
            let between = (channel.dialer, channel.listener) == (dialer, listener);
            (between && flow.lossy).then_some(*channel)
        };
        self.flows.iter().filter_map(lossy).collect()
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.flows.values().any(|flow| flow.connecting || flow.under_way > 0 || flow.ending)
    }
}
