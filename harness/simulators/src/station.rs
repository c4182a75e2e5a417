//! What runs on each simulated host: it listens, dials, writes and reads frames, and
//! knows nothing of documents.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use deadzone_core::plan::NodeId;
use deadzone_core::time::{Span, Time};
use deadzone_core::world::Channel;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::codec::{Framed, FramedParts, FramedRead, FramedWrite, LengthDelimitedCodec};
use tokio_util::sync::CancellationToken;

use crate::door::Inbox;
use crate::envelope::{FRAME_BYTES_MAX, Hello};

/// What a host can do.
pub(crate) trait Host: Clone + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;
    /// Where others can connect to.
    type Listener: 'static;

    /// The time that results have.
    fn now(&self) -> Time;
    async fn sleep_until(&self, at: Time);
    fn spawn(&self, task: impl Future<Output = ()> + 'static);
    async fn listen(&self) -> io::Result<Self::Listener>;
    async fn accept(&self, listener: &Self::Listener) -> io::Result<Self::Stream>;
    async fn connect(&self, peer: NodeId) -> io::Result<Self::Stream>;
}

/// What a host is told to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Set up a connection, from `at` on; after that so many small frames go there
    /// and back.
    Connect { channel: Channel, at: Time, echoes: u64 },
    /// Write a frame, from `at` on; the frame before it on the same connection and
    /// this one have `serialization` between them.
    Write { channel: Channel, at: Time, serialization: Span, frame: Vec<u8> },
    /// Drop a connection, or an attempt.
    Close(Channel),
}

/// What a host has to tell.
#[derive(Debug)]
pub(crate) enum Report {
    /// The dialer of a connection is through.
    Connected(Channel),
    /// A frame has come in from that side.
    Read { channel: Channel, from: NodeId, frame: Bytes },
    /// The other side has ended it.
    Closed { channel: Channel, at: NodeId },
}

pub(crate) type Reports = UnboundedSender<(Time, Report)>;

/// A frame that is to be written.
struct Outgoing {
    at: Time,
    serialization: Span,
    frame: Vec<u8>,
}

/// A connection as its host sees it.
struct Line {
    outgoing: UnboundedSender<Outgoing>,
    /// What is to be written, until there is a stream.
    waiting: Option<UnboundedReceiver<Outgoing>>,
    end: CancellationToken,
}

impl Line {
    fn new(station_end: &CancellationToken) -> Self {
        let (outgoing, waiting) = unbounded_channel();
        Self { outgoing, waiting: Some(waiting), end: station_end.child_token() }
    }
}

/// The station of one node.
struct Station<H: Host> {
    node: NodeId,
    host: H,
    reports: Reports,
    lines: Rc<RefCell<BTreeMap<Channel, Line>>>,
    end: CancellationToken,
}

impl<H: Host> Clone for Station<H> {
    fn clone(&self) -> Self {
        let Self { node, host, reports, lines, end } = self;
        let (host, reports) = (host.clone(), reports.clone());
        Self { node: *node, host, reports, lines: lines.clone(), end: end.clone() }
    }
}

/// Serves a node until its host dies.
pub(crate) async fn serve<H: Host>(
    node: NodeId,
    host: H,
    inbox: Inbox,
    reports: Reports,
) -> io::Result<()> {
    let Inbox { mut commands, end } = inbox;
    let listener = host.listen().await?;
    let station = Station { node, host, reports, lines: Rc::default(), end };
    station.spawn_until(&station.end, station.clone().accept(listener));
    while let Some(command) = commands.recv().await {
        station.obey(command);
    }
    Ok(())
}

impl<H: Host> Station<H> {
    async fn accept(self, listener: H::Listener) {
        // A listener fails with its host.
        while let Ok(stream) = self.host.accept(&listener).await {
            self.spawn_until(&self.end, self.clone().answer(stream));
        }
    }

    /// Starts a task that is dropped at an end.
    fn spawn_until(&self, end: &CancellationToken, task: impl Future<Output = ()> + 'static) {
        let end = end.clone();
        self.host.spawn(async move {
            tokio::select! {
                biased;
                () = end.cancelled() => {}
                () = task => {}
            }
        });
    }

    fn obey(&self, command: Command) {
        match command {
            Command::Connect { channel, at, echoes } => {
                let end = self.with_line(channel, |line| line.end.clone());
                self.spawn_until(&end, self.clone().dial(channel, at, echoes));
            }
            Command::Write { channel, at, serialization, frame } => {
                let outgoing = Outgoing { at, serialization, frame };
                // Nobody takes it if the stream has just ended.
                let _ = self.with_line(channel, |line| line.outgoing.send(outgoing));
            }
            Command::Close(channel) => {
                if let Some(line) = self.lines.borrow_mut().remove(&channel) {
                    line.end.cancel();
                }
            }
        }
    }

    /// The line of a connection; a new one if nobody has spoken of it before.
    fn with_line<T>(&self, channel: Channel, act: impl FnOnce(&mut Line) -> T) -> T {
        let mut lines = self.lines.borrow_mut();
        act(lines.entry(channel).or_insert_with(|| Line::new(&self.end)))
    }

    fn report(&self, report: Report) {
        // Nobody listens any more once the run is over.
        let _ = self.reports.send((self.host.now(), report));
    }

    async fn dial(self, channel: Channel, at: Time, echoes: u64) {
        self.host.sleep_until(at).await;
        let peer = channel.listener;
        // A dialer that gets no answer is told to give up.
        let Ok(stream) = self.host.connect(peer).await else { return };
        let mut framed = Framed::new(stream, codec());
        let hello = Hello { dialer: channel.dialer.0, epoch: channel.epoch, echoes };
        if framed.send(Bytes::from(hello.seal())).await.is_err() {
            return;
        }
        for number in 0..echoes {
            let Some(Ok(_)) = framed.next().await else { return };
            if number + 1 < echoes && framed.send(Bytes::new()).await.is_err() {
                return;
            }
        }
        self.report(Report::Connected(channel));
        self.run_line(channel, framed);
    }

    /// Somebody has connected.
    async fn answer(self, stream: H::Stream) {
        let mut framed = Framed::new(stream, codec());
        let Some(Ok(first)) = framed.next().await else { return };
        let Some(hello) = Hello::open(&first) else { return };
        for number in 0..hello.echoes {
            if number > 0 && !matches!(framed.next().await, Some(Ok(_))) {
                return;
            }
            if framed.send(Bytes::new()).await.is_err() {
                return;
            }
        }
        self.run_line(hello.channel(self.node), framed);
    }

    /// Frames go both ways from here on.
    fn run_line(&self, channel: Channel, framed: Framed<H::Stream, LengthDelimitedCodec>) {
        let (waiting, end) =
            self.with_line(channel, |line| (line.waiting.take(), line.end.clone()));
        // A second stream for the same connection is none of ours.
        let Some(waiting) = waiting else { return };
        let FramedParts { io, read_buf, .. } = framed.into_parts();
        let (read, write) = tokio::io::split(io);
        self.spawn_until(&end, write_frames(self.host.clone(), write, waiting));
        self.spawn_until(&end, self.clone().read_frames(channel, read, read_buf));
    }

    async fn read_frames(self, channel: Channel, read: ReadHalf<H::Stream>, begun: BytesMut) {
        let mut frames = FramedRead::new(read, codec());
        *frames.read_buffer_mut() = begun;
        while let Some(Ok(frame)) = frames.next().await {
            let from = channel.peer_of(self.node);
            self.report(Report::Read { channel, from, frame: frame.freeze() });
        }
        self.report(Report::Closed { channel, at: self.node });
        if let Some(line) = self.lines.borrow_mut().remove(&channel) {
            line.end.cancel();
        }
    }
}

async fn write_frames<H: Host>(
    host: H,
    write: WriteHalf<H::Stream>,
    mut outgoing: UnboundedReceiver<Outgoing>,
) {
    let mut frames = FramedWrite::new(write, codec());
    let mut free_at = Time::ZERO;
    while let Some(Outgoing { at, serialization, frame }) = outgoing.recv().await {
        free_at = free_at.max(at) + serialization;
        host.sleep_until(free_at).await;
        if frames.send(Bytes::from(frame)).await.is_err() {
            return;
        }
    }
}

fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().max_frame_length(FRAME_BYTES_MAX).new_codec()
}
