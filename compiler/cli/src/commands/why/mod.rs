//! `leastwise why` and `why-not`: the chain, layer by layer, or what is missing.

mod layers;

use std::path::PathBuf;
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use driver::Analysis;
use graph::question::Index;
use model::promise::Selector;
use model::test::{Case, Fixed, Question as Line};
use model::trust::{End, Named};
use read::facts::Facts;
use relation::promise::question::{self, Answer};
use relation::reach::Relation;
use resolve::Library;
use source::{FileId, Span};

use super::{FINDINGS, ask};
use crate::project::Trouble;
use crate::render::sanitise::sanitise;
use crate::session::{self, Session, SpecArguments};

/// Arguments of `why` and `why-not`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Who: a declared name, or `internet`.
    subject: String,
    /// What: a capability of the object's kind.
    capability: String,
    /// To what: a declared name, or `NAME.PART`.
    object: String,
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// This member of the subject's class.
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    #[command(flatten)]
    spec: SpecArguments,
}

/// Which of the two is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Why it may.
    Why,
    /// Why it may not.
    WhyNot,
}

/// Exit code 0 if what is asked about is so, 1 if it is not.
pub(crate) fn run(arguments: &Arguments, library: Library, asked: Question) -> Result<ExitCode, Trouble> {
    let mut session = Session::open(&arguments.path, None, &arguments.spec, library)?;
    let mut is_so = true;
    for environment in session.environments.clone() {
        let (mut analysis, mut report) = session.analyse(environment.as_deref());
        let case = case(&mut analysis, arguments)?;
        let options = session.options(environment.as_deref(), &[]);
        let answered = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::verify(&checked, &options, Limits::embedded(), &mut report));
        let Some(answered) = answered else {
            let mut reports = [(environment.clone(), report, analysis.sources)];
            session::print_briefly(&mut reports);
            return Ok(ExitCode::from(FINDINGS));
        };
        // A promise or a test that fails is a reason to ask, so the answer is given all the same.
        if answered.statement.is_none() {
            eprintln!("this is refused, and nothing of it is written: `leastwise check` says why");
        }
        if let Some(name) = environment {
            println!("environment {name}");
        }
        is_so &= explain(&analysis, &answered.facts, &case, arguments, asked);
    }
    Ok(ExitCode::from(if is_so { 0 } else { FINDINGS }))
}

/// The question as a line of a test.
fn case(analysis: &mut Analysis, arguments: &Arguments) -> Result<Case, Trouble> {
    let nowhere = Span::new(FileId(0), 0, 0);
    let subject = ask::end(analysis, &arguments.subject)?;
    let object = ask::end(analysis, &arguments.object)?;
    let names = &mut analysis.model.names;
    let capability = names.intern(&arguments.capability);
    let device = arguments
        .device
        .as_ref()
        .map(|device| (names.intern(device), nowhere));
    ask::has_capability(analysis, object, (&arguments.object, &arguments.capability))?;
    Ok(Case {
        subject: Named {
            end: subject,
            span: nowhere,
        },
        fixed: Fixed {
            device,
            ..Fixed::default()
        },
        questions: vec![Line {
            can: true,
            capability: (capability, nowhere),
            object: (Selector::End(object), nowhere),
            device: None,
            part: None,
            span: nowhere,
        }],
        span: nowhere,
    })
}

/// Prints the answer; true if it is what was asked about.
fn explain(
    analysis: &Analysis,
    facts: &[Facts],
    case: &Case,
    arguments: &Arguments,
    asked: Question,
) -> bool {
    let Some(line) = case.questions.first() else {
        return false;
    };
    let index = Index::new(&analysis.model, &analysis.graph);
    let relation = Relation::new(&index, facts);
    let answered = question::answers(&relation, &[(case, line)]).into_iter().next();
    let Some((answer, _)) = answered else {
        return false;
    };
    let sentence = format!(
        "{}{} {} {}",
        arguments.subject,
        arguments
            .device
            .as_ref()
            .map_or_else(String::new, |device| format!(" ({device})")),
        arguments.capability,
        arguments.object
    );
    match &answer {
        Answer::Yes => println!("{sentence}: yes"),
        Answer::No => println!("{sentence}: no, nothing of it is granted"),
        Answer::Partly { granted, missing } => {
            println!("{sentence}: in part");
            granted
                .iter()
                .for_each(|what| println!("  granted  {}", sanitise(what)));
            missing
                .iter()
                .for_each(|what| println!("  missing  {}", sanitise(what)));
        }
        Answer::Undecided { why } => println!("{sentence}: no emitted artifact decides it: {why}"),
    }
    match asked {
        Question::Why => layers::show_all(analysis, case, line),
        Question::WhyNot => missing(analysis, arguments, &answer),
    }
    match asked {
        Question::Why => answer == Answer::Yes,
        Question::WhyNot => answer != Answer::Yes,
    }
}

/// What would have to be written for it to be granted.
fn missing(analysis: &Analysis, arguments: &Arguments, answer: &Answer) {
    if *answer == Answer::Yes {
        return;
    }
    let model = &analysis.model;
    let stem = |text: &str| text.split('.').next().unwrap_or(text).to_owned();
    let (subject, object) = (stem(&arguments.subject), stem(&arguments.object));
    let name = |end: End| match ask::thing(model, end) {
        Some(id) => model
            .things
            .get(id)
            .map_or("", |thing| model.names.text(thing.name)),
        None => "",
    };
    let near: Vec<_> = model
        .trusts
        .iter()
        .filter(|(_, trust)| {
            trust.subjects.iter().any(|named| name(named.end) == subject)
                && trust.objects.iter().any(|named| name(named.end) == object)
        })
        .collect();
    if near.is_empty() {
        println!("  no trust names {subject} and {object}");
    }
    for (_, trust) in near {
        let allowed: Vec<&str> = trust
            .allow
            .iter()
            .map(|(name, _)| model.names.text(*name))
            .collect();
        let only = if allowed.contains(&arguments.capability.as_str()) {
            "it, but narrowed:"
        } else {
            "only"
        };
        println!(
            "  {} allows {only} {}",
            analysis.sources.place(trust.span),
            allowed.join(" ")
        );
    }
    println!(
        "  it would take: trust {} -> {} {{ allow {}; because \"…\" }}",
        arguments.subject, arguments.object, arguments.capability
    );
}
