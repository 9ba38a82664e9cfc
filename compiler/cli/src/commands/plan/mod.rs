//! `leastwise plan`: what a change of the spec changes, as access.

mod known;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bundle::{Bundle, File};
use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use diagnostics::Report;
use driver::lock;
use known::Known;
use plan::json::v1::{Input, Reasons, json};

use super::FINDINGS;
use crate::output;
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
    let mut specs = Vec::new();
    for environment in &session.environments {
        let folder = environment
            .as_ref()
            .map_or_else(|| arguments.against.clone(), |name| arguments.against.join(name));
        let (before, was) = load(&folder, environment.is_some() && arguments.against.is_dir())?;
        specs.push(was);
        let targets: Vec<String> = targets_of(&before);
        let (analysis, mut report) = session.analyse(environment.as_deref());
        let options = session.options(environment.as_deref(), &targets);
        let built = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
        reports.push((environment.clone(), report, analysis.sources.clone()));
        sides.push((environment.clone(), before, analysis, built));
    }
    // The plan itself is the output: what was found goes to the other stream.
    if session::print_briefly(&mut reports) {
        return Ok(ExitCode::from(FINDINGS));
    }
    let mut plans = Vec::new();
    for (environment, before, analysis, built) in &sides {
        let Some(built) = built else {
            return Ok(ExitCode::from(FINDINGS));
        };
        let mut scratch = Report::default();
        let old = read::read(before, &mut scratch);
        if let Some(unread) = old.iter().flat_map(|facts| &facts.unread).next() {
            return Err(Trouble::new(
                format!(
                    "{}: {} cannot be read: {}",
                    arguments.against.display(),
                    unread.place.path,
                    unread.what
                ),
                "compare with an output of this version, unchanged since it was written",
            ));
        }
        let plan = plan::diff((&old, before), (&built.facts, built.verified.bundle()));
        plans.push((environment.as_deref(), plan, Known::new(analysis)));
    }
    let inventories = session.inventories();
    let now = lock::lock(&inventories, Limits::embedded());
    let changed = std::fs::read(session.folder.join("leastwise.lock"))
        .ok()
        .and_then(|was| lock::changes(&was, &now))
        .unwrap_or_default();
    match arguments.format {
        Format::Json => {
            let views: Vec<_> = plans
                .iter()
                .map(|(name, plan, known)| (*name, plan, known as &dyn Reasons))
                .collect();
            let inputs: Vec<Input<'_>> = changed
                .iter()
                .map(|one| Input {
                    input: &one.input,
                    before: one.before.as_deref(),
                    after: one.after.as_deref(),
                })
                .collect();
            print!("{}", json(&inputs, &views));
        }
        Format::Human => {
            let digest = session.digest(&inventories);
            show::inputs(&changed, specs.iter().all(|was| *was == digest));
            plans
                .iter()
                .for_each(|(name, plan, known)| show::show(*name, plan, known));
        }
    }
    let is_same = plans.iter().all(|(_, plan, _)| plan.is_empty());
    Ok(ExitCode::from(if arguments.detailed_exitcode && !is_same {
        CHANGES
    } else {
        0
    }))
}

/// The files that a manifest lists, with their targets, and the digest of the spec from which they came.
///
/// An environment that was not there yet has none.
fn load(folder: &Path, may_be_new: bool) -> Result<(Bundle, String), Trouble> {
    if may_be_new && !folder.exists() {
        return Ok((Bundle::default(), String::new()));
    }
    output::recover(folder).map_err(|refused| {
        Trouble::new(
            format!("{}: {}", refused.path.display(), refused.why),
            refused.help,
        )
    })?;
    let path = folder.join("manifest.json");
    let trouble = |path: &Path, error: &dyn std::fmt::Display| {
        Trouble::new(
            format!("{}: {error}", path.display()),
            "name an output folder that `leastwise compile` wrote",
        )
    };
    let bytes = std::fs::read(&path).map_err(|error| trouble(&path, &error))?;
    let manifest: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| trouble(&path, &error))?;
    let mut bundle = Bundle::default();
    for file in manifest
        .get("files")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |key: &str| {
            file.get(key)
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
        };
        let Some(target) = targets::names().find(|name| *name == text("target")) else {
            continue;
        };
        let name = text("path");
        if name.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(trouble(
                &path,
                &format!("lists a path outside: {}", sanitise(name)),
            ));
        }
        let at = folder.join(name);
        let bytes = std::fs::read(&at).map_err(|error| trouble(&at, &error))?;
        let file = File {
            bytes,
            target,
            executable: false,
            because: Vec::new(),
        };
        bundle
            .add(name, file)
            .map_err(|taken| trouble(&path, &format!("lists {} twice", taken.path)))?;
    }
    let spec = manifest
        .get("spec_sha256")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Ok((bundle, spec))
}

fn targets_of(bundle: &Bundle) -> Vec<String> {
    targets::names()
        .filter(|name| bundle.of_target(name).next().is_some())
        .map(str::to_owned)
        .collect()
}
