//! Deliberate mistakes: `golden/mistakes/mistakes.tsv` has one a line, a text of `base/` and what stands in its place; `said/` has what a
//! person sees of it at 80 columns. `BLESS=1` rewrites it.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where, and runs the command on files"
)]

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use testkit::golden::{self, Tree};

/// As wide as the terminal.
const COLUMNS: usize = 80;
/// One mistake gives no more errors than these.
const ERRORS_MAX: usize = 3;

/// A mistake: its name, a file, and a text of it with what stands in its place.
pub(crate) struct Mistake {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) old: String,
    pub(crate) new: String,
}

pub(crate) fn mistakes(folder: &Path) -> Vec<Mistake> {
    let table = std::fs::read_to_string(folder.join("mistakes.tsv")).unwrap();
    let text = |json: &str| serde_json::from_str::<String>(json).unwrap();
    table
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            Mistake {
                name: fields[0].to_owned(),
                file: fields[1].to_owned(),
                old: text(fields[2]),
                new: text(fields[3]),
            }
        })
        .collect()
}

/// The name of a mistake as that of a file.
fn file_of(mistake: &Mistake) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric();
    let name: String = mistake
        .name
        .chars()
        .map(|letter| {
            if fits(letter) {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    format!("said/{}.txt", name.trim_matches('-'))
}

/// What a person sees, and the exit code.
fn said(base: &Tree, mistake: &Mistake) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in base {
        let mut text = String::from_utf8(bytes.clone()).unwrap();
        if *path == mistake.file {
            assert!(text.contains(&mistake.old), "{}: nothing to change", mistake.name);
            text = text.replacen(&mistake.old, &mistake.new, 1);
        }
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(["check", "--as-of", "2026-07-01"])
        .current_dir(folder.path())
        .env_clear()
        .envs([("LC_ALL", "C.UTF-8"), ("COLUMNS", "80")])
        .output()
        .unwrap();
    let streams = [output.stderr, output.stdout].map(|stream| String::from_utf8(stream).unwrap());
    format!("{}[exit {}]\n", streams.concat(), output.status.code().unwrap())
}

/// What no message may be.
fn faults(said: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let errors = said
        .lines()
        .filter(|line| line.trim_start().starts_with('×'))
        .count();
    if errors > ERRORS_MAX {
        faults.push(format!("{errors} errors"));
    }
    // A word is never broken, so that one alone may be wider.
    let is_wide = |line: &&str| line.chars().count() > COLUMNS && line.split_whitespace().count() > 2;
    faults.extend(
        said.lines()
            .filter(is_wide)
            .map(|line| format!("wider than {COLUMNS}: {line}")),
    );
    if said.contains("Advice") || said.contains("report it") {
        faults.push("a stray heading, or a fault that is told as ours".to_owned());
    }
    // Each error has its place and a way out.
    let drawings: Vec<&str> = said.split("\n\n").collect();
    let mut blocks = drawings
        .iter()
        .filter(|block| block.trim_start().starts_with('×'));
    if let Some(block) = blocks.find(|block| !block.contains("╭─[") || !block.contains("help: ")) {
        faults.push(format!("no place, or no way out: {block}"));
    }
    faults
}

#[test]
fn each_is_told_once_with_a_place_and_a_way_out() {
    let folder = golden::root().join("golden/mistakes");
    let mut expected = golden::tree(&folder);
    expected.retain(|path, _| !path.starts_with("said/"));
    let base: Tree = expected
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("base/")?.to_owned(), bytes.clone())))
        .collect();
    let mistakes = mistakes(&folder);
    let all: Vec<String> = mistakes.par_iter().map(|mistake| said(&base, mistake)).collect();
    let mut wrong: Vec<String> = Vec::new();
    let mut actual = expected;
    for (mistake, text) in mistakes.iter().zip(all) {
        wrong.extend(
            faults(&text)
                .iter()
                .map(|fault| format!("{}: {fault}", mistake.name)),
        );
        let taken = actual.insert(file_of(mistake), text.into_bytes());
        assert!(taken.is_none(), "{}: a name that stands twice", mistake.name);
    }
    wrong.extend(golden::compare(&folder, &actual).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
