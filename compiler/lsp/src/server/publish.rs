//! What the workers found, and what is told of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gen_lsp_types::PublishDiagnosticsParams;
use serde_json::{Value, json};
use source::FileId;

use super::Server;
use crate::findings;
use crate::project_state::Open;
use crate::uri;
use crate::worker::{Event, Found};

impl Server<'_> {
    pub(super) fn publish_spelling(&mut self, folder: &Path) {
        let Some(open) = self.projects.get(folder) else {
            return;
        };
        let faulty = open
            .parsed
            .iter()
            .filter(|tree| !tree.report.diagnostics().is_empty())
            .map(|tree| tree.document.file())
            .collect::<Vec<_>>();
        for file in faulty {
            self.publish_file(folder, file);
        }
    }

    /// A worker found something.
    pub(super) fn found(&mut self, event: Event) {
        let Some(open) = self.projects.get_mut(&event.folder) else {
            return;
        };
        if open.version != event.version {
            return;
        }
        let stage = match event.found {
            Found::Names(snapshot) => {
                let mut reports: Vec<_> = snapshot
                    .views
                    .iter()
                    .map(|view| {
                        (
                            view.environment.clone(),
                            view.report.clone(),
                            &view.analysis.sources,
                        )
                    })
                    .collect();
                for (_, report, sources) in &mut reports {
                    driver::hanging::settle(report, sources);
                    report.sort();
                }
                let reports: Vec<_> = reports
                    .iter()
                    .map(|(name, report, sources)| (name.as_deref(), report, *sources))
                    .collect();
                let found = findings::together(&reports, open.parsed.len());
                open.shown.names(found);
                // The meaning of a large spec takes a while to give back, and the next key must not wait for it.
                let before = open.named.replace((event.version, snapshot));
                std::thread::spawn(move || drop(before));
                "names"
            }
            Found::Proof(reports) => {
                let reports: Vec<_> = reports
                    .iter()
                    .map(|(name, report, sources)| (name.as_deref(), report, sources))
                    .collect();
                let found = findings::together(&reports, open.parsed.len());
                open.shown.proof(found);
                open.proved = event.version;
                "proof"
            }
            Found::Fault => {
                self.give_up(&event.folder, event.version);
                return;
            }
        };
        let files: Vec<FileId> = open.sources.iter().map(|(file, _)| file).collect();
        for file in files {
            self.publish_file(&event.folder, file);
        }
        self.tell(&event.folder, stage);
        self.answer_what_waits();
    }

    /// Says how far a look has come, to a client that wants to hear it; and that lenses and hints may be others now.
    pub(super) fn tell(&mut self, folder: &Path, stage: &str) {
        if self.client.wants_status
            && let Some(open) = self.projects.get(folder)
        {
            let versions: BTreeMap<String, i32> = self
                .documents
                .iter()
                .filter(|(path, _)| path.starts_with(folder))
                .map(|(_, document)| (document.uri.0.clone(), document.version))
                .collect();
            let params = json!({
                "folder": uri::of(folder),
                "stage": stage,
                "revision": open.version,
                "versions": versions,
            });
            self.notify("leastwise/status", params);
        }
        // A name that changed in one file has another colour in the others.
        if stage == "names" && self.client.refreshes_tokens && self.documents.len() > 1 {
            self.ask("workspace/semanticTokens/refresh", Value::Null);
        }
        if stage == "proof" {
            for (wanted, method) in [
                (self.client.refreshes_lenses, "workspace/codeLens/refresh"),
                (self.client.refreshes_hints, "workspace/inlayHint/refresh"),
                (
                    self.client.refreshes_diagnostics && self.client.pulls,
                    "workspace/diagnostic/refresh",
                ),
            ] {
                if wanted {
                    self.ask(method, Value::Null);
                }
            }
        }
    }

    /// What is wrong with a file, as the client shows it.
    pub(super) fn diagnostics(&self, open: &Open, file: FileId) -> Vec<gen_lsp_types::Diagnostic> {
        let cx = self.cx(open.folder(), Some(open));
        let lines = cx.lines(&open.sources, file);
        let mut shown: Vec<_> = open
            .of_file(file)
            .iter()
            .map(|finding| cx.diagnostic(&open.sources, finding, &lines))
            .collect();
        let path = open.sources.get(file).map(|file| Arc::clone(&file.path));
        for (name, trouble) in open.held.troubles(&self.overlay) {
            // What cannot be read has no text to point at: the root file says so.
            if path.as_deref() == Some(project::ROOT_FILE) {
                shown.push(gen_lsp_types::Diagnostic {
                    severity: Some(gen_lsp_types::DiagnosticSeverity::Error),
                    source: Some("leastwise".to_owned()),
                    message: gen_lsp_types::Message::String(format!(
                        "{name}: {}\nhelp: {}",
                        trouble.message, trouble.help
                    )),
                    ..gen_lsp_types::Diagnostic::default()
                });
            }
        }
        shown
    }

    pub(super) fn publish_file(&mut self, folder: &Path, file: FileId) {
        let Some(open) = self.projects.get(folder) else {
            return;
        };
        let Some(source) = open.sources.get(file) else {
            return;
        };
        let path = folder.join(&*source.path);
        let shown = self.diagnostics(open, file);
        self.publish(&path, shown);
    }

    /// Publishes what is wrong with a file, unless the client knows it.
    pub(super) fn publish(&mut self, path: &Path, diagnostics: Vec<gen_lsp_types::Diagnostic>) {
        if self.client.pulls {
            return;
        }
        let document = self.documents.get(path);
        let is_open = document.is_some();
        let params = PublishDiagnosticsParams {
            uri: document.map_or_else(|| uri::of(path), |document| document.uri.clone()),
            version: document.map(|document| document.version),
            diagnostics,
        };
        let is_empty = params.diagnostics.is_empty();
        let Ok(value) = serde_json::to_value(params) else {
            return;
        };
        match self.published.get(path) {
            Some(known) if *known == value => return,
            None if is_empty && !is_open => return,
            Some(_) | None => {}
        }
        if is_empty && !is_open {
            self.published.remove(path);
        } else {
            self.published.insert(path.to_path_buf(), value.clone());
        }
        self.notify("textDocument/publishDiagnostics", value);
    }
}
