//! A result in the format that was asked for: what pipelines read is the result itself, on standard output.

use std::path::Path;

use diagnostics::Report;
use source::Sources;

use super::Format;
use super::finding::{Base, Finding, findings};
use super::junit::{self, Case};
use super::{github, gitlab, sarif};
use crate::session;

/// What is told besides what was found.
pub(crate) struct Told<'a> {
    /// `check` or `test`.
    pub(crate) command: &'static str,
    pub(crate) format: Format,
    /// The project's folder, as it was named.
    pub(crate) folder: &'a Path,
    /// Promises and tests that were answered by themselves.
    pub(crate) cases: &'a [Case],
}

/// Where paths of a report begin.
pub(crate) fn base(folder: &Path) -> Base {
    Base::new(folder, &std::env::current_dir().unwrap_or_default())
}

/// Prints reports as a pipeline reads them; true if any stops a build.
pub(crate) fn print(reports: &mut [(Option<String>, Report, Sources)], told: &Told<'_>) -> bool {
    let format = match told.format {
        Format::Human => return session::print(reports, session::Format::Human),
        Format::Json => return session::print(reports, session::Format::Json),
        format @ (Format::Sarif | Format::Github | Format::Gitlab | Format::Junit) => format,
    };
    let has_errors = session::settle(reports);
    let reports = session::together(reports);
    let base = base(told.folder);
    let found = findings(&reports, &base);
    let alone: Vec<&Finding<'_>> = found.iter().map(|(finding, _)| finding).collect();
    let text = match format {
        Format::Sarif => sarif::sarif(&found, &base),
        Format::Github => github::github(&alone),
        Format::Gitlab => gitlab::gitlab(&alone, &base.path("leastwise.kdl")),
        Format::Junit | Format::Human | Format::Json => junit::junit(told.command, &alone, told.cases, &base),
    };
    print!("{text}");
    has_errors
}
