//! Facts against other facts: what a change changes, as access.
//!
//! Both sides are read from bytes: the output as it stands, and the output as it would be. What is compared is what they
//! permit, so that a policy written in another way is no change, and a wider one is not a plus and a minus.

mod access;
mod file;
mod flow;
pub mod json;
mod letters;

use std::collections::{BTreeMap, BTreeSet};

use bundle::Bundle;
use read::facts::Facts;

/// What changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Accesses that are gained, sorted.
    pub gained: Vec<AccessChange>,
    /// Accesses that are lost, sorted.
    pub lost: Vec<AccessChange>,
    /// Flows that are opened, sorted.
    pub opened: Vec<FlowChange>,
    /// Flows that are closed, sorted. Sessions that are tracked already go on until they are idle.
    pub closed: Vec<FlowChange>,
    /// Files.
    pub files: Files,
}

/// One access, of all resources and actions that a principal gains or loses under the same condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessChange {
    /// The principal's address, or a name for everybody.
    pub principal: String,
    /// Actions, lower case, sorted.
    pub actions: Vec<String>,
    /// Resources, sorted.
    pub resources: Vec<String>,
    /// When; empty for always.
    pub when: String,
}

/// One flow of a group or a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowChange {
    /// The guard: a group's address or a host's class.
    pub guard: String,
    /// Out of it if true.
    pub egress: bool,
    /// The other side.
    pub peer: String,
    /// `tcp 443`, `udp 53`, `all`.
    pub ports: String,
}

/// Paths that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// New.
    pub created: Vec<String>,
    /// Other bytes.
    pub updated: Vec<String>,
    /// Gone.
    pub deleted: Vec<String>,
}

impl Plan {
    /// Whether anything is gained or opened: what can fail a pipeline.
    #[must_use]
    pub fn broadens(&self) -> bool {
        !self.gained.is_empty() || !self.opened.is_empty()
    }

    /// Whether nothing changes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which files differ. Where none does, no access does.
#[must_use]
pub fn files(before: &Bundle, after: &Bundle) -> Files {
    file::diff(before, after)
}

/// What changes from one output to another, whose files differ like this.
///
/// Access and flows are compared target by target; what several targets say alike is said once.
///
/// - Cost: documents whose files are the same on both sides are looked at only by what the others say.
#[must_use]
pub fn diff(before: &[Facts], after: &[Facts], files: Files) -> Plan {
    let changed = file::changed(&files);
    let of = |facts: &[Facts]| -> BTreeMap<&'static str, usize> {
        facts
            .iter()
            .enumerate()
            .map(|(index, one)| (one.target, index))
            .collect()
    };
    let (old, new) = (of(before), of(after));
    let mut plan = Plan::default();
    let targets: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    // A target that only one side has says nothing about a change of access, unless the other side is empty.
    for target in targets {
        let (old, new) = (
            old.get(target).and_then(|index| before.get(*index)),
            new.get(target).and_then(|index| after.get(*index)),
        );
        let is_comparable = old.is_some() && new.is_some() || before.is_empty() || after.is_empty();
        if !is_comparable {
            continue;
        }
        let (gained, lost) = access::both(old, new, &changed);
        plan.gained.extend(gained);
        plan.lost.extend(lost);
        plan.opened.extend(flow::beyond(new, old));
        plan.closed.extend(flow::beyond(old, new));
    }
    for list in [&mut plan.gained, &mut plan.lost] {
        list.sort();
        list.dedup();
    }
    for list in [&mut plan.opened, &mut plan.closed] {
        list.sort();
        list.dedup();
    }
    Plan { files, ..plan }
}
