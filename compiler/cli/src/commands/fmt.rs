//! `leastwise fmt`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use diagnostics::Report;
use rayon::prelude::*;
use source::{FileId, Origin, Sources};

use super::FINDINGS;
use crate::rewrite;
use crate::session::{self, Format};
use project::Trouble;

/// Arguments of `fmt`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Change nothing; exit 1 if a file is not formatted.
    #[arg(long)]
    check: bool,
}

/// Formats every file of the project; a file with errors in it is reported and left alone.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let listed = project::list(&arguments.path, None)?;
    let files: Vec<(String, PathBuf)> = listed.files.into_iter().collect();
    let looked_at: Vec<Result<Looked, Trouble>> = files
        .par_iter()
        .enumerate()
        .map(|(index, (name, path))| look(FileId(index as u32), name, path, arguments.check))
        .collect();
    let mut report = Report::default();
    let mut sources = Sources::default();
    let mut changed = Vec::new();
    for ((name, path), looked) in files.iter().zip(looked_at) {
        let looked = looked?;
        report.append(looked.report);
        sources.add(name, looked.text, Origin::Project);
        if looked.is_changed {
            changed.push((name, path, looked.rewritten));
        }
    }
    let has_errors = session::print(&mut [(None, report, sources)], Format::Human);
    for (name, path, rewritten) in &changed {
        let Some(Rewritten { before, after }) = rewritten else {
            println!("{name}: not formatted");
            continue;
        };
        rewrite::rewrite(path, before, after)?;
        println!("{name}: formatted");
    }
    let is_finding = has_errors || (arguments.check && !changed.is_empty());
    Ok(ExitCode::from(if is_finding { FINDINGS } else { 0 }))
}

/// One file, with no more of its text than is asked for later.
struct Looked {
    report: Report,
    /// What the report is about; empty if nothing was found.
    text: String,
    is_changed: bool,
    /// What is to be written; nothing under `--check`.
    rewritten: Option<Rewritten>,
}

/// A file before it is formatted, and after.
struct Rewritten {
    before: String,
    after: String,
}

fn look(id: FileId, name: &str, path: &Path, is_check: bool) -> Result<Looked, Trouble> {
    let text = project::read_spec(name, path)?;
    let mut report = Report::default();
    let formatted = syntax::format::format(id, &text, &syntax::Limits::STANDARD, &mut report);
    let changed = formatted.filter(|formatted| *formatted != text);
    let is_changed = changed.is_some();
    let rewritten = changed.filter(|_| !is_check).map(|after| Rewritten {
        before: text.clone(),
        after,
    });
    Ok(Looked {
        is_changed,
        rewritten,
        text: if report.diagnostics().is_empty() {
            String::new()
        } else {
            text
        },
        report,
    })
}
