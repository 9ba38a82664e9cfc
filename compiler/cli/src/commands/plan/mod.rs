//! `leastwise plan`: what a change of the spec changes, as access.

mod arguments;
mod git;
mod side;
mod was;

use std::collections::BTreeMap;
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use diagnostics::Report;
use driver::{Analysis, Built, lock};
use plan::json::v2::json;
use plan::show::{Input, Part, Whole, html, human, markdown};
use plan::spec::Spec;
use plan::told::Plan;
use plan::{After, Before, Files, Options};
use resolve::Library;

use super::FINDINGS;
use crate::progress::Progress;
use crate::render::sanitise::sanitise;
use crate::session::{self, Session};
pub(crate) use arguments::Arguments;
use arguments::{FailOn, Format};
use project::Trouble;
use side::{Against, Side};

/// With `--detailed-exitcode`: changes.
const CHANGES: u8 = 2;
/// Who reads beside code reads no wider lines.
const COLUMNS_MAX: usize = 80;

/// One environment: what there was, and what there would be.
struct Both {
    environment: Option<String>,
    before: Side,
    analysis: Analysis,
    built: Option<Built>,
}

/// Exit code 0, or as `--fail-on` and `--detailed-exitcode` say; 1 if the spec does not compile.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let progress = Progress::new();
    let mut against = Against::find(arguments, arguments.spec.as_of, &library)?;
    let mut session = Session::open(&arguments.path, against.output(), &arguments.spec, library)?;
    let inventories = session.inventories();
    let digest = session.digest(&inventories);
    let mut reports = Vec::new();
    let mut sides: Vec<Both> = Vec::new();
    for environment in session.environments.clone() {
        let was = side::listed(&against, environment.as_deref())?;
        progress.step("proving", environment.as_deref());
        let (analysis, mut report) = session.analyse(environment.as_deref());
        let targets = targets(&against, &was, &analysis);
        // The other side is read, or compiled, while ours is worked out.
        let (before, built) = std::thread::scope(|scope| {
            let before =
                scope.spawn(|| side::load(&mut against, &was, environment.as_deref(), &targets, &digest));
            let options = session.options(environment.as_deref(), &targets);
            let built = driver::check(&analysis, Selection::All, &mut report)
                .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
            (before.join(), built)
        });
        let before = before.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        reports.push((environment.clone(), report, analysis.sources.clone()));
        sides.push(Both {
            environment,
            before,
            analysis,
            built,
        });
    }
    drop(progress);
    // The plan itself is the output: what was found goes to the other stream, but for programs.
    let shown = match arguments.format {
        Format::Json => session::Format::Json,
        Format::Human | Format::Markdown | Format::Html => session::Format::Human,
    };
    if session::print_briefly(&mut reports, shown) {
        return Ok(ExitCode::from(FINDINGS));
    }
    if refused(&mut sides, &against, shown) {
        return Ok(ExitCode::from(FINDINGS));
    }
    let progress = Progress::new();
    let mut plans: Vec<(Option<&str>, Plan)> = Vec::new();
    for both in &sides {
        let Some(built) = &both.built else {
            return Ok(ExitCode::from(FINDINGS));
        };
        progress.step("comparing", both.environment.as_deref());
        let plan = planned(arguments, &against, both, built)?;
        plans.push((both.environment.as_deref(), plan));
    }
    drop(progress);
    let now = lock::lock(&inventories, Limits::embedded(), &session.library);
    let changed = against
        .lock(&session)
        .and_then(|was| lock::changes(&was, &now))
        .unwrap_or_default();
    let inputs: Vec<Input<'_>> = changed
        .iter()
        .map(|one| Input {
            input: &one.input,
            before: one.before.as_deref(),
            after: one.after.as_deref(),
        })
        .collect();
    let parts: Vec<Part<'_>> = plans
        .iter()
        .map(|(environment, plan)| Part {
            environment: *environment,
            plan,
        })
        .collect();
    let whole = Whole {
        inputs: &inputs,
        is_same_spec: sides.iter().all(|both| both.before.digest == digest),
        parts: &parts,
        actions: arguments.actions,
    };
    let mut fails: Vec<FailOn> = arguments.fail_on.clone();
    fails.sort_unstable();
    fails.dedup();
    fails.retain(|condition| plans.iter().any(|(_, plan)| condition.is_met(plan)));
    let fails: Vec<&str> = fails.into_iter().map(FailOn::word).collect();
    print(arguments, &whole, &fails);
    if !fails.is_empty() {
        eprintln!("fails: {}", fails.join(", "));
        return Ok(ExitCode::from(FINDINGS));
    }
    let is_same = plans.iter().all(|(_, plan)| plan.is_empty());
    drop(plans);
    session::let_go((sides, session));
    Ok(ExitCode::from(if arguments.detailed_exitcode && !is_same {
        CHANGES
    } else {
        0
    }))
}

/// The targets of both sides: those of the output, else those of the spec at hand.
fn targets(against: &Against, was: &was::Was, analysis: &Analysis) -> Vec<String> {
    match against {
        Against::Output { .. } => was.targets(),
        Against::Spec { .. } => {
            let model = &analysis.model;
            let own = model.project.targets.iter();
            let own: Vec<String> = own.map(|(name, _)| model.names.text(*name).to_owned()).collect();
            if own.is_empty() {
                targets::names().map(str::to_owned).collect()
            } else {
                own
            }
        }
    }
}

/// Says why the other side is refused, if it is.
fn refused(sides: &mut [Both], against: &Against, format: session::Format) -> bool {
    let refused = sides.iter_mut().filter_map(|both| {
        let (report, sources) = both.before.refused.take()?;
        Some((both.environment.clone(), report, sources))
    });
    let mut refused: Vec<_> = refused.collect();
    if refused.is_empty() {
        return false;
    }
    session::print_briefly(&mut refused, format);
    eprintln!(
        "{} does not compile; compare with an output of it, `--output` or `--against DIR`",
        sanitise(&against.name())
    );
    true
}

fn print(arguments: &Arguments, whole: &Whole<'_>, fails: &[&str]) {
    let text = match arguments.format {
        Format::Json => {
            print!("{}", json(whole, fails));
            return;
        }
        Format::Human => {
            let layout = human::Layout {
                width: session::style(false).width.min(COLUMNS_MAX),
                lines: arguments.lines,
            };
            human::text(whole, layout)
        }
        Format::Markdown => markdown::text(whole),
        Format::Html => html::text(whole),
    };
    print!("{}", sanitise(&text));
}

fn spec(analysis: &Analysis) -> Spec<'_> {
    let Analysis {
        sources,
        model,
        graph,
    } = analysis;
    Spec {
        model,
        graph,
        sources,
    }
}

/// What changes from the files that are there to those that were built.
fn planned(arguments: &Arguments, against: &Against, both: &Both, built: &Built) -> Result<Plan, Trouble> {
    let before = &both.before;
    let bundle = built.verified.bundle();
    let files = plan::files(before.bundle(), bundle);
    let options = Options {
        // A chain that is not looked for is not found.
        all_chains: arguments.chains || arguments.fail_on.contains(&FailOn::Escalation),
        ending: arguments.fail_on.contains(&FailOn::ExpiredSoon),
    };
    let is_same = files == Files::default();
    let read;
    let facts = match before.facts() {
        Some(facts) => facts,
        None if is_same => &[],
        None => {
            read = read::read(before.bundle(), &mut Report::default());
            &read
        }
    };
    if let Some(unread) = facts.iter().flat_map(|facts| &facts.unread).next() {
        return Err(Trouble::new(
            format!(
                "{}: {} cannot be read: {}",
                against.name(),
                unread.place.path,
                unread.what
            ),
            "compare with an output of this version, unchanged since it was written",
        ));
    }
    let lines = |bundle: &bundle::Bundle, analysis: &Analysis| -> BTreeMap<String, Vec<String>> {
        let differing = files.created.iter().chain(&files.updated).chain(&files.deleted);
        let differing = differing.filter_map(|path| Some((path, bundle.get(path)?)));
        let lines = differing.map(|(path, file)| {
            let lines = file.because.iter().map(|span| analysis.sources.place(*span));
            (path.clone(), lines.collect())
        });
        lines.collect()
    };
    let ours = lines(bundle, &both.analysis);
    let theirs = match &before.analysis {
        Some(analysis) => lines(before.bundle(), analysis),
        None => before.lines.clone(),
    };
    let before = Before {
        facts,
        spec: before.analysis.as_ref().map(spec),
        lines: &theirs,
    };
    let after = After {
        facts: &built.facts,
        spec: spec(&both.analysis),
        lines: &ours,
    };
    Ok(plan::plan(&before, &after, files, options))
}
