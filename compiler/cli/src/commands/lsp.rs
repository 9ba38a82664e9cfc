//! `leastwise lsp`: the language server, on standard input and output.

use std::process::ExitCode;

use clap::Args;
use lsp::Surroundings;
use project::Trouble;
use resolve::Library;

use crate::session;

/// Arguments of `lsp`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Editors pass it; the server speaks on standard input and output anyway.
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Exit code 0 when the editor leaves.
pub(crate) fn run(_arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let surroundings = Surroundings {
        library,
        today: session::today,
    };
    match lsp::serve(surroundings) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Trouble::new(
            error.to_string(),
            "`leastwise lsp` is started by an editor, and speaks the Language Server Protocol with it",
        )),
    }
}
