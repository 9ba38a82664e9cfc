//! The rules of the house that a machine can see to. Each is a function from what is there to what is wrong,
//! and a test in `tests/tidy.rs` runs it on the workspace.

pub mod additions;
pub mod features;
pub mod floors;
pub mod licences;
pub mod metadata;
pub mod sources;
pub mod texts;

use crate::files;
use std::process::Command;

/// A text file of the repository.
#[derive(Debug)]
pub struct File {
    /// Relative to the root, `/`-separated.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl File {
    /// The last part of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is Rust.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Every tracked file that is text.
///
/// # Errors
/// If git does not answer.
pub fn tracked() -> Result<Vec<File>, String> {
    let root = files::root();
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(&root)
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    if !output.status.success() {
        return Err("git ls-files failed".to_owned());
    }
    let paths = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut found = Vec::new();
    for path in paths.split('\0').filter(|path| !path.is_empty()) {
        // A tracked file may be gone from the working tree, and a binary one is no text.
        if let Ok(text) = files::read_text(&root.join(path)) {
            found.push(File {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(found)
}
