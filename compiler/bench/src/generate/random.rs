//! Numbers with a seed.

/// The seed of every kind.
const SEED: u64 = 0x1eaf;

/// A small generator of numbers with a seed: the same spec on every machine.
/// Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (xorshift64*).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        Self(SEED)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        (number % bound.max(1) as u64) as usize
    }
}
