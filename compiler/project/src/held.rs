//! A project that stays open: its files are read once, and again when somebody says that they changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use source::{Origin, Sources};

use crate::overlay::Overlay;
use crate::{ROOT_FILE, Trouble, read_named, read_spec, relative, root_of, walk};

/// A project's files as they were when they were last looked at.
#[derive(Debug)]
pub struct Held {
    /// Its folder, absolute.
    folder: PathBuf,
    /// The texts of its KDL files, by path relative to the folder.
    texts: BTreeMap<String, Arc<str>>,
    /// Its other files, by relative path: a spec may name them.
    others: Vec<String>,
    /// What could not be read, by relative path.
    troubles: BTreeMap<String, Trouble>,
}

impl Held {
    /// Reads every file of a project. What cannot be read is kept in [`Held::troubles`].
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        let mut held = Self {
            folder: folder.to_path_buf(),
            texts: BTreeMap::new(),
            others: Vec::new(),
            troubles: BTreeMap::new(),
        };
        held.look_again();
        held
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads everything anew: files came, went or changed.
    pub fn look_again(&mut self) {
        self.texts.clear();
        self.others.clear();
        self.troubles.clear();
        let mut specs: Vec<(String, PathBuf)> = Vec::new();
        let others = &mut self.others;
        let listed = walk(&self.folder, None, &mut |name, path| {
            if name.ends_with(".kdl") {
                specs.push((name, path));
            } else {
                others.push(name);
            }
        });
        if let Err(trouble) = listed {
            self.troubles.insert(ROOT_FILE.to_owned(), trouble);
        }
        self.others.sort_unstable();
        for (name, path) in specs {
            match read_spec(&name, &path) {
                Ok(text) => {
                    self.texts.insert(name, text.into());
                }
                Err(trouble) => {
                    self.troubles.insert(name, trouble);
                }
            }
        }
    }

    /// What could not be read, by relative path; a file that is open in the editor needs no reading.
    pub fn troubles<'a>(&'a self, overlay: &'a Overlay) -> impl Iterator<Item = (&'a str, &'a Trouble)> {
        self.troubles
            .iter()
            .filter(|(name, _)| !overlay.has(&self.folder.join(name)))
            .map(|(name, trouble)| (name.as_str(), trouble))
    }

    /// Files that are no part of the spec, by relative path.
    #[must_use]
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// The spec's files in order of path, open texts in the place of files.
    #[must_use]
    pub fn sources(&self, overlay: &Overlay) -> Sources {
        let mut texts = self.texts.clone();
        for (path, text) in overlay.below(&self.folder) {
            if self.has_place_for(path, overlay) {
                texts.insert(relative(&self.folder, path), Arc::clone(text));
            }
        }
        let mut sources = Sources::default();
        for (name, text) in texts {
            sources.add(&name, text, Origin::Project);
        }
        sources
    }

    /// Whether a file at this path is one of the spec's: a `*.kdl` that is not hidden, not in `out`, not in a nested project.
    #[must_use]
    pub fn has_place_for(&self, path: &Path, overlay: &Overlay) -> bool {
        let Ok(inside) = path.strip_prefix(&self.folder) else {
            return false;
        };
        let is_hidden = inside
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
        let is_out = inside.components().count() > 1 && inside.starts_with("out");
        let is_spec = path.extension().is_some_and(|extension| extension == "kdl");
        is_spec && !is_hidden && !is_out && root_of(path, overlay).as_deref() == Some(self.folder.as_path())
    }
}

/// The bytes of files, by path relative to the project.
pub type Bytes = BTreeMap<String, Arc<[u8]>>;

/// The bytes of the files that a spec names, read when they are first asked for.
#[derive(Debug, Default)]
pub struct Named {
    bytes: Bytes,
}

impl Named {
    /// Reads everything anew when it is asked for again.
    pub fn forget(&mut self) {
        self.bytes.clear();
    }

    /// The bytes of files, as far as they are there and may be read; and what was wrong with the others.
    pub fn read(
        &mut self,
        folder: &Path,
        names: impl IntoIterator<Item = String>,
    ) -> (Bytes, Vec<(String, Trouble)>) {
        let mut found = BTreeMap::new();
        let mut troubles = Vec::new();
        for name in names {
            if let Some(bytes) = self.bytes.get(&name) {
                found.insert(name, Arc::clone(bytes));
                continue;
            }
            // A file that is not there is the spec's mistake: resolve says so at the line that names it.
            if !folder.join(&name).exists() {
                continue;
            }
            match read_named(folder, &name) {
                Ok(bytes) => {
                    found.insert(name, bytes);
                }
                Err(trouble) => troubles.push((name, trouble)),
            }
        }
        // What is named no more is not kept.
        self.bytes.clone_from(&found);
        (found, troubles)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(sources: &Sources) -> Vec<(String, String)> {
        sources
            .iter()
            .map(|(_, file)| (file.path.to_string(), file.text.to_string()))
            .collect()
    }

    #[test]
    fn an_open_text_stands_in_the_place_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("inner/deep")).unwrap();
        fs::create_dir_all(root.join("out")).unwrap();
        for (name, text) in [
            ("leastwise.kdl", "a"),
            ("b.kdl", "b"),
            ("inner/leastwise.kdl", "c"),
            ("inner/deep/d.kdl", "d"),
            ("out/e.kdl", "e"),
            (".f.kdl", "f"),
            ("rows.csv", "name"),
        ] {
            fs::write(root.join(name), text).unwrap();
        }
        let mut held = Held::open(&root);
        let mut overlay = Overlay::default();
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            names(&held.sources(&overlay)),
            [pair("b.kdl", "b"), pair("leastwise.kdl", "a")]
        );
        assert_eq!(held.others(), ["rows.csv"]);
        for name in [
            "b.kdl",
            "new.kdl",
            "inner/deep/d.kdl",
            "out/e.kdl",
            ".f.kdl",
            "g.txt",
        ] {
            overlay.put(root.join(name), "open".into());
        }
        assert_eq!(
            names(&held.sources(&overlay)),
            [
                pair("b.kdl", "open"),
                pair("leastwise.kdl", "a"),
                pair("new.kdl", "open")
            ]
        );
        // A root file that only the editor has makes a project, too.
        overlay.put(root.join("late/leastwise.kdl"), "open".into());
        assert_eq!(
            root_of(&root.join("late/x.kdl"), &overlay),
            Some(root.join("late"))
        );
        assert_eq!(
            root_of(&root.join("inner/deep/d.kdl"), &overlay),
            Some(root.join("inner"))
        );
        fs::write(root.join("b.kdl"), "later").unwrap();
        overlay.remove(&root.join("b.kdl"));
        assert_eq!(names(&held.sources(&overlay))[0], pair("b.kdl", "b"));
        held.look_again();
        assert_eq!(names(&held.sources(&overlay))[0], pair("b.kdl", "later"));
    }

    #[test]
    fn what_cannot_be_read_is_kept_as_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::write(root.join("leastwise.kdl"), "a").unwrap();
        fs::write(root.join("bad.kdl"), b"\xff").unwrap();
        fs::create_dir(root.join("folder.csv")).unwrap();
        let held = Held::open(&root);
        let mut overlay = Overlay::default();
        assert_eq!(
            held.troubles(&overlay).map(|(name, _)| name).collect::<Vec<_>>(),
            ["bad.kdl"]
        );
        overlay.put(root.join("bad.kdl"), "mended".into());
        assert_eq!(held.troubles(&overlay).count(), 0);
        let names = ["folder.csv".to_owned(), "nowhere.csv".to_owned()];
        let (found, troubles) = Named::default().read(held.folder(), names);
        assert!(found.is_empty());
        assert_eq!(troubles.len(), 1);
    }
}
