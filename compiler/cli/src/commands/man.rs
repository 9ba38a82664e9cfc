//! `leastwise man`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};

use project::Trouble;

/// Arguments of `man`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The folder, `man/man1` say; it is made if it is not there.
    folder: PathBuf,
}

/// Writes a page for the command and one for each of its subcommands.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).map_err(|error| Trouble::io(folder, &error))?;
    let command = super::Arguments::command();
    clap_mangen::generate_to(command, folder).map_err(|error| Trouble::io(folder, &error))?;
    println!("wrote man pages to {}", folder.display());
    Ok(ExitCode::SUCCESS)
}
