//! An allocator that counts per thread what is requested of it.

use core::alloc::{GlobalAlloc, Layout};
use std::alloc::System;

use crate::counters::raw;

/// The system's allocator, counted. Install it with `#[global_allocator]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

#[inline]
fn requested(bytes: usize) {
    let raw = raw();
    raw.allocations = raw.allocations.wrapping_add(1);
    raw.bytes = raw.bytes.wrapping_add(bytes as u64);
    raw.live = raw.live.wrapping_add(bytes as i64);
    raw.peak = raw.peak.max(raw.live);
}

#[inline]
fn returned(bytes: usize) {
    let raw = raw();
    raw.live = raw.live.wrapping_sub(bytes as i64);
}

// SAFETY: every call is forwarded to the system's allocator as it is; counting
// touches this thread's integers alone and allocates nothing.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        requested(layout.size());
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        requested(layout.size());
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        returned(layout.size());
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        returned(layout.size());
        requested(size);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;

    #[global_allocator]
    static ALLOCATOR: CountingAllocator = CountingAllocator;

    #[test]
    fn requests_and_returns_balance() {
        let before = Counts::now();
        Counts::restart_peak();
        let mut bytes = Vec::<u8>::with_capacity(1_000);
        bytes.reserve_exact(5_000);
        drop(bytes);
        let after = Counts::now();
        assert_eq!(after.live, before.live);
        assert_eq!(after.peak - before.live, 5_000);
        assert_eq!(after.allocations - before.allocations, 2);
        assert_eq!(after.bytes - before.bytes, 6_000);
    }
}
