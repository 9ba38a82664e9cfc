//! `cargo xtask <chore>`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use xtask::{catalogue, ci, files, new, schema, seal};

const USAGE: &str = "cargo xtask ci
cargo xtask new check|target|service|command NAME
cargo xtask catalogue --from FOLDER --archive FILE.tgz
cargo xtask schema --from FILE.json.gz
cargo xtask seal FILE";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(told) => {
            for line in told {
                let _ = writeln!(std::io::stdout(), "{line}");
            }
            ExitCode::SUCCESS
        }
        Err(problem) => {
            // Nobody is left to tell if the error stream is gone.
            let _ = writeln!(std::io::stderr(), "{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<Vec<String>, String> {
    match words {
        ["ci"] => ci::run()?,
        ["new", kind, name] => return new::make(kind, name),
        ["catalogue", "--from", folder, "--archive", archive] => {
            let text = catalogue::pack(Path::new(folder), Path::new(archive))?;
            files::write(&files::root().join(catalogue::PACKED), &text)?;
        }
        ["schema", "--from", file] => {
            let text = schema::pack(Path::new(file))?;
            files::write(&files::root().join(schema::PACKED), &text)?;
        }
        ["seal", file] => seal::seal(Path::new(file))?,
        _ => return Err(USAGE.to_owned()),
    }
    Ok(Vec::new())
}
