//! Why a change is: the lines of what is gained and of what is lost.

use std::collections::BTreeSet;

use super::Telling;
use super::pair::Pair;
use crate::spec::{Claim, Reason};

/// Reasons that are told where only a file's lines are known.
const LINES_MAX: usize = 3;

/// Why: the lines of what is gained and of what is lost; of a file that says so, where nobody knows more.
pub(super) fn reasons(telling: &Telling<'_>, (subject, object): (&str, &str), pair: &Pair) -> Vec<Reason> {
    let mut found: BTreeSet<Reason> = BTreeSet::new();
    let mut needed: BTreeSet<Reason> = BTreeSet::new();
    let mut files: BTreeSet<Reason> = BTreeSet::new();
    let mut add = |claims: &[Claim], path: &str, was: bool| {
        let known = if was { telling.old } else { Some(telling.new) };
        let own = claims
            .iter()
            .filter(|claim| claim.subject == subject && claim.object == object);
        let mut is_told = false;
        for claim in own {
            let (Some(known), Some(because)) = (known, claim.because) else {
                continue;
            };
            is_told = true;
            let reason = known.reason(because, was);
            if claim.is_entailed {
                needed.insert(reason);
            } else {
                found.insert(reason);
            }
        }
        if !is_told {
            files.extend(telling.of_file(path, was));
        }
    };
    for of in &pair.more {
        add(&of.claims, &of.piece.path, false);
    }
    for of in &pair.opened {
        add(&of.claims, &of.piece.path, false);
    }
    for of in &pair.less {
        add(&of.claims, &of.piece.path, true);
    }
    for of in &pair.closed {
        add(&of.claims, &of.piece.path, true);
    }
    if found.is_empty() {
        found = needed;
    }
    if found.is_empty() {
        let more = files.len().saturating_sub(LINES_MAX);
        found = files.into_iter().take(LINES_MAX).collect();
        if more > 0 {
            found.insert(Reason {
                line: format!("{more} more {}", if more == 1 { "line" } else { "lines" }),
                sort: "file",
                ..Reason::default()
            });
        }
    }
    // A trust that is there on both sides is said once, as it is now.
    let now: BTreeSet<Reason> = found.iter().filter(|reason| !reason.was).cloned().collect();
    found.retain(|reason| {
        !reason.was
            || !now.iter().any(|one| {
                (&one.because, &one.owner, &one.ends, one.sort)
                    == (&reason.because, &reason.owner, &reason.ends, reason.sort)
                    && one.sort != "file"
            })
    });
    found.into_iter().collect()
}
