//! A crate by itself is built with the features of the whole workspace: else its tests build the world again.

use super::metadata::Metadata;
use crate::files;
use std::collections::BTreeSet;
use std::process::Command;

/// A package, its version and its features, as cargo prints them.
type Built = BTreeSet<String>;

/// What one crate alone would build in another way than all of them together.
///
/// # Errors
/// If cargo does not answer.
pub fn problems(metadata: &Metadata) -> Result<Vec<String>, String> {
    let whole = built(&["--workspace"])?;
    let mut problems = Vec::new();
    for package in metadata.ours() {
        let alone = built(&["-p", &package.name])?;
        problems.extend(other(package.folder(), &whole, &alone));
    }
    Ok(problems)
}

/// What is built in another way, by name.
fn other(crate_name: &str, whole: &Built, alone: &Built) -> Vec<String> {
    let others = alone.difference(whole).map(|one| {
        format!(
            "tests of `{crate_name}` alone build {one} again: `features` belongs among its dependencies for tests, and \
             what is new from elsewhere in `features`"
        )
    });
    others.collect()
}

fn built(selection: &[&str]) -> Result<Built, String> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--prefix",
            "none",
            "-e",
            "normal,build,dev",
            "-f",
            "{p} with {f}",
        ])
        .args(selection)
        .current_dir(files::root())
        .output()
        .map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // Behind ` (*)` stands what was printed before.
    Ok(text
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_with_other_features_is_found() {
        let of = |text: &str| -> Built { text.lines().map(str::to_owned).collect() };
        let whole = of("serde v1 with derive,std\nclap v4 with derive");
        assert!(other("graph", &whole, &of("serde v1 with derive,std")).is_empty());
        assert_eq!(other("graph", &whole, &of("serde v1 with std")).len(), 1);
    }
}
