//! `leastwise check`: everything but writing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use driver::Answered;
use resolve::Library;
use source::Sources;

use super::FINDINGS;
use crate::progress::Progress;
use crate::render::Format;
use crate::render::junit::Case;
use crate::render::told::{self, Told};
use crate::session::{self, Session, SpecArguments};
use project::Trouble;

/// Arguments of `check`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print what is found.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    spec: SpecArguments,
}

impl Arguments {
    /// Those of who wants to read what is found.
    pub(crate) fn plain(path: &Path, spec: &SpecArguments) -> Self {
        Self {
            path: path.to_path_buf(),
            format: Format::Human,
            spec: spec.clone(),
        }
    }
}

/// Exit code 0 if a compile would write, 1 with findings.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let progress = Progress::new();
    let mut session = Session::open(&arguments.path, None, &arguments.spec, library)?;
    let mut reports = Vec::new();
    let mut rests = Rests::default();
    let mut cases = Vec::new();
    for environment in session.environments.clone() {
        progress.step("proving", environment.as_deref());
        let (analysis, mut report) = session.analyse(environment.as_deref());
        if let Some(checked) = driver::check(&analysis, Selection::All, &mut report) {
            let options = session.options(environment.as_deref(), &[]);
            let answered = driver::verify(&checked, &options, Limits::embedded(), &mut report);
            rests.add(answered.as_ref(), &analysis.sources);
            cases.extend(promises(
                answered.as_ref(),
                environment.as_deref(),
                &analysis.sources,
            ));
            session::let_go(answered);
        }
        reports.push((environment, report, session::sources_of(analysis)));
    }
    let folder = session.folder.clone();
    session::let_go(session);
    drop(progress);
    let told = Told {
        command: "check",
        format: arguments.format,
        folder: &folder,
        cases: &cases,
    };
    let has_errors = told::print(&mut reports, &told);
    if !has_errors && arguments.format == Format::Human {
        rests.tell();
    }
    Ok(ExitCode::from(if has_errors { FINDINGS } else { 0 }))
}

/// Promises that hold, as cases of a list of tests. One that does not is among what is found.
fn promises(answered: Option<&Answered>, environment: Option<&str>, sources: &Sources) -> Vec<Case> {
    let statement = answered.and_then(|answered| answered.statement.as_ref());
    let promises = statement.map_or(&[][..], |statement| &statement.promises);
    let cases = promises.iter().map(|one| {
        let line = sources.text(one.span).lines().next().unwrap_or("").trim();
        Case {
            environment: environment.map(str::to_owned),
            class: "promise",
            name: one
                .name
                .clone()
                .unwrap_or_else(|| line.trim_end_matches('{').trim_end().to_owned()),
            path: sources
                .get(one.span.file)
                .map_or_else(String::new, |file| file.path.to_string()),
            line: sources.line_column(one.span).line,
            failures: Vec::new(),
        }
    });
    cases.collect()
}

/// What a proof that holds leaves to somebody else.
#[derive(Default)]
struct Rests {
    /// Conditions left to substitutes that were accepted.
    accepted: BTreeSet<String>,
    /// Promises that were answered, in part, from what is declared.
    declared: usize,
}

impl Rests {
    fn add(&mut self, answered: Option<&Answered>, sources: &Sources) {
        let Some(statement) = answered.and_then(|answered| answered.statement.as_ref()) else {
            return;
        };
        self.accepted
            .extend(session::accepted(&statement.residuals, sources));
        self.declared += statement.promises.iter().filter(|one| !one.is_read).count();
    }

    fn tell(&self) {
        let but = if self.accepted.is_empty() {
            ""
        } else {
            ", but for what accepted substitutes leave open"
        };
        session::tell(&format!(
            "checked: every promise holds, and what would be written permits exactly what is declared{but}"
        ));
        session::tell_accepted(&self.accepted);
        if self.declared > 0 {
            session::tell(&format!(
                "{} of the promises rest on what is declared: no target guards what they are about",
                self.declared
            ));
        }
    }
}
