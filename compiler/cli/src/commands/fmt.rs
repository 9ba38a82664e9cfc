//! `leastwise fmt`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use diagnostics::Report;

use super::FINDINGS;
use crate::project::{self, Trouble};
use crate::session::{self, Format};

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
    let project = project::load(&arguments.path, None)?;
    let mut report = Report::default();
    let mut changed = Vec::new();
    for (id, file) in project.sources.iter() {
        let document = syntax::parse(
            id,
            std::sync::Arc::clone(&file.text),
            &syntax::Limits::STANDARD,
            &mut report,
        );
        if let Some(text) = syntax::format::format(&document)
            && text != *file.text
        {
            changed.push((file.path.to_string(), text));
        }
    }
    let mut reports = [(None, report, project.sources)];
    let has_errors = session::print(&mut reports, Format::Human);
    for (path, text) in &changed {
        if arguments.check {
            println!("{path}: not formatted");
        } else {
            let to = project.folder.join(path);
            std::fs::write(&to, text).map_err(|error| {
                Trouble::new(
                    format!("{}: {error}", to.display()),
                    "check that the file may be written",
                )
            })?;
            println!("{path}: formatted");
        }
    }
    let is_finding = has_errors || (arguments.check && !changed.is_empty());
    Ok(ExitCode::from(if is_finding { FINDINGS } else { 0 }))
}
