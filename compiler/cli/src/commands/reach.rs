//! `leastwise reach`: everything that a subject reaches, by itself and through chains.

use std::path::PathBuf;
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use driver::Analysis;
use graph::question::Index;
use model::thing::ThingId;
use model::trust::End;
use relation::promise::question::Answer;
use relation::promise::{self, Hop};
use relation::reach::Relation;
use resolve::Library;
use serde::Serialize;

use super::FINDINGS;
use super::ask::{self, Question, Told};
use crate::project::Trouble;
use crate::render::sanitise::sanitise;
use crate::session::{self, Format, Session, SpecArguments};

/// Arguments of `reach`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Who: a declared name, or `internet`.
    subject: String,
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// This member of the subject's class.
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// What the subject reaches itself, without the actors to which chains lead.
    #[arg(long)]
    direct: bool,
    /// How to print the answer.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    spec: SpecArguments,
}

#[derive(Serialize)]
struct Environment {
    environment: Option<String>,
    actors: Vec<Actor>,
}

/// An actor that chains lead to, the subject first, and what it reaches by itself.
#[derive(Serialize)]
struct Actor {
    name: String,
    /// The step to it; none for the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<Step>,
    answers: Vec<Told>,
    #[serde(skip)]
    depth: usize,
}

#[derive(Serialize)]
struct Step {
    from: String,
    /// `control` or `data`.
    sort: &'static str,
    how: String,
    places: Vec<String>,
}

/// Exit code 0, whatever it is; 1 if the spec does not compile.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let mut session = Session::open(&arguments.path, None, &arguments.spec, library)?;
    let mut out = Vec::new();
    for environment in session.environments.clone() {
        let (mut analysis, mut report) = session.analyse(environment.as_deref());
        let subject = ask::end(&analysis, &arguments.subject)?;
        let device = arguments
            .device
            .as_ref()
            .map(|device| analysis.model.names.intern(device));
        let options = session.options(environment.as_deref(), &[]);
        let answered = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::verify(&checked, &options, Limits::embedded(), &mut report));
        let Some(answered) = answered else {
            let mut reports = [(environment.clone(), report, analysis.sources)];
            session::print_briefly(&mut reports);
            return Ok(ExitCode::from(FINDINGS));
        };
        session::say_if_refused(answered.statement.is_none());
        let index = Index::new(&analysis.model, &analysis.graph);
        let relation = Relation::new(&index, &answered.facts);
        let from = ask::thing(&analysis.model, subject);
        let hops = match arguments.direct {
            true => Vec::new(),
            false => promise::hops(&relation, from),
        };
        let actors = actors(&analysis, (&index, &relation), (subject, device), from, &hops);
        out.push(Environment { environment, actors });
    }
    match arguments.format {
        Format::Json => print!("{}", ask::json(&out)),
        Format::Human => out.iter().for_each(show),
    }
    Ok(ExitCode::SUCCESS)
}

/// The subject and everybody to whom chains lead, each below the one that the step comes from.
fn actors(
    analysis: &Analysis,
    (index, relation): (&Index<'_>, &Relation<'_>),
    (subject, device): (End, Option<arena::Name>),
    from: Option<ThingId>,
    hops: &[Hop],
) -> Vec<Actor> {
    let objects = ask::objects(analysis);
    let reached = |subject: End, device: Option<arena::Name>| -> Vec<Told> {
        let questions: Vec<Question> = objects
            .iter()
            .flat_map(|(object, known)| {
                known.iter().map(|capability| Question {
                    subject,
                    capability: *capability,
                    object: *object,
                    device,
                })
            })
            .collect();
        let answers = ask::answers(relation, &questions);
        let mut told: Vec<Told> = questions
            .iter()
            .zip(answers)
            .filter(|(_, answer)| !matches!(answer, Answer::No | Answer::Undecided { .. }))
            .map(|(question, answer)| ask::told(analysis, index, question, answer))
            .collect();
        told.sort_by(|a, b| (&a.object, &a.capability).cmp(&(&b.object, &b.capability)));
        told
    };
    let mut out = vec![Actor {
        name: ask::name(analysis, subject),
        step: None,
        answers: reached(subject, device),
        depth: 0,
    }];
    below(analysis, hops, from, 1, &reached, &mut out);
    out
}

fn below(
    analysis: &Analysis,
    hops: &[Hop],
    from: Option<ThingId>,
    depth: usize,
    reached: &dyn Fn(End, Option<arena::Name>) -> Vec<Told>,
    out: &mut Vec<Actor>,
) {
    // Each actor is reached by one hop, so that this is a tree; it is as deep as the longest of shortest chains.
    let mut open: Vec<(&Hop, usize)> = hops
        .iter()
        .filter(|hop| hop.from == from)
        .rev()
        .map(|hop| (hop, depth))
        .collect();
    while let Some((hop, depth)) = open.pop() {
        let places = hop
            .lines
            .iter()
            .map(|line| analysis.sources.place(*line))
            .collect();
        out.push(Actor {
            name: ask::name(analysis, End::Thing(hop.to)),
            step: Some(Step {
                from: hop.from.map_or_else(
                    || "everybody".to_owned(),
                    |from| ask::name(analysis, End::Thing(from)),
                ),
                sort: if hop.is_control { "control" } else { "data" },
                how: hop.how.clone(),
                places,
            }),
            answers: reached(End::Thing(hop.to), None),
            depth,
        });
        let further = hops.iter().filter(|next| next.from == Some(hop.to)).rev();
        open.extend(further.map(|next| (next, depth + 1)));
    }
}

fn show(one: &Environment) {
    if let Some(name) = &one.environment {
        println!("environment {name}");
    }
    for actor in &one.actors {
        let indent = "  ".repeat(actor.depth);
        match &actor.step {
            None => println!("{} reaches", sanitise(&actor.name)),
            Some(step) => println!(
                "{indent}by {}: {} {} {} ({})",
                step.sort,
                sanitise(&step.from),
                sanitise(&step.how),
                sanitise(&actor.name),
                sanitise(&step.places.join(", "))
            ),
        }
        if actor.answers.is_empty() {
            println!("{indent}  nothing that is declared");
        }
        let mut answers = actor.answers.iter().peekable();
        while let Some(told) = answers.next() {
            let mut words = format!("{}{}", told.capability, ask::qualified(told));
            while let Some(next) =
                answers.next_if(|next| next.object == told.object && next.trusts == told.trusts)
            {
                words.push_str(&format!(" {}{}", next.capability, ask::qualified(next)));
            }
            println!("{indent}  {}: {}", sanitise(&told.object), sanitise(&words));
            for reason in &told.trusts {
                println!("{indent}      {}", sanitise(&ask::line(reason)));
            }
        }
    }
}
