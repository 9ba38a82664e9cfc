//! Clause 7: every test is answered from the bytes, and every promise holds.
//!
//! Promises are asked of a graph whose accesses and flows were read from the bytes ([`crate::rebuilt`]); what no selected
//! target has a guard of is taken as declared. What a `limit` counts and a `require` asks for are declarations. Tests are
//! asked of the bytes themselves.

use std::collections::BTreeMap;

use checks::{Checked, Context};
use model::promise::Rule;
use read::facts::Facts;

use crate::question::{self, Answer};
use crate::rebuilt;
use crate::verified::{Clause, Statement, Status};
use crate::witness::{Refusal, Sort};

pub(crate) fn prove(checked: &Checked<'_>, facts: &[Facts], statement: &mut Statement) -> Vec<Refusal> {
    let model = checked.model();
    let mut refusals = Vec::new();
    let mut counts = BTreeMap::new();
    // Nothing is rebuilt for a spec that promises nothing.
    if !model.promises.is_empty() {
        let rebuilt = rebuilt::rebuild(checked, facts);
        counts.extend([
            ("accesses read, of which promises are asked", rebuilt.read),
            (
                "accesses of no claimed guard, asked as declared",
                rebuilt.declared,
            ),
            ("flows read, of which promises are asked", rebuilt.flows),
            (
                "flows of no claimed group, asked as declared",
                (rebuilt.graph.flows.len() as u64).saturating_sub(rebuilt.flows),
            ),
        ]);
        if rebuilt.declared > 0 {
            statement
                .not_claimed
                .extend(partly_asked(checked, rebuilt.declared));
        }
        refusals.extend(rebuilt.refusals);
        let broken = checks::broken_promises(&Context::new(model, &rebuilt.graph));
        for diagnostic in broken.diagnostics() {
            refusals
                .push(Refusal::new(Sort::Promise, "", diagnostic.message.clone()).declared(diagnostic.span));
        }
    }
    let (mut asked, mut undecided) = (0, 0);
    for (_, test) in model.tests.iter() {
        for case in &test.cases {
            for line in &case.questions {
                asked += 1;
                let answer = question::answer(checked, facts, case, line);
                if let Answer::Undecided { .. } = answer {
                    undecided += 1;
                } else if !answer.holds(line.can) {
                    let word = if line.can { "can" } else { "cannot" };
                    let message = format!(
                        "test {:?}: `{word}` does not hold of the emitted files, which grant {}",
                        model.names.text(test.name),
                        granted(&answer)
                    );
                    refusals.push(Refusal::new(Sort::Promise, "", message).declared(Some(line.span)));
                }
            }
        }
    }
    counts.extend([
        ("promises", model.promises.len() as u64),
        ("tests", asked),
        ("tests not decided by these targets", undecided),
    ]);
    statement.clauses.push(Clause {
        number: 7,
        target: "",
        status: Status::Exact,
        counts,
    });
    refusals
}

/// How much of what was asked is granted.
fn granted(answer: &Answer) -> String {
    match answer {
        Answer::Yes => "all of it".to_owned(),
        Answer::No | Answer::Undecided { .. } => "nothing of it".to_owned(),
        Answer::Partly { granted, missing } => {
            format!("{}, and not {}", granted.join(", "), missing.join(", "))
        }
    }
}

/// One line for each promise about accesses of which the files do not hold every guard.
fn partly_asked(checked: &Checked<'_>, declared: u64) -> Vec<String> {
    let model = checked.model();
    let promises = (1..).zip(model.promises.iter());
    promises
        .filter_map(|(number, (_, promise))| {
            let word = match promise.rule {
                Rule::Never { .. } => "never",
                Rule::Isolate { .. } => "isolate",
                // What these ask for is declared, not granted.
                Rule::Require { .. } | Rule::Limit { .. } => return None,
            };
            let called = match promise.name {
                Some(name) => format!("`{}`", model.names.text(name)),
                None => format!("number {number}"),
            };
            Some(format!(
                "that promise {called}, `{word}`, holds of {declared} accesses whose guards are in no selected target: they are taken as declared"
            ))
        })
        .collect()
}
