//! What the engines take for one kind of work at two sizes: `engine/operation/size`.
//!
//! Times mean something natively only: see `ci/native-bench`.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use deadzone_benches::{ENGINES, engine, exchange, letter, random_places, replica, setup, typed};
use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, Edit, Path, Value};
use deadzone_core::engine::{Engine, Save};

/// How many transactions, or letters.
const SIZES: [u32; 2] = [200, 2_000];

/// How many keys `map_set` goes round.
const KEYS: u32 = 100;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// So many transactions on an empty replica.
fn edits(group: &mut Group<'_>, engine: &dyn Engine, operation: &str, edits: &[Edit]) {
    group.bench_function(BenchmarkId::new(operation, edits.len()), |bencher| {
        bencher.iter_batched(
            || replica(engine, 1),
            |mut replica| {
                for edit in edits {
                    let edited = replica.edit(std::slice::from_ref(edit));
                    black_box(edited.expect("the place is there"));
                }
                replica
            },
            BatchSize::LargeInput,
        );
    });
}

fn put(number: u32) -> Edit {
    let value = Value::Scalar(Scalar::Int(i64::from(number)));
    Edit {
        at: Path::root("map"),
        action: Action::Put { key: format!("key{}", number % KEYS), value },
    }
}

/// A replica with everything and an empty one talk until they are equal.
fn sync_bulk(group: &mut Group<'_>, engine: &dyn Engine, size: u32) {
    let stored = [typed(engine, 1, size).save(Save::Whole)];
    group.bench_function(BenchmarkId::new("sync_bulk", size), |bencher| {
        bencher.iter_batched(
            || {
                let full = engine.load(&setup(1), &stored).expect("it was just saved");
                (full, replica(engine, 2))
            },
            |(mut full, mut empty)| {
                exchange(full.as_mut(), empty.as_mut());
                (full, empty)
            },
            BatchSize::LargeInput,
        );
    });
}

fn save(group: &mut Group<'_>, engine: &dyn Engine, size: u32) {
    group.bench_function(BenchmarkId::new("save", size), |bencher| {
        bencher.iter_batched_ref(
            || typed(engine, 1, size),
            |replica| replica.save(Save::Whole),
            BatchSize::LargeInput,
        );
    });
}

fn load(group: &mut Group<'_>, engine: &dyn Engine, size: u32) {
    let stored = [typed(engine, 1, size).save(Save::Whole)];
    group.bench_function(BenchmarkId::new("load", size), |bencher| {
        bencher.iter_with_large_drop(|| engine.load(&setup(2), &stored).expect("it was saved"));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for name in ENGINES {
        let engine = engine(name);
        let engine = engine.as_ref();
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for size in SIZES {
            group.throughput(Throughput::Elements(u64::from(size)));
            let appended: Vec<_> = (0..size).map(letter).collect();
            let inserted: Vec<_> = random_places(size).into_iter().map(letter).collect();
            let set: Vec<_> = (0..size).map(put).collect();
            edits(&mut group, engine, "append_text", &appended);
            edits(&mut group, engine, "random_insert", &inserted);
            edits(&mut group, engine, "map_set", &set);
            sync_bulk(&mut group, engine, size);
            save(&mut group, engine, size);
            load(&mut group, engine, size);
        }
        group.finish();
    }
    criterion.final_summary();
}
