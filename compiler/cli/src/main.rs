//! The `leastwise` command: the only place that reads files, looks at the clock, and prints.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the edge: input and output happen here and nowhere below"
)]

mod commands;
mod output;
mod project;
mod render;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match commands::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { trouble_code() } else { 0 });
        }
    };
    match commands::run(arguments) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("error: {}", render::sanitise::sanitise(&trouble.message));
            if !trouble.help.is_empty() {
                eprintln!("  help: {}", render::sanitise::sanitise(&trouble.help));
            }
            ExitCode::from(trouble_code())
        }
    }
}

/// Usage or input/output: 2, but where a pipeline reads 2 as "something changes".
fn trouble_code() -> u8 {
    if std::env::args_os().any(|argument| argument == "--detailed-exitcode") {
        1
    } else {
        2
    }
}
