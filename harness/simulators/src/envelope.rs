//! Messages as bytes, as they go over sockets.

use std::rc::Rc;

use deadzone_core::plan::NodeId;
use deadzone_core::sync::{Body, UpdateId};
use deadzone_core::world::{Channel, Parcel};
use serde::{Deserialize, Serialize};

/// The longest frame: no save of a document is longer.
pub(crate) const FRAME_BYTES_MAX: usize = 1 << 30;

/// A message and what the receiver's node has to know of it.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    depth: u32,
    wire_bytes: u64,
    #[serde(borrow)]
    content: Content<'a>,
}

#[derive(Serialize, Deserialize)]
enum Content<'a> {
    Protocol(&'a [u8]),
    Update { origin: u64, number: u64, bytes: &'a [u8] },
    Acknowledgement { origin: u64, number: u64 },
}

/// What a dialer sends first, to say who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) dialer: u32,
    pub(crate) epoch: u32,
    /// How many frames the listener sends back, each for one of the dialer's.
    pub(crate) echoes: u64,
}

impl Hello {
    /// As bytes.
    pub(crate) fn seal(&self) -> Vec<u8> {
        sealed(self)
    }

    /// From bytes; none if they are none of [`Hello::seal`].
    pub(crate) fn open(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    /// The connection that it begins at this listener.
    pub(crate) fn channel(&self, listener: NodeId) -> Channel {
        Channel { dialer: NodeId(self.dialer), listener, epoch: self.epoch }
    }
}

/// A message as bytes.
pub(crate) fn seal(parcel: &Parcel) -> Vec<u8> {
    let content = match &parcel.body {
        Body::Protocol(bytes) => Content::Protocol(bytes),
        Body::Update(UpdateId { origin, number }, bytes) => {
            Content::Update { origin: *origin, number: *number, bytes }
        }
        Body::Acknowledgement(UpdateId { origin, number }) => {
            Content::Acknowledgement { origin: *origin, number: *number }
        }
    };
    sealed(&Envelope { depth: parcel.depth, wire_bytes: parcel.wire_bytes, content })
}

/// The message that [`seal`] made these bytes of.
///
/// # Panics
/// If it did not make them: the network under it loses messages or keeps them, but
/// does not change them.
pub(crate) fn open(channel: Channel, from: NodeId, bytes: &[u8]) -> Parcel {
    let Envelope { depth, wire_bytes, content } =
        postcard::from_bytes(bytes).expect("a network carries bytes as they are");
    let body = match content {
        Content::Protocol(bytes) => Body::Protocol(Rc::from(bytes)),
        Content::Update { origin, number, bytes } => {
            Body::Update(UpdateId { origin, number }, Rc::from(bytes))
        }
        Content::Acknowledgement { origin, number } => {
            Body::Acknowledgement(UpdateId { origin, number })
        }
    };
    Parcel { channel, from, body, depth, wire_bytes }
}

fn sealed(message: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(message).expect("memory takes it, and every length is known")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened() {
        let channel = Channel { dialer: NodeId(3), listener: NodeId(0), epoch: 7 };
        let id = UpdateId { origin: u64::MAX, number: 12 };
        for body in [
            Body::Protocol(Rc::from([].as_slice())),
            Body::Protocol(Rc::from([0, 255, 1].as_slice())),
            Body::Update(id, Rc::from([9; 300].as_slice())),
            Body::Acknowledgement(id),
        ] {
            let parcel = Parcel { channel, from: NodeId(3), body, depth: 5, wire_bytes: 1_000_000 };
            let opened = open(channel, NodeId(3), &seal(&parcel));
            assert_eq!(format!("{opened:?}"), format!("{parcel:?}"));
        }
        let hello = Hello { dialer: 70_000, epoch: 1, echoes: 2 };
        assert_eq!(Hello::open(&hello.seal()), Some(hello));
        assert_eq!(hello.channel(NodeId(1)).dialer, NodeId(70_000));
    }
}
