//! Clause 7: every promise and every test holds of what the bytes grant.
//!
//! The relation of [`relation`] is composed of the guards that were read and asked once for each. What no selected target
//! has a guard of is taken as declared, and each promise says whether it rests on that.

use std::collections::BTreeMap;

use model::promise::Rule;
use relation::promise::{self, Verdict};
use relation::reach::Relation;

use crate::verified::{Clause, Promised, Statement, Status};
use crate::witness::Refusal;

pub(crate) fn prove(relation: &Relation<'_>, statement: &mut Statement) -> Vec<Refusal> {
    let model = relation.sets.model;
    let answers = promise::ask(relation);
    let settled = checks::settle(model, answers.findings);
    let refusals: Vec<Refusal> = settled.into_iter().map(Refusal::told).collect();
    let is_read = |verdict: &&Verdict| **verdict == Verdict::Read;
    let promised = answers.promises.iter().map(|(_, verdict, _)| verdict);
    let all = promised.clone().chain(&answers.tests);
    let status = if all.clone().all(|verdict| is_read(&verdict)) {
        Status::Exact
    } else {
        Status::GuardsOnly
    };
    let counts = BTreeMap::from([
        ("promises", answers.promises.len() as u64),
        (
            "promises of declarations",
            (model.promises.len() - answers.promises.len()) as u64,
        ),
        ("promises read", promised.filter(is_read).count() as u64),
        ("tests", answers.tests.len() as u64),
        ("tests read", answers.tests.iter().filter(is_read).count() as u64),
        ("connections read", relation.packets.read),
        (
            "flows of no claimed guard, asked as declared",
            relation.packets.declared,
        ),
    ]);
    statement.clauses.push(Clause {
        number: 7,
        target: "",
        status,
        counts,
    });
    statement.residuals.extend(answers.residuals);
    statement.residuals.sort();
    statement.residuals.dedup();
    statement.promises = answers
        .promises
        .iter()
        .filter_map(|(id, verdict, layers)| {
            let promise = model.promises.get(*id)?;
            let word = match promise.rule {
                Rule::Never { .. } => "never",
                Rule::Isolate { .. } => "isolate",
                Rule::Limit { .. } => "limit",
                Rule::Require { .. } => return None,
            };
            let is_declared = *verdict != Verdict::Read;
            Some(Promised {
                span: promise.span,
                word,
                name: promise.name.map(|name| model.names.text(name).to_owned()),
                is_read: !is_declared,
                layers: layers.names(),
            })
        })
        .collect();
    statement.promises.sort_by_key(|promised| promised.span);
    refusals
}
