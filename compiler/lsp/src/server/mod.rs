//! The main loop: messages of the client on one side, what the workers found on the other.

mod publish;
mod texts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, Uri,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId};
use model::value::Date;
use project::overlay::Overlay;
use project::root_of;
use resolve::Library;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{self, Needs};
use crate::client::Client;
use crate::convert::{Cx, Language};
use crate::parsed::Parsed;
use crate::project_state::Open;
use crate::reply::{Refusal, Reply};
use crate::uri;
use crate::worker::Event;

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

    /// Answers what waits for a text on which the compiler fails: it would wait for ever.
    fn give_up(&mut self, folder: &Path, version: u64) {
        let (lost, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting: &Waiting| waiting.folder == folder && waiting.version == version);
        self.waiting = waiting;
        for waiting in lost {
            waiting.reply.send(Err(fault()));
        }
        let message = json!({ "type": 1, "message": fault().message });
        self.notify("window/showMessage", message);
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
                if let Some(id) = params.get("id").and_then(id_of) {
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

    /// The project that a path belongs to.
    fn project_of(&self, path: &Path) -> Option<&Open> {
        let folder = root_of(path, &self.overlay)?;
        self.projects.get(&folder)
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
    caught.unwrap_or_else(|_| Err(fault()))
}

fn fault() -> Refusal {
    Refusal {
        code: ErrorCode::InternalError as i32,
        message: "the compiler contradicts itself on this text: please report it".to_owned(),
    }
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
