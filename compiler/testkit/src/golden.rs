//! Golden cases: a folder of inputs, and files that must come out of them byte for byte.
//!
//! `BLESS=1` rewrites what is expected. CI never blesses. An expected file that nothing produces any more fails.
#![expect(
    clippy::disallowed_methods,
    reason = "test support reads and writes files; nothing that is shipped depends on it"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Files by path relative to some folder, `/`-separated.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below a folder; empty if there is none.
#[must_use]
pub fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(folder_now) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&folder_now) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
            } else if let (Ok(relative), Ok(bytes)) = (path.strip_prefix(folder), std::fs::read(&path)) {
                let name = relative
                    .components()
                    .map(|part| part.as_os_str().to_string_lossy())
                    .collect::<Vec<_>>()
                    .join("/");
                files.insert(name, bytes);
            }
        }
    }
    files
}

/// Sub-folders of a folder, sorted by name.
#[must_use]
pub fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// Compares what came out with what is expected below `folder`, or blesses it.
///
/// # Errors
/// A text that shows the first differing line of every file that differs, is missing, or is expected no more.
pub fn compare(folder: &Path, actual: &Tree) -> Result<(), String> {
    if std::env::var("BLESS").is_ok_and(|value| value == "1") {
        bless(folder, actual);
        return Ok(());
    }
    let expected = tree(folder);
    let mut differences = String::new();
    for (path, bytes) in actual {
        match expected.get(path) {
            None => drop(writeln!(differences, "{path}: not expected, but came out")),
            Some(wanted) if wanted != bytes => drop(writeln!(
                differences,
                "{path}: {}",
                first_difference(wanted, bytes)
            )),
            Some(_) => {}
        }
    }
    for path in expected.keys().filter(|path| !actual.contains_key(*path)) {
        let _ = writeln!(differences, "{path}: expected, but nothing produces it");
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\n{differences}run with BLESS=1, read the diff, and commit it if it is right",
        folder.display()
    ))
}

fn bless(folder: &Path, actual: &Tree) {
    for path in tree(folder).keys().filter(|path| !actual.contains_key(*path)) {
        let _ = std::fs::remove_file(folder.join(path));
    }
    for (path, bytes) in actual {
        let to = folder.join(path);
        if let Some(parent) = to.parent() {
            let _ = std::fs::create_dir_all(parent);
        }
        let _ = std::fs::write(to, bytes);
    }
}

fn first_difference(wanted: &[u8], found: &[u8]) -> String {
    let (wanted, found) = (String::from_utf8_lossy(wanted), String::from_utf8_lossy(found));
    let mut lines = wanted.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (wanted, found))| wanted != found) {
        Some((index, (wanted, found))) => {
            format!("line {}\n  expected {wanted}\n  found    {found}", index + 1)
        }
        None => format!(
            "{} lines expected, {} found",
            wanted.lines().count(),
            found.lines().count()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_and_an_unproduced_file_fails() {
        let folder = std::env::temp_dir().join(format!("leastwise-golden-{}", std::process::id()));
        let actual = Tree::from([("a/b.txt".to_owned(), b"one\ntwo\n".to_vec())]);
        bless(&folder, &actual);
        assert_eq!(compare(&folder, &actual), Ok(()));
        let other = Tree::from([("a/b.txt".to_owned(), b"one\n2\n".to_vec())]);
        assert!(compare(&folder, &other).unwrap_err().contains("line 2"));
        assert!(
            compare(&folder, &Tree::new())
                .unwrap_err()
                .contains("nothing produces it")
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
