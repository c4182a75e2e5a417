//! Memory is counted, so that its bound can be a test.

use deadzone_benches::{DEVICE_BYTES_MAX, bytes_per_idle_device, fleet};
use deadzone_meter::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn an_idle_device_is_small() {
    let bytes = bytes_per_idle_device(&fleet(10_000));
    assert!((1..=DEVICE_BYTES_MAX).contains(&bytes), "{bytes} bytes");
}
