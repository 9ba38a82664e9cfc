//! `leastwise why` and `why-not`: the chain, layer by layer, or what is missing.

mod layers;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use driver::Analysis;
use graph::question::Index;
use graph::reason::Residual;
use ide::question;
use model::promise::{Rule, Selector};
use model::trust::End;
use read::facts::Facts;
use relation::promise::question::Answer;
use relation::reach::Relation;
use resolve::Library;
use serde::Serialize;
use source::Span;

use super::FINDINGS;
use super::ask::{self, Told};
use crate::commands::completions::known;
use crate::render::sanitise::sanitise;
use crate::session::{Format, Session, SpecArguments};
use layers::Layer;
use project::Trouble;

/// So many guards of one access are shown to people.
const GUARDS_MAX: usize = 6;

/// Arguments of `why` and `why-not`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Who: a declared name, or `internet`.
    #[arg(add = ArgValueCandidates::new(known::subjects))]
    subject: String,
    /// What: a capability of the object's kind.
    #[arg(add = ArgValueCandidates::new(known::capabilities))]
    capability: String,
    /// To what: a declared name, or `NAME.PART`.
    #[arg(add = ArgValueCandidates::new(known::objects))]
    object: String,
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// This member of the subject's class.
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// How to print the answer.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
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

/// One environment's answer.
#[derive(Serialize)]
struct Explained {
    environment: Option<String>,
    #[serde(flatten)]
    told: Told,
    /// Each access and connection between the two, with the line that grants it.
    layers: Vec<Layer>,
    /// Conditions of these trusts that no layer enforces, accepted by name.
    left_open: Vec<String>,
    /// What trusts between the two allow, where the answer is not yes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_instead: Vec<String>,
    /// Promises that forbid it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forbidden_by: Vec<String>,
    /// A trust that would grant it, if no promise forbids it.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_take: Option<String>,
}

/// Exit code 0 if what is asked about is so, 1 if it is not.
pub(crate) fn run(arguments: &Arguments, library: Library, asked: Question) -> Result<ExitCode, Trouble> {
    let mut session = Session::open(&arguments.path, None, &arguments.spec, library)?;
    let mut out = Vec::new();
    for environment in session.environments.clone() {
        let (mut analysis, report) = session.analyse(environment.as_deref());
        let question = question(&mut analysis, arguments)?;
        let from = (&session, arguments.format);
        let Some(facts) = ask::facts(from, environment.as_deref(), &analysis, report) else {
            return Ok(ExitCode::from(FINDINGS));
        };
        out.push(explained(&analysis, &facts, &question, environment));
    }
    let is_so = out.iter().all(|one| match asked {
        Question::Why => one.told.answer == "yes",
        Question::WhyNot => one.told.answer != "yes",
    });
    match arguments.format {
        Format::Json => print!("{}", ask::json(&out)),
        Format::Human => out.iter().for_each(|one| show(one, arguments, asked)),
    }
    Ok(ExitCode::from(if is_so { 0 } else { FINDINGS }))
}

fn question(analysis: &mut Analysis, arguments: &Arguments) -> Result<question::Question, Trouble> {
    let subject = ask::end(analysis, &arguments.subject)?;
    let object = ask::end(analysis, &arguments.object)?;
    ask::has_capability(analysis, object, (&arguments.object, &arguments.capability))?;
    let names = &mut analysis.model.names;
    Ok(question::Question {
        subject,
        capability: names.intern(&arguments.capability),
        object,
        device: arguments.device.as_ref().map(|device| names.intern(device)),
    })
}

fn explained(
    analysis: &Analysis,
    facts: &[Facts],
    question: &question::Question,
    environment: Option<String>,
) -> Explained {
    let index = Index::new(&analysis.model, &analysis.graph);
    let relation = Relation::new(&index, facts);
    let answer = question::answers(&relation, &[*question])
        .into_iter()
        .next()
        .unwrap_or(Answer::No);
    let told = ask::told(analysis, &index, question, answer);
    let is_yes = told.answer == "yes";
    let forbidden_by = if is_yes {
        Vec::new()
    } else {
        forbidden(analysis, &index, question)
    };
    let would_take = (!is_yes && forbidden_by.is_empty()).then(|| {
        format!(
            "trust {} -> {} {{ allow {}; because \"…\" }}",
            told.subject, told.object, told.capability
        )
    });
    Explained {
        environment,
        layers: layers::between(analysis, &relation, question),
        left_open: left_open(analysis, &index, question),
        allowed_instead: if is_yes {
            Vec::new()
        } else {
            instead(analysis, question)
        },
        forbidden_by,
        would_take,
        told,
    }
}

/// What of the trusts between the two nobody enforces.
fn left_open(analysis: &Analysis, index: &Index<'_>, question: &question::Question) -> Vec<String> {
    let model = &analysis.model;
    let subject = question::thing(model, question.subject);
    let own: Vec<Span> = index
        .trusts(question.subject)
        .filter_map(|id| model.trusts.get(id))
        .map(|trust| trust.span)
        .chain(
            subject
                .and_then(|id| model.things.get(id))
                .map(|thing| thing.span),
        )
        .collect();
    // A substitute stands in the trust, or in what is declared of the subject.
    let is_of = |residual: &&Residual| {
        let nearest = |span: &&Span| span.file == residual.span.file && span.start <= residual.span.start;
        let trusts = model.trusts.iter().map(|(_, trust)| trust.span);
        let all = trusts.chain(model.things.iter().map(|(_, thing)| thing.span));
        let all: Vec<Span> = all.collect();
        let last = all.iter().filter(nearest).max_by_key(|span| span.start);
        last.is_some_and(|last| own.contains(last))
    };
    let residuals = analysis.graph.residuals.iter().filter(is_of);
    let mut out: Vec<String> = residuals
        .map(|residual| {
            format!(
                "{} (accept={}, {})",
                residual.what.trim_end_matches('.'),
                residual.substitute,
                analysis.sources.place(residual.span)
            )
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

/// Promises of which both ends, and the capability, are a part: what would grant it would break them.
fn forbidden(analysis: &Analysis, index: &Index<'_>, question: &question::Question) -> Vec<String> {
    let model = &analysis.model;
    let names = |selectors: &[(Selector, Span)], end: End| {
        selectors.iter().any(|(selector, _)| {
            let selected = index.select(*selector);
            match end {
                End::Thing(thing) => selected.things.contains_key(&thing),
                End::Part(part) => selected.parts.contains(&part),
                End::Internet => selected.internet,
                End::Account(_) => false,
            }
        })
    };
    let mut out: Vec<String> = model
        .promises
        .iter()
        .filter(|(_, promise)| match &promise.rule {
            Rule::Never {
                subjects,
                objects,
                allow,
                except,
                besides,
                differ,
                ..
            } => {
                let is_meant = allow.is_empty() || allow.iter().any(|(name, _)| *name == question.capability);
                is_meant
                    && differ.is_empty()
                    && names(subjects, question.subject)
                    && names(objects, question.object)
                    && !names(except, question.subject)
                    && !names(besides, question.object)
            }
            Rule::Isolate { .. } | Rule::Require { .. } | Rule::Limit { .. } => false,
        })
        .map(|(_, promise)| {
            let why = promise
                .because
                .map_or_else(String::new, |(text, _)| format!(": {}", model.names.text(text)));
            format!("{}{why}", analysis.sources.place(promise.span))
        })
        .collect();
    out.sort();
    out
}

/// What trusts between the two allow.
fn instead(analysis: &Analysis, question: &question::Question) -> Vec<String> {
    let model = &analysis.model;
    let whole = |end: End| question::thing(model, end).map_or(end, End::Thing);
    let (subject, object) = (whole(question.subject), whole(question.object));
    let mut out: Vec<String> = model
        .trusts
        .iter()
        .filter(|(_, trust)| {
            trust.subjects.iter().any(|named| whole(named.end) == subject)
                && trust.objects.iter().any(|named| whole(named.end) == object)
        })
        .map(|(_, trust)| {
            let allowed: Vec<&str> = trust
                .allow
                .iter()
                .map(|(name, _)| model.names.text(*name))
                .collect();
            let place = analysis.sources.place(trust.span);
            let allowed = allowed.join(" ");
            if !trust.objects.iter().any(|named| named.end == question.object) {
                let others = trust.objects.iter().map(|named| named.end);
                let others = others.filter(|end| whole(*end) == object);
                let others: Vec<String> = others.map(|end| question::name(analysis, end)).collect();
                return format!("{place} allows only {allowed} to {}", others.join(" "));
            }
            let has_it = trust.allow.iter().any(|(name, _)| *name == question.capability);
            let only = if has_it { "it, but narrowed:" } else { "only" };
            format!("{place} allows {only} {allowed}")
        })
        .collect();
    out.sort();
    out
}

/// The guards of a layer, each with the files that say it.
fn guards(layer: &Layer) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for by in &layer.enforced {
        let files = found.entry(&by.guard).or_default();
        if !files.contains(&by.path.as_str()) {
            files.push(&by.path);
        }
    }
    found
}

fn show(one: &Explained, arguments: &Arguments, asked: Question) {
    if let Some(name) = &one.environment {
        println!("environment {name}");
    }
    let told = &one.told;
    let device = arguments
        .device
        .as_ref()
        .map_or_else(String::new, |device| format!(" ({device})"));
    let sentence = sanitise(&format!(
        "{}{device} {} {}",
        told.subject, told.capability, told.object
    ));
    match told.answer {
        "yes" => println!("{sentence}: yes"),
        "no" => println!("{sentence}: no, nothing of it is granted"),
        "partly" => println!("{sentence}: in part"),
        _ => println!(
            "{sentence}: no emitted artifact decides it: {}",
            sanitise(told.why.as_deref().unwrap_or_default())
        ),
    }
    told.granted
        .iter()
        .for_each(|what| println!("  granted  {}", sanitise(what)));
    told.missing
        .iter()
        .for_each(|what| println!("  missing  {}", sanitise(what)));
    if asked == Question::Why {
        for layer in &one.layers {
            println!("  {:<9} {}", layer.layer, sanitise(&layer.what));
            println!("            {}", sanitise(&layer.reason));
            let guards = guards(layer);
            let more = guards.len().saturating_sub(GUARDS_MAX);
            for (guard, files) in guards.into_iter().take(GUARDS_MAX) {
                let more = match files.len() {
                    1 => String::new(),
                    count => format!(" and {} more", count - 1),
                };
                let first = files.first().copied().unwrap_or_default();
                println!("            by {}: {}{more}", sanitise(guard), sanitise(first));
            }
            if more > 0 {
                println!("            and by {more} more, which `--format json` lists");
            }
        }
        for left in &one.left_open {
            println!("  not enforced by anything emitted: {}", sanitise(left));
        }
        return;
    }
    if told.answer == "yes" {
        return;
    }
    if one.allowed_instead.is_empty() {
        println!(
            "  no trust names {} and {}",
            sanitise(&told.subject),
            sanitise(&told.object)
        );
    }
    for line in &one.allowed_instead {
        println!("  {}", sanitise(line));
    }
    for promise in &one.forbidden_by {
        println!("  a promise forbids it: {}", sanitise(promise));
    }
    if let Some(trust) = &one.would_take {
        println!("  it would take: {}", sanitise(trust));
    }
}
