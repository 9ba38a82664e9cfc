//! What the server holds of one project.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ide::snapshot::Snapshot;
use model::value::Date;
use project::held::Held;
use project::overlay::Overlay;
use source::{FileId, Sources};

use crate::findings::{Finding, Shown};
use crate::parsed::{self, Parsed};
use crate::worker::{Job, Worker};

/// One project.
pub struct Open {
    /// Its files on disk.
    pub held: Held,
    /// Its files as they are now.
    pub sources: Sources,
    /// Their trees.
    pub parsed: Vec<Arc<Parsed>>,
    /// The number of the newest text.
    pub version: u64,
    /// How often the files on disk changed.
    pub disk: u64,
    /// What names mean, of the text with this number.
    pub named: Option<(u64, Arc<Snapshot>)>,
    /// The number of the text that was proved last.
    pub proved: u64,
    /// What is shown.
    pub shown: Shown,
    /// The threads.
    pub worker: Worker,
}

impl Open {
    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.held.folder()
    }

    /// The file of a path.
    #[must_use]
    pub fn file(&self, path: &Path) -> Option<FileId> {
        let inside = path.strip_prefix(self.folder()).ok()?;
        let parts = inside.components().map(|part| part.as_os_str().to_string_lossy());
        let name = parts.collect::<Vec<_>>().join("/");
        let found = self.sources.iter().find(|(_, file)| *file.path == *name);
        found.map(|(id, _)| id)
    }

    /// The tree of a file.
    #[must_use]
    pub fn tree(&self, file: FileId) -> Option<&Arc<Parsed>> {
        self.parsed.get(file.0 as usize)
    }

    /// Takes over the texts as they are now, and has them looked at. Whether the files are still the same ones.
    pub fn take_over(&mut self, overlay: &Overlay, today: Date) -> bool {
        let sources = self.held.sources(overlay);
        let paths = |sources: &Sources| -> Vec<Arc<str>> {
            sources.iter().map(|(_, file)| Arc::clone(&file.path)).collect()
        };
        let is_same = paths(&sources) == paths(&self.sources);
        if !is_same {
            self.shown.forget();
        }
        self.parsed = parsed::all(&sources, if is_same { &self.parsed } else { &[] });
        self.sources = sources;
        self.version += 1;
        self.worker.give(Job {
            version: self.version,
            disk: self.disk,
            sources: self.sources.clone(),
            parsed: self.parsed.clone(),
            others: self.held.others().to_vec(),
            today,
        });
        is_same
    }

    /// The meaning of the newest text, if it is known.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.named
            .as_ref()
            .filter(|(version, _)| *version == self.version)
            .map(|(_, snapshot)| snapshot)
    }

    /// Whether the newest text is proved.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.proved == self.version
    }

    /// What is wrong with one file: its spelling as of now, the rest as it was found last.
    #[must_use]
    pub fn of_file(&self, file: FileId) -> Vec<Finding> {
        let Some(tree) = self.tree(file) else {
            return Vec::new();
        };
        let syntax = tree.report.diagnostics().iter().map(|diagnostic| Finding {
            diagnostic: diagnostic.clone(),
            environments: Vec::new(),
            elsewhere: None,
        });
        let root = self.file(&self.folder().join(project::ROOT_FILE));
        let others = self.shown.all.iter().filter(|finding| {
            let place = finding.diagnostic.span.map(|span| span.file).or(root);
            !finding.is_syntax() && place == Some(file)
        });
        syntax.chain(others.cloned()).collect()
    }
}

/// The projects below a folder: those that an editor opens.
#[must_use]
pub fn below(folder: &Path) -> Vec<PathBuf> {
    /// So deep, and so many, are looked for: what lies deeper is found when a file of it is opened.
    const DEPTH_MAX: usize = 8;
    const FOLDERS_MAX: usize = 20_000;
    let mut found = Vec::new();
    let mut left = vec![(folder.to_path_buf(), 0)];
    let mut seen = 0;
    while let Some((now, depth)) = left.pop() {
        seen += 1;
        if seen > FOLDERS_MAX {
            break;
        }
        if now.join(project::ROOT_FILE).is_file() {
            found.push(now.clone());
        }
        let Ok(entries) = std::fs::read_dir(&now) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_skipped = name.starts_with('.') || matches!(&*name, "node_modules" | "target");
            if is_folder && !is_skipped && depth < DEPTH_MAX {
                left.push((entry.path(), depth + 1));
            }
        }
    }
    found.sort();
    found
}
