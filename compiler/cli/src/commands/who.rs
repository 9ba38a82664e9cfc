//! `leastwise who`: everybody who may do something to something.

use std::path::PathBuf;
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use graph::question::Index;
use relation::promise::question::Answer;
use relation::reach::Relation;
use resolve::Library;
use serde::Serialize;

use super::FINDINGS;
use super::ask::{self, Question, Told};
use crate::project::Trouble;
use crate::render::sanitise::sanitise;
use crate::session::{self, Format, Session, SpecArguments};

/// Arguments of `who`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What: a capability of the object's kind.
    capability: String,
    /// To what: a declared name, or `NAME.PART`.
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
        let (mut analysis, mut report) = session.analyse(environment.as_deref());
        let object = ask::end(&analysis, &arguments.object)?;
        ask::has_capability(&analysis, object, (&arguments.object, &arguments.capability))?;
        let capability = analysis.model.names.intern(&arguments.capability);
        let options = session.options(environment.as_deref(), &[]);
        let answered = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::verify(&checked, &options, Limits::embedded(), &mut report));
        let Some(answered) = answered else {
            let mut reports = [(environment.clone(), report, analysis.sources)];
            session::print_briefly(&mut reports);
            return Ok(ExitCode::from(FINDINGS));
        };
        session::say_if_refused(answered.statement.is_none());
        let questions: Vec<Question> = ask::actors(&analysis)
            .into_iter()
            .map(|subject| Question {
                subject,
                capability,
                object,
                device: None,
            })
            .collect();
        let index = Index::new(&analysis.model, &analysis.graph);
        let relation = Relation::new(&index, &answered.facts);
        let answers = ask::answers(&relation, &questions);
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
