//! What stands beside the text: hover, hints and lenses.

use gen_lsp_types::{
    CodeLens, Command, Contents, Hover, HoverParams, InlayHint, InlayHintParams, Label, MarkupContent,
    MarkupKind,
};
use ide::question::Reach;
use ide::snapshot::Snapshot;
use ide::{hints, hover, who};
use serde_json::{Value, json};
use source::{FileId, Span};

use super::told;
use crate::convert::Cx;
use crate::reply::Refusal;
use crate::uri;

/// What stands at a place.
///
/// # Errors
/// None of its own.
pub fn hover(
    params: &HoverParams,
    cx: &Cx,
    (snapshot, reaches): (&Snapshot, &[Reach<'_>]),
    file: FileId,
) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let offset = lines.offset(params.text_document_position_params.position);
    let found = hover::hover(snapshot, reaches, file, offset);
    told(found.map(|(span, text)| Hover {
        contents: Contents::MarkupContent(if cx.client.has_markdown {
            MarkupContent {
                kind: MarkupKind::Markdown,
                value: text,
            }
        } else {
            MarkupContent {
                kind: MarkupKind::PlainText,
                value: text.replace('`', ""),
            }
        }),
        range: Some(lines.range(span)),
    }))
}

/// Small texts behind lines.
///
/// # Errors
/// None of its own.
pub fn hints(params: &InlayHintParams, cx: &Cx, snapshot: &Snapshot, file: FileId) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let within = Span::new(
        file,
        lines.offset(params.range.start),
        lines.offset(params.range.end),
    );
    let hints = hints::hints(snapshot, file, within)
        .into_iter()
        .map(|hint| InlayHint {
            position: lines.position(hint.at),
            label: Label::String(hint.text),
            kind: None,
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        });
    told(hints.collect::<Vec<_>>())
}

/// A lens over each declaration that can be reached; what it says is worked out when it is shown.
///
/// # Errors
/// None of its own.
pub fn lenses(cx: &Cx, snapshot: &Snapshot, file: FileId) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let uri = cx.uri(&snapshot.spec.sources, file);
    let lenses = who::reachable(snapshot, file).into_iter().map(|at| CodeLens {
        range: lines.range(at),
        command: None,
        data: Some(json!({ "uri": uri, "start": at.start, "end": at.end })),
    });
    told(lenses.collect::<Vec<_>>())
}

/// What a lens says: "4 subjects reach this".
///
/// # Errors
/// A lens that is not ours.
pub fn resolve(
    mut lens: Value,
    cx: &Cx,
    (snapshot, reaches): (&Snapshot, &[Reach<'_>]),
) -> Result<Value, Refusal> {
    let number = |name: &str| {
        let value = lens.pointer(&format!("/data/{name}")).and_then(Value::as_u64);
        value.and_then(|value| u32::try_from(value).ok())
    };
    let uri = lens
        .pointer("/data/uri")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let file = uri.and_then(|uri| {
        let path = uri::path(&gen_lsp_types::Uri(uri))?;
        let sources = &snapshot.spec.sources;
        sources
            .iter()
            .find(|(_, file)| cx.folder.join(&*file.path) == path)
            .map(|(id, _)| id)
    });
    let at = file.and_then(|file| Some(Span::new(file, number("start")?, number("end")?)));
    let Some(at) = at else {
        return Err(Refusal::invalid("this lens is none of ours"));
    };
    let title = if reaches.is_empty() {
        "who reaches this is known once the spec compiles".to_owned()
    } else {
        match who::subjects(snapshot, reaches, at).len() {
            0 => "nobody reaches this".to_owned(),
            1 => "1 subject reaches this".to_owned(),
            many => format!("{many} subjects reach this"),
        }
    };
    let command = serde_json::to_value(Command {
        title,
        ..Command::default()
    });
    if let (Some(lens), Ok(command)) = (lens.as_object_mut(), command) {
        lens.insert("command".to_owned(), command);
    }
    Ok(lens)
}
