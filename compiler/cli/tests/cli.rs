//! Transcripts: `golden/cli/NAME/transcript.txt` is what a person types and sees, run anew and compared.
//!
//! Lines that begin with `$ ` are commands, run by a shell in an empty folder into which `in/` of the case is copied;
//! lines that begin with `# ` are remarks. All else is what the commands print, both streams, and `[exit N]` where N is
//! not 0. `BLESS=1` rewrites it.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a transcript runs the command on files"
)]

use std::path::Path;
use std::process::Command;

use testkit::golden::{self, Tree};

/// Runs one line as somebody would on an 80-column terminal that is not one.
pub(crate) fn run(line: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_leastwise"));
    let path = format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        binary.parent().unwrap().display()
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{{ {line}\n}} 2>&1"))
        .current_dir(folder)
        .env_clear()
        .envs([
            ("PATH", path.as_str()),
            ("LC_ALL", "C.UTF-8"),
            ("COLUMNS", "80"),
            ("TZ", "UTC"),
        ])
        .output()
        .unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[exit {code}]\n")),
        None => text.push_str("[killed]\n"),
    }
    text
}

fn replay(case: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    // Commands of a transcript may `cd`: each line runs in a shell of its own, in the folder that the last one left.
    let mut at = folder.path().to_path_buf();
    let mut expected = golden::tree(case);
    for (path, bytes) in expected
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("in/")?, bytes)))
    {
        let to = folder.path().join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    let before = String::from_utf8(expected.remove("transcript.txt").unwrap_or_default()).unwrap();
    let mut after = String::new();
    for line in before.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            after.push_str(&format!("{line}\n"));
            if let Some(into) = command.strip_prefix("cd ") {
                at = at.join(into);
                continue;
            }
            after.push_str(&run(command, &at));
        } else if line.starts_with("# ") {
            after.push_str(&format!("{line}\n"));
        }
    }
    let mut actual: Tree = expected;
    actual.insert("transcript.txt".to_owned(), after.into_bytes());
    golden::compare(case, &actual)
}

#[test]
fn transcripts_are_what_a_person_sees() {
    let wrong: Vec<String> = golden::cases(&golden::root().join("golden/cli"))
        .iter()
        .filter_map(|case| replay(case).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
