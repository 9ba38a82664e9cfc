//! `leastwise who`: everybody who may do something to something.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use graph::question::Index;
use ide::question::{self, Question};
use relation::promise::question::Answer;
use relation::reach::Relation;
use resolve::Library;
use serde::Serialize;

use super::FINDINGS;
use super::ask::{self, Told};
use crate::commands::completions::known;
use crate::render::sanitise::sanitise;
use crate::session::{Format, Session, SpecArguments};
use project::Trouble;

/// Arguments of `who`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What: a capability of the object's kind.
    #[arg(add = ArgValueCandidates::new(known::capabilities))]
    capability: String,
    /// To what: a declared name, or `NAME.PART`.
    #[arg(add = ArgValueCandidates::new(known::objects))]
    object: String,
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print the answer.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    spec: SpecArguments,
}

/// So much of what is missing is shown; `--format json` has all of it.
const MISSING_MAX: usize = 3;

#[derive(Serialize)]
struct Environment {
    environment: Option<String>,
    answers: Vec<Told>,
}

/// Exit code 0, whoever it is; 1 if the spec does not compile.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let mut session = Session::open(&arguments.path, None, &arguments.spec, library)?;
    let mut out = Vec::new();
    for environment in session.environments.clone() {
        let (mut analysis, report) = session.analyse(environment.as_deref());
        let object = ask::end(&analysis, &arguments.object)?;
        ask::has_capability(&analysis, object, (&arguments.object, &arguments.capability))?;
        let capability = analysis.model.names.intern(&arguments.capability);
        let from = (&session, arguments.format);
        let Some(facts) = ask::facts(from, environment.as_deref(), &analysis, report) else {
            return Ok(ExitCode::from(FINDINGS));
        };
        let questions: Vec<Question> = question::actors(&analysis)
            .into_iter()
            .map(|subject| Question {
                subject,
                capability,
                object,
                device: None,
            })
            .collect();
        let index = Index::new(&analysis.model, &analysis.graph);
        let relation = Relation::new(&index, &facts);
        let answers = question::answers(&relation, &questions);
        let mut told: Vec<Told> = questions
            .iter()
            .zip(answers)
            .filter(|(_, answer)| *answer != Answer::No)
            .map(|(question, answer)| ask::told(&analysis, &index, question, answer))
            .collect();
        told.sort_by(|a, b| a.subject.cmp(&b.subject));
        out.push(Environment {
            environment,
            answers: told,
        });
    }
    match arguments.format {
        Format::Json => print!("{}", ask::json(&out)),
        Format::Human => out.iter().for_each(|one| show(one, arguments)),
    }
    Ok(ExitCode::SUCCESS)
}

fn show(one: &Environment, arguments: &Arguments) {
    if let Some(name) = &one.environment {
        println!("environment {name}");
    }
    let asked = format!("{} {}", arguments.capability, arguments.object);
    if one.answers.is_empty() {
        println!("nobody may {asked}");
        return;
    }
    println!("who may {asked}:");
    for told in &one.answers {
        println!("  {}{}", sanitise(&told.subject), sanitise(&ask::qualified(told)));
        for missing in told.missing.iter().take(MISSING_MAX) {
            println!("      missing: {}", sanitise(missing));
        }
        for reason in &told.trusts {
            println!("      {}", sanitise(&ask::line(reason)));
        }
        if told.trusts.is_empty() {
            println!(
                "      no trust says so: it shares an address, an identity or a name with somebody who may"
            );
        }
    }
}
