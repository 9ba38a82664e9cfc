//! Answers, a file for each thing that a client may ask.

pub mod actions;
pub mod beside;
pub mod calls;
pub mod completion;
pub mod format;
pub mod names;
pub mod outline;
pub mod rename;
pub mod symbols;
pub mod tokens;

use std::path::Path;

use gen_lsp_types::Uri;
use ide::question::Reach;
use ide::snapshot::Snapshot;
use lsp_server::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use source::FileId;

use crate::convert::Cx;
use crate::parsed::Parsed;
use crate::reply::Refusal;

/// What has to be known before a request can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The tree of the file.
    Tree,
    /// What names mean.
    Names,
    /// What is proved.
    Proof,
}

impl Needs {
    /// What a request needs; `None` for one that is not offered.
    #[must_use]
    pub fn of(method: &str) -> Option<Self> {
        Some(match method {
            "textDocument/formatting"
            | "textDocument/rangeFormatting"
            | "textDocument/onTypeFormatting"
            | "textDocument/foldingRange"
            | "textDocument/selectionRange"
            | "textDocument/documentSymbol"
            | "textDocument/documentLink" => Self::Tree,
            "textDocument/completion"
            | "textDocument/definition"
            | "textDocument/references"
            | "textDocument/documentHighlight"
            | "textDocument/prepareRename"
            | "textDocument/rename"
            | "textDocument/semanticTokens/full"
            | "textDocument/inlayHint"
            | "textDocument/codeLens"
            | "textDocument/prepareCallHierarchy" => Self::Names,
            "textDocument/diagnostic"
            | "textDocument/hover"
            | "textDocument/codeAction"
            | "codeLens/resolve"
            | "callHierarchy/incomingCalls"
            | "callHierarchy/outgoingCalls" => Self::Proof,
            _ => return None,
        })
    }
}

/// The file that a request is about.
#[must_use]
pub fn asked_about(params: &Value) -> Option<Uri> {
    let paths = ["/textDocument/uri", "/item/uri", "/data/uri"];
    let uri = paths.iter().find_map(|path| params.pointer(path)?.as_str())?;
    Some(Uri(uri.to_owned()))
}

/// Answers from the tree of one file.
///
/// # Errors
/// A request that is malformed.
pub fn of_tree(request: &Request, cx: &Cx, uri: &Uri, parsed: &Parsed) -> Result<Value, Refusal> {
    let params = request.params.clone();
    match request.method.as_str() {
        "textDocument/formatting" => format::whole(cx, parsed),
        "textDocument/rangeFormatting" => format::range(&read(params)?, cx, parsed),
        "textDocument/onTypeFormatting" => format::on_type(&read(params)?, cx, parsed),
        "textDocument/foldingRange" => outline::folds(cx, parsed),
        "textDocument/selectionRange" => outline::selection(&read(params)?, cx, parsed),
        "textDocument/documentSymbol" => symbols::of_document(cx, uri, parsed),
        "textDocument/documentLink" => outline::links(cx, parsed),
        _ => Ok(Value::Null),
    }
}

/// Answers from what names mean.
///
/// # Errors
/// A request that is malformed, or that asks for something that cannot be done.
pub fn of_names(request: &Request, cx: &Cx, snapshot: &Snapshot, file: FileId) -> Result<Value, Refusal> {
    let params = request.params.clone();
    match request.method.as_str() {
        "textDocument/completion" => completion::complete(&read(params)?, cx, snapshot, file),
        "textDocument/definition" => names::definition(&read(params)?, cx, snapshot, file),
        "textDocument/references" => names::references(&read(params)?, cx, snapshot, file),
        "textDocument/documentHighlight" => names::highlights(&read(params)?, cx, snapshot, file),
        "textDocument/prepareRename" => rename::prepare(&read(params)?, cx, snapshot, file),
        "textDocument/rename" => rename::rename(&read(params)?, cx, snapshot, file),
        "textDocument/semanticTokens/full" => tokens::full(cx, snapshot, file),
        "textDocument/inlayHint" => beside::hints(&read(params)?, cx, snapshot, file),
        "textDocument/codeLens" => beside::lenses(cx, snapshot, file),
        "textDocument/prepareCallHierarchy" => calls::prepare(&read(params)?, cx, snapshot, file),
        _ => Ok(Value::Null),
    }
}

/// Answers from what is proved.
///
/// # Errors
/// As [`of_names`] says.
pub fn of_proof(
    request: &Request,
    cx: &Cx,
    proved: (&Snapshot, &[Reach<'_>]),
    file: FileId,
) -> Result<Value, Refusal> {
    let params = request.params.clone();
    match request.method.as_str() {
        "textDocument/hover" => beside::hover(&read(params)?, cx, proved, file),
        "textDocument/codeAction" => actions::actions(&read(params)?, cx, proved.0, file),
        "codeLens/resolve" => beside::resolve(params, cx, proved),
        "callHierarchy/incomingCalls" => calls::incoming(&read(params)?, cx, proved, file),
        "callHierarchy/outgoingCalls" => calls::outgoing(&read(params)?, cx, proved, file),
        _ => Ok(Value::Null),
    }
}

/// The parameters of a request.
fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal::malformed(&error))
}

/// An answer as it is sent.
fn told(answer: impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(answer).map_err(|error| Refusal::malformed(&error))
}

/// Whether a path names a plain file of the project.
fn is_file(cx: &Cx, path: &str) -> bool {
    let plain = !path.starts_with('/') && !path.split('/').any(|part| part == "..");
    plain && cx.folder.join(Path::new(path)).is_file()
}
