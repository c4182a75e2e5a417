//! The counters of the current thread.
//!
//! The callback is assembly: nothing in it can be instrumented, so it cannot
//! call itself, at any optimization level.

use core::arch::global_asm;

/// The exit status of a process whose work limit is reached, see
/// [`limit_blocks`].
pub const EXIT_WORK_LIMIT: i32 = 86;

/// This thread's raw counters; the layout is known to the assembly below.
#[repr(C)]
pub(crate) struct Raw {
    /// Counts up; the process ends when bit 63 is set.
    pub(crate) blocks: u64,
    pub(crate) allocations: u64,
    pub(crate) bytes: u64,
    pub(crate) live: i64,
    pub(crate) peak: i64,
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
global_asm!(
    ".pushsection .tbss.deadzone_meter,\"awT\",@nobits",
    ".globl deadzone_meter_tls",
    ".hidden deadzone_meter_tls",
    ".type deadzone_meter_tls,@object",
    ".p2align 6",
    "deadzone_meter_tls:",
    ".zero 40",
    ".size deadzone_meter_tls, 40",
    ".popsection",
    // Clobbers rax and the flags alone, which callers do not keep.
    ".pushsection .text.__sanitizer_cov_trace_pc,\"ax\",@progbits",
    ".globl __sanitizer_cov_trace_pc",
    ".type __sanitizer_cov_trace_pc,@function",
    ".p2align 4",
    "__sanitizer_cov_trace_pc:",
    "movq deadzone_meter_tls@gottpoff(%rip), %rax",
    "incq %fs:(%rax)",
    "js 2f",
    "ret",
    // exit_group(EXIT_WORK_LIMIT)
    "2:",
    "movl $231, %eax",
    "movl ${status}, %edi",
    "syscall",
    "ud2",
    ".size __sanitizer_cov_trace_pc, .-__sanitizer_cov_trace_pc",
    ".popsection",
    ".pushsection .text.deadzone_meter_tls_address,\"ax\",@progbits",
    ".globl deadzone_meter_tls_address",
    ".hidden deadzone_meter_tls_address",
    ".type deadzone_meter_tls_address,@function",
    ".p2align 4",
    "deadzone_meter_tls_address:",
    "movq deadzone_meter_tls@gottpoff(%rip), %rax",
    "addq %fs:0, %rax",
    "ret",
    ".size deadzone_meter_tls_address, .-deadzone_meter_tls_address",
    ".popsection",
    status = const EXIT_WORK_LIMIT,
    options(att_syntax)
);

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
global_asm!(
    ".pushsection .tbss.deadzone_meter,\"awT\",@nobits",
    ".globl deadzone_meter_tls",
    ".hidden deadzone_meter_tls",
    ".type deadzone_meter_tls,@object",
    ".p2align 6",
    "deadzone_meter_tls:",
    ".zero 40",
    ".size deadzone_meter_tls, 40",
    ".popsection",
    ".pushsection .text.__sanitizer_cov_trace_pc,\"ax\",@progbits",
    ".globl __sanitizer_cov_trace_pc",
    ".type __sanitizer_cov_trace_pc,@function",
    ".p2align 4",
    "__sanitizer_cov_trace_pc:",
    "adrp x9, :gottprel:deadzone_meter_tls",
    "ldr x9, [x9, :gottprel_lo12:deadzone_meter_tls]",
    "mrs x10, tpidr_el0",
    "ldr x11, [x10, x9]",
    "add x11, x11, #1",
    "str x11, [x10, x9]",
    "tbnz x11, #63, 2f",
    "ret",
    // exit_group(EXIT_WORK_LIMIT)
    "2:",
    "mov x8, #94",
    "mov x0, #{status}",
    "svc #0",
    "brk #1",
    ".size __sanitizer_cov_trace_pc, .-__sanitizer_cov_trace_pc",
    ".popsection",
    ".pushsection .text.deadzone_meter_tls_address,\"ax\",@progbits",
    ".globl deadzone_meter_tls_address",
    ".hidden deadzone_meter_tls_address",
    ".type deadzone_meter_tls_address,@function",
    ".p2align 4",
    "deadzone_meter_tls_address:",
    "adrp x0, :gottprel:deadzone_meter_tls",
    "ldr x0, [x0, :gottprel_lo12:deadzone_meter_tls]",
    "mrs x1, tpidr_el0",
    "add x0, x0, x1",
    "ret",
    ".size deadzone_meter_tls_address, .-deadzone_meter_tls_address",
    ".popsection",
    status = const EXIT_WORK_LIMIT,
);

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!("the meter is written for Linux on x86-64 and aarch64 only");

unsafe extern "C" {
    safe fn deadzone_meter_tls_address() -> *mut Raw;
}

/// This thread's counters, to be changed in place.
#[inline]
pub(crate) fn raw() -> &'static mut Raw {
    // SAFETY: the block belongs to this thread alone and lives as long as it;
    // no caller keeps the reference across another call of this function.
    unsafe { &mut *deadzone_meter_tls_address() }
}

/// What the current thread has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Basic blocks executed in instrumented code.
    pub blocks: u64,
    /// Allocations made.
    pub allocations: u64,
    /// Bytes requested by them.
    pub bytes: u64,
    /// Requested bytes alive; may be negative where another thread's were freed.
    pub live: i64,
    /// The highest [`Counts::live`] since [`Counts::restart_peak`].
    pub peak: i64,
}

impl Counts {
    /// The counters now.
    #[inline(never)]
    pub fn now() -> Self {
        let Raw { blocks, allocations, bytes, live, peak } = *raw();
        Self { blocks, allocations, bytes, live, peak }
    }

    /// Lets the peak begin at what is alive now.
    pub fn restart_peak() {
        let raw = raw();
        raw.peak = raw.live;
    }
}

/// Ends the process with [`EXIT_WORK_LIMIT`] as soon as this thread has
/// executed `blocks` more basic blocks. Only differences of
/// [`Counts::blocks`] mean anything afterwards.
///
/// # Panics
/// If `blocks` is 2^63 or more.
pub fn limit_blocks(blocks: u64) {
    assert!(blocks < 1 << 63, "a limit of {blocks} blocks is out of range");
    raw().blocks = (1 << 63) - 1 - blocks;
}

/// Whether engine code in this binary is instrumented. Without it every count
/// of blocks is zero.
pub fn is_instrumented() -> bool {
    const CALLS: u64 = 64;
    let before = Counts::now().blocks;
    deadzone_meter_probe::call(CALLS);
    Counts::now().blocks - before >= CALLS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_build() {
        assert_eq!(is_instrumented(), cfg!(metered));
    }

    #[test]
    fn threads_do_not_share_counters() {
        deadzone_meter_probe::call(100_000);
        let elsewhere = std::thread::spawn(Counts::now).join().expect("it only reads");
        assert!(elsewhere.blocks < 10_000, "{elsewhere:?}");
    }

    #[test]
    fn equal_work_counts_equally() {
        let cost = || {
            let before = Counts::now().blocks;
            deadzone_meter_probe::call(1_000);
            Counts::now().blocks - before
        };
        assert_eq!(cost(), cost());
    }
}
