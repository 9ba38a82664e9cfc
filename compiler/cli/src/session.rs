//! What every command that reads a spec does first: load, parse, choose environments, read inventories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCandidates;
use diagnostics::{Diagnostic, Report, Severity};
use driver::environments::Environments;
use driver::{Analysis, Options, Spec};
use graph::reason::Residual;
use model::value::Date;
use resolve::Library;
use source::Sources;

use crate::commands::completions::known;
use crate::render::{human, json};
use project::{Project, Trouble};

/// So many accepted substitutes are shown.
const ACCEPTED_MAX: usize = 20;

/// Arguments of every command that reads a spec.
#[derive(Args, Clone, Debug)]
pub(crate) struct SpecArguments {
    /// Compare dates with this one (YYYY-MM-DD); today if left out.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// Only this environment; every one, each alone, if left out.
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(known::environments))]
    pub(crate) environment: Option<String>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs; versioned, with a schema.
    Json,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "a date is written YYYY-MM-DD".to_owned())
}

/// A loaded spec and what it reads.
pub(crate) struct Session {
    pub(crate) folder: PathBuf,
    pub(crate) spec: Spec,
    pub(crate) as_of: Date,
    pub(crate) files: BTreeMap<String, Arc<[u8]>>,
    pub(crate) library: Library,
    /// `None` alone for a project without environments.
    pub(crate) environments: Vec<Option<String>>,
    /// Every declared environment, chosen or not.
    pub(crate) declared: Vec<String>,
    /// What reading the files found.
    pub(crate) syntax: Report,
    /// What is known of the environments by now: no two of the declared ones may make one object.
    known: Environments,
    /// How many of the chosen environments were not analysed yet.
    left: usize,
}

impl Session {
    pub(crate) fn open(
        path: &Path,
        out: Option<&Path>,
        arguments: &SpecArguments,
        library: Library,
    ) -> Result<Self, Trouble> {
        Self::of(project::load(path, out)?, arguments, library)
    }

    /// The same of a project whose files are read already.
    pub(crate) fn of(project: Project, arguments: &SpecArguments, library: Library) -> Result<Self, Trouble> {
        let Project { folder, sources } = project;
        let mut syntax = Report::default();
        let spec = driver::parse(sources, &mut syntax);
        let mut files = BTreeMap::new();
        for need in spec.needs() {
            // A file that is not there is the spec's mistake: resolve says so at the line that names it.
            if folder.join(&need.path).exists() {
                files.insert(need.path.clone(), project::read_named(&folder, &need.path)?);
            }
        }
        let declared = spec.environments();
        let environments = match &arguments.environment {
            Some(chosen) if declared.contains(chosen) => vec![Some(chosen.clone())],
            Some(chosen) if declared.is_empty() => {
                return Err(Trouble::new(
                    format!("the project declares no environments, so there is no {chosen}"),
                    "leave `--environment` out",
                ));
            }
            Some(chosen) => {
                return Err(Trouble::new(
                    format!("there is no environment {chosen}"),
                    format!("there are: {}", declared.join(", ")),
                ));
            }
            None if declared.is_empty() => vec![None],
            None => declared.iter().cloned().map(Some).collect(),
        };
        let left = environments.len();
        let mut session = Self {
            folder,
            spec,
            as_of: arguments.as_of.unwrap_or_else(today),
            files,
            library,
            environments,
            declared,
            syntax,
            known: Environments::default(),
            left,
        };
        session.know_the_others();
        Ok(session)
    }

    pub(crate) fn options<'a>(&'a self, environment: Option<&'a str>, targets: &'a [String]) -> Options<'a> {
        Options {
            environment,
            as_of: self.as_of,
            library: &self.library,
            files: &self.files,
            targets,
        }
    }

    /// Looks at the environments that were not chosen. What is wrong with them is not asked here.
    fn know_the_others(&mut self) {
        for name in self.spec.environments() {
            if self
                .environments
                .iter()
                .any(|chosen| chosen.as_ref() == Some(&name))
            {
                continue;
            }
            let mut scratch = Report::default();
            let options = self.options(Some(&name), &[]);
            let analysis = driver::analyse(&self.spec, &options, &mut scratch);
            self.known.add(&name, &analysis);
            let_go(analysis);
        }
    }

    /// What the spec means in one of the chosen environments, with everything found on the way. Each is asked for once.
    pub(crate) fn analyse(&mut self, environment: Option<&str>) -> (Analysis, Report) {
        let mut report = self.syntax.clone();
        let analysis = driver::analyse(&self.spec, &self.options(environment, &[]), &mut report);
        if let Some(name) = environment {
            self.known.ask(name, &analysis, &mut report);
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.spec.close();
        }
        (analysis, report)
    }

    /// SHA-256 of every file that the spec names, by path.
    pub(crate) fn inventories(&self) -> BTreeMap<String, String> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.clone(), driver::manifest::sha256(bytes)))
            .collect()
    }

    /// SHA-256 over the spec: every file by path, then every file that it names.
    pub(crate) fn digest(&self, inventories: &BTreeMap<String, String>) -> String {
        let mut whole = String::new();
        for (_, file) in self.spec.sources.iter() {
            let _ = writeln!(
                whole,
                "{} {}",
                driver::manifest::sha256(file.text.as_bytes()),
                file.path
            );
        }
        for (path, sha256) in inventories {
            let _ = writeln!(whole, "{sha256} {path}");
        }
        driver::manifest::sha256(whole.as_bytes())
    }
}

/// Gives a large value back beside what follows: at the end of the process nobody waits for it.
pub(crate) fn let_go<T: Send + 'static>(value: T) {
    rayon::spawn(move || drop(value));
}

/// The files of a spec whose meaning nobody asks for again.
pub(crate) fn sources_of(analysis: Analysis) -> Sources {
    let Analysis {
        sources,
        model,
        graph,
    } = analysis;
    let_go((model, graph));
    sources
}

/// The day in UTC, decided here and nowhere below.
pub(crate) fn today() -> Date {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Date(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX))
}

/// How to draw on the terminal, or in a pipe, that `stream` is.
pub(crate) fn style(is_terminal: bool) -> human::Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .or_else(|| terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0)))
        .unwrap_or(100);
    let forced = std::env::var_os("FORCE_COLOR").is_some_and(|value| value != "0");
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    human::Style {
        colour: (is_terminal || forced) && !set("NO_COLOR") && !is_dumb,
        width: width.clamp(40, 120),
        graphics: !set("NO_GRAPHICS"),
        ascii: is_dumb || !speaks_utf8(),
    }
}

/// Whether the locale has more than ASCII. One that is not said has it: few programs still set one.
fn speaks_utf8() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    said.is_none_or(|value| {
        let value = value.to_string_lossy().to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// A result for people, as wide as the terminal.
pub(crate) fn tell(text: &str) {
    let style = style(std::io::stdout().is_terminal());
    print!("{}", human::wrapped(text, style));
}

/// Conditions that nobody enforces, each with the substitute that was accepted: one a line.
pub(crate) fn tell_accepted(accepted: &BTreeSet<String>) {
    for line in accepted.iter().take(ACCEPTED_MAX) {
        tell(&format!("accepted: {line}"));
    }
    if accepted.len() > ACCEPTED_MAX {
        tell(&format!(
            "accepted: {} more; manifest.json has them all",
            accepted.len() - ACCEPTED_MAX
        ));
    }
}

/// What was accepted, in words.
pub(crate) fn accepted(residuals: &[Residual], sources: &Sources) -> BTreeSet<String> {
    let line = |residual: &Residual| {
        format!(
            "{} (accept={}, {})",
            residual.what.trim_end_matches('.'),
            residual.substitute,
            sources.place(residual.span)
        )
    };
    residuals.iter().map(line).collect()
}

/// Prints reports without their notes, which `check` shows: here they are counted. For programs what stops a build is the result.
pub(crate) fn print_briefly(reports: &mut [(Option<String>, Report, Sources)], format: Format) -> bool {
    if format == Format::Json && reports.iter().any(|(_, report, _)| report.has_errors()) {
        return print(reports, Format::Json);
    }
    let is_note = |diagnostic: &&Diagnostic| diagnostic.code.severity == Severity::Note;
    let notes: usize = together(reports)
        .iter()
        .map(|(_, report, _)| report.diagnostics().iter().filter(is_note).count())
        .sum();
    for (_, report, _) in reports.iter_mut() {
        report.retain(|diagnostic| !is_note(&diagnostic));
    }
    let has_errors = print(reports, Format::Human);
    if notes > 0 {
        eprintln!(
            "{notes} {}; `leastwise check` shows them",
            if notes == 1 { "note" } else { "notes" }
        );
    }
    has_errors
}

/// Findings of several environments are told once, under the names of all that have them.
pub(crate) fn together(reports: &[(Option<String>, Report, Sources)]) -> Vec<(Vec<&str>, Report, &Sources)> {
    let key = |sources: &Sources, found: &Diagnostic| {
        let place = found.span.map(|span| sources.place(span));
        (place, found.code.name, found.message.clone())
    };
    let mut having: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (name, report, sources) in reports {
        for found in report.diagnostics() {
            let names = having.entry(key(sources, found)).or_default();
            names.extend(name.as_deref());
        }
    }
    let mut out: Vec<(Vec<&str>, Report, &Sources)> = Vec::new();
    for (name, report, sources) in reports {
        for found in report.diagnostics() {
            let names = having.get(&key(sources, found)).cloned().unwrap_or_default();
            // Whoever comes first tells it.
            if name.as_deref() != names.first().copied() {
                continue;
            }
            match out.iter_mut().find(|(known, ..)| *known == names) {
                Some((_, report, _)) => report.push(found.clone()),
                None => {
                    let mut report = Report::default();
                    report.push(found.clone());
                    out.push((names, report, sources));
                }
            }
        }
    }
    // What most have in common stands first.
    out.sort_by_key(|(names, ..)| std::cmp::Reverse(names.len()));
    out
}

/// Brings reports into the order and the extent in which they are told; true if any stops a build.
pub(crate) fn settle(reports: &mut [(Option<String>, Report, Sources)]) -> bool {
    // Before anything is left untold: what stops a build is not for the telling to decide.
    let has_errors = reports.iter().any(|(_, report, _)| report.has_errors());
    for (_, report, sources) in reports.iter_mut() {
        driver::hanging::settle(report, sources);
        report.sort();
    }
    has_errors
}

/// Prints reports, each environment's under its name; true if any stops a build.
pub(crate) fn print(reports: &mut [(Option<String>, Report, Sources)], format: Format) -> bool {
    let has_errors = settle(reports);
    match format {
        Format::Json => {
            let views: Vec<_> = reports
                .iter()
                .map(|(name, report, sources)| (name.as_deref(), report, sources))
                .collect();
            print!("{}", json::json(&views));
        }
        Format::Human => {
            // Who reads it, reads it once; programs have every place.
            for (_, report, sources) in reports.iter_mut() {
                driver::fold::fold(report, sources);
            }
            let style = style(std::io::stderr().is_terminal());
            for (names, report, sources) in together(reports) {
                let text = human::human(&report, sources, style);
                if text.is_empty() {
                    continue;
                }
                match names.as_slice() {
                    [] => {}
                    [name] => eprintln!("environment {name}\n"),
                    names => eprintln!("environments {}\n", names.join(", ")),
                }
                eprint!("{text}");
                eprintln!("{}", human::tally(&report));
            }
        }
    }
    has_errors
}
