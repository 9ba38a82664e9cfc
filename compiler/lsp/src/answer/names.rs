//! Definition, references and highlights.

use gen_lsp_types::{
    DefinitionParams, DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, Location, Range,
    ReferenceParams, TextDocumentPositionParams, Uri,
};
use ide::snapshot::Snapshot;
use resolve::heard::Use;
use serde_json::Value;
use source::{FileId, Origin, Span};

use super::told;
use crate::convert::Cx;
use crate::lines::Lines;
use crate::reply::Refusal;

fn offset(at: &TextDocumentPositionParams, cx: &Cx, snapshot: &Snapshot, file: FileId) -> u32 {
    cx.lines(&snapshot.spec.sources, file).offset(at.position)
}

/// Where what a place names is declared.
///
/// # Errors
/// None of its own.
pub fn definition(
    params: &DefinitionParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let offset = offset(&params.text_document_position_params, cx, snapshot, file);
    let found = snapshot
        .symbol(file, offset)
        .and_then(|symbol| cx.location(&snapshot.spec.sources, symbol.at));
    told(found.or_else(|| in_library(cx, snapshot, (file, offset))))
}

/// What the standard library declares, for a client that can show its files.
fn in_library(cx: &Cx, snapshot: &Snapshot, (file, offset): (FileId, u32)) -> Option<Location> {
    let is_here = |one: &&Use| one.at.file == file && one.at.start <= offset && offset <= one.at.end;
    let one = snapshot.uses().iter().find(is_here)?;
    let sources = &snapshot.views.first()?.analysis.sources;
    let source = sources.get(one.declared.file)?;
    (source.origin == Origin::Library && cx.client.has_pages).then(|| Location {
        uri: Uri(format!("{}{}", crate::pages::SCHEME, source.path)),
        range: Lines::of(&source.text, cx.encoding()).range(one.declared),
    })
}

/// The places that name what a place names, the declaration among them if it is wanted.
fn places(snapshot: &Snapshot, file: FileId, offset: u32, with_declaration: bool) -> Vec<(Span, bool)> {
    let Some(symbol) = snapshot.symbol(file, offset) else {
        return Vec::new();
    };
    let mut found: Vec<(Span, bool)> = snapshot
        .references(symbol)
        .into_iter()
        .map(|reference| (reference.name.unwrap_or(reference.value), false))
        .collect();
    if with_declaration && snapshot.is_ours(symbol.at.file) {
        found.push((symbol.at, true));
    }
    found.sort_unstable();
    found
}

/// Every place that names it.
///
/// # Errors
/// None of its own.
pub fn references(
    params: &ReferenceParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let offset = offset(&params.text_document_position_params, cx, snapshot, file);
    let found = places(snapshot, file, offset, params.context.include_declaration);
    // The lines of a file are looked for once.
    let mut told_of: Vec<Location> = Vec::with_capacity(found.len());
    let mut of_file: Option<(FileId, Uri, Lines<'_>)> = None;
    for (span, _) in found {
        if of_file.as_ref().is_none_or(|(file, ..)| *file != span.file) {
            of_file = cx
                .uri(&snapshot.spec.sources, span.file)
                .map(|uri| (span.file, uri, cx.lines(&snapshot.spec.sources, span.file)));
        }
        if let Some((_, uri, lines)) = &of_file {
            told_of.push(Location {
                uri: uri.clone(),
                range: lines.range(span),
            });
        }
    }
    told(told_of)
}

/// Those of them that stand in the same file.
///
/// # Errors
/// None of its own.
pub fn highlights(
    params: &DocumentHighlightParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let offset = offset(&params.text_document_position_params, cx, snapshot, file);
    let lines = cx.lines(&snapshot.spec.sources, file);
    let found = places(snapshot, file, offset, true);
    let here = found.into_iter().filter(|(span, _)| span.file == file);
    let shown = here.map(|(span, is_declared)| {
        let range: Range = lines.range(span);
        DocumentHighlight {
            range,
            kind: Some(if is_declared {
                DocumentHighlightKind::Write
            } else {
                DocumentHighlightKind::Read
            }),
        }
    });
    told(shown.collect::<Vec<_>>())
}
