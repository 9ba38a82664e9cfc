//! Words of other tools' command lines, each with what to write here.

use clap::Error;
use clap::error::{ContextKind, ContextValue};

/// What was written, and what does it here.
const HABITS: &[(&str, &str)] = &[
    (
        "--dry-run",
        "`check` writes nothing; `plan --against DIR` shows what would change",
    ),
    ("--json", "write `--format json`"),
    (
        "--quiet",
        "there is no quiet mode: a result stands on standard output, what is wrong on standard error",
    ),
    (
        "-q",
        "there is no quiet mode: a result stands on standard output, what is wrong on standard error",
    ),
    (
        "--verbose",
        "there is no verbose mode: `why`, `plan --actions` and `explain CODE` say more",
    ),
    (
        "-v",
        "the version is `--version` or `-V`; there is no verbose mode",
    ),
    ("--fix", "`leastwise fix` applies what is safe"),
    (
        "--apply",
        "`leastwise fix` writes what is safe at once; `--unsafe` the rest",
    ),
    (
        "--auto-approve",
        "nothing is applied from here: `terraform apply`, or the scripts beside the output",
    ),
    ("--output", "write `--out DIR`"),
    ("-o", "write `--out DIR`"),
    ("--env", "write `--environment NAME`"),
    ("-e", "write `--environment NAME`"),
    (
        "apply",
        "nothing is applied from here: `compile` writes, and `terraform apply` or the scripts beside it apply",
    ),
    (
        "destroy",
        "nothing is applied from here, so nothing is destroyed: `terraform destroy`",
    ),
    ("init", "write `leastwise new DIR`"),
    ("validate", "write `leastwise check`"),
    ("lint", "write `leastwise check`"),
    ("build", "write `leastwise compile --out DIR`"),
    (
        "diff",
        "write `leastwise plan --against DIR`, or `--against-git REF`",
    ),
    ("format", "write `leastwise fmt`"),
];

/// What is wrong with a command line, with what does here what another tool has a word for in place of a guess by letters; `None`
/// for a word that no other tool has.
pub(crate) fn answer(error: &Error) -> Option<String> {
    let written = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand]
        .into_iter()
        .find_map(|kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text),
            _ => None,
        })?;
    let word = written.split(['=', ' ']).next().unwrap_or_default();
    let (_, help) = HABITS.iter().find(|(habit, _)| *habit == word)?;
    let told = error.render().to_string();
    let mut lines = told.lines().filter(|line| !line.starts_with("  tip:"));
    let mut text = format!("{}\n\n  tip: {help}\n", lines.next().unwrap_or_default());
    let mut was_empty = false;
    for line in lines {
        if !(line.is_empty() && was_empty) {
            text.push_str(line);
            text.push('\n');
        }
        was_empty = line.is_empty();
    }
    Some(text)
}
