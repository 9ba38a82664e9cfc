//! Typed ids, arenas and interned strings.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use foldhash::fast::RandomState;
use indexmap::{Equivalent, IndexSet};

/// A `u32` that remembers what it points at. An id belongs to one arena; what compares two builds compares names.
pub struct Id<T> {
    index: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// The id of the item at `index`, in order of insertion.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self {
            index,
            of: PhantomData,
        }
    }

    /// The position of the item, in order of insertion.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.index.cmp(&other.index)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// Items in order of insertion, reached by [`Id`].
#[derive(Clone, Debug)]
pub struct Arena<T> {
    items: Vec<T>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> Arena<T> {
    /// Adds an item. Saturates at `u32::MAX` items, far above every stated input limit.
    pub fn push(&mut self, item: T) -> Id<T> {
        let index = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(item);
        Id::new(index)
    }

    /// Makes room for so many more items, which are then added without moving the others.
    pub fn reserve(&mut self, more: usize) {
        self.items.reserve(more);
    }

    /// The item of an id of this arena; `None` for an id of another one.
    #[must_use]
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.items.get(id.index())
    }

    /// The item of an id of this arena, to complete it.
    pub fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.items.get_mut(id.index())
    }

    /// Every item with its id, in order of insertion.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> + ExactSizeIterator {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (Id::new(index as u32), item))
    }

    /// Every id, in order of insertion.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<T>> + ExactSizeIterator + use<T> {
        (0..self.items.len()).map(|index| Id::new(index as u32))
    }

    /// The items alone, in order of insertion.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Equal items stored once: equal ids are equal items.
#[derive(Clone, Debug)]
pub struct Interned<T> {
    // Positions are those of insertion, so that no answer depends on the seed.
    items: IndexSet<T, RandomState>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            items: IndexSet::default(),
        }
    }
}

impl<T: Eq + Hash> Interned<T> {
    /// The id of `item`, which is added if it is new. Saturates like [`Arena::push`].
    pub fn intern(&mut self, item: T) -> Id<T> {
        let (index, _) = self.items.insert_full(item);
        Id::new(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The id of `item` if it is there.
    #[must_use]
    pub fn find<Q: ?Sized + Hash + Equivalent<T>>(&self, item: &Q) -> Option<Id<T>> {
        let index = self.items.get_index_of(item)?;
        u32::try_from(index).ok().map(Id::new)
    }

    /// The item of an id of this table.
    #[must_use]
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.items.get_index(id.index())
    }

    /// Every item with its id, in order of first use.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> + ExactSizeIterator {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (Id::new(index as u32), item))
    }

    /// How many different items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// The interner of a model: whose names are meant unless another one is said.
#[derive(Clone, Copy, Debug)]
pub enum OfModel {}

/// What a [`Name`] points at: a string of the interner `Of`.
pub struct Interner<Of>(PhantomData<fn() -> Of>);

/// An interned string of one [`Names`] table. Names of one interner are compared:
///
/// ```
/// enum OfWords {}
/// let mut words = arena::Names::<OfWords>::default();
/// assert!(words.intern("line") == words.intern("line"));
/// assert!(words.intern("line") != words.intern("read"));
/// ```
///
/// Those of two are two types, so that comparing them does not compile:
///
/// ```compile_fail
/// enum OfWords {}
/// let mut names = arena::Names::<arena::OfModel>::default();
/// let mut words = arena::Names::<OfWords>::default();
/// assert!(names.intern("line") != words.intern("read"));
/// ```
pub type Name<Of = OfModel> = Id<Interner<Of>>;

/// Interned strings. Ids are given in order of first use, which follows what is declared, wherever it stands. Each interner says
/// its own type.
pub struct Names<Of> {
    table: Interned<Box<str>>,
    of: PhantomData<fn() -> Of>,
}

impl<Of> Clone for Names<Of> {
    fn clone(&self) -> Self {
        Self {
            table: self.table.clone(),
            of: PhantomData,
        }
    }
}
impl<Of> fmt::Debug for Names<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}
impl<Of> Default for Names<Of> {
    fn default() -> Self {
        Self {
            table: Interned::default(),
            of: PhantomData,
        }
    }
}

impl<Of> Names<Of> {
    /// The id of `text`, which is added if it is new.
    pub fn intern(&mut self, text: &str) -> Name<Of> {
        match self.table.find(text) {
            Some(id) => named(id),
            None => named(self.table.intern(text.into())),
        }
    }

    /// The id of `text` if it is there.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Name<Of>> {
        self.table.find(text).map(named)
    }

    /// Every string with its id, in order of first use.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Name<Of>, &str)> + ExactSizeIterator {
        self.table.iter().map(|(id, text)| (named(id), &**text))
    }

    /// How many different strings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The text of a name; empty for one of another table of the same interner.
    #[must_use]
    pub fn text(&self, name: Name<Of>) -> &str {
        self.table
            .get(Id {
                index: name.index,
                of: PhantomData,
            })
            .map_or("", |text| text)
    }
}

fn named<Of>(id: Id<Box<str>>) -> Name<Of> {
    Id {
        index: id.index,
        of: PhantomData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_share_one_name() {
        let mut names = Names::<OfModel>::default();
        let (a, b) = (names.intern("raw"), names.intern("vision"));
        assert_ne!(a, b);
        assert_eq!(names.intern("raw"), a);
        assert_eq!(names.text(b), "vision");
        assert_eq!(names.find("absent"), None);
    }
}
