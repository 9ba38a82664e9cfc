//! `leastwise completions`: a script for a shell, which asks the command itself what may follow. So it knows the project's names.

pub(crate) mod known;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory as _};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use project::Trouble;

/// By this the shell's script asks: it holds the shell's name.
const VARIABLE: &str = "LEASTWISE_COMPLETE";
const NAME: &str = "leastwise";

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_parser = PossibleValuesParser::new(Shells::builtins().names()))]
    shell: String,
}

/// Prints a completion script.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let mut script = Vec::new();
    let written = Shells::builtins()
        .completer(&arguments.shell)
        .map(|shell| shell.write_registration(VARIABLE, NAME, NAME, NAME, &mut script));
    if let Some(Err(error)) = written {
        return Err(Trouble::new(error.to_string(), ""));
    }
    // Who reads only the beginning (`| head`) has what he wants.
    let _ = std::io::stdout().write_all(&script);
    Ok(ExitCode::SUCCESS)
}

/// Answers the shell's script, if it is that which asks.
pub(crate) fn answer(arguments: impl Iterator<Item = OsString>) -> clap::error::Result<bool> {
    let folder = std::env::current_dir().ok();
    CompleteEnv::with_factory(super::Arguments::command)
        .var(VARIABLE)
        .try_complete(arguments, folder.as_deref())
}
