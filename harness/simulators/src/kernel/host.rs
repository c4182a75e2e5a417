//! A station's host: a namespace.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use deadzone_core::plan::NodeId;
use deadzone_core::time::Time;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::clock::Clock;
use super::fabric::Spaces;
use crate::door::Mailbox;
use crate::station::{self, Host, Reports};

/// Where stations listen.
const PORT: u16 = 7_000;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 128;

/// Starts the station of a node, on a `LocalSet` of tokio's.
///
/// # Errors
/// If it cannot listen.
pub(crate) fn start(
    spaces: Rc<Spaces>,
    node: NodeId,
    mailbox: &Mailbox,
    clock: Clock,
    reports: Reports,
) -> io::Result<()> {
    let listener = spaces.inside(node, || {
        let socket = TcpSocket::new_v4()?;
        // Connections of an earlier start may still be closing.
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::UNSPECIFIED, PORT).into())?;
        socket.listen(BACKLOG)
    })??;
    let listener = Rc::new(RefCell::new(Some(listener)));
    let host = KernelHost { spaces, node, clock, listener };
    let inbox = mailbox.take();
    tokio::task::spawn_local(async move {
        // It fails where there is no listener, and there is one.
        let _ = station::serve(node, host, inbox, reports).await;
    });
    Ok(())
}

/// What a station can do in a namespace.
#[derive(Clone)]
struct KernelHost {
    spaces: Rc<Spaces>,
    node: NodeId,
    clock: Clock,
    /// Until it is listened at.
    listener: Rc<RefCell<Option<TcpListener>>>,
}

impl Host for KernelHost {
    type Stream = TcpStream;
    type Listener = TcpListener;

    fn now(&self) -> Time {
        self.clock.now()
    }

    async fn sleep_until(&self, at: Time) {
        self.clock.sleep_until(at).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(task);
    }

    async fn listen(&self) -> io::Result<TcpListener> {
        let listener = self.listener.borrow_mut().take();
        Ok(listener.expect("a station listens once"))
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<TcpStream> {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn connect(&self, peer: NodeId) -> io::Result<TcpStream> {
        let socket = self.spaces.inside(self.node, TcpSocket::new_v4)??;
        socket.set_nodelay(true)?;
        let address = SocketAddr::new(self.spaces.address_of(peer, self.node), PORT);
        socket.connect(address).await
    }
}
