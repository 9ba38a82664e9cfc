//! How many instructions the main commands take: a regression is seen without a clock, on any machine.
//!
//! Counted by cachegrind with one thread, at 1,000 workloads, and compared with `counts.txt`. Runs if `LEASTWISE_ORACLES` is
//! set; then a missing valgrind, or counts of another toolchain alone, are failures. `BLESS=1` writes the counts of this toolchain.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, reads the committed counts, and says what it found"
)]

mod book;
mod cachegrind;
mod commands;
mod compare;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use book::Book;
use cachegrind::Counted;
use commands::Counting;
use compare::Verdict;

/// Processes at a time; valgrind itself runs one thread of each.
const HANDS: usize = 2;

#[test]
fn the_main_commands_take_no_more_instructions_than_before() {
    if !shelf::oracle::is_asked("instruction counts") {
        return;
    }
    let valgrind = Command::new("valgrind").arg("--version").output();
    assert!(
        valgrind.is_ok_and(|output| output.status.success()),
        "LEASTWISE_ORACLES is set, and there is no `valgrind`: run .ci/tools"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt");
    let mut book = Book::parse(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap();
    let toolchain = toolchain();
    let is_blessing = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    // Asked before the counting, which takes a minute.
    assert!(
        is_blessing || book.0.contains_key(&toolchain),
        "counts.txt has no counts of `{toolchain}`: build with a toolchain that it has, or bless"
    );
    let now = count_all();
    if is_blessing {
        let kept = now.into_iter().map(|(name, counted)| (name, book::kept(counted)));
        book.0.insert(toolchain, kept.collect());
        std::fs::write(&path, book.text()).unwrap();
        return;
    }
    judge(&book.0[&toolchain], &now);
}

/// Fails if a command takes more than it may, after all were compared.
fn judge(before: &BTreeMap<String, Counted>, now: &BTreeMap<String, Counted>) {
    let names = |counts: &BTreeMap<String, Counted>| counts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(before),
        names(now),
        "counts.txt is about other commands: bless it"
    );
    let mut failures = String::new();
    for (name, counted) in now {
        match compare::compare(name, &before[name], counted) {
            Verdict::Same(text) | Verdict::Fewer(text) => println!("{text}"),
            Verdict::More(text) => {
                failures.push_str(&text);
                failures.push('\n');
            }
        }
    }
    assert!(
        failures.is_empty(),
        "\n{failures}If this has to be so, bless it as CONTRIBUTING.md says\n"
    );
}

/// Every command, two at a time.
fn count_all() -> BTreeMap<String, Counted> {
    let binary = commands::binary();
    let folder = tempfile::tempdir().unwrap();
    let open: Mutex<Vec<Counting>> = Mutex::new(commands::prepare(&binary, folder.path()));
    let counts: Mutex<BTreeMap<String, Counted>> = Mutex::default();
    let hand = || {
        loop {
            let next = {
                let mut open = open.lock().unwrap();
                if open.is_empty() { break } else { open.remove(0) }
            };
            let out: PathBuf = folder.path().join(format!("{}.counts", next.name));
            let counted = cachegrind::count(&binary, &next.arguments, &out);
            counts.lock().unwrap().insert(next.name.to_owned(), counted);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(hand);
        }
    });
    counts.into_inner().unwrap()
}

/// The whole line of `rustc -V`: another compiler makes other instructions.
fn toolchain() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-V").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_file_is_read_as_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let book = Book::parse(&text).unwrap();
    assert_eq!(book.text(), text);
    assert!(Book::parse("check\n").is_err() && Book::parse("check: 12\n").is_err());
}
