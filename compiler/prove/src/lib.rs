//! Facts against the trust graph: the theorem, clause by clause.
//!
//! `prove` shares the graph and its addresses with lowering, and nothing else: what a document *means* was read from its
//! bytes by `read`, which knows no intent. Only `prove` makes a [`verified::Verified`].

mod assumption;
mod because;
mod beside;
mod choice;
mod device;
mod identity;
mod marker;
mod network;
mod promise;
mod quota;
mod registry;
mod replay;
mod setting;
mod trace;
mod users;
pub mod verified;
pub mod witness;

use std::collections::BTreeMap;

use bundle::Bundle;
use catalogue::limits::Limits;
use checks::Checked;
use diagnostics::Report;
use graph::access::Sides;
use graph::question::Index;
use rayon::prelude::*;
use read::facts::Facts;
use relation::reach::Relation;
use relation::statement::ByGuard;

use verified::{Clause, Statement, Status, Verified};
use witness::{Refusal, Sort};

/// The clauses that are about one target each.
const BY_TARGET: [u8; 6] = [1, 2, 3, 4, 5, 8];

/// By what the bytes are judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The targets that were asked for: one without a file is judged as one that permits nothing.
    pub targets: &'a [&'static str],
    /// The provider's limits.
    pub limits: &'a Limits,
    /// On which side each access is granted, in the graph's order: what lowering says, and the proof checks.
    pub sides: &'a [Sides],
}

/// Proves the theorem for a bundle, or reports why it does not hold, each time with a witness.
pub fn prove(
    checked: &Checked<'_>,
    facts: &[Facts],
    bundle: Bundle,
    judged: &Judged<'_>,
    report: &mut Report,
) -> Option<Verified> {
    let statement = verify(checked, facts, judged, report)?;
    Some(Verified::new(bundle, statement))
}

/// The same where nothing is to be written: what was proved, without the files that it was proved of.
pub fn verify(
    checked: &Checked<'_>,
    facts: &[Facts],
    judged: &Judged<'_>,
    report: &mut Report,
) -> Option<Statement> {
    match judge(checked, facts, judged) {
        Ok(statement) => (!report.has_errors()).then_some(statement),
        Err(refusals) => {
            for refusal in refusals {
                report.push(trace::traced(checked.model(), refusal).diagnostic());
            }
            None
        }
    }
}

/// The theorem alone: what holds, or every refusal. Tests mutate bytes and call this.
///
/// # Errors
/// Every refusal that was found; never empty.
pub fn judge(checked: &Checked<'_>, facts: &[Facts], judged: &Judged<'_>) -> Result<Statement, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let missing = judged
        .targets
        .iter()
        .filter(|target| !facts.iter().any(|one| one.target == **target));
    let absent: Vec<Facts> = missing.map(|target| Facts::nothing(target)).collect();
    for one in facts {
        for unread in &one.unread {
            refusals.push(Refusal::new(Sort::Unread, one.target, unread.what.clone()).at(&unread.place));
        }
    }
    // What cannot be read cannot be compared: a missing half would only be reported twice.
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut statement = Statement {
        residuals: checked.graph().residuals.clone(),
        ..Statement::default()
    };
    let split = identity::Split {
        checked,
        sides: judged.sides,
    };
    refusals.extend(identity::composed(split));
    // Promises and tests ask what the documents permit, all of them together; without any, each guard is forgotten once it is proved.
    let model = checked.model();
    let is_asked = !(model.promises.is_empty() && model.tests.is_empty());
    let index = Index::new(checked.model(), checked.graph());
    let targets: Vec<&Facts> = facts.iter().chain(&absent).collect();
    let of_targets = || -> Vec<OfTarget> {
        targets
            .par_iter()
            .map(|facts| of_target(split, facts, judged.limits, is_asked))
            .collect()
    };
    // What all targets grant together is composed beside it, and asked only if each is what it should be.
    let (found, relation) = rayon::join(of_targets, || Relation::new(&index, facts));
    let mut documents = Vec::new();
    for one in found {
        refusals.extend(one.refusals);
        statement.append(one.statement);
        if is_asked {
            documents.push(one.permitted);
        }
    }
    statement
        .coarse
        .extend(identity::wildcards(checked, judged.targets));
    // Only now: bytes that are not what was declared are a fault of ours, and no promise is about them.
    if refusals.is_empty() {
        let relation = relation.with_documents(&documents);
        refusals.extend(network::composed(checked, &relation));
        refusals.extend(promise::prove(&relation, &mut statement));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    statement
        .clauses
        .extend(unclaimed(&statement.clauses, facts.iter().chain(&absent)));
    statement.assumptions = assumption::assumptions(checked, facts);
    statement.not_claimed.extend(network::not_claimed(checked, facts));
    statement
        .clauses
        .sort_by(|a, b| (a.number, a.target).cmp(&(b.number, b.target)));
    Ok(statement)
}

/// What was found of one target by itself.
struct OfTarget {
    refusals: Vec<Refusal>,
    statement: Statement,
    /// What its documents permit, if somebody asks further.
    permitted: ByGuard,
}

fn of_target(split: identity::Split<'_>, facts: &Facts, limits: &Limits, is_asked: bool) -> OfTarget {
    let checked = split.checked;
    let mut statement = Statement::default();
    let (mut refusals, permitted) = identity::prove(split, facts, &mut statement.clauses, is_asked);
    refusals.extend(network::prove(checked, facts, &mut statement));
    refusals.extend(setting::prove(checked, facts, &mut statement.clauses));
    refusals.extend(device::prove(checked, facts, &mut statement.clauses));
    refusals.extend(quota::prove(
        split.checked,
        facts,
        limits,
        &mut statement.clauses,
        &mut statement.headroom,
    ));
    OfTarget {
        refusals,
        statement,
        permitted,
    }
}

/// What else is said of each clause: that the targets agree, since each was compared with the same graph by itself; and which
/// clause a target claims nothing of.
fn unclaimed<'f>(clauses: &[Clause], facts: impl Iterator<Item = &'f Facts>) -> Vec<Clause> {
    let targets: Vec<&'static str> = facts.map(|one| one.target).collect();
    let mut more = vec![Clause {
        number: 6,
        target: "",
        status: Status::Exact,
        counts: BTreeMap::from([("targets", targets.len() as u64)]),
    }];
    for number in BY_TARGET {
        for target in &targets {
            if !clauses
                .iter()
                .any(|one| (one.number, one.target) == (number, *target))
            {
                more.push(Clause {
                    number,
                    target,
                    status: Status::NotClaimed,
                    counts: BTreeMap::new(),
                });
            }
        }
    }
    more
}
