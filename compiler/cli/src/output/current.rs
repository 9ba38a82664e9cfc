//! Whether an output is what would be written: every byte is looked at, and nothing is changed.
//!
//! The index of `.leastwise/` is not asked: what it knows is what one machine saw, and a repository is not that machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::beside::{Around, around};
use super::{MANIFEST, OWN, Refused, STAGE, Wanted, guard_parents, is_executable};

/// Why a file is not as it would be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// It is not there.
    Missing,
    /// It is not what the build wrote that its manifest tells of.
    Edited,
    /// It is what that build wrote, and would be written otherwise now.
    Outdated,
    /// That build wrote it, and now nothing would be written there.
    LeftOver,
    /// No build wrote it.
    Foreign,
    /// It may not be run, or may and should not.
    Mode,
    /// A build was stopped while it wrote.
    Interrupted,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    /// Below the output folder.
    pub(crate) path: String,
    pub(crate) why: Why,
}

/// An output as it stands.
pub(crate) struct Current {
    out: PathBuf,
    was: Was,
    around: Around,
}

/// The manifest, as far as it is asked here.
#[derive(Default, Deserialize)]
struct Was {
    #[serde(default, rename = "spec_sha256")]
    spec: String,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    #[serde(default)]
    sha256: String,
}

impl Current {
    /// Reads what the output's manifest says and what lies beside; a manifest that nobody can read says nothing.
    pub(crate) fn read(out: &Path, wanted: &BTreeMap<String, Wanted<'_>>) -> Result<Self, Refused> {
        let was: Was = match fs::read(out.join(MANIFEST)) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Was::default(),
            Err(error) => return Err(Refused::io(out.join(MANIFEST), &error)),
        };
        let listed: BTreeSet<String> = was.files.iter().map(|file| file.path.clone()).collect();
        let around = around(out, wanted, &listed)?;
        Ok(Self {
            out: out.to_path_buf(),
            was,
            around,
        })
    }

    /// The digest of the spec from which the output came, as its manifest says; empty if nothing does.
    pub(crate) fn spec(&self) -> &str {
        &self.was.spec
    }

    /// What lies beside the files of root modules and means nothing to Terraform.
    pub(crate) fn beside(&self) -> &[String] {
        &self.around.unread
    }

    /// Every file that differs from what would be written, the manifest included, by path.
    pub(crate) fn differences(
        &self,
        wanted: &BTreeMap<String, Wanted<'_>>,
    ) -> Result<Vec<Difference>, Refused> {
        let was: BTreeMap<&str, &str> = self
            .was
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.sha256.as_str()))
            .collect();
        guard_parents(&self.out, wanted.keys())?;
        let found = wanted.par_iter().map(|(path, file)| {
            let why = self.why(path, file, was.get(path.as_str()).copied())?;
            Ok(why.map(|why| Difference {
                path: path.clone(),
                why,
            }))
        });
        let found: Vec<Option<Difference>> = found.collect::<Result<_, Refused>>()?;
        let mut found: Vec<Difference> = found.into_iter().flatten().collect();
        for path in self.others(wanted)? {
            let why = if was.contains_key(path.as_str()) {
                Why::LeftOver
            } else {
                Why::Foreign
            };
            found.push(Difference { path, why });
        }
        if fs::symlink_metadata(self.out.join(OWN).join(STAGE)).is_ok() {
            found.push(Difference {
                path: format!("{OWN}/{STAGE}"),
                why: Why::Interrupted,
            });
        }
        found.sort();
        Ok(found)
    }

    fn why(&self, path: &str, file: &Wanted<'_>, was: Option<&str>) -> Result<Option<Why>, Refused> {
        let at = self.out.join(path);
        let there = match fs::symlink_metadata(&at) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Why::Missing)),
            Err(error) => return Err(Refused::io(at, &error)),
        };
        if !there.is_file() {
            return Ok(Some(Why::Foreign));
        }
        let bytes = fs::read(&at).map_err(|error| Refused::io(&at, &error))?;
        if bytes == file.bytes {
            return Ok((!has_mode(&there, file)).then_some(Why::Mode));
        }
        // Of itself a manifest tells no digest.
        if path == MANIFEST {
            return Ok(Some(Why::Edited));
        }
        let sha256 = driver::manifest::sha256(&bytes);
        Ok(Some(match was {
            None => Why::Foreign,
            Some(was) if was == sha256 => Why::Outdated,
            Some(_) => Why::Edited,
        }))
    }

    /// Files below the folder that would not be written, but for hidden ones and what the manifest names as lying beside.
    fn others(&self, wanted: &BTreeMap<String, Wanted<'_>>) -> Result<Vec<String>, Refused> {
        let mut found = Vec::new();
        let mut left = vec![String::new()];
        while let Some(folder) = left.pop() {
            let at = self.out.join(&folder);
            let entries = match fs::read_dir(&at) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Refused::io(at, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| Refused::io(&at, &error))?;
                let sort = entry
                    .file_type()
                    .map_err(|error| Refused::io(entry.path(), &error))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() {
                    name.clone()
                } else {
                    format!("{folder}/{name}")
                };
                let is_read = self.around.read.contains(&path);
                if name.starts_with('.') && !is_read {
                    continue;
                }
                if sort.is_dir() {
                    left.push(path);
                } else if !wanted.contains_key(&path) && !self.around.unread.contains(&path) {
                    found.push(path);
                }
            }
        }
        Ok(found)
    }
}

#[cfg(unix)]
fn has_mode(there: &Metadata, file: &Wanted<'_>) -> bool {
    is_executable(there) == file.executable
}

/// Elsewhere files have no such mode.
#[cfg(not(unix))]
fn has_mode(_there: &Metadata, _file: &Wanted<'_>) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_that_differs_says_why() {
        let out = tempfile::tempdir().unwrap();
        let sha256 = |text: &str| driver::manifest::sha256(text.as_bytes());
        let manifest = format!(
            r#"{{"format":"leastwise-manifest/1","spec_sha256":"s","files":[{{"path":"old","sha256":"{}"}},{{"path":"same","sha256":"{}"}},{{"path":"touched","sha256":"{}"}},{{"path":"gone","sha256":"x"}},{{"path":"more","sha256":"x"}}]}}"#,
            sha256("old"),
            sha256("same"),
            sha256("as written"),
        );
        for (path, text) in [
            ("old", "old"),
            ("same", "same"),
            ("touched", "by hand"),
            ("more", "more"),
            ("strange", "strange"),
            ("in-the-way", "mine"),
            (".hidden", ""),
            ("manifest.json", &manifest),
        ] {
            fs::write(out.path().join(path), text).unwrap();
        }
        let file = |text: &'static str| Wanted {
            bytes: text.as_bytes(),
            executable: false,
        };
        let wanted = BTreeMap::from([
            ("old".to_owned(), file("new")),
            ("same".to_owned(), file("same")),
            ("touched".to_owned(), file("as written")),
            ("gone".to_owned(), file("gone")),
            ("in-the-way".to_owned(), file("ours")),
        ]);
        let current = Current::read(out.path(), &wanted).unwrap();
        let found = current.differences(&wanted).unwrap();
        let found: Vec<(&str, Why)> = found.iter().map(|one| (one.path.as_str(), one.why)).collect();
        assert_eq!(
            found,
            [
                ("gone", Why::Missing),
                ("in-the-way", Why::Foreign),
                ("manifest.json", Why::Foreign),
                ("more", Why::LeftOver),
                ("old", Why::Outdated),
                ("strange", Why::Foreign),
                ("touched", Why::Edited),
            ]
        );
        assert_eq!(current.spec(), "s");
    }
}
