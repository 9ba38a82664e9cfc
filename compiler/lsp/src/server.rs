//! The main loop: messages of the client on one side, what the workers found on the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    PublishDiagnosticsParams, TextDocumentContentChangeEvent, Uri,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId};
use model::value::Date;
use project::held::Held;
use project::overlay::Overlay;
use project::root_of;
use resolve::Library;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use source::{FileId, Sources};

use crate::answer::{self, Needs};
use crate::client::Client;
use crate::convert::{Cx, Language};
use crate::findings::{self, Change};
use crate::lines::Lines;
use crate::parsed::Parsed;
use crate::project_state::{self, Open};
use crate::reply::{Refusal, Reply};
use crate::uri;
use crate::worker::{Event, Found, Worker};

/// What the edge gives to the server.
#[derive(Clone)]
pub struct Surroundings {
    /// The standard library.
    pub library: Library,
    /// The day, asked for anew with each text: a server runs for weeks.
    pub today: fn() -> Date,
}

/// A text that the client holds open.
struct Document {
    uri: Uri,
    version: i32,
}

/// A request that waits until names are found, or all is proved.
struct Waiting {
    folder: PathBuf,
    version: u64,
    needs: Needs,
    request: Request,
    reply: Reply,
}

pub(crate) struct Server<'c> {
    connection: &'c Connection,
    client: Arc<Client>,
    library: Arc<Library>,
    language: Arc<Language>,
    today: fn() -> Date,
    overlay: Overlay,
    documents: BTreeMap<PathBuf, Document>,
    projects: BTreeMap<PathBuf, Open>,
    /// Open files that belong to no project.
    loose: BTreeMap<PathBuf, Arc<Parsed>>,
    waiting: Vec<Waiting>,
    /// What was published last, by path.
    published: BTreeMap<PathBuf, Value>,
    events: (Sender<Event>, Receiver<Event>),
    /// Ids of our own requests.
    asked: i32,
    is_shut_down: bool,
}

impl<'c> Server<'c> {
    pub(crate) fn new(connection: &'c Connection, client: Client, surroundings: Surroundings) -> Self {
        let library = Arc::new(surroundings.library);
        let language = Arc::new(Language::of(Arc::clone(&library)));
        let early = Arc::clone(&language);
        // Nobody waits for it until the first completion.
        std::thread::spawn(move || early.learned().words.len());
        Self {
            connection,
            client: Arc::new(client),
            library,
            language,
            today: surroundings.today,
            overlay: Overlay::default(),
            documents: BTreeMap::new(),
            projects: BTreeMap::new(),
            loose: BTreeMap::new(),
            waiting: Vec::new(),
            published: BTreeMap::new(),
            events: unbounded(),
            asked: 0,
            is_shut_down: false,
        }
    }

    /// Serves until the client leaves. Whether it took its leave as it should.
    pub(crate) fn run(mut self, params: &Value) -> bool {
        self.watch();
        for folder in folders(params) {
            self.open_below(&folder);
        }
        let from_client = self.connection.receiver.clone();
        let from_workers = self.events.1.clone();
        loop {
            select! {
                recv(from_client) -> message => match message {
                    Ok(message) => if self.is_last(message) { return self.is_shut_down; },
                    Err(_) => return self.is_shut_down,
                },
                recv(from_workers) -> event => if let Ok(event) = event { self.found(event); },
            }
        }
    }

    /// Handles one message; whether it was the last one.
    fn is_last(&mut self, message: Message) -> bool {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => {
                if notification.method == "exit" {
                    return true;
                }
                self.notification(notification);
            }
            // Answers to our own requests: nothing hangs on them.
            Message::Response(_) => {}
        }
        false
    }

    fn request(&mut self, request: Request) {
        let reply = Reply::new(request.id.clone(), self.connection.sender.clone());
        if self.is_shut_down {
            return reply.send(Err(Refusal {
                code: ErrorCode::InvalidRequest as i32,
                message: "the server was told to shut down".to_owned(),
            }));
        }
        match request.method.as_str() {
            "shutdown" => {
                self.is_shut_down = true;
                return reply.send(Ok(Value::Null));
            }
            "workspace/textDocumentContent" => {
                let uri = request.params.get("uri").and_then(Value::as_str).unwrap_or("");
                let text = crate::pages::text(uri, &self.library);
                return reply.send(match text {
                    Some(text) => Ok(json!({ "text": text })),
                    None => Err(Refusal::invalid(format!("there is no text at {uri}"))),
                });
            }
            "workspace/symbol" => {
                return self.of_all_projects(&request, reply, answer::symbols::in_workspace);
            }
            "workspace/diagnostic" => return self.pull_all(reply),
            _ => {}
        }
        let Some(needs) = Needs::of(&request.method) else {
            return reply.send(Err(Refusal {
                code: ErrorCode::MethodNotFound as i32,
                message: format!("{} is not offered", request.method),
            }));
        };
        let Some(path) = answer::asked_about(&request.params).and_then(|uri| uri::path(&uri)) else {
            return reply.send(Ok(Value::Null));
        };
        let Some((folder, version)) = self
            .project_of(&path)
            .map(|open| (open.folder().to_path_buf(), open.version))
        else {
            // A file of no project has a tree, and nothing else.
            return reply.send(match (self.loose.get(&path), needs) {
                (Some(parsed), Needs::Tree) => {
                    answer::of_tree(&request, &self.cx(&path, None), &uri::of(&path), parsed)
                }
                _ => Ok(Value::Null),
            });
        };
        self.waiting.push(Waiting {
            folder,
            version,
            needs,
            request,
            reply,
        });
        self.answer_what_waits();
    }

    /// Answers each request that waits for nothing more.
    fn answer_what_waits(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            let Some(open) = self.projects.get(&waiting.folder) else {
                continue;
            };
            // The client meant a text that is gone: dropping the reply says so.
            if open.version != waiting.version {
                continue;
            }
            let is_ready = match waiting.needs {
                Needs::Tree => true,
                Needs::Names => open.snapshot().is_some(),
                Needs::Proof => open.snapshot().is_some() && open.is_proved(),
            };
            if is_ready {
                self.answer(open, waiting);
            } else {
                self.waiting.push(waiting);
            }
        }
    }

    fn answer(&self, open: &Open, waiting: Waiting) {
        let Waiting {
            needs,
            request,
            reply,
            version,
            ..
        } = waiting;
        let path = answer::asked_about(&request.params).and_then(|uri| uri::path(&uri));
        let Some((path, file)) = path.and_then(|path| Some((path.clone(), open.file(&path)?))) else {
            return reply.send(Ok(Value::Null));
        };
        let cx = self.cx(open.folder(), Some(open));
        if request.method == "textDocument/diagnostic" {
            return reply.send(Ok(
                json!({ "kind": "full", "items": self.diagnostics(open, file) }),
            ));
        }
        let reply = match (needs, open.tree(file), open.snapshot()) {
            (Needs::Tree, Some(tree), _) => {
                let uri = uri::of(&path);
                let answer = guarded(|| answer::of_tree(&request, &cx, &uri, tree));
                return reply.send(answer);
            }
            (Needs::Names, _, Some(snapshot)) => {
                let answer = guarded(|| answer::of_names(&request, &cx, snapshot, file));
                return reply.send(answer);
            }
            (Needs::Proof | Needs::Names | Needs::Tree, _, _) => reply,
        };
        open.worker.ask(
            version,
            Box::new(move |snapshot, reaches| {
                let answer = guarded(|| answer::of_proof(&request, &cx, (snapshot, reaches), file));
                reply.send(answer);
            }),
        );
    }

    fn cx(&self, folder: &Path, open: Option<&Open>) -> Cx {
        Cx {
            client: Arc::clone(&self.client),
            language: Arc::clone(&self.language),
            folder: folder.to_path_buf(),
            shown: open.map(|open| Arc::clone(&open.shown.all)).unwrap_or_default(),
        }
    }

    /// A request about all projects: what is known of each by now.
    fn of_all_projects(
        &self,
        request: &Request,
        reply: Reply,
        answer: fn(&Value, &Cx, &ide::snapshot::Snapshot) -> Result<Vec<Value>, Refusal>,
    ) {
        let mut all = Vec::new();
        for open in self.projects.values() {
            let Some((_, snapshot)) = &open.named else {
                continue;
            };
            match answer(&request.params, &self.cx(open.folder(), Some(open)), snapshot) {
                Ok(found) => all.extend(found),
                Err(refusal) => return reply.send(Err(refusal)),
            }
        }
        reply.send(Ok(Value::Array(all)));
    }

    fn pull_all(&self, reply: Reply) {
        let mut items = Vec::new();
        for open in self.projects.values() {
            for (file, source) in open.sources.iter() {
                let path = open.folder().join(&*source.path);
                items.push(json!({
                    "kind": "full",
                    "uri": uri::of(&path),
                    "version": self.documents.get(&path).map(|document| document.version),
                    "items": self.diagnostics(open, file),
                }));
            }
        }
        reply.send(Ok(json!({ "items": items })));
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => {
                if let Some(params) = read::<DidOpenTextDocumentParams>(params) {
                    self.opened(params);
                }
            }
            "textDocument/didChange" => {
                if let Some(params) = read::<DidChangeTextDocumentParams>(params) {
                    self.changed(params);
                }
            }
            "textDocument/didClose" => {
                if let Some(path) = read::<DidCloseTextDocumentParams>(params)
                    .and_then(|params| uri::path(&params.text_document.uri))
                {
                    self.closed(&path);
                }
            }
            "textDocument/didSave" => {
                if let Some(path) = read::<DidSaveTextDocumentParams>(params)
                    .and_then(|params| uri::path(&params.text_document.uri))
                {
                    self.look_again(&[path]);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                if let Some(params) = read::<DidChangeWatchedFilesParams>(params) {
                    let paths = params.changes.iter().filter_map(|change| uri::path(&change.uri));
                    self.look_again(&paths.collect::<Vec<_>>());
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Some(params) = read::<DidChangeWorkspaceFoldersParams>(params) {
                    for folder in params.event.removed.iter().filter_map(|one| uri::path(&one.uri)) {
                        self.close_below(&folder);
                    }
                    for folder in params.event.added.iter().filter_map(|one| uri::path(&one.uri)) {
                        self.open_below(&folder);
                    }
                }
            }
            "$/cancelRequest" => {
                if let Some(id) = params.get("id").and_then(|id| id_of(id)) {
                    self.cancel(&id);
                }
            }
            _ => {}
        }
    }

    fn cancel(&mut self, id: &RequestId) {
        let (cancelled, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting: &Waiting| waiting.reply.id() == id);
        self.waiting = waiting;
        for waiting in cancelled {
            waiting.reply.send(Err(Refusal {
                code: ErrorCode::RequestCanceled as i32,
                message: "cancelled".to_owned(),
            }));
        }
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
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

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
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

    fn closed(&mut self, path: &Path) {
        self.overlay.remove(path);
        self.documents.remove(path);
        if self.loose.remove(path).is_some() {
            self.publish(path, Vec::new());
        }
        self.look_again(&[path.to_path_buf()]);
    }

    /// The project that a path belongs to.
    fn project_of(&self, path: &Path) -> Option<&Open> {
        let folder = root_of(path, &self.overlay)?;
        self.projects.get(&folder)
    }

    /// Finds out where an open text belongs, and looks at it there.
    fn settle(&mut self, path: &Path) {
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

    fn look_at_loose(&mut self, path: &Path) {
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
    fn open_project(&mut self, folder: &Path) {
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

    fn open_below(&mut self, folder: &Path) {
        for folder in project_state::below(folder) {
            self.open_project(&folder);
        }
    }

    /// Closes the projects below a folder of which no file is open.
    fn close_below(&mut self, folder: &Path) {
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

    fn close_project(&mut self, folder: &Path) {
        let Some(open) = self.projects.remove(folder) else {
            return;
        };
        for (_, source) in open.sources.iter() {
            self.publish(&folder.join(&*source.path), Vec::new());
        }
    }

    /// Files on disk changed: their projects are read again.
    fn look_again(&mut self, paths: &[PathBuf]) {
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
    fn refresh(&mut self, folder: &Path, edited: Option<FileId>) {
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

    fn publish_spelling(&mut self, folder: &Path) {
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
    fn found(&mut self, event: Event) {
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
                open.named = Some((event.version, snapshot));
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
        };
        let files: Vec<FileId> = open.sources.iter().map(|(file, _)| file).collect();
        for file in files {
            self.publish_file(&event.folder, file);
        }
        self.tell(&event.folder, stage);
        self.answer_what_waits();
    }

    /// Says how far a look has come, to a client that wants to hear it; and that lenses and hints may be others now.
    fn tell(&mut self, folder: &Path, stage: &str) {
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
        if stage == "proof" {
            for (wanted, method) in [
                (self.client.refreshes_lenses, "workspace/codeLens/refresh"),
                (self.client.refreshes_hints, "workspace/inlayHint/refresh"),
                (self.client.refreshes_tokens, "workspace/semanticTokens/refresh"),
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
    fn diagnostics(&self, open: &Open, file: FileId) -> Vec<gen_lsp_types::Diagnostic> {
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

    fn publish_file(&mut self, folder: &Path, file: FileId) {
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
    fn publish(&mut self, path: &Path, diagnostics: Vec<gen_lsp_types::Diagnostic>) {
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

    fn notify(&self, method: &str, params: Value) {
        let _ = self
            .connection
            .sender
            .send(Notification::new(method.to_owned(), params).into());
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.asked += 1;
        let request = Request::new(RequestId::from(self.asked), method.to_owned(), params);
        let _ = self.connection.sender.send(request.into());
    }

    /// Asks the client to tell of files that change outside the editor.
    fn watch(&mut self) {
        if !self.client.can_watch {
            return;
        }
        let watchers: Vec<Value> = ["**/*.kdl", "**/*.csv", "**/*.ndjson", "**/*.json"]
            .iter()
            .map(|pattern| json!({ "globPattern": pattern }))
            .collect();
        let registration = json!({
            "registrations": [{
                "id": "leastwise-files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            }],
        });
        self.ask("client/registerCapability", registration);
    }
}

/// A fault of ours ends one answer, not the server.
fn guarded(answer: impl FnOnce() -> Result<Value, Refusal>) -> Result<Value, Refusal> {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(answer));
    caught.unwrap_or_else(|_| {
        Err(Refusal {
            code: ErrorCode::InternalError as i32,
            message: "the compiler contradicts itself: please report it".to_owned(),
        })
    })
}

fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn id_of(value: &Value) -> Option<RequestId> {
    serde_json::from_value(value.clone()).ok()
}

/// The folders with which an editor was opened.
fn folders(params: &Value) -> Vec<PathBuf> {
    let several = params.get("workspaceFolders").and_then(Value::as_array);
    let uris: Vec<&str> = match several {
        Some(folders) => folders
            .iter()
            .filter_map(|folder| folder.get("uri").and_then(Value::as_str))
            .collect(),
        None => params
            .get("rootUri")
            .and_then(Value::as_str)
            .into_iter()
            .collect(),
    };
    let paths = uris.into_iter().filter_map(|uri| uri::path(&Uri(uri.to_owned())));
    paths.collect()
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
