//! What cargo knows of the workspace and of what it depends on.

use crate::files;
use serde::Deserialize;
use std::process::Command;

/// What `cargo metadata` says.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// Ours and others'.
    pub packages: Vec<Package>,
}

/// One package.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// `leastwise-read`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// An SPDX expression.
    pub license: Option<String>,
    /// Where it is from; ours are from nowhere.
    pub source: Option<String>,
    /// What it asks for.
    pub dependencies: Vec<Dependency>,
}

/// One line of a package's manifest.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The package.
    pub name: String,
    /// `dev`, `build`, or nothing.
    pub kind: Option<String>,
    /// What the package calls it, if it has another name for it.
    pub rename: Option<String>,
}

impl Metadata {
    /// Asks cargo, offline.
    ///
    /// # Errors
    /// If cargo does not answer, or in another shape.
    pub fn ask() -> Result<Self, String> {
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        let output = Command::new(cargo)
            .args(["metadata", "--offline", "--format-version", "1"])
            // Packages of other platforms need not be on this machine.
            .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
            .current_dir(files::root())
            .output()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        if !output.status.success() {
            return Err(format!(
                "cargo metadata: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
    }

    /// The crates of the workspace.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.source.is_none())
    }
}

impl Package {
    /// The folder and library name of one of ours; others' names as they are.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.name.strip_prefix("leastwise-").unwrap_or(&self.name)
    }

    /// What it needs to build and run: dependencies for tests apart.
    pub fn needs(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies
            .iter()
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
    }
}
