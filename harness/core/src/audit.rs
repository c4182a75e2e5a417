//! The rolling hash over everything that happens in a run: two runs that
//! processed the same events in the same order have the same audit.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The hash so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    state: u64,
}

impl Audit {
    /// Takes in a few numbers that describe an event.
    pub fn numbers<const N: usize>(&mut self, numbers: [u64; N]) {
        for number in numbers {
            // Folded multiplication: cheap, and every bit of both sides counts.
            let product = u128::from(self.state ^ number ^ 0x9e37_79b9_7f4a_7c15)
                * u128::from(
                    0xd6e8_feb8_6659_fd93_u64.wrapping_add(self.state.rotate_left(32)) | 1,
                );
            self.state = (product as u64) ^ ((product >> 64) as u64) ^ self.state.rotate_left(17);
        }
    }

    /// Takes in bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.state = xxh3_64_with_seed(bytes, self.state);
    }

    /// The hash in hex.
    pub fn to_hex(self) -> String {
        format!("{:016x}", self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_content_count() {
        let audit = |numbers: &[u64]| {
            let mut audit = Audit::default();
            numbers.iter().for_each(|&number| audit.numbers([number]));
            audit
        };
        assert_eq!(audit(&[1, 2]), audit(&[1, 2]));
        assert_ne!(audit(&[1, 2]), audit(&[2, 1]));
        assert_ne!(audit(&[0]), audit(&[0, 0]));
        assert_ne!(audit(&[]), audit(&[0]));
    }
}
