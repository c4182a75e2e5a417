//! The pings on madsim: a node for each device, with a datagram socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadzone_benches::ping::{ANSWER, DELAY, MESSAGE_BYTES, PING, Ping, Pinged, WARM_UP};
use deadzone_benches::{Measured, processor_time};
use deadzone_meter::Counts;
use madsim::Config;
use madsim::net::UdpSocket;
use madsim::runtime::Runtime;
use madsim::time::{Instant, interval_at, sleep};

const SEED: u64 = 1;

const PORT: u16 = 7;

/// madsim's own.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// Runs them.
///
/// madsim adds a random delay below 5 µs, rounded up to its shortest sleep, to
/// each sending and each receiving; that is its own and stays.
pub(crate) fn run(ping: Ping) -> Pinged {
    let mut config = Config::default();
    // An empty range cannot be drawn from.
    config.net.send_latency = DELAY..DELAY + Duration::from_nanos(1);
    let before = Counts::now().live;
    let runtime = Runtime::with_seed_and_config(SEED, config);
    let arrived = Arc::new(AtomicU64::new(0));
    for device in 0..ping.devices {
        let node = runtime.create_node().ip(ip(device)).build();
        node.spawn(live(ping, device, Arc::clone(&arrived)));
    }
    let (idle_bytes, took) = runtime.block_on(async {
        sleep(WARM_UP - SHORTEST_SLEEP).await;
        let idle_bytes = Counts::now().live - before;
        let started = processor_time();
        sleep(ping.span + SHORTEST_SLEEP).await;
        (idle_bytes, processor_time() - started)
    });
    let events = arrived.load(Ordering::Relaxed);
    Pinged { measured: Measured { took, events, depth: 0 }, idle_bytes }
}

fn ip(device: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0x0a00_0001 + device))
}

/// One device: a task that pings, and one that answers.
async fn live(ping: Ping, device: u32, arrived: Arc<AtomicU64>) {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await;
    let socket = Arc::new(socket.expect("the port is free"));
    madsim::task::spawn(answer(Arc::clone(&socket), arrived));
    #[expect(clippy::disallowed_methods, reason = "inside madsim the clock is virtual")]
    let began = Instant::now();
    let mut turns = interval_at(began + ping.first_at(device), ping.period);
    for turn in 0.. {
        turns.tick().await;
        let partner = SocketAddr::new(ip(ping.partner(device, turn)), PORT);
        let mut message = [0; MESSAGE_BYTES];
        message[0] = PING;
        socket.send_to(partner, &message).await.expect("the partner is there");
    }
}

async fn answer(socket: Arc<UdpSocket>, arrived: Arc<AtomicU64>) {
    let mut message = [0; MESSAGE_BYTES];
    while let Ok((_, from)) = socket.recv_from(&mut message).await {
        arrived.fetch_add(1, Ordering::Relaxed);
        if message[0] == PING {
            message[0] = ANSWER;
            socket.send_to(from, &message).await.expect("who asked is there");
        }
    }
}
