//! One file for each command.

mod ask;
mod attest;
mod check;
mod codes;
mod compile;
pub(crate) mod completions;
mod explain;
mod fix;
mod fmt;
mod lsp;
mod man;
mod new;
mod plan;
mod reach;
mod test;
mod watch;
mod who;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::library;
use project::Trouble;

/// Compiles a zero-trust spec into IAM policies, security groups, device bundles and Terraform, and proves what they permit.
#[derive(Debug, Parser)]
#[command(name = "leastwise", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Read the standard library from this folder, not the built-in one: for who writes kinds.
    #[arg(long, global = true, value_name = "DIR")]
    library: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a spec: everything but writing.
    Check(check::Arguments),
    /// Write and prove every artifact.
    Compile(compile::Arguments),
    /// Show what a change of the spec changes, as access.
    Plan(plan::Arguments),
    /// Show why a subject may do something, layer by layer.
    Why(why::Arguments),
    /// Show why a subject may not do something.
    WhyNot(why::Arguments),
    /// Show everybody who may do something to something.
    Who(who::Arguments),
    /// Show everything that a subject reaches, by itself and through chains.
    Reach(reach::Arguments),
    /// State from what the output came and what was proved of it, for others to
    /// sign.
    Attest(attest::Arguments),
    /// Answer the spec's own tests from the emitted artifacts.
    Test(test::Arguments),
    /// Check, or compile, whenever a file changes.
    Watch(watch::Arguments),
    /// Mend what can be mended with certainty.
    Fix(fix::Arguments),
    /// Format the spec's files.
    Fmt(fmt::Arguments),
    /// Serve an editor: the language server, on standard input and output.
    Lsp(lsp::Arguments),
    /// Explain a code.
    Explain(explain::Arguments),
    /// List every code.
    Codes(codes::Arguments),
    /// Start a project.
    New(new::Arguments),
    /// Write completions for a shell.
    Completions(completions::Arguments),
    /// Write man pages into a folder.
    Man(man::Arguments),
}

/// Findings: something is wrong with the spec.
pub(crate) const FINDINGS: u8 = 1;

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Trouble> {
    let library = match &arguments.library {
        Some(folder) => library::of_folder(folder)?,
        None => library::embedded(),
    };
    match arguments.command {
        Command::Check(arguments) => check::run(&arguments, library),
        Command::Compile(arguments) => compile::run(&arguments, library),
        Command::Plan(arguments) => plan::run(&arguments, library),
        Command::Why(arguments) => why::run(&arguments, library, why::Question::Why),
        Command::WhyNot(arguments) => why::run(&arguments, library, why::Question::WhyNot),
        Command::Who(arguments) => who::run(&arguments, library),
        Command::Reach(arguments) => reach::run(&arguments, library),
        Command::Attest(arguments) => attest::run(&arguments, library),
        Command::Test(arguments) => test::run(&arguments, library),
        Command::Watch(command) => watch::run(&command, library, arguments.library.as_deref()),
        Command::Fix(arguments) => fix::run(&arguments, &library),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Lsp(arguments) => lsp::run(&arguments, library),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
