//! Clause 7: every test is answered from the bytes, and every promise holds.
//!
//! Promises are evaluated on the graph. That they then hold of the bytes follows from clauses 1 and 2, which have been
//! established before: what the bytes permit *is* what the graph says. Tests are asked of the bytes themselves.

use std::collections::BTreeMap;

use checks::{Checked, Context};
use read::facts::Facts;

use crate::question::{self, Answer};
use crate::verified::{Clause, Status};
use crate::witness::{Refusal, Sort};

pub(crate) fn prove(checked: &Checked<'_>, facts: &[Facts], clauses: &mut Vec<Clause>) -> Vec<Refusal> {
    let model = checked.model();
    let mut refusals = Vec::new();
    let broken = checks::broken_promises(&Context::new(model, checked.graph()));
    for diagnostic in broken.diagnostics() {
        refusals.push(Refusal::new(Sort::Promise, "", diagnostic.message.clone()).declared(diagnostic.span));
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
    let counts = BTreeMap::from([
        ("promises", model.promises.len() as u64),
        ("tests", asked),
        ("tests not decided by these targets", undecided),
    ]);
    clauses.push(Clause {
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
