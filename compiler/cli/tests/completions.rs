//! A shell completes commands, codes and the project's names.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the command on files"
)]

use std::path::Path;
use std::process::Command;

use testkit::golden;

/// What bash would offer for a line; the last word is the one that is completed.
const COMPLETED: &str = r#"source <(leastwise completions bash)
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
_clap_complete_leastwise leastwise "${COMP_WORDS[COMP_CWORD]}" 2>&1
printf '%s\n' "${COMPREPLY[@]}""#;

fn completed(folder: &Path, line: &[&str]) -> Vec<String> {
    let own = Path::new(env!("CARGO_BIN_EXE_leastwise")).parent().unwrap();
    let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", COMPLETED, "bash", "leastwise"])
        .args(line)
        .env("PATH", path)
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn bash_completes_names_of_the_project() {
    let shop = golden::root().join("examples/web-shop");
    let is = |line: &[&str], expected: &[&str]| assert_eq!(completed(&shop, line), expected, "{line:?}");
    is(&["why", "o"], &["oncall", "orders"]);
    is(&["why", "orders", "read-"], &["read-versions"]);
    is(&["why", "orders", "read", "shop-db-l"], &["shop-db-login"]);
    is(&["who", "read", "upl"], &["uploads"]);
    is(&["reach", "int"], &["internet"]);
    is(&["check", "--environment", ""], &["dev", "stage", "prod"]);
    is(&["compile", "--target", "a"], &["aws-iam"]);
    is(&["explain", "over-q"], &["over-quota"]);
    is(&["new", "p", "--from", "fa"], &["factory"]);
}

#[test]
fn a_project_that_cannot_be_read_has_no_names() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(completed(folder.path(), &["why", "o"]), [""]);
    std::fs::write(folder.path().join("leastwise.kdl"), "project x {{{ \"").unwrap();
    assert_eq!(completed(folder.path(), &["why", "o"]), [""]);
    assert_eq!(completed(folder.path(), &["expl"]), ["explain"]);
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
            .args(["completions", shell])
            .output()
            .unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && script.contains("LEASTWISE_COMPLETE"),
            "{shell}: {script}"
        );
    }
}
