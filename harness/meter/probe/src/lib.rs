//! Code that is instrumented whenever the engines are, to be called by the
//! meter to find out whether they are.

#![forbid(unsafe_code)]

/// Calls a function that is never inlined this many times. Every function
/// entry is counted under every setting of the pass; loops of one block are
/// not, under some.
#[inline(never)]
pub fn call(times: u64) {
    let mut value = 0;
    for _ in 0..times {
        value = step(std::hint::black_box(value));
    }
    std::hint::black_box(value);
}

#[inline(never)]
fn step(value: u64) -> u64 {
    std::hint::black_box(value ^ 1)
}
