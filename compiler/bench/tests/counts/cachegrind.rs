//! One run under cachegrind, and what its output says.
//!
//! Without simulated caches it counts the same instructions as callgrind, in half the time: only who calls whom is not known.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// Instructions of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// All of them.
    pub total: u64,
    /// By function, without what it calls; the most first.
    pub functions: Vec<(String, u64)>,
}

/// Counts the instructions of a command that has to succeed.
pub fn count(binary: &Path, arguments: &[String], out: &Path) -> Counted {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--quiet"])
        .arg(format!("--cachegrind-out-file={}", out.display()))
        .arg(binary)
        .args(arguments)
        // One thread does the work: with more, how they share it differs from run to run.
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} under valgrind: {said}");
    parse(&std::fs::read_to_string(out).unwrap())
}

/// Reads cachegrind's output: under `fn=` stand lines of the source, each with its count.
/// Source: <https://valgrind.org/docs/manual/cg-manual.html#cg-manual.impl-details.file-format>
fn parse(text: &str) -> Counted {
    let mut by_name: BTreeMap<String, u64> = BTreeMap::new();
    let (mut total, mut function, mut own) = (0, "", 0);
    for line in text.lines().chain(["fn="]) {
        if let Some(next) = line.strip_prefix("fn=") {
            // Instances of one function have one name here.
            *by_name.entry(readable(function)).or_default() += own;
            (function, own) = (next, 0);
        } else if let Some(sum) = line.strip_prefix("summary: ") {
            total = sum.trim().parse().unwrap();
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let (_, count) = line.split_once(' ').unwrap();
            own += count.parse::<u64>().unwrap();
        }
    }
    assert!(total > 0, "cachegrind's output has no sum");
    let mut functions: Vec<(String, u64)> = by_name.into_iter().filter(|(_, own)| *own > 0).collect();
    functions.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Counted { total, functions }
}

/// A name without the hash of its instance.
fn readable(name: &str) -> String {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.chars().all(|digit| digit.is_ascii_hexdigit()) => {
            path.to_owned()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_a_function_are_one() {
        let text = "desc: I1 cache: none\ncmd: leastwise check\nevents: Ir\nfl=one.rs\nfn=one::main\n1 10\n2 5\n\
                    fn=one::part::h0123456789abcdef\n7 20\nfl=two.rs\nfn=one::part::hfedcba9876543210\n7 17\nsummary: 52\n";
        let counted = parse(text);
        assert_eq!(counted.total, 52);
        assert_eq!(
            counted.functions,
            [("one::part".to_owned(), 37), ("one::main".to_owned(), 15)]
        );
    }
}
