//! The commands that are counted, and the specs that they are about.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The size of every spec.
const WORKLOADS: &str = "1000";
const AS_OF: [&str; 2] = ["--as-of", "2026-07-01"];

/// A command to count.
#[derive(Clone, Debug)]
pub struct Counting {
    /// What the file calls it.
    pub name: &'static str,
    /// The words after `leastwise`.
    pub arguments: Vec<String>,
}

/// Writes the specs below a folder. Those with the most instructions come first, so that two hands finish together.
pub fn prepare(binary: &Path, folder: &Path) -> Vec<Counting> {
    for (name, kind) in [
        ("own", &["workloads"][..]),
        ("all", &["workloads", "all"]),
        ("changed", &["changed"]),
        ("tests", &["tests"]),
        ("text", &["text"]),
    ] {
        let mut bench = Command::new(env!("CARGO_BIN_EXE_leastwise-bench"));
        run(bench
            .arg("write")
            .arg(folder.join(name))
            .arg(WORKLOADS)
            .args(kind));
    }
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (own, out) = (path("own"), path("out"));
    run(Command::new(binary)
        .args(["compile", &own, "--out", &out])
        .args(AS_OF));
    run(Command::new(binary).args(["fmt", &path("text")]));
    let counting = |name: &'static str, arguments: &[&str]| Counting {
        name,
        arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
    };
    let dated = |name: &'static str, arguments: &[&str]| counting(name, &[arguments, &AS_OF[..]].concat());
    vec![
        dated("check-all", &["check", &path("all")]),
        dated("plan-changed", &["plan", &path("changed"), "--against", &out]),
        dated("test", &["test", &path("tests")]),
        dated("plan", &["plan", &own, "--against", &out]),
        dated("compile-first", &["compile", &own, "--out", &path("first")]),
        dated("compile-unchanged", &["compile", &own, "--out", &out]),
        dated("why", &["why", "w0-0", "read", "b0-3", &own]),
        dated("check-aws-iam", &["check", &own]),
        counting("fmt-check", &["fmt", "--check", &path("text")]),
    ]
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// The `leastwise` of this build: it lies beside the binaries of this crate.
///
/// `cargo test --workspace` builds it. A test of this crate alone does not, so that one of an older tree may lie there.
pub fn binary() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_leastwise-bench")).with_file_name("leastwise");
    let build = "build it: cargo build --workspace --bins";
    let built = std::fs::metadata(&binary).and_then(|there| there.modified());
    let built = built.unwrap_or_else(|error| panic!("{}: {error}; {build}", binary.display()));
    // Where `cargo build` made the binary, it lists there what it was made of. Where `cargo test --workspace` did, it is of this tree.
    let list = std::fs::read_to_string(binary.with_extension("d")).unwrap_or_default();
    let sources = list.split_once(": ").map_or("", |(_, sources)| sources);
    for source in sources.split_whitespace() {
        // Folders are listed too: what a test writes into one makes no other binary.
        let there = std::fs::metadata(source).ok().filter(std::fs::Metadata::is_file);
        let is_newer = there.is_some_and(|there| there.modified().unwrap() > built);
        assert!(!is_newer, "{} is older than {source}; {build}", binary.display());
    }
    binary
}
