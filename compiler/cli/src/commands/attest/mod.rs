//! `leastwise attest`: an in-toto statement about the output of a project, for another tool to sign.

mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use catalogue::limits::Limits;
use clap::{Args, Subcommand};
use clap_complete::engine::ArgValueCandidates;
use driver::attestation::{self, Told, Written};
use resolve::Library;

use super::FINDINGS;
use super::compile::{self, Environment, current};
use crate::commands::completions::known;
use crate::render::sanitise::sanitise;
use crate::session::{Format, Session, SpecArguments};
use project::Trouble;

/// Arguments of `attest`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Where the output is; `out` in the project if left out.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Of this target only; may be given several times.
    #[arg(long = "target", value_name = "NAME", add = ArgValueCandidates::new(known::targets))]
    targets: Vec<String>,
    #[command(flatten)]
    spec: SpecArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare a statement with a project: its spec, its lock, its output, and what is proved of it.
    Verify(verify::Arguments),
}

/// Prints the statement; exit code 1 if the spec does not compile or the output is not current.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    if let Some(Command::Verify(arguments)) = &arguments.command {
        return verify::run(arguments, library);
    }
    compile::known(&arguments.targets)?;
    let mut session = Session::open(
        &arguments.path,
        arguments.out.as_deref(),
        &arguments.spec,
        library,
    )?;
    let out = compile::out(arguments.out.as_deref(), &session);
    let Some(built) = compile::build(&mut session, &arguments.targets, Format::Human)? else {
        eprintln!("nothing is stated");
        return Ok(ExitCode::from(FINDINGS));
    };
    let made = made(&session, &built, &out)?;
    if !made.stale.is_empty() {
        tell(&made.stale);
        eprintln!(
            "nothing is stated: the output is not what would be written; `leastwise compile` writes it"
        );
        return Ok(ExitCode::from(FINDINGS));
    }
    print!("{}", String::from_utf8_lossy(&made.statement));
    Ok(ExitCode::SUCCESS)
}

/// A statement, and what of the output is not as it says.
struct Made {
    statement: Vec<u8>,
    stale: Vec<(String, String)>,
}

/// The statement about what would be written, and how what is there differs.
fn made(session: &Session, built: &[Environment], out: &Path) -> Result<Made, Trouble> {
    let inventories = session.inventories();
    let digest = session.digest(&inventories);
    let stale = current::stale(session, built, out, &inventories, &digest)?;
    let mut environments = Vec::new();
    for one in built {
        let folder = compile::folder_of(out, one.name.as_deref());
        environments.push(Written {
            folder: one.name.clone().unwrap_or_default(),
            manifest: current::manifest(one, &folder, &digest)?,
        });
    }
    let lock = driver::lock::lock(&inventories, Limits::embedded(), &session.library);
    let statement = attestation::statement(&Told {
        as_of: &session.as_of.to_string(),
        sources: &session.spec.sources,
        spec_sha256: &digest,
        inventories: &inventories,
        lock: &lock,
        environments: &environments,
    });
    match statement {
        Some(statement) => Ok(Made {
            statement,
            stale: stale.lines,
        }),
        None => Err(Trouble::new(
            "a manifest that cannot be stated",
            "this is a fault of the compiler: please report it",
        )),
    }
}

fn tell(lines: &[(String, String)]) {
    for (path, why) in lines {
        eprintln!("{}: {why}", sanitise(path));
    }
}
