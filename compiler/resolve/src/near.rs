//! Did you mean: the nearest of a list of names, if one is near.

use std::cell::Cell;

/// How many candidates all suggestions of one build may look at: a hostile spec with many unknown names stays linear.
const LOOKS_MAX: usize = 1_000_000;

/// What is left of the budget of suggestions.
#[derive(Debug)]
pub(crate) struct Near {
    left: Cell<usize>,
}

impl Default for Near {
    fn default() -> Self {
        Self {
            left: Cell::new(LOOKS_MAX),
        }
    }
}

impl Near {
    /// The candidate that is nearest to `written`; `None` if none is near, since a wild guess is worse than none.
    pub(crate) fn find<'a>(
        &self,
        written: &str,
        candidates: impl Iterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let wanted = written.to_ascii_lowercase();
        let length = wanted.len();
        if length == 0 || length > 64 {
            return None;
        }
        let far = match length {
            1..=4 => 1,
            5..=9 => 2,
            _ => 3,
        };
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            let left = self.left.get();
            if left == 0 {
                break;
            }
            self.left.set(left - 1);
            if candidate.len().abs_diff(length) > far {
                continue;
            }
            let distance = distance(wanted.as_bytes(), candidate.to_ascii_lowercase().as_bytes());
            let closer = best.is_none_or(|(least, name)| (distance, candidate) < (least, name));
            if distance <= far && distance < length && closer {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, name)| name)
    }
}

/// Edits between two words: insert, delete, replace, or swap two neighbours.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let near = Near::default();
        let names = || ["bucket", "balancer", "key", "database"].into_iter();
        assert_eq!(near.find("buckte", names()), Some("bucket"));
        assert_eq!(near.find("Bucket", names()), Some("bucket"));
        assert_eq!(near.find("databse", names()), Some("database"));
        assert_eq!(near.find("fleet", names()), None);
        assert_eq!(near.find("x", names()), None);
    }

    #[test]
    fn the_budget_ends() {
        let near = Near { left: Cell::new(1) };
        assert_eq!(near.find("kez", ["bucket", "key"].into_iter()), None);
    }
}
