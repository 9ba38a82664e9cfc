//! Files that differ.

use std::collections::BTreeSet;

use bundle::Bundle;

use crate::Files;

pub(crate) fn diff(before: &Bundle, after: &Bundle) -> Files {
    let mut files = Files::default();
    for (path, file) in after.iter() {
        match before.get(path) {
            None => files.created.push(path.to_owned()),
            Some(old) if old.bytes != file.bytes => files.updated.push(path.to_owned()),
            Some(_) => {}
        }
    }
    files.deleted = before
        .iter()
        .filter(|(path, _)| after.get(path).is_none())
        .map(|(path, _)| path.to_owned())
        .collect();
    files
}

/// Where documents may have changed: by path, and by folder in Terraform, whose files of one folder speak of each other.
pub(crate) struct Changed<'f>(BTreeSet<&'f str>);

pub(crate) fn changed(files: &Files) -> Changed<'_> {
    let all = files.created.iter().chain(&files.updated).chain(&files.deleted);
    Changed(all.map(|path| unit(path)).collect())
}

impl Changed<'_> {
    /// Whether what is read of a file, or of the files of a folder, may be other than it was.
    pub(crate) fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let in_folder = || self.0.range(below.as_str()..).next();
        self.0.contains(unit(path)) || in_folder().is_some_and(|next| next.starts_with(&below))
    }
}

fn unit(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, name)) if name.ends_with(".tf.json") => folder,
        Some(_) | None => path,
    }
}
