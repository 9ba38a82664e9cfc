//! `leastwise test`: the spec's own tests, answered from the emitted artifacts.

use std::path::PathBuf;
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use diagnostics::Diagnostic;
use driver::Analysis;
use graph::question::Index;
use model::test::{Case, Question, Test};
use read::facts::Facts;
use relation::promise::question::{self, Answer};
use relation::reach::Relation;
use resolve::Library;
use serde::Serialize;

use super::FINDINGS;
use crate::progress::Progress;
use crate::render::Format;
use crate::render::junit::Case as Listed;
use crate::render::sanitise::sanitise;
use crate::render::told::{self, Told};
use crate::session::{self, Session, SpecArguments};
use project::Trouble;

/// Arguments of `test`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print the results.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    spec: SpecArguments,
}

/// Exit code 0 if every line holds, 1 if one does not or the spec does not compile.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let progress = Progress::new();
    let mut session = Session::open(&arguments.path, None, &arguments.spec, library)?;
    let (mut passed, mut failed, mut declared) = (0u32, 0u32, 0usize);
    let mut reports = Vec::new();
    let mut results: Vec<Outcome> = Vec::new();
    let mut cases: Vec<Listed> = Vec::new();
    for environment in session.environments.clone() {
        progress.step("proving", environment.as_deref());
        let (mut analysis, mut report) = session.analyse(environment.as_deref());
        // A test that fails is to be shown as a test, not as a build that fails: the build is done without them.
        let tests = std::mem::take(&mut analysis.model.tests);
        let options = session.options(environment.as_deref(), &[]);
        let answered = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::verify(&checked, &options, Limits::embedded(), &mut report));
        let mut broken: Vec<Diagnostic> = Vec::new();
        if let Some(answered) = answered.filter(|answered| answered.statement.is_some()) {
            let mut asked: Vec<(&Test, &Case, &Question)> = Vec::new();
            for (_, test) in tests.iter() {
                for case in &test.cases {
                    asked.extend(case.questions.iter().map(|line| (test, case, line)));
                }
            }
            progress.step("testing", environment.as_deref());
            let (failures, rest) = failures(&analysis, &answered.facts, &asked);
            declared += rest;
            let mut in_order_of_place: Vec<&Test> = tests.iter().map(|(_, test)| test).collect();
            in_order_of_place.sort_by_key(|test| test.span);
            for test in in_order_of_place {
                let name = analysis.model.names.text(test.name);
                let own = asked.iter().zip(&failures);
                let own = own.filter(|((of, ..), _)| std::ptr::eq(*of, test));
                let own = own.filter_map(|((.., line), failure)| Some((*line, failure.as_ref()?)));
                let own: Vec<(&Question, &String)> = own.collect();
                broken.extend(own.iter().map(|(line, failure)| diagnostic(name, line, failure)));
                let at = analysis.sources.get(test.span.file);
                cases.push(Listed {
                    environment: environment.clone(),
                    class: "test",
                    name: name.to_owned(),
                    path: at.map_or_else(String::new, |file| file.path.to_string()),
                    line: analysis.sources.line_column(test.span).line,
                    failures: own.iter().map(|(_, failure)| (*failure).clone()).collect(),
                });
                match own.is_empty() {
                    true => passed += 1,
                    false => failed += 1,
                }
                results.push(Outcome {
                    environment: environment.clone(),
                    name: name.to_owned(),
                    place: analysis.sources.place(test.span),
                    passed: own.is_empty(),
                    failures: own.into_iter().map(|(_, failure)| failure.clone()).collect(),
                });
            }
        }
        // A list of tests has its own cases for them.
        if matches!(arguments.format, Format::Sarif | Format::Github | Format::Gitlab) {
            broken.into_iter().for_each(|one| report.push(one));
        }
        reports.push((environment.clone(), report, analysis.sources));
    }
    drop(progress);
    let has_errors = match arguments.format {
        Format::Human => session::print_briefly(&mut reports, session::Format::Human),
        // A spec that does not compile has no tests that were answered: the report is the result.
        Format::Json if session::print_briefly(&mut reports, session::Format::Json) => {
            return Ok(ExitCode::from(FINDINGS));
        }
        Format::Json => false,
        format @ (Format::Sarif | Format::Github | Format::Gitlab | Format::Junit) => {
            let told = Told {
                command: "test",
                format,
                folder: &session.folder,
                cases: &cases,
            };
            told::print(&mut reports, &told)
        }
    };
    match arguments.format {
        Format::Json => print!("{}", json(&results)),
        Format::Human => {
            results.iter().for_each(show);
            // Some pipelines search for the word: it is said only where it is so.
            match failed {
                0 => println!("{passed} passed"),
                _ => println!("{passed} passed, {failed} failed"),
            }
            if declared > 0 {
                session::tell(&format!(
                    "{declared} of the lines rest, in part, on what is declared: no target guards what they are about"
                ));
            }
        }
        Format::Sarif | Format::Github | Format::Gitlab | Format::Junit => {}
    }
    Ok(ExitCode::from(if has_errors || failed > 0 {
        FINDINGS
    } else {
        0
    }))
}

/// A line that does not hold, as a finding.
fn diagnostic(name: &str, line: &Question, failure: &str) -> Diagnostic {
    // The failure begins with its place, which a finding has by itself.
    let what = failure.split_once(": ").map_or(failure, |(_, what)| what);
    let message = format!("test {name:?} does not hold: {what}");
    let code = driver::codes::find("broken-test").unwrap_or(&diagnostics::COMPILER_BUG);
    Diagnostic::new(code, line.span, message).help(match line.can {
        true => "mend the test, or add what is missing to a trust: `leastwise why-not` shows what forbids it",
        false => "mend the test, or the trust that says otherwise: `leastwise why` shows what grants it",
    })
}

/// One test, and what of it does not hold.
#[derive(Serialize)]
struct Outcome {
    environment: Option<String>,
    name: String,
    place: String,
    passed: bool,
    failures: Vec<String>,
}

/// Results for programs. The schema is `schemas/tests-v1.json`.
fn json(results: &[Outcome]) -> String {
    let whole = serde_json::json!({ "format": "leastwise-tests/1", "tests": results });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

fn show(one: &Outcome) {
    let name = one.environment.as_ref().map_or_else(
        || one.name.clone(),
        |environment| format!("{environment}: {}", one.name),
    );
    let word = if one.passed { "ok   " } else { "FAIL " };
    println!("{word} {}", sanitise(&name));
    for failure in &one.failures {
        println!("      {}", sanitise(failure));
    }
}

/// For each line that was asked, what is wrong with it; and how many rest on what is declared.
fn failures(
    analysis: &Analysis,
    facts: &[Facts],
    asked: &[(&Test, &Case, &Question)],
) -> (Vec<Option<String>>, usize) {
    let index = Index::new(&analysis.model, &analysis.graph);
    let relation = Relation::new(&index, facts);
    let lines: Vec<(&Case, &Question)> = asked.iter().map(|(_, case, line)| (*case, *line)).collect();
    let answers = question::answers(&relation, &lines);
    let rest = answers
        .iter()
        .filter(|(_, decided)| !decided.declared.is_empty())
        .count();
    let failures = lines.iter().zip(answers);
    let failures = failures
        .map(|((_, line), (answer, _))| {
            if answer.holds(line.can) {
                return None;
            }
            let place = analysis.sources.place(line.span);
            let text = analysis.sources.text(line.span);
            let why = match answer {
                Answer::Yes => "it is granted".to_owned(),
                Answer::No => "nothing of it is granted".to_owned(),
                Answer::Partly { granted, missing } => {
                    format!("granted: {}; missing: {}", granted.join(", "), missing.join(", "))
                }
                Answer::Undecided { why } => why,
            };
            Some(format!("{place}: `{text}`: {why}"))
        })
        .collect();
    (failures, rest)
}
