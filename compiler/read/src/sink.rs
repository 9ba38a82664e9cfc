//! What a reader gathers beside facts: leaves by class, what it could not read, sizes.

use crate::at::At;
use crate::facts::object::{Leaves, Measure, Unread};

/// Which part a leaf has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Decides who may do what.
    Enforcing,
    /// A setting.
    Setting,
    /// A name.
    Name,
    /// A reference to another object.
    Reference,
    /// Means nothing.
    Inert,
}

/// Gathered while reading.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) leaves: Leaves,
    pub(crate) unread: Vec<Unread>,
    pub(crate) measures: Vec<Measure>,
}

impl Sink {
    /// Counts leaves of a class.
    pub(crate) fn count(&mut self, class: Class, leaves: u64) {
        let slot = match class {
            Class::Enforcing => &mut self.leaves.enforcing,
            Class::Setting => &mut self.leaves.setting,
            Class::Name => &mut self.leaves.name,
            Class::Reference => &mut self.leaves.reference,
            Class::Inert => &mut self.leaves.inert,
        };
        *slot += leaves;
    }

    /// Something that no rule reads.
    pub(crate) fn unread(&mut self, at: &At<'_>, what: impl Into<String>) {
        self.unread.push(Unread {
            place: at.place(),
            what: what.into(),
        });
    }

    /// Bytes that are read exactly but whose meaning is outside the fragment that is decided, or contested.
    pub(crate) fn not_decided(&mut self, at: &At<'_>, what: impl AsRef<str>) {
        self.unread(at, format!("not decided: {}", what.as_ref()));
    }

    /// A size.
    pub(crate) fn measure(&mut self, at: &At<'_>, limit: &'static str, of: &str, value: u64) {
        self.measures.push(Measure {
            limit,
            of: of.to_owned(),
            value,
            place: at.place(),
        });
    }

    /// Everything that another one gathered.
    pub(crate) fn absorb(&mut self, other: Sink) {
        self.leaves.enforcing += other.leaves.enforcing;
        self.leaves.setting += other.leaves.setting;
        self.leaves.name += other.leaves.name;
        self.leaves.reference += other.leaves.reference;
        self.leaves.inert += other.leaves.inert;
        self.leaves.frozen += other.leaves.frozen;
        self.unread.extend(other.unread);
        self.measures.extend(other.measures);
    }
}
