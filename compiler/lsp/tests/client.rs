//! A client in this process, which talks to the server over channels.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lsp::Surroundings;
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use model::value::Date;
use serde_json::{Value, json};
use tempfile::TempDir;

/// So long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The day of all tests.
pub fn day() -> Date {
    Date::parse("2026-07-01").unwrap()
}

/// A client with a folder of its own.
pub struct Client {
    connection: Option<Connection>,
    server: Option<JoinHandle<()>>,
    folder: TempDir,
    next: i32,
    texts: BTreeMap<String, (i32, String)>,
    /// The diagnostics that were published last, by path.
    pub published: BTreeMap<String, Value>,
    /// Every notification that is neither diagnostics nor status.
    pub told: Vec<Notification>,
    /// Requests of the server.
    pub asked: Vec<Request>,
    /// What the server said of itself.
    pub offered: Value,
}

/// What a client of today says of itself.
pub fn usual() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16"] },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "tagSupport": { "valueSet": [1, 2] } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "hover": { "contentFormat": ["markdown", "plaintext"] },
        },
        "workspace": {
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true, "changeAnnotationSupport": {} },
            "textDocumentContent": {},
        },
    })
}

impl Client {
    /// Writes files into a new folder and starts a server there.
    pub fn with(files: &[(&str, &str)]) -> Self {
        Self::of(files, usual())
    }

    /// Likewise, for a client with these capabilities.
    pub fn of(files: &[(&str, &str)], capabilities: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self::start(folder, capabilities, &[""])
    }

    /// Starts a server with workspace folders below the folder.
    pub fn start(folder: TempDir, capabilities: Value, roots: &[&str]) -> Self {
        Self::start_with(folder, capabilities, roots, json!({ "status": true }))
    }

    /// Likewise, with these settings.
    pub fn start_with(folder: TempDir, capabilities: Value, roots: &[&str], settings: Value) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || {
            let surroundings = Surroundings {
                library: shelf::stdlib().clone(),
                today: day,
            };
            lsp::run(&theirs, surroundings).unwrap();
        });
        let mut client = Self {
            connection: Some(ours),
            server: Some(server),
            folder,
            next: 0,
            texts: BTreeMap::new(),
            published: BTreeMap::new(),
            told: Vec::new(),
            asked: Vec::new(),
            offered: Value::Null,
        };
        let folders: Vec<Value> = roots
            .iter()
            .map(|root| json!({ "uri": client.uri(root).trim_end_matches('/'), "name": root }))
            .collect();
        client.offered = client
            .ask(
                "initialize",
                json!({
                    "processId": null,
                    "rootUri": null,
                    "capabilities": capabilities,
                    "workspaceFolders": folders,
                    "initializationOptions": settings,
                }),
            )
            .unwrap();
        client.notify("initialized", json!({}));
        client
    }

    /// The folder, without links.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// The address of a file.
    pub fn uri(&self, name: &str) -> String {
        lsp::uri::of(&self.folder().join(name)).0
    }

    /// The name of a file by its address.
    pub fn name(&self, uri: &str) -> String {
        let path = lsp::uri::path(&gen_lsp_types::Uri(uri.to_owned())).unwrap();
        let inside = path.strip_prefix(self.folder()).unwrap_or(&path);
        inside.to_string_lossy().into_owned()
    }

    /// Sends a request and waits for its answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.send(method, params);
        self.answer(&id)
    }

    /// Sends a request.
    pub fn send(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection
            .as_ref()
            .unwrap()
            .sender
            .send(request.into())
            .unwrap();
        id
    }

    /// Waits for the answer to a request.
    pub fn answer(&mut self, id: &RequestId) -> Result<Value, String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(response) = self.next_message(end)
                && response.id == *id
            {
                return response
                    .response_result
                    .map_err(|error| format!("{}: {}", error.code, error.message));
            }
        }
    }

    /// Takes one message; it is given back if it is an answer.
    fn next_message(&mut self, end: Instant) -> Option<Response> {
        let left = end.saturating_duration_since(Instant::now());
        let connection = self.connection.as_ref().unwrap();
        let message = connection.receiver.recv_timeout(left);
        match message.expect("the server answers in time") {
            Message::Response(response) => return Some(response),
            Message::Request(request) => {
                let answer = Response::new_ok(request.id.clone(), Value::Null);
                connection.sender.send(answer.into()).unwrap();
                self.asked.push(request);
            }
            Message::Notification(notification) => {
                if notification.method == "textDocument/publishDiagnostics" {
                    let name = self.name(notification.params["uri"].as_str().unwrap());
                    self.published.insert(name, notification.params);
                } else {
                    self.told.push(notification);
                }
            }
        }
        None
    }

    pub fn notify(&self, method: &str, params: Value) {
        let notification = Notification::new(method.to_owned(), params);
        let connection = self.connection.as_ref().unwrap();
        connection.sender.send(notification.into()).unwrap();
    }

    /// Opens a file with the text that it has on disk.
    pub fn open(&mut self, name: &str) {
        let text = fs::read_to_string(self.folder().join(name)).unwrap();
        self.open_with(name, &text);
    }

    /// Opens a file with another text.
    pub fn open_with(&mut self, name: &str, text: &str) {
        self.texts.insert(name.to_owned(), (1, text.to_owned()));
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": self.uri(name), "languageId": "kdl", "version": 1, "text": text } }),
        );
    }

    /// The text of an open file.
    pub fn text(&self, name: &str) -> &str {
        &self.texts[name].1
    }

    /// Replaces the first occurrence of a text by another one, as an editor would.
    pub fn edit(&mut self, name: &str, old: &str, new: &str) {
        let text = self.text(name).to_owned();
        let start = text.find(old).unwrap_or_else(|| panic!("{old} stands in {name}"));
        self.replace(name, start, start + old.len(), new);
    }

    /// Replaces bytes.
    pub fn replace(&mut self, name: &str, start: usize, end: usize, new: &str) {
        let (version, text) = self.texts.get_mut(name).unwrap();
        let range = json!({ "start": place(text, start), "end": place(text, end) });
        text.replace_range(start..end, new);
        *version += 1;
        let version = *version;
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": self.uri(name), "version": version },
                "contentChanges": [{ "range": range, "text": new }],
            }),
        );
    }

    /// Closes a file.
    pub fn close(&mut self, name: &str) {
        self.texts.remove(name);
        let uri = self.uri(name);
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// Waits until a stage is reached with the newest text of all open files.
    pub fn wait_for(&mut self, stage: &str) {
        self.wait_in("", stage);
    }

    /// Likewise, in the project of this folder.
    pub fn wait_in(&mut self, folder: &str, stage: &str) {
        let wanted = self.uri(folder).trim_end_matches('/').to_owned();
        let end = Instant::now() + PATIENCE;
        loop {
            let reached = self.told.iter().rev().any(|one| {
                one.method == "leastwise/status"
                    && one.params["stage"] == stage
                    && (folder.is_empty() || one.params["folder"] == json!(wanted))
                    && self
                        .texts
                        .iter()
                        .filter(|(name, _)| {
                            self.uri(name).starts_with(one.params["folder"].as_str().unwrap())
                        })
                        .all(|(name, (version, _))| one.params["versions"][self.uri(name)] == json!(version))
            });
            if reached {
                return;
            }
            self.next_message(end);
        }
    }

    /// Forgets how far a look has come, so that [`Client::wait_for`] waits for the next one.
    pub fn forget(&mut self) {
        self.told.clear();
    }

    /// The codes that are shown for a file.
    pub fn codes(&self, name: &str) -> Vec<String> {
        let shown = self.published.get(name).map(|one| one["diagnostics"].clone());
        let shown = shown.unwrap_or_default();
        let shown = shown.as_array().cloned().unwrap_or_default();
        shown
            .iter()
            .map(|one| one["code"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// A place of a file: where a text stands, and so many bytes behind its beginning.
    pub fn at(&self, name: &str, text: &str, behind: usize) -> Value {
        let whole = self.text(name);
        let start = whole
            .find(text)
            .unwrap_or_else(|| panic!("{text} stands in {name}"));
        json!({
            "textDocument": { "uri": self.uri(name) },
            "position": place(whole, start + behind),
        })
    }

    /// Makes edits of the protocol in a text.
    pub fn applied(text: &str, edits: &Value) -> String {
        let mut edits: Vec<(usize, usize, String)> = edits
            .as_array()
            .unwrap()
            .iter()
            .map(|edit| {
                (
                    byte(text, &edit["range"]["start"]),
                    byte(text, &edit["range"]["end"]),
                    edit["newText"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        edits.sort();
        let mut text = text.to_owned();
        for (start, end, new) in edits.into_iter().rev() {
            text.replace_range(start..end, &new);
        }
        text
    }
}

/// The place of a byte, in bytes.
pub fn place(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": offset - start })
}

/// The byte of a place.
pub fn byte(text: &str, place: &Value) -> usize {
    let line = place["line"].as_u64().unwrap() as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    start + place["character"].as_u64().unwrap() as usize
}

/// The text of a range.
pub fn slice<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[byte(text, &range["start"])..byte(text, &range["end"])]
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null).unwrap();
        self.notify("exit", Value::Null);
        self.connection = None;
        self.server.take().unwrap().join().unwrap();
    }
}

/// A project that is fine, in two files.
pub const ROOT: &str = "project notes edition=\"2026\" {
    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }
}
team writers
owner writers
use \"std/baseline/zero-trust\"
";
/// Its other file.
pub const THINGS: &str = "owner writers
key notes-key
bucket notes { physical \"acme-notes\"; encrypted key=notes-key; retain \"90d\" }
workload scribe runs-on=lambda
trust scribe -> notes { allow write; under \"in/\"; because \"Notes come in here\"; expires \"2027-06-30\" }
";

/// A client with that project, both files open.
pub fn notes() -> Client {
    let mut client = Client::with(&[("leastwise.kdl", ROOT), ("things.kdl", THINGS)]);
    client.open("leastwise.kdl");
    client.open("things.kdl");
    client
}

/// A copy of an example of this repository.
pub fn example(name: &str) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name);
    copy(&from, folder.path());
    folder
}
