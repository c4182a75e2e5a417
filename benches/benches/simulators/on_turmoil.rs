//! The pings on turmoil: a host for each device, with a datagram socket.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use deadzone_benches::ping::{ANSWER, DELAY, MESSAGE_BYTES, PING, Ping, Pinged, WARM_UP};
use deadzone_benches::{Measured, processor_time};
use deadzone_meter::Counts;
use tokio::time::{Instant, interval_at};
use turmoil::net::UdpSocket;
use turmoil::{Builder, Sim};

const SEED: u64 = 1;

const PORT: u16 = 7;

/// turmoil's own; nothing happens between two ticks.
const TICK: Duration = Duration::from_millis(1);

/// Runs them.
pub(crate) fn run(ping: Ping) -> Pinged {
    let before = Counts::now().live;
    let mut sim = Builder::new()
        .rng_seed(SEED)
        .tick_duration(TICK)
        .simulation_duration(Duration::MAX)
        .min_message_latency(DELAY)
        .max_message_latency(DELAY)
        .build();
    let arrived = Rc::new(Cell::new(0));
    for device in 0..ping.devices {
        let arrived = Rc::clone(&arrived);
        sim.host(ip(device), move || live(ping, device, Rc::clone(&arrived)));
    }
    advance(&mut sim, WARM_UP - TICK);
    let idle_bytes = Counts::now().live - before;
    let started = processor_time();
    advance(&mut sim, ping.span + TICK);
    let took = processor_time() - started;
    Pinged { measured: Measured { took, events: arrived.get(), depth: 0 }, idle_bytes }
}

fn advance(sim: &mut Sim<'_>, span: Duration) {
    for _ in 0..span.as_nanos() / TICK.as_nanos() {
        sim.step().expect("no host ends");
    }
}

fn ip(device: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0xc0a8_0001 + device))
}

/// One device: a task that pings, and one that answers.
async fn live(ping: Ping, device: u32, arrived: Rc<Cell<u64>>) -> turmoil::Result {
    let socket = Rc::new(UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?);
    tokio::task::spawn_local(answer(Rc::clone(&socket), arrived));
    let mut turns = interval_at(Instant::now() + ping.first_at(device), ping.period);
    for turn in 0.. {
        turns.tick().await;
        let partner = SocketAddr::new(ip(ping.partner(device, turn)), PORT);
        let mut message = [0; MESSAGE_BYTES];
        message[0] = PING;
        socket.send_to(&message, partner).await?;
    }
    Ok(())
}

async fn answer(socket: Rc<UdpSocket>, arrived: Rc<Cell<u64>>) {
    let mut message = [0; MESSAGE_BYTES];
    while let Ok((_, from)) = socket.recv_from(&mut message).await {
        arrived.set(arrived.get() + 1);
        if message[0] == PING {
            message[0] = ANSWER;
            socket.send_to(&message, from).await.expect("who asked is there");
        }
    }
}
