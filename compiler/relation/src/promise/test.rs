//! The tests of a spec, answered from what the bytes grant.

use diagnostics::Diagnostic;

use super::question::{Answer, answers};
use super::{Answers, BROKEN_TEST, UNDECIDED, Verdict};
use crate::reach::Relation;

/// Answers every line of every test.
pub(super) fn ask(relation: &Relation<'_>, into: &mut Answers) {
    let model = relation.sets.model;
    let mut lines = Vec::new();
    for (_, test) in model.tests.iter() {
        for case in &test.cases {
            lines.extend(case.questions.iter().map(|line| (test, case, line)));
        }
    }
    let asked: Vec<_> = lines.iter().map(|(_, case, line)| (*case, *line)).collect();
    for ((test, _, line), (answer, decided)) in lines.iter().zip(answers(relation, &asked)) {
        into.tests.push(Verdict::of(decided));
        if answer.holds(line.can) {
            continue;
        }
        let word = if line.can { "can" } else { "cannot" };
        let name = model.names.text(test.name);
        let diagnostic = match answer {
            Answer::Undecided { why } => Diagnostic::new(
                &UNDECIDED,
                line.span,
                format!("test {name:?}: `{word}` cannot be decided: {why}"),
            ),
            answer => Diagnostic::new(
                &BROKEN_TEST,
                line.span,
                format!("test {name:?}: `{word}` does not hold: {}", granted(&answer)),
            )
            .help(match line.can {
                true => "mend the test, or add what is missing to a trust: `leastwise why-not` shows what forbids it",
                false => "mend the test, or the trust that says otherwise: `leastwise why` shows what grants it",
            }),
        };
        into.findings.push(diagnostic, []);
    }
}

/// How much of what was asked is granted.
fn granted(answer: &Answer) -> String {
    match answer {
        Answer::Yes => "it is granted".to_owned(),
        Answer::No | Answer::Undecided { .. } => "nothing of it is granted".to_owned(),
        Answer::Partly { granted, missing } => {
            format!(
                "{} is granted, and not {}",
                granted.join(", "),
                missing.join(", ")
            )
        }
    }
}
