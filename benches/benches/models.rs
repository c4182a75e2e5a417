//! The parts of the world by themselves: links, radios, who has seen what, the
//! queue.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use deadzone_benches::fleet;
use deadzone_core::device::Radios;
use deadzone_core::engine::{Seen, Stamp};
use deadzone_core::event::Queue;
use deadzone_core::measure::Sightings;
use deadzone_core::network::{Link, Route};
use deadzone_core::plan::NodeId;
use deadzone_core::profile::{DeviceRadio, LinkProfile, Loss};
use deadzone_core::rng::Stream;
use deadzone_core::time::{Span, Time};
use deadzone_core::units::PartsPerMillion;

/// How many things are done in one measured turn.
const TURNS: u64 = 1_000;

/// Between two messages.
const GAP: Span = Span::from_millis(200);

/// The bytes of a message: about a keystroke in the protocol of any engine.
const MESSAGE_BYTES: u64 = 100;

/// The LTE link of a phone and the radio that carries it.
fn lte() -> (LinkProfile, DeviceRadio) {
    let group = fleet(1).scenario.fleet.remove(0);
    let link = group.links[0].clone();
    let radio = group.device.radios.iter().find(|radio| radio.technology == link.technology);
    (link.clone(), radio.expect("the scenario is valid").clone())
}

fn links(criterion: &mut Criterion) {
    let (clean, _) = lte();
    let mut lossy = clean.clone();
    lossy.up.loss = Loss::Random(PartsPerMillion(10_000));
    let mut group = criterion.benchmark_group("link");
    group.throughput(Throughput::Elements(TURNS));
    for (name, profile) in [("clean", &clean), ("lossy", &lossy)] {
        let backbone_one_way = Span::from_millis(20);
        let up = Some(&profile.up);
        let route = Route { up, down: None, backbone_one_way, slow_factor: 1 };
        for (way, reliable) in [("reliable", true), ("datagram", false)] {
            group.bench_function(BenchmarkId::new(way, name), |bencher| {
                let fresh = || Link::new(Stream::root(1).named("link"));
                bencher.iter_batched_ref(
                    fresh,
                    |link| {
                        let mut now = Time::ZERO;
                        for _ in 0..TURNS {
                            now += GAP;
                            if reliable {
                                black_box(link.send_reliable(now, &route, MESSAGE_BYTES));
                            } else {
                                black_box(link.send_datagram(now, &route, MESSAGE_BYTES));
                            }
                        }
                    },
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

/// A message up and one down by turns, under all three models of energy.
fn radios(criterion: &mut Criterion) {
    let (link, radio) = lte();
    let mut group = criterion.benchmark_group("radio");
    group.throughput(Throughput::Elements(TURNS));
    group.bench_function("transfer", |bencher| {
        bencher.iter_batched_ref(
            Radios::new,
            |radios| {
                let mut now = Time::ZERO;
                for _ in 0..TURNS / 2 {
                    now += GAP;
                    black_box(radios.send(&radio, now, MESSAGE_BYTES, link.up.rate));
                    now += GAP;
                    black_box(radios.receive(&radio, now, MESSAGE_BYTES, link.down.rate));
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// Each edit is made on one of so many replicas and seen by the others.
fn sightings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sightings");
    for nodes in [5_u32, 100] {
        group.throughput(Throughput::Elements(TURNS * u64::from(nodes)));
        group.bench_function(BenchmarkId::new("made_and_seen", nodes), |bencher| {
            bencher.iter_batched_ref(
                || Sightings::new(nodes as usize),
                |sightings| {
                    for number in 1..=TURNS {
                        let origin = NodeId((number % u64::from(nodes)) as u32);
                        let lane = u64::from(origin.0);
                        let at = Time::from_nanos(number);
                        sightings.made(Stamp { lane, position: number }, origin, at, true);
                        let seen = Seen { lane, after: number - 1, through: number };
                        for node in (0..nodes).filter(|&node| node != origin.0) {
                            sightings.saw(NodeId(node), seen, at, |sighting| {
                                black_box(sighting);
                            });
                        }
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Takes the next event and puts in another one.
fn queue(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("queue");
    group.throughput(Throughput::Elements(TURNS));
    for depth in [100_u64, 10_000] {
        group.bench_function(BenchmarkId::new("pop_push", depth), |bencher| {
            let mut draws = Stream::root(1).named("queue").draws();
            let mut queue = Queue::default();
            for number in 0..depth {
                queue.push(Time::from_nanos(draws.below(1_000_000)), number);
            }
            bencher.iter(|| {
                for _ in 0..TURNS {
                    let (at, number) = queue.pop().expect("its depth does not change");
                    queue.push(at + Span::from_nanos(draws.below(1_000_000)), number);
                }
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    links(&mut criterion);
    radios(&mut criterion);
    sightings(&mut criterion);
    queue(&mut criterion);
    criterion.final_summary();
}
