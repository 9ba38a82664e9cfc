//! The call hierarchy, as reachability: who reaches a thing calls it, what somebody reaches is called.

use gen_lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
};
use ide::outline;
use ide::question::Reach;
use ide::snapshot::Snapshot;
use ide::tree;
use ide::who::{self, Reached};
use serde_json::Value;
use source::{FileId, Span};

use super::{symbols, told};
use crate::convert::Cx;
use crate::reply::Refusal;

/// What stands at a place, if it is something that reaches or is reached.
///
/// # Errors
/// None of its own.
pub fn prepare(
    params: &CallHierarchyPrepareParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let offset = lines.offset(params.text_document_position_params.position);
    let symbol = snapshot.symbol(file, offset);
    let is_end = |at: Span| {
        snapshot
            .views
            .iter()
            .any(|view| who::end_at(view, snapshot, at).is_some())
    };
    let found = symbol.filter(|symbol| is_end(symbol.at));
    told(found.and_then(|symbol| Some(vec![item(cx, snapshot, symbol.at, None)?])))
}

fn item(cx: &Cx, snapshot: &Snapshot, at: Span, reached: Option<&Reached>) -> Option<CallHierarchyItem> {
    let sources = &snapshot.spec.sources;
    let lines = cx.lines(sources, at.file);
    let around = tree::cursor(snapshot.document(at.file)?, at.start).lines;
    let line = around.last()?;
    let outer = around.iter().rev().nth(1).map(|outer| outer.name());
    let sort = outline::sort(&line.name(), outer.as_deref()).unwrap_or(outline::Sort::Other);
    let name = match reached {
        Some(reached) => reached.name.clone(),
        None => line.argument(0)?.as_str()?.into_owned(),
    };
    let detail = match reached {
        Some(reached) => reached.may.join(", "),
        None => line.name().into_owned(),
    };
    Some(CallHierarchyItem {
        name,
        kind: symbols::kind(sort),
        tags: None,
        detail: Some(detail),
        uri: cx.uri(sources, at.file)?,
        range: lines.range(line.span()),
        selection_range: lines.range(at),
        data: None,
    })
}

fn declared(cx: &Cx, snapshot: &Snapshot, file: FileId, item: &CallHierarchyItem) -> Option<Span> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let start = lines.offset(item.selection_range.start);
    snapshot.symbol(file, start).map(|symbol| symbol.at)
}

/// Who reaches it.
///
/// # Errors
/// None of its own.
pub fn incoming(
    params: &CallHierarchyIncomingCallsParams,
    cx: &Cx,
    (snapshot, reaches): (&Snapshot, &[Reach<'_>]),
    file: FileId,
) -> Result<Value, Refusal> {
    let at = declared(cx, snapshot, file, &params.item);
    let found = at
        .map(|at| who::subjects(snapshot, reaches, at))
        .unwrap_or_default();
    let calls = found.iter().filter_map(|one| {
        let from = item(cx, snapshot, one.at?, Some(one))?;
        Some(CallHierarchyIncomingCall {
            from_ranges: vec![from.selection_range],
            from,
        })
    });
    told(calls.collect::<Vec<_>>())
}

/// What it reaches.
///
/// # Errors
/// None of its own.
pub fn outgoing(
    params: &CallHierarchyOutgoingCallsParams,
    cx: &Cx,
    (snapshot, reaches): (&Snapshot, &[Reach<'_>]),
    file: FileId,
) -> Result<Value, Refusal> {
    let at = declared(cx, snapshot, file, &params.item);
    let found = at
        .map(|at| who::reached(snapshot, reaches, at))
        .unwrap_or_default();
    let calls = found.iter().filter_map(|one| {
        Some(CallHierarchyOutgoingCall {
            to: item(cx, snapshot, one.at?, Some(one))?,
            from_ranges: vec![params.item.selection_range],
        })
    });
    told(calls.collect::<Vec<_>>())
}
