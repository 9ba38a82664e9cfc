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
