//! Completion.

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, CompletionParams, TextEdit,
};
use ide::complete::{self, Sort};
use ide::snapshot::Snapshot;
use serde_json::Value;
use source::FileId;

use super::told;
use crate::convert::Cx;
use crate::reply::Refusal;

/// So many items are sent at once; what is typed further narrows them.
const ITEMS_MAX: usize = 1_000;

/// What may be written at a place.
///
/// # Errors
/// None of its own.
pub fn complete(
    params: &CompletionParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let offset = lines.offset(params.text_document_position_params.position);
    let Some(found) = complete::complete(snapshot, cx.language.learned(), file, offset) else {
        return told(Value::Null);
    };
    let range = lines.range(found.replaces);
    let text = snapshot.spec.sources.get(file).map_or("", |file| &file.text);
    let typed = text
        .get(found.replaces.start as usize..offset as usize)
        .unwrap_or("")
        .to_lowercase();
    let is_fitting = |item: &&complete::Item| item.label.to_lowercase().contains(&typed);
    let count = found.items.iter().filter(is_fitting).count();
    let items = found
        .items
        .iter()
        .filter(is_fitting)
        .take(ITEMS_MAX)
        .map(|item| CompletionItem {
            label: item.label.clone(),
            kind: Some(kind(item.sort)),
            detail: (!item.detail.is_empty()).then(|| item.detail.clone()),
            // Declared names before words, words before properties: in the order of their sorts.
            sort_text: Some(format!("{}{}", char::from(b'a' + item.sort as u8), item.label)),
            filter_text: Some(item.label.clone()),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range,
                new_text: item.text.clone(),
            })),
            ..CompletionItem::default()
        });
    told(CompletionList {
        is_incomplete: count > ITEMS_MAX,
        items: items.collect(),
        ..CompletionList::default()
    })
}

fn kind(sort: Sort) -> CompletionItemKind {
    match sort {
        Sort::Name => CompletionItemKind::Variable,
        Sort::Kind => CompletionItemKind::Class,
        Sort::Word => CompletionItemKind::Keyword,
        Sort::Property => CompletionItemKind::Property,
        Sort::Capability => CompletionItemKind::Method,
        Sort::Value => CompletionItemKind::EnumMember,
        Sort::Selector => CompletionItemKind::Operator,
        Sort::Action => CompletionItemKind::Function,
        Sort::File => CompletionItemKind::File,
    }
}
