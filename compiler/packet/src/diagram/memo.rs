//! Remembers what operations on pairs of sets gave, so that the same pair is not worked out twice.

use super::Set;
use super::store::mix;

/// The size at the beginning, in entries. Every size is a power of two.
const ENTRIES_FIRST: usize = 1 << 10;

/// The largest size: 2^21 entries of 16 bytes each are 32 MiB.
const ENTRIES_LAST: usize = 1 << 21;

/// An outcome. The left set of a kept pair is never empty, so an empty one marks a free entry.
#[derive(Clone, Copy)]
struct Entry {
    left: Set,
    right: Set,
    key: u32,
    outcome: Set,
}

const FREE: Entry = Entry {
    left: Set::EMPTY,
    right: Set::EMPTY,
    key: 0,
    outcome: Set::EMPTY,
};

/// A table with one place for each outcome. A new outcome displaces the one that is in its place. What was displaced is worked
/// out again if it is asked for: that costs time, and changes no answer.
pub(crate) struct Memo {
    entries: Vec<Entry>,
}

impl Memo {
    pub fn new() -> Memo {
        Memo {
            entries: vec![FREE; ENTRIES_FIRST],
        }
    }

    pub fn get(&self, key: u32, left: Set, right: Set) -> Option<Set> {
        let entry = self.entries.get(place(key, left, right, self.entries.len()))?;
        (entry.left == left && entry.right == right && entry.key == key).then_some(entry.outcome)
    }

    pub fn put(&mut self, key: u32, left: Set, right: Set, outcome: Set) {
        let at = place(key, left, right, self.entries.len());
        if let Some(entry) = self.entries.get_mut(at) {
            *entry = Entry {
                left,
                right,
                key,
                outcome,
            };
        }
    }

    /// Grows with the diagram, up to the largest size.
    pub fn fit(&mut self, nodes: usize) {
        let size = self.entries.len();
        if nodes <= size || size >= ENTRIES_LAST {
            return;
        }
        let old = std::mem::replace(&mut self.entries, vec![FREE; size * 4]);
        for entry in old.into_iter().filter(|entry| !entry.left.is_empty()) {
            self.put(entry.key, entry.left, entry.right, entry.outcome);
        }
    }
}

fn place(key: u32, left: Set, right: Set, size: usize) -> usize {
    let pair = u64::from(left.0) << 32 | u64::from(right.0);
    mix(u64::from(key), pair) as usize & (size - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_belongs_to_its_operation_and_its_pair() {
        let mut memo = Memo::new();
        // Far more pairs than entries: some of these questions meet in one place.
        for number in 2..50_000 {
            let (left, right) = (Set(number), Set(number + 1));
            memo.put(0, left, right, Set::FULL);
            assert_eq!(memo.get(0, left, right), Some(Set::FULL));
            for key in 1..64 {
                assert_eq!(memo.get(key, left, right), None);
            }
            assert_eq!(memo.get(0, right, left), None);
            assert_eq!(memo.get(0, left, Set(number + 2)), None);
        }
        let last = (Set(49_999), Set(50_000));
        memo.fit(ENTRIES_FIRST * 2);
        assert_eq!(memo.entries.len(), ENTRIES_FIRST * 4);
        assert_eq!(
            memo.get(0, last.0, last.1),
            Some(Set::FULL),
            "growing forgets nothing that it need not"
        );
    }
}
