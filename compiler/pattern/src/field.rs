//! A function from words to values that changes at finitely many stems: the canonical form beneath `Words`.
//!
//! Each mark gives the value of its stem itself (`exact`) and of the words that go on from it (`below`), as far as no
//! longer stem says otherwise. `below` is the value for almost every next letter, hence a property of the function and
//! not of how it was built; a mark that says what is inherited anyway is left out. So equal functions are equal values.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::word::{self, Letter, Word};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Field<V> {
    /// The value below the empty word. Invariant: a mark at the empty word has `below` equal to it.
    outside: V,
    /// Sorted by stem, so that a stem is followed by all that go on from it. `None` if empty.
    marks: Option<Arc<[Mark<V>]>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mark<V> {
    pub(crate) stem: Arc<str>,
    pub(crate) exact: V,
    pub(crate) below: V,
    /// The mark of the longest stem that is a proper prefix of this one.
    up: Option<u32>,
}

impl<V: Clone + PartialEq> Field<V> {
    pub(crate) fn constant(value: V) -> Field<V> {
        Field {
            outside: value,
            marks: None,
        }
    }

    pub(crate) fn outside(&self) -> &V {
        &self.outside
    }

    pub(crate) fn marks(&self) -> &[Mark<V>] {
        self.marks.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_constant(&self, value: &V) -> bool {
        self.marks.is_none() && self.outside == *value
    }

    /// The mark that decides for a packed word, and whether it is the word's own.
    fn deciding(&self, word: &str) -> Option<&Mark<V>> {
        let marks = self.marks();
        let after = marks.partition_point(|mark| &*mark.stem <= word);
        let mut mark = marks.get(after.checked_sub(1)?)?;
        // The longest marked prefix of `word` is a prefix of every stem between itself and `word`.
        while !word.starts_with(&*mark.stem) {
            mark = marks.get(mark.up? as usize)?;
        }
        Some(mark)
    }

    /// The value of a packed word.
    pub(crate) fn get(&self, word: &str) -> &V {
        match self.deciding(word) {
            Some(mark) if mark.stem.len() == word.len() => &mark.exact,
            Some(mark) => &mark.below,
            None => &self.outside,
        }
    }

    pub(crate) fn map<W: Clone + PartialEq>(&self, mut f: impl FnMut(&V) -> W) -> Field<W> {
        let mut build = Build::new(f(&self.outside), self.marks().len());
        for mark in self.marks() {
            build.push(&mark.stem, f(&mark.exact), f(&mark.below));
        }
        build.finish()
    }

    pub(crate) fn merge<W: Clone + PartialEq, X: Clone + PartialEq>(
        &self,
        other: &Field<W>,
        mut f: impl FnMut(&V, &W) -> X,
    ) -> Field<X> {
        let mut build = Build::new(f(&self.outside, &other.outside), 0);
        // Nothing breaks the walk.
        let _: ControlFlow<()> = self.walk(other, |stem, exact, below| {
            build.push(stem, f(exact.0, exact.1), f(below.0, below.1));
            ControlFlow::Continue(())
        });
        build.finish()
    }

    /// Visits, in order, every stem at which either function changes; not the empty word, unless it is marked.
    pub(crate) fn walk<W: Clone + PartialEq, B>(
        &self,
        other: &Field<W>,
        mut visit: impl FnMut(&Arc<str>, (&V, &W), (&V, &W)) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let (mut left, mut right) = (Cursor::new(self), Cursor::new(other));
        loop {
            let stem = match (left.peek(), right.peek()) {
                (None, None) => return ControlFlow::Continue(()),
                (Some(stem), None) | (None, Some(stem)) => Arc::clone(stem),
                (Some(a), Some(b)) => Arc::clone(a.min(b)),
            };
            let (exact_left, below_left) = left.advance(&stem);
            let (exact_right, below_right) = right.advance(&stem);
            visit(&stem, (exact_left, exact_right), (below_left, below_right))?;
        }
    }
}

struct Cursor<'a, V> {
    outside: &'a V,
    rest: std::slice::Iter<'a, Mark<V>>,
    open: Vec<&'a Mark<V>>,
}

impl<'a, V: Clone + PartialEq> Cursor<'a, V> {
    fn new(field: &'a Field<V>) -> Cursor<'a, V> {
        Cursor {
            outside: &field.outside,
            rest: field.marks().iter(),
            open: Vec::new(),
        }
    }

    fn peek(&self) -> Option<&'a Arc<str>> {
        self.rest.as_slice().first().map(|mark| &mark.stem)
    }

    /// The values at and below a stem, no stem being passed over.
    fn advance(&mut self, stem: &str) -> (&'a V, &'a V) {
        while self
            .open
            .last()
            .is_some_and(|mark| !stem.starts_with(&*mark.stem))
        {
            self.open.pop();
        }
        if self.peek().is_some_and(|next| **next == *stem)
            && let Some(mark) = self.rest.next()
        {
            self.open.push(mark);
            return (&mark.exact, &mark.below);
        }
        let inherited = self.open.last().map_or(self.outside, |mark| &mark.below);
        (inherited, inherited)
    }
}

/// Builds a field from stems in ascending order.
pub(crate) struct Build<V> {
    outside: V,
    marks: Vec<Mark<V>>,
    open: Vec<u32>,
}

impl<V: Clone + PartialEq> Build<V> {
    pub(crate) fn new(outside: V, capacity: usize) -> Build<V> {
        Build {
            outside,
            marks: Vec::with_capacity(capacity),
            open: Vec::new(),
        }
    }

    /// The value that a stem has before it is pushed. Closes what `stem` does not go on from.
    pub(crate) fn inherited(&mut self, stem: &str) -> &V {
        while let Some(at) = self.open.last().copied() {
            if self
                .marks
                .get(at as usize)
                .is_some_and(|mark| stem.starts_with(&*mark.stem))
            {
                break;
            }
            self.open.pop();
        }
        self.open
            .last()
            .and_then(|at| self.marks.get(*at as usize))
            .map_or(&self.outside, |mark| &mark.below)
    }

    pub(crate) fn push(&mut self, stem: &Arc<str>, exact: V, below: V) {
        if stem.is_empty() {
            self.outside = below.clone();
        }
        let inherited = self.inherited(stem);
        if exact == *inherited && below == *inherited {
            return;
        }
        let up = self.open.last().copied();
        // A field of four thousand million marks does not fit into memory.
        self.open
            .push(u32::try_from(self.marks.len()).unwrap_or(u32::MAX));
        self.marks.push(Mark {
            stem: Arc::clone(stem),
            exact,
            below,
            up,
        });
    }

    pub(crate) fn finish(self) -> Field<V> {
        let marks = (!self.marks.is_empty()).then(|| self.marks.into());
        Field {
            outside: self.outside,
            marks,
        }
    }
}

/// Letters of fresh words, those that read best first.
pub(crate) const READABLE: &str = "xyzabcdefghijklmnopqrstuvw0123456789";

/// A readable word that goes on from a packed stem by one letter and passes `test`, which must refuse finitely many letters.
pub(crate) fn fresh(stem: &str, mut test: impl FnMut(&str) -> bool) -> Word {
    let readable = READABLE.chars();
    let scalars = '\u{A1}'..'\u{F0000}';
    let letters = readable
        .chain(scalars)
        .map(Letter::Scalar)
        .chain((0..=u32::MAX).rev().map(Letter::Symbol));
    let mut packed = String::with_capacity(stem.len() + 4);
    for letter in letters {
        packed.clear();
        packed.push_str(stem);
        word::pack(&mut packed, letter);
        if test(&packed) {
            break;
        }
    }
    Word::from_packed(packed)
}
