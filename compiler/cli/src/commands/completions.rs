//! `leastwise completions`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use project::Trouble;

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints a completion script.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let mut command = super::Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "leastwise", &mut script);
    // Who reads only the beginning (`| head`) has what he wants.
    let _ = std::io::stdout().write_all(&script);
    Ok(ExitCode::SUCCESS)
}
