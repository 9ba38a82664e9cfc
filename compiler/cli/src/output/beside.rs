//! What else lies in the folders of root modules: Terraform reads every configuration file of a folder, whoever wrote it.
//!
//! Source: Terraform, "Files and Configuration Structure", "Override Files", "Input Variables" (files that are loaded by
//! themselves); OpenTofu, "Files and Directories" (its own extensions); read 2026-11-29.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::{Refused, Wanted, listed, recover};

/// Paths below an output folder of the files that lie beside its root modules' own and mean nothing to Terraform, sorted.
///
/// # Errors
/// One that Terraform reads as a part of a root module or of its input, and that no build of ours wrote; or whatever the system
/// refuses.
pub(crate) fn beside(out: &Path, wanted: &BTreeMap<String, Wanted<'_>>) -> Result<Vec<String>, Refused> {
    // A link or a file in the folder's place is refused by whoever writes.
    if !fs::symlink_metadata(out).is_ok_and(|there| there.is_dir()) {
        return Ok(Vec::new());
    }
    recover(out)?;
    let around = around(out, wanted, &listed(out)?)?;
    match around.read.first() {
        Some(path) => Err(Refused::new(
            out.join(path),
            "terraform would read this file as a part of the module, and no build wrote it",
            "move it to another folder, or choose another output folder with `--out`",
        )),
        None => Ok(around.unread),
    }
}

/// What lies in the folders of root modules and no build wrote.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// What Terraform reads, sorted.
    pub(super) read: Vec<String>,
    /// What means nothing to it, sorted.
    pub(super) unread: Vec<String>,
}

/// Looks at the folders of root modules; changes nothing.
pub(super) fn around(
    out: &Path,
    wanted: &BTreeMap<String, Wanted<'_>>,
    listed: &BTreeSet<String>,
) -> Result<Around, Refused> {
    let roots: BTreeSet<&str> = wanted
        .keys()
        .filter(|path| path.ends_with(".tf.json"))
        .filter_map(|path| path.rsplit_once('/').map(|(folder, _)| folder))
        .collect();
    let mut around = Around::default();
    for root in roots {
        let folder = out.join(root);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Refused::io(folder, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| Refused::io(&folder, &error))?;
            let sort = entry
                .file_type()
                .map_err(|error| Refused::io(entry.path(), &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{root}/{name}");
            // A folder is no part of the module; a file of an earlier build is written anew, or goes.
            if sort.is_dir() || wanted.contains_key(&path) || (listed.contains(&path) && sort.is_file()) {
                continue;
            }
            if is_read(&name) {
                around.read.push(path);
            } else {
                around.unread.push(path);
            }
        }
    }
    around.read.sort();
    around.unread.sort();
    Ok(around)
}

/// Whether Terraform, or OpenTofu, reads a file of a root module as configuration or as values of its variables.
fn is_read(name: &str) -> bool {
    let is_ignored =
        name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    let is_configuration = [".tf", ".tf.json", ".tofu", ".tofu.json"]
        .iter()
        .any(|tail| name.ends_with(tail));
    // Values are loaded whatever the name begins with.
    let is_input = matches!(name, "terraform.tfvars" | "terraform.tfvars.json")
        || name.ends_with(".auto.tfvars")
        || name.ends_with(".auto.tfvars.json");
    (is_configuration && !is_ignored) || is_input
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files<'a>(paths: &[&str]) -> BTreeMap<String, Wanted<'a>> {
        let empty = Wanted {
            bytes: b"{}",
            executable: false,
        };
        paths.iter().map(|path| ((*path).to_owned(), empty)).collect()
    }

    /// What is said about one file in the folder of a module.
    fn said(name: &str) -> Result<Vec<String>, String> {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("aws/x/terraform/r/main");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), "").unwrap();
        let wanted = files(&["aws/x/terraform/r/main/roles.tf.json", "aws/x/iam/a.json"]);
        beside(out.path(), &wanted).map_err(|refused| refused.path.display().to_string())
    }

    #[test]
    fn a_file_that_terraform_reads_is_refused_by_its_name() {
        for name in [
            "more.tf",
            "more.tf.json",
            "override.tf",
            "override.tf.json",
            "roles_override.tf",
            "roles_override.tf.json",
            "roles.tofu",
            "roles.tofu.json",
            "terraform.tfvars",
            "terraform.tfvars.json",
            "x.auto.tfvars",
            "x.auto.tfvars.json",
            ".auto.tfvars",
        ] {
            assert!(said(name).unwrap_err().ends_with(name), "{name}");
        }
    }

    #[test]
    fn other_files_are_listed() {
        for name in [
            "notes.md",
            ".hidden.tf",
            "more.tf~",
            "#more.tf#",
            ".terraform.lock.hcl",
            "x.tfvars",
        ] {
            assert_eq!(said(name).unwrap(), [format!("aws/x/terraform/r/main/{name}")]);
        }
    }

    #[test]
    fn files_of_builds_and_folders_are_neither() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("a/main");
        fs::create_dir_all(folder.join(".terraform/x.tf")).unwrap();
        fs::write(folder.join("roles.tf.json"), "").unwrap();
        fs::write(folder.join("old.tf.json"), "").unwrap();
        let manifest = r#"{"format":"leastwise-manifest/1","files":[{"path":"a/main/old.tf.json"}]}"#;
        fs::write(out.path().join("manifest.json"), manifest).unwrap();
        // Elsewhere, Terraform is not run.
        fs::write(out.path().join("a/other.tf"), "").unwrap();
        assert!(
            beside(out.path(), &files(&["a/main/roles.tf.json"]))
                .unwrap()
                .is_empty()
        );
        assert!(
            beside(&out.path().join("none"), &files(&["a/main/roles.tf.json"]))
                .unwrap()
                .is_empty()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_under_the_name_of_an_earlier_file_is_foreign() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("a/main");
        fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink("/dev/null", folder.join("old.tf.json")).unwrap();
        let manifest = r#"{"format":"leastwise-manifest/1","files":[{"path":"a/main/old.tf.json"}]}"#;
        fs::write(out.path().join("manifest.json"), manifest).unwrap();
        assert!(beside(out.path(), &files(&["a/main/roles.tf.json"])).is_err());
    }
}
