//! How many bytes a message becomes on the wire: a table of constants, each
//! with its source. Acknowledgements on the way back are not counted.

/// Ethernet's payload, the usual limit of a packet on the way.
pub const MTU: u64 = 1_500;
/// IPv4 header without options (RFC 791, section 3.1).
pub const IPV4_HEADER: u64 = 20;
/// TCP header without options (RFC 9293, section 3.1).
pub const TCP_HEADER: u64 = 20;
/// The timestamps option, padded (RFC 7323, section 3.2); on by default.
pub const TCP_TIMESTAMPS: u64 = 12;
/// What each TCP segment adds.
pub const SEGMENT_OVERHEAD: u64 = IPV4_HEADER + TCP_HEADER + TCP_TIMESTAMPS;
/// What a TCP segment holds at most.
pub const MAXIMUM_SEGMENT: u64 = MTU - SEGMENT_OVERHEAD;
/// A TLS 1.3 record: header 5, content type 1, authentication tag 16 (RFC 8446,
/// section 5.2, with AES-GCM or ChaCha20-Poly1305).
pub const TLS_RECORD: u64 = 5 + 1 + 16;
/// The most that a TLS record holds (RFC 8446, section 5.1).
pub const TLS_RECORD_LIMIT: u64 = 16_384;
/// The header of a WebSocket frame from a client: 2, extended length 2, masking
/// key 4 (RFC 6455, section 5.2). Two less for payloads under 126 bytes and six
/// more from 64 KiB on, which is left aside.
pub const WEBSOCKET_FRAME: u64 = 8;
/// UDP header (RFC 768).
pub const UDP_HEADER: u64 = 8;
/// A DTLS 1.3 record: header with sequence number and length 5, content type 1,
/// authentication tag 16 (RFC 9147, section 4).
pub const DTLS_RECORD: u64 = 5 + 1 + 16;
/// What each datagram adds.
pub const DATAGRAM_OVERHEAD: u64 = IPV4_HEADER + UDP_HEADER + DTLS_RECORD;
/// What a datagram holds at most; larger messages go in several.
pub const MAXIMUM_DATAGRAM: u64 = MTU - DATAGRAM_OVERHEAD;
/// What a new connection may send before the first acknowledgement (RFC 6928:
/// ten segments of 1460 bytes).
pub const INITIAL_WINDOW: u64 = 14_600;

/// A message cut into packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packets {
    /// How many; at least one.
    pub count: u64,
    /// Bytes on the wire of all packets but the last.
    pub full: u64,
    /// Bytes on the wire of the last packet.
    pub last: u64,
}

impl Packets {
    /// The segments of a message of `payload_bytes` in a WebSocket frame over
    /// TLS over TCP.
    pub fn of_stream(payload_bytes: u64) -> Self {
        Self::cut(stream_bytes(payload_bytes), MAXIMUM_SEGMENT, SEGMENT_OVERHEAD)
    }

    /// The datagrams of a message of `payload_bytes`.
    pub fn of_datagrams(payload_bytes: u64) -> Self {
        Self::cut(payload_bytes, MAXIMUM_DATAGRAM, DATAGRAM_OVERHEAD)
    }

    fn cut(bytes: u64, most: u64, overhead: u64) -> Self {
        let count = bytes.div_ceil(most).max(1);
        Self { count, full: most + overhead, last: bytes - (count - 1) * most + overhead }
    }

    /// Bytes on the wire of all packets.
    pub fn wire_bytes(&self) -> u64 {
        (self.count - 1).saturating_mul(self.full).saturating_add(self.last)
    }
}

/// Bytes of a message in a connection's stream: payload, WebSocket frame, and as
/// many TLS records as it takes.
pub fn stream_bytes(payload_bytes: u64) -> u64 {
    let framed = payload_bytes.saturating_add(WEBSOCKET_FRAME);
    framed.saturating_add(framed.div_ceil(TLS_RECORD_LIMIT) * TLS_RECORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_gives_the_usual_figures() {
        assert_eq!((SEGMENT_OVERHEAD, MAXIMUM_SEGMENT), (52, 1_448));
        assert_eq!((DATAGRAM_OVERHEAD, MAXIMUM_DATAGRAM), (50, 1_450));
    }

    #[test]
    fn messages_are_cut_into_packets() {
        for (payload, stream, datagrams) in [
            (0, (1, 82), (1, 50)),
            (27, (1, 109), (1, 77)),
            (1_418, (1, 1_500), (1, 1_468)),
            (1_419, (2, 1_553), (1, 1_469)),
            (1_450, (2, 1_584), (1, 1_500)),
            (1_451, (2, 1_585), (2, 1_551)),
            (16_376, (12, 16_376 + 8 + 22 + 12 * 52), (12, 16_376 + 12 * 50)),
            (16_377, (12, 16_377 + 8 + 44 + 12 * 52), (12, 16_377 + 12 * 50)),
        ] {
            let of = |packets: Packets| (packets.count, packets.wire_bytes());
            assert_eq!(of(Packets::of_stream(payload)), stream, "{payload}");
            assert_eq!(of(Packets::of_datagrams(payload)), datagrams, "{payload}");
        }
    }
}
