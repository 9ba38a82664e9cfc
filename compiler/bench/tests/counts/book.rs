//! The committed counts: for each toolchain a line for each command, and below them where the instructions go.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cachegrind::Counted;

/// Functions that are kept for each command.
const FUNCTIONS: usize = 15;
/// Functions are counted in these, so that a blessing moves the lines of functions that moved.
const MILLION: u64 = 1_000_000;
const HEAD: &str = "\
# Instructions of the main commands at 1,000 workloads, in the profile of the tests. CONTRIBUTING.md says how to bless them.
# For each toolchain: a line for each command, then the functions of each command with the most, in millions.
";

/// Counts by toolchain (the line of `rustc -V`), then by command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book(pub BTreeMap<String, BTreeMap<String, Counted>>);

impl Book {
    /// Reads the file.
    ///
    /// # Errors
    /// The first line that is none of the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut book = Self::default();
        let mut toolchain = String::new();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut toolchain);
                continue;
            }
            let commands = book.0.entry(toolchain.clone()).or_default();
            add(commands, line).ok_or_else(|| format!("not a line of counts: `{line}`"))?;
        }
        Ok(book)
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (toolchain, commands) in &self.0 {
            let _ = writeln!(text, "\n[{toolchain}]");
            for (command, counted) in commands {
                let _ = writeln!(text, "{command} {}", counted.total);
            }
            for (command, counted) in commands {
                text.push('\n');
                for (function, count) in &counted.functions {
                    let _ = writeln!(text, "{command}: {} {function}", count / MILLION);
                }
            }
        }
        text
    }
}

/// `check-all 123`, or `check-all: 12 the::function`.
fn add(commands: &mut BTreeMap<String, Counted>, line: &str) -> Option<()> {
    let (command, rest) = line.split_once(' ')?;
    match command.strip_suffix(':') {
        None => {
            let total = rest.parse().ok()?;
            commands.entry(command.to_owned()).or_default().total = total;
        }
        Some(command) => {
            let (millions, function) = rest.split_once(' ')?;
            let count = millions.parse::<u64>().ok()? * MILLION;
            let counted = commands.entry(command.to_owned()).or_default();
            counted.functions.push((function.to_owned(), count));
        }
    }
    Some(())
}

/// What is kept of a count.
pub fn kept(mut counted: Counted) -> Counted {
    counted.functions.truncate(FUNCTIONS);
    counted
}
