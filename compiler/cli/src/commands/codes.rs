//! `leastwise codes`: every code that a build can raise.

use std::process::ExitCode;

use clap::Args;
use diagnostics::Severity;

use project::Trouble;

/// Arguments of `codes`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {}

/// A code a line, with how bad it is and what it says.
pub(crate) fn run(_: &Arguments) -> Result<ExitCode, Trouble> {
    let codes = driver::codes::all();
    let width = codes.iter().map(|code| code.name.len()).max().unwrap_or(0);
    for code in codes {
        let severity = match code.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        println!("{:width$}  {severity:<7}  {}", code.name, code.summary);
    }
    Ok(ExitCode::SUCCESS)
}
