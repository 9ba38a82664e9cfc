//! `leastwise plan`: what a change of the spec changes, as access.

mod known;
mod show;
mod was;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bundle::Bundle;
use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use diagnostics::Report;
use driver::{Built, lock};
use known::Known;
use plan::json::v1::{Input, Reasons, json};
use plan::{Files, Plan};
use resolve::Library;
use was::Was;

use super::FINDINGS;
use crate::progress::Progress;
use crate::project::Trouble;
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
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let progress = Progress::new();
    let mut session = Session::open(
        &arguments.path,
        Some(&arguments.against),
        &arguments.spec,
        library,
    )?;
    let mut reports = Vec::new();
    let mut sides = Vec::new();
    let mut specs = Vec::new();
    for environment in session.environments.clone() {
        let folder = environment
            .as_ref()
            .map_or_else(|| arguments.against.clone(), |name| arguments.against.join(name));
        let was = Was::listed(&folder, environment.is_some() && arguments.against.is_dir())?;
        let targets = was.targets();
        progress.step("proving", environment.as_deref());
        let mut build = || {
            let (analysis, mut report) = session.analyse(environment.as_deref());
            let options = session.options(environment.as_deref(), &targets);
            let built = driver::check(&analysis, Selection::All, &mut report)
                .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
            (analysis, report, built)
        };
        // The disk is read while the other side is worked out.
        let (before, (analysis, report, built)) = std::thread::scope(|scope| {
            let before = scope.spawn(|| was.load(&folder));
            let built = build();
            (before.join(), built)
        });
        let before = before.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        specs.push(was.spec);
        reports.push((environment.clone(), report, analysis.sources.clone()));
        sides.push((environment.clone(), before, analysis, built));
    }
    drop(progress);
    // The plan itself is the output: what was found goes to the other stream.
    if session::print_briefly(&mut reports) {
        return Ok(ExitCode::from(FINDINGS));
    }
    let progress = Progress::new();
    let mut plans = Vec::new();
    for (environment, before, analysis, built) in &sides {
        let Some(built) = built else {
            return Ok(ExitCode::from(FINDINGS));
        };
        progress.step("comparing", environment.as_deref());
        let plan = planned(&arguments.against, before, built)?;
        plans.push((environment.as_deref(), plan, Known::new(analysis)));
    }
    drop(progress);
    let inventories = session.inventories();
    let now = lock::lock(&inventories, Limits::embedded(), &session.library);
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

/// What changes from the files that are there to those that were built.
fn planned(against: &Path, before: &Bundle, built: &Built) -> Result<Plan, Trouble> {
    let files = plan::files(before, built.verified.bundle());
    if files == Files::default() {
        return Ok(Plan::default());
    }
    let mut scratch = Report::default();
    let old = read::read(before, &mut scratch);
    if let Some(unread) = old.iter().flat_map(|facts| &facts.unread).next() {
        return Err(Trouble::new(
            format!(
                "{}: {} cannot be read: {}",
                against.display(),
                unread.place.path,
                unread.what
            ),
            "compare with an output of this version, unchanged since it was written",
        ));
    }
    Ok(plan::diff(&old, &built.facts, files))
}
