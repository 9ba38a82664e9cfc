//! Which change of bytes changes what: decided before `prove` sees the bytes, by enumeration, with no code of `read`,
//! `prove`, nor of the crates that they reason with.
//!
//! A label compares an original with a mutant of it. Where permission is concerned it is found by asking every request
//! that any statement of either tells from others; where an object is concerned, by law.
#![expect(
    clippy::indexing_slicing,
    reason = "test support: an index out of bounds is a failed test, and its place is the message"
)]

pub mod cells;
pub mod condition;
pub mod device;
pub mod fault;
pub mod group;
pub mod host;
pub mod iam;
pub mod letter;
pub mod module;
pub mod packet;
pub mod policy;

use std::collections::{BTreeMap, BTreeSet};

use cells::{Decision, Request};

/// Files by path: the target that reads each, and its bytes.
pub type Files = BTreeMap<String, (&'static str, Vec<u8>)>;

/// What a mutant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// The same meaning, and nothing that could go.
    Equal,
    /// Another meaning, shown.
    Changed(Difference),
    /// The same meaning, and something that could go.
    Idle(String),
    /// No reading exists.
    Unreadable(String),
    /// It has a reading on which we do not rely.
    Undecided(String),
}

/// A case in which original and mutant differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A guard answers this request differently.
    Request {
        /// The guard.
        guard: String,
        /// The request.
        request: Request,
        /// What the original says.
        before: Decision,
        /// What the mutant says.
        after: Decision,
    },
    /// A packet passes on one side only.
    Packet {
        /// The packet.
        packet: packet::Packet,
        /// Whether it passed in the original.
        passed: bool,
    },
    /// An object is another, by law.
    Object(String),
    /// An argument is another; whether its new value has a reading at all is for its manual to say.
    Argument(String),
    /// A value in a module is another, by law.
    Value {
        /// Which.
        what: String,
        /// What of the claim is another with it.
        concerns: BTreeSet<Concern>,
        /// The provider refuses the value, so that it may as well have no reading.
        is_refused: bool,
    },
}

/// A part of what is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Who may ask for what.
    Access,
    /// Which packets arrive.
    Reach,
    /// How an object is set.
    Setting,
    /// Which objects there are, and by which names.
    Being,
}

impl Label {
    /// Its name in tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Changed(_) => "changed",
            Self::Idle(_) => "idle",
            Self::Unreadable(_) => "unreadable",
            Self::Undecided(_) => "undecided",
        }
    }
}

/// Labels a mutant. `None` if no law covers what differs.
#[must_use]
pub fn label(before: &Files, after: &Files) -> Option<Label> {
    let mut worst = Label::Equal;
    let targets: BTreeSet<&str> = before
        .values()
        .chain(after.values())
        .map(|(target, _)| *target)
        .collect();
    for target in targets {
        let of = |files: &Files| {
            files
                .iter()
                .filter(|(_, (of, _))| *of == target)
                .map(|(p, (_, b))| (p.clone(), b.clone()))
                .collect()
        };
        let (before, after): (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<u8>>) = (of(before), of(after));
        if before == after {
            continue;
        }
        let label = match target {
            "aws-iam" => iam::label(&before, &after),
            "security-groups" => group::label(&before, &after),
            "terraform" => module::label(&before, &after),
            "device-bundles" => device::label(&before, &after),
            _ => return None,
        };
        worst = worse(worst, label);
    }
    Some(worst)
}

fn worse(a: Label, b: Label) -> Label {
    let rank = |label: &Label| match label {
        Label::Equal => 0,
        Label::Idle(_) => 1,
        Label::Changed(_) => 2,
        Label::Undecided(_) => 3,
        Label::Unreadable(_) => 4,
    };
    if rank(&b) > rank(&a) { b } else { a }
}
