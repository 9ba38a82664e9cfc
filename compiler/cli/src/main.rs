//! The `leastwise` command: the only place that reads files, looks at the clock, and prints.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the edge: input and output happen here and nowhere below"
)]

mod commands;
mod habits;
mod library;
mod output;
mod progress;
mod render;
mod rewrite;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

/// A compiler makes many small things and drops them at the end.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    end_quietly_without_a_reader();
    match commands::completions::answer(std::env::args_os()) {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => {}
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(trouble_code());
        }
    }
    let arguments = match commands::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            match habits::answer(&error) {
                Some(text) => eprint!("{text}"),
                None => drop(error.print()),
            }
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

/// Whoever pipes into `head` closes the pipe early: that ends us, and is no fault to report.
fn end_quietly_without_a_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic
            .payload()
            .downcast_ref::<String>()
            .map_or("", String::as_str);
        // Nobody reads, or there is no room for what is read: 128 + SIGPIPE is what shells expect, 2 is trouble.
        let code = match message {
            _ if message.contains("Broken pipe") => 141,
            _ if message.starts_with("failed printing to stdout") => {
                use std::io::Write as _;
                let _ = writeln!(std::io::stderr(), "error: {message}");
                trouble_code().into()
            }
            _ => return usual(panic),
        };
        #[expect(clippy::exit, reason = "there is nobody left to print for")]
        std::process::exit(code);
    }));
}

/// Usage or input/output: 2, but where a pipeline reads 2 as "something changes".
fn trouble_code() -> u8 {
    if std::env::args_os().any(|argument| argument == "--detailed-exitcode") {
        1
    } else {
        2
    }
}
