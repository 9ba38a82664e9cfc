//! How many packets: up to 2^280, more than any machine integer holds.

use std::fmt;

/// 320 bits: protocol 8, port 16 and two IPv6 addresses of 128 make 280.
const LIMBS: usize = 5;

/// An exact number of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Count {
    /// Least significant first.
    limbs: [u64; LIMBS],
}

impl Count {
    /// No packet.
    pub const ZERO: Count = Count { limbs: [0; LIMBS] };

    /// One packet.
    pub const ONE: Count = Count {
        limbs: [1, 0, 0, 0, 0],
    };

    /// The number, if it fits.
    #[must_use]
    pub fn to_u128(self) -> Option<u128> {
        let [low, high, rest @ ..] = self.limbs;
        (rest == [0; LIMBS - 2]).then_some(u128::from(high) << 64 | u128::from(low))
    }

    /// The number of bits that it takes to write the number; 0 for zero. So `2^(bits-1) <= count < 2^bits`.
    #[must_use]
    pub fn bits(self) -> u32 {
        let mut above = LIMBS as u32 * 64;
        for limb in self.limbs.iter().rev() {
            above -= 64;
            if *limb != 0 {
                return above + 64 - limb.leading_zeros();
            }
        }
        0
    }

    pub(crate) fn plus(self, other: Count) -> Count {
        let mut sum = Count::ZERO;
        let mut carry = false;
        for ((out, a), b) in sum.limbs.iter_mut().zip(self.limbs).zip(other.limbs) {
            let (partial, first) = a.overflowing_add(b);
            let (total, second) = partial.overflowing_add(u64::from(carry));
            *out = total;
            carry = first || second;
        }
        sum
    }

    /// This number, once for every value from 0 to `last`: `last + 1` times, which may not fit 128 bits.
    pub(crate) fn for_each_to(self, last: u128) -> Count {
        let low = self.times(last as u64);
        let high = self.times((last >> 64) as u64).shifted_limb();
        low.plus(high).plus(self)
    }

    fn times(self, factor: u64) -> Count {
        let mut product = Count::ZERO;
        let mut carry = 0_u128;
        for (out, limb) in product.limbs.iter_mut().zip(self.limbs) {
            let wide = u128::from(limb) * u128::from(factor) + carry;
            *out = wide as u64;
            carry = wide >> 64;
        }
        product
    }

    fn shifted_limb(self) -> Count {
        let [a, b, c, d, _] = self.limbs;
        Count {
            limbs: [0, a, b, c, d],
        }
    }
}

impl PartialOrd for Count {
    fn partial_cmp(&self, other: &Count) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Count {
    fn cmp(&self, other: &Count) -> std::cmp::Ordering {
        self.limbs.iter().rev().cmp(other.limbs.iter().rev())
    }
}

impl fmt::Display for Count {
    /// The number if it fits 128 bits, else the power of two at or below it, as `at least 2^n`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_u128() {
            Some(number) => write!(f, "{number}"),
            None => write!(f, "at least 2^{}", self.bits().saturating_sub(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_128_bits_are_exact() {
        let all = Count::ONE
            .for_each_to(255)
            .for_each_to(65535)
            .for_each_to(u128::MAX)
            .for_each_to(u128::MAX);
        assert_eq!(all.bits(), 281);
        assert_eq!(all.to_string(), "at least 2^280");
        assert!(all > Count::ONE.for_each_to(u128::MAX));
        assert_eq!(Count::ONE.for_each_to(41).to_u128(), Some(42));
        assert_eq!(Count::ZERO.bits(), 0);
        let carry = Count::ONE.for_each_to(u128::MAX - 1).plus(Count::ONE);
        assert_eq!(carry, Count::ONE.for_each_to(u128::MAX));
    }
}
