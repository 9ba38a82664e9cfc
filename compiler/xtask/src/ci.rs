//! `cargo xtask ci`: exactly what CI runs.

use crate::files;
use std::process::Command;

const STEPS: &[(&str, &[&str])] = &[
    ("format", &["fmt", "--all", "--check"]),
    (
        "clippy",
        &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
    ),
    (
        "docs",
        &["doc", "--workspace", "--no-deps", "--document-private-items"],
    ),
    ("tests", &["test", "--workspace", "-q"]),
];

/// Runs every step, so that one failure does not hide the next.
///
/// # Errors
/// The names of the steps that failed.
pub fn run() -> Result<(), String> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let mut failed = Vec::new();
    for (name, words) in STEPS {
        let status = Command::new(cargo)
            .args(*words)
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("BLESS")
            .current_dir(files::root())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            failed.push(*name);
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}
