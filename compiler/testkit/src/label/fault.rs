//! What is wrong with a file, before what it means is asked.

/// Faults of one file.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// No reading of it exists.
    pub unreadable: Vec<String>,
    /// It has a meaning on which we do not rely.
    pub undecided: Vec<String>,
}

impl Faults {
    /// Nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unreadable.is_empty() && self.undecided.is_empty()
    }

    pub(super) fn unreadable(&mut self, what: &str) {
        self.unreadable.push(what.to_owned());
    }

    pub(super) fn undecided(&mut self, what: &str) {
        self.undecided.push(what.to_owned());
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.unreadable.extend(other.unreadable);
        self.undecided.extend(other.undecided);
    }
}
