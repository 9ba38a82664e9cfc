//! `leastwise explain CODE`.

use std::process::ExitCode;

use clap::Args;

use crate::project::Trouble;

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The code, as diagnostics show it.
    code: String,
}

/// Prints the page of a code.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    match driver::codes::find(&arguments.code) {
        Some(code) => {
            print!("{}", page(code.docs));
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let stem = arguments.code.get(..4).unwrap_or(&arguments.code);
            let near: Vec<&str> = driver::codes::all()
                .into_iter()
                .map(|code| code.name)
                .filter(|name| name.contains(stem))
                .take(5)
                .collect();
            let help = if near.is_empty() {
                "a code stands above what is found".to_owned()
            } else {
                format!("near: {}", near.join(", "))
            };
            Err(Trouble::new(format!("there is no code {}", arguments.code), help))
        }
    }
}

/// A page as a person reads it: what is fenced is indented, and what tells tests what to expect of it is left out.
fn page(text: &str) -> String {
    let mut out = String::new();
    let mut is_fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
            continue;
        }
        if is_fenced && !line.is_empty() {
            out.push_str("    ");
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
