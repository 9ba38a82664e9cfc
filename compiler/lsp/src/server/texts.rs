//! Texts that open, change and close, and the projects that they belong to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{DidChangeTextDocumentParams, DidOpenTextDocumentParams, TextDocumentContentChangeEvent};
use project::held::Held;
use project::root_of;
use source::{FileId, Sources};

use super::{Document, Server};
use crate::client::Client;
use crate::findings::{self, Change};
use crate::lines::Lines;
use crate::parsed::Parsed;
use crate::project_state::{self, Open};
use crate::uri;
use crate::worker::Worker;

impl Server<'_> {
    pub(super) fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = uri::path(&document.uri) else {
            return;
        };
        self.overlay.put(path.clone(), document.text.into());
        self.documents.insert(
            path.clone(),
            Document {
                uri: document.uri,
                version: document.version,
            },
        );
        self.settle(&path);
    }

    pub(super) fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = uri::path(&params.text_document.text_document_identifier.uri) else {
            return;
        };
        let (Some(text), Some(document)) = (self.overlay.get(&path), self.documents.get_mut(&path)) else {
            return;
        };
        document.version = params.text_document.version;
        let mut text = text.to_string();
        let mut changes = Vec::new();
        for change in params.content_changes {
            changes.push(apply(&mut text, change, &self.client));
        }
        self.overlay.put(path.clone(), text.into());
        let found = self.project_of(&path);
        if let Some((folder, file)) =
            found.and_then(|open| Some((open.folder().to_path_buf(), open.file(&path)?)))
        {
            if let Some(open) = self.projects.get_mut(&folder) {
                open.shown.edited(file, &changes);
            }
            self.refresh(&folder, Some(file));
        } else {
            self.settle(&path);
        }
    }

    pub(super) fn closed(&mut self, path: &Path) {
        self.overlay.remove(path);
        self.documents.remove(path);
        if self.loose.remove(path).is_some() {
            self.publish(path, Vec::new());
        }
        self.look_again(&[path.to_path_buf()]);
    }

    /// Finds out where an open text belongs, and looks at it there.
    pub(super) fn settle(&mut self, path: &Path) {
        match root_of(path, &self.overlay) {
            Some(folder) => {
                self.loose.remove(path);
                self.open_project(&folder);
                // A new root takes files from the project around it.
                if path.file_name().is_some_and(|name| name == project::ROOT_FILE)
                    && let Some(outer) = root_of(&folder, &self.overlay)
                {
                    self.refresh(&outer, None);
                    self.loose.retain(|path, _| !path.starts_with(&folder));
                }
            }
            None => self.look_at_loose(path),
        }
    }

    pub(super) fn look_at_loose(&mut self, path: &Path) {
        let Some(text) = self.overlay.get(path) else {
            return;
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut sources = Sources::default();
        let file = sources.add(
            name.as_deref().unwrap_or(""),
            Arc::clone(text),
            source::Origin::Project,
        );
        let parsed = Arc::new(Parsed::of(file, text));
        let cx = self.cx(path.parent().unwrap_or(path), None);
        let lines = cx.lines(&sources, file);
        let found = parsed.report.diagnostics().iter().map(|diagnostic| {
            let finding = findings::Finding {
                diagnostic: diagnostic.clone(),
                environments: Vec::new(),
                elsewhere: None,
            };
            cx.diagnostic(&sources, &finding, &lines)
        });
        let found: Vec<_> = found.collect();
        self.loose.insert(path.to_path_buf(), parsed);
        self.publish(path, found);
    }

    /// Opens a project, or looks at it anew.
    pub(super) fn open_project(&mut self, folder: &Path) {
        if !self.projects.contains_key(folder) {
            let open = Open {
                held: Held::open(folder),
                sources: Sources::default(),
                parsed: Vec::new(),
                version: 0,
                disk: 0,
                named: None,
                proved: 0,
                shown: findings::Shown::default(),
                worker: Worker::start(
                    folder.to_path_buf(),
                    Arc::clone(&self.library),
                    self.events.0.clone(),
                ),
            };
            self.projects.insert(folder.to_path_buf(), open);
        }
        self.refresh(folder, None);
    }

    pub(super) fn open_below(&mut self, folder: &Path) {
        for folder in project_state::below(folder) {
            self.open_project(&folder);
        }
    }

    /// Closes the projects below a folder of which no file is open.
    pub(super) fn close_below(&mut self, folder: &Path) {
        let gone: Vec<PathBuf> = self
            .projects
            .keys()
            .filter(|project| project.starts_with(folder))
            .filter(|project| !self.documents.keys().any(|path| path.starts_with(project)))
            .cloned()
            .collect();
        for project in gone {
            self.close_project(&project);
        }
    }

    pub(super) fn close_project(&mut self, folder: &Path) {
        let Some(open) = self.projects.remove(folder) else {
            return;
        };
        for (_, source) in open.sources.iter() {
            self.publish(&folder.join(&*source.path), Vec::new());
        }
    }

    /// Files on disk changed: their projects are read again.
    pub(super) fn look_again(&mut self, paths: &[PathBuf]) {
        let mut folders: Vec<PathBuf> = Vec::new();
        for path in paths {
            // A root file that came or went changes whose the files around it are.
            let is_root = path.file_name().is_some_and(|name| name == project::ROOT_FILE);
            if is_root && path.is_file() {
                folders.extend(path.parent().map(Path::to_path_buf));
            }
            let around = path
                .ancestors()
                .skip(1)
                .filter(|folder| self.projects.contains_key(*folder));
            folders.extend(around.map(Path::to_path_buf));
        }
        folders.sort();
        folders.dedup();
        for folder in folders {
            let root = folder.join(project::ROOT_FILE);
            if !root.is_file() && !self.overlay.has(&root) {
                self.close_project(&folder);
                let inside = self.documents.keys().filter(|path| path.starts_with(&folder));
                for path in inside.cloned().collect::<Vec<_>>() {
                    self.settle(&path);
                }
                continue;
            }
            if let Some(open) = self.projects.get_mut(&folder) {
                open.held.look_again();
                open.disk += 1;
            }
            self.open_project(&folder);
        }
    }

    /// Has a project looked at as it is now; `edited` is the one file that changed, if there is only one.
    pub(super) fn refresh(&mut self, folder: &Path, edited: Option<FileId>) {
        let today = (self.today)();
        let Some(open) = self.projects.get_mut(folder) else {
            return;
        };
        let before: Vec<PathBuf> = open
            .sources
            .iter()
            .map(|(_, file)| folder.join(&*file.path))
            .collect();
        let is_same = open.take_over(&self.overlay, today);
        let Some(open) = self.projects.get(folder) else {
            return;
        };
        match edited.filter(|_| is_same) {
            Some(file) => self.publish_file(folder, file),
            None => {
                let now: Vec<PathBuf> = open
                    .sources
                    .iter()
                    .map(|(_, file)| folder.join(&*file.path))
                    .collect();
                for gone in before.iter().filter(|path| !now.contains(path)) {
                    self.publish(gone, Vec::new());
                }
                self.publish_spelling(folder);
            }
        }
    }
}

/// Makes one change of a text.
fn apply(text: &mut String, change: TextDocumentContentChangeEvent, client: &Client) -> Change {
    match change {
        TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
            let lines = Lines::of(text, client.encoding);
            let (start, end) = (lines.offset(part.range.start), lines.offset(part.range.end));
            let (start, end) = (start.min(end), start.max(end));
            text.replace_range(start as usize..end as usize, &part.text);
            Change {
                start,
                end,
                new_end: start + part.text.len() as u32,
            }
        }
        TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
            let end = text.len() as u32;
            *text = whole.text;
            Change {
                start: 0,
                end,
                new_end: text.len() as u32,
            }
        }
    }
}
