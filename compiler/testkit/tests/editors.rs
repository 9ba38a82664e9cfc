//! What editors are given: grammars, queries, snippets, matchers and configurations, by tools of others that run on Node.
//!
//! The tests themselves are in `editors/test`. `.ci/tools` installs their packages, and Neovim. `BLESS=1` makes anew what is made.

use std::path::PathBuf;
use std::process::Command;

use shelf::oracle;
use testkit::golden;

const WHAT: &str = "editors: grammars, queries, snippets, configurations";

/// The program, which the tests of `leastwise-cli` build; `None` if only this crate is tested.
fn program() -> Option<PathBuf> {
    let mut folder = std::env::current_exe().ok()?;
    folder.pop();
    folder.pop();
    let path = folder.join(format!("leastwise{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}

#[test]
fn grammars_queries_snippets_and_configurations_are_what_they_should_be() {
    if !oracle::is_asked(WHAT) {
        return;
    }
    let Some(program) = program() else {
        oracle::skipped(WHAT, "build the program first: `cargo build -p leastwise-cli`");
        return;
    };
    let root = golden::root();
    let output = Command::new("node")
        .arg(root.join("editors/test/run.mjs"))
        .current_dir(&root)
        .env("LEASTWISE", program)
        .output()
        .expect("LEASTWISE_ORACLES is set, and there is no `node`");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
