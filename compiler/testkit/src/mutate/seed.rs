//! Draws that are the same on every machine.

/// A generator (splitmix64): small, and good enough to draw with.
#[derive(Clone, Debug)]
pub struct Seed(pub u64);

impl Seed {
    /// The next number below a bound above zero.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (bound.max(1) as u64)).unwrap_or(0)
    }
}

/// At most `most` of the items, at least one of every group that fits, in their order.
#[must_use]
pub fn sample<T, K: Ord>(items: Vec<T>, most: usize, group: impl Fn(&T) -> K, seed: &mut Seed) -> Vec<T> {
    if items.len() <= most {
        return items;
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, seed.below(at + 1));
    }
    let mut seen = std::collections::BTreeSet::new();
    let (mut first, mut rest): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for index in order {
        if seen.insert(group(&items[index])) {
            first.push(index)
        } else {
            rest.push(index)
        }
    }
    first.extend(rest);
    first.truncate(most);
    let chosen: std::collections::BTreeSet<usize> = first.into_iter().collect();
    items
        .into_iter()
        .enumerate()
        .filter(|(index, _)| chosen.contains(index))
        .map(|(_, item)| item)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_every_group_and_is_the_same_twice() {
        let draw = || sample((0..1000).collect(), 20, |n| n % 10, &mut Seed(7));
        let drawn = draw();
        assert_eq!(drawn, draw());
        assert_eq!(drawn.len(), 20);
        assert_eq!(
            drawn
                .iter()
                .map(|n| n % 10)
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            10
        );
    }
}
