//! What the manifest of an earlier build lists: only that is overwritten or removed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::{MANIFEST, OWN, Refused};

/// The manifest, as far as it is asked here.
#[derive(Default, Deserialize)]
struct Manifest {
    #[serde(default)]
    format: String,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
}

/// Paths that the manifest of the previous output lists, and the manifest itself.
pub(super) fn listed(out: &Path) -> Result<BTreeSet<String>, Refused> {
    let path = out.join(MANIFEST);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Refused::io(path, &error)),
    };
    let manifest: Manifest = serde_json::from_slice(&bytes).unwrap_or_default();
    if manifest.format.is_empty()
        && let Some(paths) = damaged(&bytes)
    {
        return Ok(paths);
    }
    if !manifest.format.starts_with("leastwise-manifest/") {
        return Err(Refused::new(
            path,
            "there is a manifest.json that no build of ours wrote",
            "choose another output folder with `--out`",
        ));
    }
    let paths = manifest.files.into_iter().map(|file| file.path);
    Ok(paths.filter(|path| is_inside(path)).collect())
}

/// The paths of a manifest of ours that is no JSON any more: a merge left its signs in it, or a byte was changed. The next build
/// writes it anew, and what else it removes was listed here. `None` if it is none of ours.
fn damaged(bytes: &[u8]) -> Option<BTreeSet<String>> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains("\"leastwise-manifest/") {
        return None;
    }
    let paths = text.lines().filter_map(|line| {
        let path = line.trim().strip_prefix("\"path\": \"")?;
        Some(path.trim_end_matches(',').strip_suffix('"')?.to_owned())
    });
    Some(paths.filter(|path| is_inside(path)).collect())
}

/// Whether a listed path stays inside the folder: a manifest is a file that somebody may have edited.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != ".." && part != OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_a_merge_damaged_lists_what_it_did() {
        let text = "{\n  \"format\": \"leastwise-manifest/1\",\n<<<<<<< HEAD\n  \"files\": [\n    {\n      \"path\": \"aws/a.json\",\n";
        let paths = damaged(text.as_bytes()).unwrap();
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["aws/a.json"]);
        assert!(damaged(b"{ \"name\": \"an extension\" ").is_none());
    }

    #[test]
    fn a_manifest_that_lists_paths_outside_is_not_followed() {
        for path in [
            "../x",
            "/etc/passwd",
            "a/../../x",
            ".leastwise/journal",
            "a\\b",
            "",
        ] {
            assert!(!is_inside(path), "{path}");
        }
        assert!(is_inside("aws/plant/iam/x.identity.json"));
    }
}
