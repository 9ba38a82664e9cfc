//! Facts against other facts: what a change changes, as access.
//!
//! Both sides are read from bytes: the output as it stands, and the output as it would be. What is compared is what they
//! permit, so that a policy written in another way is no change, and a wider one is not a plus and a minus. The specs of the
//! two sides take no part in this: they only tell whose words a difference is told in. What no word of a spec tells is told
//! by its addresses.

mod access;
mod file;
mod flow;
pub mod json;
mod letters;
pub mod rest;
pub mod show;
pub mod spec;
pub mod told;

use std::collections::{BTreeMap, BTreeSet};

use bundle::Bundle;
use rayon::prelude::*;
use read::facts::Facts;

use access::Half;
use letters::Letters;
use rest::Beside;
use spec::{Known, Spec};
use told::Plan;

/// The side of which something may be known by its bytes alone.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// What was read, target by target.
    pub facts: &'a [Facts],
    /// The spec that the bytes come from, where it is there.
    pub spec: Option<Spec<'a>>,
    /// By file the lines for which it stands.
    pub lines: &'a BTreeMap<String, Vec<String>>,
}

/// The side that the spec at hand gives.
#[derive(Clone, Copy)]
pub struct After<'a> {
    /// What was read, target by target.
    pub facts: &'a [Facts],
    /// The spec that the bytes come from.
    pub spec: Spec<'a>,
    /// By file the lines for which it stands.
    pub lines: &'a BTreeMap<String, Vec<String>>,
}

/// What is to be told besides what changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Follow chains however many there are.
    pub all_chains: bool,
    /// Tell the trusts that end soon.
    pub ending: bool,
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

/// Which files differ. Where none does, no access does.
#[must_use]
pub fn files(before: &Bundle, after: &Bundle) -> Files {
    file::diff(before, after)
}

/// What differs, as sets; nothing of it is told yet.
#[derive(Default)]
struct Difference {
    more: Vec<access::Piece>,
    less: Vec<access::Piece>,
    opened: Vec<flow::Piece>,
    closed: Vec<flow::Piece>,
    beside: Vec<Beside>,
}

/// What changes from one output to another, whose files differ like this.
///
/// - Shape: every request, packet and setting that one side has and the other lacks is in exactly one change.
/// - Access and flows are compared target by target, and both sides are of the same targets; what several targets say alike is told
///   once.
/// - Cost: documents whose files are the same on both sides are looked at only by what the others say.
#[must_use]
pub fn plan(before: &Before<'_>, after: &After<'_>, files: Files, options: Options) -> Plan {
    // Where both specs are there, something may be declared otherwise that no byte tells.
    if files == Files::default() && before.spec.is_none() {
        return told::nothing(after.spec, options);
    }
    let renamed = told::moved::renames(before, after);
    let new = Known::new(after.spec, BTreeMap::new());
    let old = before.spec.map(|spec| Known::new(spec, renamed.clone()));
    let addresses = [Some(after.spec), before.spec].into_iter().flatten();
    let letters = Letters::new(
        before.facts.iter().chain(after.facts),
        addresses.map(|spec| &spec.graph.addresses),
    );
    let difference = difference(before, after, (old.as_ref(), &new), &files, &letters);
    let telling = told::Telling {
        before,
        after,
        old: old.as_ref(),
        new: &new,
        renamed: &renamed,
        options,
    };
    telling.plan(difference, files, &letters)
}

fn difference(
    before: &Before<'_>,
    after: &After<'_>,
    (old, new): (Option<&Known<'_>>, &Known<'_>),
    files: &Files,
    letters: &Letters<'_>,
) -> Difference {
    let changed = file::changed(files);
    let of = |facts: &[Facts]| -> BTreeMap<&'static str, usize> {
        facts
            .iter()
            .enumerate()
            .map(|(index, one)| (one.target, index))
            .collect()
    };
    let (theirs, ours) = (of(before.facts), of(after.facts));
    let new_name = |address: &str| new.canonical(address);
    // What only the new spec names is called by the same name on the old side.
    let old_name = |address: &str| match old {
        Some(old) => old.canonical(address),
        None => new.canonical(address),
    };
    let targets: BTreeSet<&str> = theirs.keys().chain(ours.keys()).copied().collect();
    // Both sides are of the same targets: one of which nothing was read wrote no file.
    let of_target = |target: &&str| {
        let theirs = Half {
            facts: theirs.get(target).and_then(|index| before.facts.get(*index)),
            canonical: &old_name,
        };
        let ours = Half {
            facts: ours.get(target).and_then(|index| after.facts.get(*index)),
            canonical: &new_name,
        };
        let ((more, less), ((opened, closed), beside)) = rayon::join(
            || access::both(theirs, ours, &changed, letters),
            || (flow::both(theirs, ours), rest::both(theirs, ours, &changed)),
        );
        Difference {
            more,
            less,
            opened,
            closed,
            beside,
        }
    };
    let by_target: Vec<Difference> = targets.par_iter().map(of_target).collect();
    let mut found = Difference::default();
    for one in by_target {
        found.more.extend(one.more);
        found.less.extend(one.less);
        found.opened.extend(one.opened);
        found.closed.extend(one.closed);
        found.beside.extend(one.beside);
    }
    for list in [&mut found.more, &mut found.less] {
        access::once(list);
    }
    for list in [&mut found.opened, &mut found.closed] {
        flow::once(list);
    }
    found.beside = rest::once(std::mem::take(&mut found.beside));
    found
}
