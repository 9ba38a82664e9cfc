//! `leastwise reach`: everything that a subject reaches, by itself and through chains.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use driver::Analysis;
use graph::question::Index;
use ide::question::{self, Question};
use model::thing::ThingId;
use model::trust::End;
use relation::promise::chain::ways::{Way, Ways};
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

/// Arguments of `reach`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Who: a declared name, or `internet`.
    #[arg(add = ArgValueCandidates::new(known::subjects))]
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
        let (mut analysis, report) = session.analyse(environment.as_deref());
        let subject = ask::end(&analysis, &arguments.subject)?;
        let device = arguments
            .device
            .as_ref()
            .map(|device| analysis.model.names.intern(device));
        let from = (&session, arguments.format);
        let Some(facts) = ask::facts(from, environment.as_deref(), &analysis, report) else {
            return Ok(ExitCode::from(FINDINGS));
        };
        let index = Index::new(&analysis.model, &analysis.graph);
        let relation = Relation::new(&index, &facts);
        let from = question::thing(&analysis.model, subject);
        let hops = match arguments.direct {
            true => Vec::new(),
            false => Ways::new(&relation).tree(from),
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
    hops: &[(Option<ThingId>, Way)],
) -> Vec<Actor> {
    let objects = question::objects(analysis);
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
        let answers = question::answers(relation, &questions);
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
        name: question::name(analysis, subject),
        step: None,
        answers: reached(subject, device),
        depth: 0,
    }];
    below(analysis, hops, from, &reached, &mut out);
    out
}

/// Adds the actors below one, each before those that it leads to.
fn below(
    analysis: &Analysis,
    hops: &[(Option<ThingId>, Way)],
    from: Option<ThingId>,
    reached: &dyn Fn(End, Option<arena::Name>) -> Vec<Told>,
    out: &mut Vec<Actor>,
) {
    let after = |actor: Option<ThingId>| hops.iter().filter(move |(from, _)| *from == actor).rev();
    // Each actor is reached by one step, so that this is a tree.
    let mut open: Vec<(&(Option<ThingId>, Way), usize)> = after(from).map(|hop| (hop, 1)).collect();
    while let Some(((from, way), depth)) = open.pop() {
        let places = way
            .lines
            .iter()
            .map(|line| analysis.sources.place(*line))
            .collect();
        let taker = from.map_or("everybody".to_owned(), |from| {
            question::name(analysis, End::Thing(from))
        });
        out.push(Actor {
            name: question::name(analysis, End::Thing(way.to)),
            step: Some(Step {
                from: taker,
                sort: if way.controls { "control" } else { "data" },
                how: way.how.clone(),
                places,
            }),
            answers: reached(End::Thing(way.to), None),
            depth,
        });
        open.extend(after(Some(way.to)).map(|next| (next, depth + 1)));
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
                words.push_str(&format!(", {}{}", next.capability, ask::qualified(next)));
            }
            println!("{indent}  {}: {}", sanitise(&told.object), sanitise(&words));
            for reason in &told.trusts {
                println!("{indent}      {}", sanitise(&ask::line(reason)));
            }
        }
    }
}
