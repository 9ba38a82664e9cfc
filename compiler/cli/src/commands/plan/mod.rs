//! `leastwise plan`: what a change of the spec changes, as access.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bundle::{Bundle, File};
use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use diagnostics::Report;
use driver::{Analysis, Built};
use graph::access::Principal;
use graph::question::Index;
use pattern::word::Letter;
use plan::json::v1::{Reasons, Why, json};
use plan::{AccessChange, FlowChange, Plan};

use super::FINDINGS;
use crate::project::Trouble;
use crate::render::sanitise::sanitise;
use crate::session::{self, Format, Session, SpecArguments};

/// Arguments of `plan`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The output to compare with.
    #[arg(long, value_name = "DIR")]
    against: PathBuf,
    /// How to print the plan.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Exit 0 if nothing changes, 2 if something does, 1 on errors.
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    spec: SpecArguments,
}

/// With `--detailed-exitcode`: changes.
const CHANGES: u8 = 2;

/// Exit code 0, or as `--detailed-exitcode` says; 1 if the spec does not compile.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let session = Session::open(&arguments.path, Some(&arguments.against), &arguments.spec)?;
    let mut reports = Vec::new();
    let mut sides = Vec::new();
    for environment in &session.environments {
        let folder = environment.as_ref().map_or_else(|| arguments.against.clone(), |name| arguments.against.join(name));
        let before = load(&folder)?;
        let targets: Vec<String> = targets_of(&before);
        let (analysis, mut report) = session.analyse(environment.as_deref());
        let options = session.options(environment.as_deref(), &targets);
        let built = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
        reports.push((environment.clone(), report, analysis.sources.clone()));
        sides.push((environment.clone(), before, analysis, built));
    }
    // The plan itself is the output: what was found goes to the other stream.
    if session::print(&mut reports, Format::Human) {
        return Ok(ExitCode::from(FINDINGS));
    }
    let mut plans = Vec::new();
    for (environment, before, analysis, built) in &sides {
        let Some(built) = built else { return Ok(ExitCode::from(FINDINGS)) };
        let mut scratch = Report::default();
        let old = read::read(before, &mut scratch);
        if let Some(unread) = old.iter().flat_map(|facts| &facts.unread).next() {
            return Err(Trouble::new(
                format!("{}: {} cannot be read: {}", arguments.against.display(), unread.place.path, unread.what),
                "compare with an output of this version, unchanged since it was written",
            ));
        }
        let plan = plan::diff((&old, before), (&built.facts, built.verified.bundle()));
        plans.push((environment.as_deref(), plan, Known::new(analysis, built)));
    }
    match arguments.format {
        Format::Json => {
            let views: Vec<_> = plans.iter().map(|(name, plan, known)| (*name, plan, known as &dyn Reasons)).collect();
            print!("{}", json(&views));
        }
        Format::Human => plans.iter().for_each(|(name, plan, known)| show(*name, plan, known)),
    }
    let is_same = plans.iter().all(|(_, plan, _)| plan.is_empty());
    Ok(ExitCode::from(if arguments.detailed_exitcode && !is_same { CHANGES } else { 0 }))
}

/// The files that a manifest lists, with their targets.
fn load(folder: &Path) -> Result<Bundle, Trouble> {
    let path = folder.join("manifest.json");
    let trouble = |path: &Path, error: &dyn std::fmt::Display| {
        Trouble::new(format!("{}: {error}", path.display()), "name an output folder that `leastwise compile` wrote")
    };
    let bytes = std::fs::read(&path).map_err(|error| trouble(&path, &error))?;
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| trouble(&path, &error))?;
    let mut bundle = Bundle::default();
    for file in manifest.get("files").and_then(serde_json::Value::as_array).into_iter().flatten() {
        let text = |key: &str| file.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let Some(target) = targets::names().find(|name| *name == text("target")) else { continue };
        let name = text("path");
        if name.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(trouble(&path, &format!("lists a path outside: {}", sanitise(name))));
        }
        let at = folder.join(name);
        let bytes = std::fs::read(&at).map_err(|error| trouble(&at, &error))?;
        let file = File { bytes, target, executable: false, because: Vec::new() };
        bundle.add(name, file).map_err(|taken| trouble(&path, &format!("lists {} twice", taken.path)))?;
    }
    Ok(bundle)
}

fn targets_of(bundle: &Bundle) -> Vec<String> {
    targets::names().filter(|name| bundle.of_target(name).next().is_some()).map(str::to_owned).collect()
}

fn show(environment: Option<&str>, plan: &Plan, known: &Known<'_>) {
    if let Some(name) = environment {
        println!("environment {name}");
    }
    if plan.is_empty() {
        println!("nothing changes");
        return;
    }
    for (verb, list, is_new) in [("gains", &plan.gained, true), ("loses", &plan.lost, false)] {
        for change in list {
            println!(
                "{} {verb} {} on {}{}",
                short(&change.principal),
                change.actions.join(" "),
                change.resources.join(" "),
                if change.when.is_empty() { String::new() } else { format!(" when {}", change.when) }
            );
            if is_new {
                because(&known.access(change));
            }
        }
    }
    for (verb, list, is_new) in [("opens", &plan.opened, true), ("closes", &plan.closed, false)] {
        for change in list {
            let (direction, guard) = (if change.egress { "to" } else { "from" }, short(&change.guard));
            println!("{guard} {verb} {} {direction} {}", change.ports, short(&change.peer));
            if is_new {
                because(&known.flow(change));
            }
        }
    }
    if !plan.closed.is_empty() {
        println!("sessions that are tracked already go on until they are idle");
    }
    for (verb, list) in [("create", &plan.files.created), ("update", &plan.files.updated), ("delete", &plan.files.deleted)] {
        for path in list {
            println!("{verb} {path}");
        }
    }
}

fn because(why: &Why) {
    match (&why.trust, &why.because) {
        (Some(place), Some(sentence)) => println!("    because {}: {}", place, sanitise(sentence)),
        (Some(place), None) => println!("    because {place}"),
        (None, _) => {}
    }
}

/// The last part of an address: what people call the thing.
fn short(address: &str) -> &str {
    if address.contains("://") || address.ends_with("/0") || address.parse::<std::net::IpAddr>().is_ok() {
        return address;
    }
    match address.rsplit_once('/') {
        Some((rest, last)) if !last.chars().all(|character| character.is_ascii_digit()) && !rest.is_empty() => last,
        _ => address,
    }
}

/// Why new accesses and flows exist, looked up in the graph by what they are called.
struct Known<'a> {
    analysis: &'a Analysis,
    index: Index<'a>,
}

impl<'a> Known<'a> {
    fn new(analysis: &'a Analysis, _built: &Built) -> Self {
        Self { analysis, index: Index::new(&analysis.model, &analysis.graph) }
    }

    fn why(&self, because: graph::reason::ReasonId) -> Why {
        let trust = self.index.line(because).map(|span| self.analysis.sources.place(span));
        let sentence = self
            .index
            .trust_of(because)
            .and_then(|trust| self.analysis.model.trusts.get(trust))
            .and_then(|trust| trust.because)
            .map(|(text, _)| self.analysis.model.names.text(text).to_owned());
        Why { trust, because: sentence }
    }

    fn shown(&self, pattern: &pattern::pattern::Pattern) -> String {
        let addresses = &self.analysis.graph.addresses;
        pattern.display(&|letter| match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) => format!("<{}>", addresses.symbols.text(arena::Name::new(id))),
            Letter::Variable(id) => format!("{{{}}}", addresses.variables.text(arena::Name::new(id))),
        })
    }
}

impl Reasons for Known<'_> {
    fn access(&self, change: &AccessChange) -> Why {
        let graph = &self.analysis.graph;
        let is_principal = |principal| match principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => {
                let roles = graph.addresses.roles.iter();
                roles.filter(|((of, _), _)| *of == thing).any(|(_, role)| {
                    role.arn == change.principal || change.principal.ends_with(&format!("/role/{}", role.name))
                }) || graph.addresses.device_policies.get(&thing) == Some(&change.principal)
            }
            Principal::Service(name) => graph.words.text(name) == change.principal,
            Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => false,
        };
        let found = graph.accesses.iter().find(|access| {
            change.actions.iter().any(|action| action.eq_ignore_ascii_case(graph.words.text(access.action)))
                && is_principal(access.principal)
                && graph.patterns.get(access.within).is_some_and(|pattern| change.resources.contains(&self.shown(pattern)))
        });
        found.map(|access| self.why(access.because)).unwrap_or_default()
    }

    fn flow(&self, change: &FlowChange) -> Why {
        let graph = &self.analysis.graph;
        let is_guard = |end| match end {
            graph::flow::Endpoint::Thing(thing) => graph.addresses.groups.get(&thing) == Some(&change.guard),
            graph::flow::Endpoint::Service(_) | graph::flow::Endpoint::Addresses(_) | graph::flow::Endpoint::Internet => false,
        };
        let is_peer = |end| match end {
            graph::flow::Endpoint::Thing(thing) => graph.addresses.groups.get(&thing) == Some(&change.peer),
            graph::flow::Endpoint::Service(_) | graph::flow::Endpoint::Addresses(_) | graph::flow::Endpoint::Internet => true,
        };
        let found = graph.flows.iter().find(|flow| {
            if change.egress { is_guard(flow.from) && is_peer(flow.to) } else { is_guard(flow.to) && is_peer(flow.from) }
        });
        found.map(|flow| self.why(flow.because)).unwrap_or_default()
    }
}
