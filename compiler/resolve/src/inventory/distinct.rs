//! Equal texts stored once, by a table of our own: a million rows in one pass, in order of first use.
//!
//! The hash is fixed, so that outputs do not depend on the run. Somebody who makes texts collide on purpose only
//! reaches the sorted map behind it.

use std::collections::BTreeMap;

/// A chain of this length means that the texts were made to collide: half full, a table of millions has chains of
/// about a hundred.
const PROBES_MAX: usize = 512;
const EMPTY: u32 = u32::MAX;

/// A multiply-and-rotate hash over words of eight bytes.
pub(super) fn hash(text: &str) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = FACTOR ^ text.len() as u64;
    let (words, tail) = text.as_bytes().as_chunks::<8>();
    for word in words {
        state = (state.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(tail) {
        *to = *from;
    }
    state = (state.rotate_left(23) ^ u64::from_le_bytes(last)).wrapping_mul(FACTOR);
    state ^ (state >> 29)
}

/// Slots of an open-addressing table over items that live elsewhere.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<u32>,
    used: usize,
}

/// What a look-up found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The item was there.
    Found(u32),
    /// The new item took a slot.
    Taken,
    /// Too many items share a slot.
    Crowded,
}

impl Slots {
    /// Room for so many items without growing.
    pub(super) fn with_room(items: usize) -> Self {
        Self {
            slots: vec![EMPTY; (items * 2 + 2).next_power_of_two()],
            used: 0,
        }
    }

    /// Finds the item for which `is_same` holds, or gives a slot to the item `next`.
    pub(super) fn find(
        &mut self,
        hashed: u64,
        next: u32,
        is_same: impl Fn(u32) -> bool,
        hash_of: impl Fn(u32) -> u64,
    ) -> Slot {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow(&hash_of);
        }
        let mask = self.slots.len().saturating_sub(1);
        let mut at = hashed as usize & mask;
        for _ in 0..PROBES_MAX {
            let Some(slot) = self.slots.get_mut(at) else { break };
            if *slot == EMPTY {
                *slot = next;
                self.used += 1;
                return Slot::Taken;
            }
            if is_same(*slot) {
                return Slot::Found(*slot);
            }
            at = (at + 1) & mask;
        }
        Slot::Crowded
    }

    /// Finds the item for which `is_same` holds.
    pub(super) fn look_up(&self, hashed: u64, is_same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().saturating_sub(1);
        let mut at = hashed as usize & mask;
        for _ in 0..PROBES_MAX {
            let slot = *self.slots.get(at)?;
            if slot == EMPTY {
                return None;
            }
            if is_same(slot) {
                return Some(slot);
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn grow(&mut self, hash_of: &impl Fn(u32) -> u64) {
        let size = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        let mask = size - 1;
        for item in old.into_iter().filter(|item| *item != EMPTY) {
            let mut at = hash_of(item) as usize & mask;
            while self.slots.get(at).is_some_and(|slot| *slot != EMPTY) {
                at = (at + 1) & mask;
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = item;
            }
        }
    }
}

/// The different values of one column.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    values: Vec<Box<str>>,
    slots: Slots,
    sorted: Option<BTreeMap<Box<str>, u32>>,
    last: u32,
}

impl Distinct {
    /// The index of `value`, and whether it is new.
    pub(super) fn intern(&mut self, value: &str) -> (u32, bool) {
        if self
            .values
            .get(self.last as usize)
            .is_some_and(|last| **last == *value)
        {
            return (self.last, false);
        }
        let next = self.values.len() as u32;
        let found = match &self.sorted {
            Some(sorted) => sorted.get(value).copied(),
            None => {
                let values = &self.values;
                let at = |index: u32| values.get(index as usize).map_or("", |value| value);
                match self.slots.find(
                    hash(value),
                    next,
                    |index| at(index) == value,
                    |index| hash(at(index)),
                ) {
                    Slot::Found(index) => Some(index),
                    Slot::Taken => None,
                    Slot::Crowded => {
                        let pairs = values.iter().enumerate();
                        let sorted: BTreeMap<_, _> =
                            pairs.map(|(i, value)| (value.clone(), i as u32)).collect();
                        let found = sorted.get(value).copied();
                        self.sorted = Some(sorted);
                        found
                    }
                }
            }
        };
        let (index, is_new) = match found {
            Some(index) => (index, false),
            None => {
                self.values.push(value.into());
                if let Some(sorted) = &mut self.sorted {
                    sorted.insert(value.into(), next);
                }
                (next, true)
            }
        };
        self.last = index;
        (index, is_new)
    }

    /// The values, in order of first use.
    pub(super) fn into_values(self) -> Vec<Box<str>> {
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_an_index() {
        let mut distinct = Distinct::default();
        let mut model: BTreeMap<String, u32> = BTreeMap::new();
        for step in 0..5000u32 {
            let value = format!("v{}", (step.wrapping_mul(2_654_435_761)) % 700);
            let next = model.len() as u32;
            let expected = *model.entry(value.clone()).or_insert(next);
            assert_eq!(distinct.intern(&value), (expected, expected == next));
        }
    }

    #[test]
    fn texts_that_collide_still_come_out_right() {
        let mut slots = Slots::default();
        let outcomes: Vec<Slot> = (0..2000)
            .map(|item| slots.find(7, item, |_| false, |_| 7))
            .collect();
        assert!(outcomes.contains(&Slot::Crowded));
    }
}
