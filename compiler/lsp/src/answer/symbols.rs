//! The declarations of a file, and of all projects.

use gen_lsp_types::{DocumentSymbol, Location, SymbolKind, Uri};
use ide::outline::{self, Sort, Symbol};
use ide::snapshot::Snapshot;
use serde_json::{Value, json};

use super::told;
use crate::convert::Cx;
use crate::lines::Lines;
use crate::parsed::Parsed;
use crate::reply::Refusal;

/// So many symbols are told of a project at most: nobody reads more.
const SYMBOLS_MAX: usize = 500;

/// The declarations of a file: a tree, or a list for a client that knows no trees.
///
/// # Errors
/// None of its own.
pub fn of_document(cx: &Cx, uri: &Uri, parsed: &Parsed) -> Result<Value, Refusal> {
    let lines = Lines::of(&parsed.text, cx.encoding());
    let symbols = outline::symbols(&parsed.document);
    if cx.client.has_nested_symbols {
        let nested: Vec<DocumentSymbol> = symbols.iter().map(|symbol| nested(symbol, &lines)).collect();
        return told(nested);
    }
    let mut flat = Vec::new();
    for symbol in &symbols {
        list(symbol, None, &mut |symbol, outer| {
            flat.push(json!({
                "name": symbol.name,
                "kind": kind(symbol.sort),
                "containerName": outer,
                "location": Location { uri: uri.clone(), range: lines.range(symbol.span) },
            }));
        });
    }
    told(flat)
}

#[expect(deprecated, reason = "the field is there, and empty")]
fn nested(symbol: &Symbol, lines: &Lines<'_>) -> DocumentSymbol {
    let inner: Vec<DocumentSymbol> = symbol.inner.iter().map(|inner| nested(inner, lines)).collect();
    DocumentSymbol {
        name: shown(symbol),
        detail: Some(symbol.word.clone()),
        kind: kind(symbol.sort),
        tags: None,
        deprecated: None,
        range: lines.range(symbol.span),
        selection_range: lines.range(symbol.at),
        children: (!inner.is_empty()).then_some(inner),
    }
}

/// A name that is empty would be refused by clients.
fn shown(symbol: &Symbol) -> String {
    if symbol.name.trim().is_empty() {
        symbol.word.clone()
    } else {
        symbol.name.clone()
    }
}

fn list<'s>(symbol: &'s Symbol, outer: Option<&'s str>, take: &mut dyn FnMut(&'s Symbol, Option<&'s str>)) {
    take(symbol, outer);
    for inner in &symbol.inner {
        list(inner, Some(&symbol.name), take);
    }
}

/// How a client draws a sort of a declaration.
#[must_use]
pub fn kind(sort: Sort) -> SymbolKind {
    match sort {
        Sort::Project => SymbolKind::Package,
        Sort::Place => SymbolKind::Namespace,
        Sort::Actor => SymbolKind::Class,
        Sort::Thing => SymbolKind::Object,
        Sort::Part => SymbolKind::Field,
        Sort::Trust => SymbolKind::Function,
        Sort::Promise => SymbolKind::Interface,
        Sort::Test => SymbolKind::Event,
        Sort::Kind => SymbolKind::Struct,
        Sort::Profile => SymbolKind::Module,
        Sort::Other => SymbolKind::Constant,
    }
}

/// The declarations of a project whose name has the letters of the question, in their order.
///
/// # Errors
/// None of its own.
pub fn in_workspace(params: &Value, cx: &Cx, snapshot: &Snapshot) -> Result<Vec<Value>, Refusal> {
    let query = params.get("query").and_then(Value::as_str).unwrap_or("");
    let mut found = Vec::new();
    for (file, document) in snapshot.spec.documents() {
        let lines = cx.lines(&snapshot.spec.sources, *file);
        let Some(uri) = cx.uri(&snapshot.spec.sources, *file) else {
            continue;
        };
        for symbol in &outline::symbols(document) {
            list(symbol, None, &mut |symbol, outer| {
                if found.len() < SYMBOLS_MAX && has_letters(&symbol.name, query) {
                    found.push(json!({
                        "name": shown(symbol),
                        "kind": kind(symbol.sort),
                        "containerName": outer,
                        "location": Location { uri: uri.clone(), range: lines.range(symbol.at) },
                    }));
                }
            });
        }
    }
    Ok(found)
}

fn has_letters(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query
        .chars()
        .flat_map(char::to_lowercase)
        .all(|wanted| letters.any(|letter| letter == wanted))
}
