//! A case: the files of one folder.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::path::{Path, PathBuf};

use bundle::{Bundle, File};
use diagnostics::Report;
use read::dump::{self, Show};
use read::facts::Facts;
use serde_json::Value;

/// The files of one case.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) target: &'static str,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

pub(crate) fn blesses() -> bool {
    std::env::var("BLESS").is_ok_and(|value| value == "1")
}

/// Every case of the readers of this crate.
pub(crate) fn all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/read");
    let mut cases = Vec::new();
    for reader in read::ALL {
        for folder in folders(&root.join(reader.target)) {
            let mut files = Vec::new();
            collect(&folder.join("in"), "", &mut files);
            assert!(!files.is_empty(), "{} has no files", folder.display());
            cases.push(Case {
                folder,
                target: reader.target,
                files,
            });
        }
    }
    assert!(!cases.is_empty());
    cases
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else {
        return Vec::new();
    };
    let mut out: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    out.sort();
    out
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
}

impl Case {
    pub(crate) fn facts(&self) -> Vec<Facts> {
        let mut bundle = Bundle::default();
        for (path, bytes) in &self.files {
            let file = File {
                bytes: bytes.clone(),
                target: self.target,
                executable: false,
                because: Vec::new(),
            };
            bundle.add(path, file).unwrap();
        }
        let mut report = Report::default();
        let facts = read::read(&bundle, &mut report);
        assert!(!report.has_errors());
        facts
    }

    pub(crate) fn meaning(&self) -> String {
        self.facts()
            .iter()
            .map(|facts| dump::text(facts, Show::Meaning))
            .collect()
    }

    /// The case with each file that is JSON changed; others stay.
    pub(crate) fn altered(&self, alter: &mut dyn FnMut(&mut Value)) -> Case {
        let mut case = self.clone();
        for (_, bytes) in &mut case.files {
            if let Ok(mut value) = serde_json::from_slice::<Value>(bytes)
                && !is_lossy(bytes)
            {
                alter(&mut value);
                *bytes = serde_json::to_vec(&value).unwrap();
            }
        }
        case
    }
}

/// Whether a repeated key would be lost on the way through a value.
fn is_lossy(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains("\"twice\"")
}
