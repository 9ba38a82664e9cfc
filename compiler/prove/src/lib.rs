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
mod replay;
mod setting;
pub mod verified;
pub mod witness;

use std::collections::BTreeMap;

use bundle::Bundle;
use catalogue::limits::Limits;
use checks::Checked;
use diagnostics::Report;
use graph::access::Sides;
use graph::question::Index;
use read::facts::Facts;
use relation::reach::Relation;

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
    match judge(checked, facts, judged) {
        Ok(statement) => (!report.has_errors()).then(|| Verified::new(bundle, statement)),
        Err(refusals) => {
            for refusal in &refusals {
                report.push(refusal.diagnostic());
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
    let mut documents = Vec::new();
    for one in facts.iter().chain(&absent) {
        let (found, permitted) = identity::prove(split, one, &mut statement.clauses);
        refusals.extend(found);
        documents.push(permitted);
        refusals.extend(network::prove(checked, one, &mut statement));
        refusals.extend(setting::prove(checked, one, &mut statement.clauses));
        refusals.extend(device::prove(checked, one, &mut statement.clauses));
        refusals.extend(quota::prove(
            one,
            judged.limits,
            &mut statement.clauses,
            &mut statement.headroom,
        ));
    }
    statement
        .coarse
        .extend(identity::wildcards(checked, judged.targets));
    // Only now: bytes that are not what was declared are a fault of ours, and no promise is about them.
    if refusals.is_empty() {
        let index = Index::new(checked.model(), checked.graph());
        let relation = Relation::new(&index, facts).with_documents(&documents);
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
