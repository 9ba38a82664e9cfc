//! `leastwise fix`: carries out helps that can be carried out. Comments and layout stay as they are.

mod edits;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use diagnostics::{Fix, Report, Safety, Severity};
use edits::Edits;
use resolve::Library;
use similar::TextDiff;
use source::{Origin, Sources};

use super::FINDINGS;
use crate::progress::Progress;
use crate::render::sanitise::sanitise;
use crate::rewrite;
use crate::session::{self, Session, SpecArguments};
use project::{Project, Trouble};

/// One mistake may hide the next: so often the spec is read again. Who needs more runs the command again.
const ROUNDS_MAX: usize = 20;

/// Arguments of `fix`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Also what may change who reaches what: look at the plan afterwards.
    #[arg(long = "unsafe")]
    and_unsafe: bool,
    /// Write nothing, and show what would change; exit 1 if anything would.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    spec: SpecArguments,
}

/// A file of the project.
struct File {
    path: PathBuf,
    before: String,
    now: String,
}

/// Exit code 0 if nothing is left that stops a build, 1 if something is.
pub(crate) fn run(arguments: &Arguments, library: &Library) -> Result<ExitCode, Trouble> {
    let listed = project::list(&arguments.path, None)?;
    let mut files: BTreeMap<String, File> = BTreeMap::new();
    for (name, path) in listed.files {
        let text = project::read_spec(&name, &path)?;
        files.insert(
            name,
            File {
                path,
                before: text.clone(),
                now: text,
            },
        );
    }
    let progress = Progress::new();
    let mut done: Vec<String> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut left = Left::default();
    for round in 0..=ROUNDS_MAX {
        let reports = found(&files, &listed.folder, arguments, library)?;
        left = Left::of(&reports);
        let whole: Vec<&str> = files.values().map(|file| file.now.as_str()).collect();
        // Two fixes that undo each other would go on for ever.
        let is_new = seen.insert(driver::manifest::sha256(whole.join("\0").as_bytes()));
        if round == ROUNDS_MAX || !is_new {
            break;
        }
        let (edits, told) = accepted(&reports, arguments.and_unsafe);
        if told.is_empty() {
            break;
        }
        edits.apply(|name, change| {
            if let Some(file) = files.get_mut(name) {
                file.now = change(&file.now);
            }
        });
        done.extend(told);
    }
    drop(progress);
    let changed: Vec<(&String, &File)> = files.iter().filter(|(_, file)| file.now != file.before).collect();
    for (name, file) in &changed {
        if arguments.dry_run {
            let diff = TextDiff::from_lines(&file.before, &file.now);
            let diff = diff.unified_diff().header(name, name).to_string();
            print!("{}", sanitise(&diff));
        } else {
            rewrite::rewrite(&file.path, &file.before, &file.now)?;
        }
    }
    if !arguments.dry_run {
        done.iter().for_each(|line| println!("{}", sanitise(line)));
    }
    left.tell(done.len(), changed.len(), arguments);
    let is_finding = left.errors > 0 || (arguments.dry_run && !changed.is_empty());
    Ok(ExitCode::from(if is_finding { FINDINGS } else { 0 }))
}

type Reports = Vec<(Option<String>, Report, Sources)>;

/// Everything that `check` would find in the texts as they are now.
fn found(
    files: &BTreeMap<String, File>,
    folder: &std::path::Path,
    arguments: &Arguments,
    library: &Library,
) -> Result<Reports, Trouble> {
    let mut sources = Sources::default();
    for (name, file) in files {
        sources.add(name, file.now.as_str(), Origin::Project);
    }
    let project = Project {
        folder: folder.to_path_buf(),
        sources,
    };
    let mut session = Session::of(project, &arguments.spec, library.clone())?;
    let mut reports = Vec::new();
    for environment in session.environments.clone() {
        let (analysis, mut report) = session.analyse(environment.as_deref());
        if let Some(checked) = driver::check(&analysis, Selection::All, &mut report) {
            let options = session.options(environment.as_deref(), &[]);
            session::let_go(driver::verify(
                &checked,
                &options,
                Limits::embedded(),
                &mut report,
            ));
        }
        reports.push((environment, report, session::sources_of(analysis)));
    }
    // What only hangs on another mistake is not told, and not mended.
    session::settle(&mut reports);
    Ok(reports)
}

/// The fixes that are carried out together, and a line for each.
fn accepted(reports: &Reports, and_unsafe: bool) -> (Edits, Vec<String>) {
    let mut edits = Edits::default();
    let mut told = Vec::new();
    for (_, report, sources) in reports {
        for diagnostic in report.diagnostics() {
            let Some(fix) = chosen(&diagnostic.fixes, and_unsafe) else {
                continue;
            };
            if !edits.take(fix, sources) {
                continue;
            }
            let place = diagnostic
                .span
                .map_or_else(String::new, |span| sources.place(span));
            told.push(format!("{place}: {}: {}", diagnostic.code.name, fix.title));
        }
    }
    (edits, told)
}

/// The first that nobody has to look at; else the first, if somebody does.
fn chosen(fixes: &[Fix], and_unsafe: bool) -> Option<&Fix> {
    let safe = fixes.iter().find(|fix| fix.safety == Safety::Safe);
    safe.or_else(|| fixes.first().filter(|_| and_unsafe))
}

/// What was not mended.
#[derive(Default)]
struct Left {
    errors: usize,
    warnings: usize,
    /// Of these, what could be mended if somebody looks at it.
    risky: usize,
}

impl Left {
    fn of(reports: &Reports) -> Self {
        let mut left = Self::default();
        let mut seen = BTreeSet::new();
        for (_, report, sources) in reports {
            for one in report.diagnostics() {
                let place = one.span.map(|span| (sources.place(span), span.start));
                // What several environments have is one mistake.
                if !seen.insert((place, one.code.name, one.message.clone())) {
                    continue;
                }
                match one.code.severity {
                    Severity::Error => left.errors += 1,
                    Severity::Warning => left.warnings += 1,
                    Severity::Note => continue,
                }
                left.risky += usize::from(chosen(&one.fixes, false).is_none() && !one.fixes.is_empty());
            }
        }
        left
    }

    fn tell(&self, done: usize, files: usize, arguments: &Arguments) {
        let count = |number: usize, word: &str| match number {
            1 => format!("1 {word}"),
            many => format!("{many} {word}s"),
        };
        let word = if arguments.dry_run {
            "would be mended"
        } else {
            "mended"
        };
        if done > 0 {
            println!("{} {word} in {}", count(done, "place"), count(files, "file"));
        } else {
            println!("nothing to mend");
        }
        if self.errors + self.warnings > 0 {
            eprintln!(
                "left: {}, {}; `leastwise check` shows them",
                count(self.errors, "error"),
                count(self.warnings, "warning")
            );
        }
        if self.risky > 0 && !arguments.and_unsafe {
            eprintln!(
                "{} of them can be mended with `--unsafe`: who reaches what may change",
                self.risky
            );
        }
    }
}
