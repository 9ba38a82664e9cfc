//! Sets of points on a discrete line, as disjoint closed ranges.

use std::fmt::Debug;
use std::hash::Hash;

/// A point of a finite discrete line.
pub trait Point: Copy + Ord + Hash + Debug {
    /// The first point.
    const FIRST: Self;
    /// The last point.
    const LAST: Self;
    /// The next point, if there is one.
    fn next(self) -> Option<Self>;
    /// The point before, if there is one.
    fn previous(self) -> Option<Self>;
}

macro_rules! point {
    ($($integer:ty),*) => {$(
        impl Point for $integer {
            const FIRST: Self = <$integer>::MIN;
            const LAST: Self = <$integer>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}
point!(i64, u32, u128);

/// A set of points. Invariant: closed ranges in ascending order, with a gap between neighbours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranges<P>(Box<[(P, P)]>);

impl<P: Point> Ranges<P> {
    /// No point.
    pub fn none() -> Ranges<P> {
        Ranges(Box::new([]))
    }

    /// Every point.
    pub fn all() -> Ranges<P> {
        Ranges(Box::new([(P::FIRST, P::LAST)]))
    }

    /// The union of closed ranges in any order; one whose first exceeds its last is empty.
    pub fn of(ranges: impl IntoIterator<Item = (P, P)>) -> Ranges<P> {
        let mut sorted: Vec<(P, P)> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut out: Vec<(P, P)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match out.last_mut() {
                Some(open) if open.1.next().is_none_or(|next| first <= next) => open.1 = open.1.max(last),
                Some(_) | None => out.push((first, last)),
            }
        }
        Ranges(out.into())
    }

    /// The ranges in ascending order, disjoint and not adjacent.
    pub fn as_slice(&self) -> &[(P, P)] {
        &self.0
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every point is a member.
    pub fn is_all(&self) -> bool {
        self.0.first() == Some(&(P::FIRST, P::LAST))
    }

    /// Whether `point` is a member.
    pub fn contains(&self, point: P) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < point);
        self.0.get(at).is_some_and(|(first, _)| *first <= point)
    }

    /// The points of both.
    #[must_use]
    pub fn and(&self, other: &Ranges<P>) -> Ranges<P> {
        let mut out = Vec::new();
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            if first <= last {
                out.push((first, last));
            }
            if a.1 < b.1 {
                left.next();
            } else {
                right.next();
            }
        }
        Ranges(out.into())
    }

    /// The points of either.
    #[must_use]
    pub fn or(&self, other: &Ranges<P>) -> Ranges<P> {
        Ranges::of(self.0.iter().chain(&other.0).copied())
    }

    /// Every point that is not a member.
    #[must_use]
    pub fn not(&self) -> Ranges<P> {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut from = Some(P::FIRST);
        for (first, last) in &self.0 {
            if let (Some(start), Some(end)) = (from, first.previous())
                && start <= end
            {
                out.push((start, end));
            }
            from = last.next();
        }
        out.extend(from.map(|start| (start, P::LAST)));
        Ranges(out.into())
    }
}
