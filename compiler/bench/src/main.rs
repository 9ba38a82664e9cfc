//! Whole-process figures: `cargo run --release -p leastwise-bench`. CONTRIBUTING.md says how and what fails.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement reads the clock, writes inputs and prints figures"
)]

mod acceptance;
mod arguments;
mod generate;
mod machine;
mod measure;
mod prepared;
mod rows;
mod session;
mod stages;
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::{Arguments, USAGE};
use session::Session;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((first, _)) if first == "--help" || first == "-h" => println!("{USAGE}"),
        Some((first, rest)) if first == "stages" => stages::stages(&prepared::named(rest)?)?,
        Some((first, rest)) if first == "write" => {
            let (folder, rest) = rest.split_first().ok_or("`write` takes a folder")?;
            prepared::write(Path::new(folder), &prepared::named(rest)?)?;
        }
        _ => return bench(&Arguments::read(&words)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures, prints, and fails if something failed or grows too fast.
fn bench(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    for chosen in arguments.binary.iter().chain(&arguments.beside) {
        // Asked first: another binary that is not there would look like one that lacks every command.
        if !chosen.is_file() {
            return Err(format!("{}: there is no such file", chosen.display()).into());
        }
    }
    let session = Session {
        binary: arguments.binary.clone().map_or_else(binary, Ok)?,
        beside: arguments.beside.clone(),
        runs: arguments.runs,
        only: arguments.only.clone(),
    };
    let (measured, mut failures) = session.run();
    failures.extend(table::too_steep(&measured));
    let mut text = format!(
        "{}\n{}\n{}",
        machine::machine(arguments.runs),
        table::table(&measured, arguments.beside.is_some()),
        acceptance::acceptance(&measured)
    );
    for failure in &failures {
        text.push_str(&format!("\nFAILED: {failure}\n"));
    }
    print!("{text}");
    if arguments.write {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
        let head = "# Results\n\nWritten by `leastwise-bench --write`; see [README.md](README.md) for what the columns say.\n";
        std::fs::write(path, format!("{head}\n{text}"))?;
    }
    Ok(ExitCode::from(u8::from(!failures.is_empty())))
}

/// The command beside this one.
fn binary() -> Result<PathBuf, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let binary = own.with_file_name("leastwise");
    if binary.is_file() {
        Ok(binary)
    } else {
        Err("build it first: cargo build --release -p leastwise-cli".into())
    }
}
