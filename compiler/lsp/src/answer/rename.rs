//! Renaming.

use std::collections::BTreeMap;

use diagnostics::Edit;
use gen_lsp_types::{PrepareRenameParams, RenameParams};
use ide::rename;
use ide::snapshot::Snapshot;
use serde_json::{Value, json};
use source::FileId;

use super::told;
use crate::convert::Cx;
use crate::reply::Refusal;

/// The mark of a change that a person confirms.
const KEEP: &str = "keep-what-is-deployed";

/// What can be renamed at a place.
///
/// # Errors
/// Nothing can.
pub fn prepare(
    params: &PrepareRenameParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let offset = lines.offset(params.text_document_position_params.position);
    let (span, name) = rename::prepare(snapshot, file, offset).map_err(Refusal::invalid)?;
    told(json!({ "range": lines.range(span), "placeholder": name }))
}

/// Renames what stands at a place, in all files. If the manifest of the last build lists the old name, a `renamed-from` keeps
/// what is deployed.
///
/// # Errors
/// Why it cannot be renamed.
pub fn rename(params: &RenameParams, cx: &Cx, snapshot: &Snapshot, file: FileId) -> Result<Value, Refusal> {
    let lines = cx.lines(&snapshot.spec.sources, file);
    let offset = lines.offset(params.text_document_position_params.position);
    let is_deployed = |name: &str| is_listed(cx, name);
    let renamed =
        rename::rename(snapshot, file, offset, &params.new_name, &is_deployed).map_err(Refusal::invalid)?;
    let mut edits: Vec<(Edit, bool)> = renamed.edits.into_iter().map(|edit| (edit, false)).collect();
    edits.extend(renamed.keep.map(|edit| (edit, true)));
    Ok(changes(cx, snapshot, edits))
}

/// Edits of files as one change of the workspace; those that are marked are for a person to confirm.
#[must_use]
pub fn changes(cx: &Cx, snapshot: &Snapshot, edits: Vec<(Edit, bool)>) -> Value {
    let sources = &snapshot.spec.sources;
    let mut of_file: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    let mut is_marked = false;
    for (edit, wants_confirmation) in edits {
        let mut shown = json!({
            "range": cx.lines(sources, edit.span.file).range(edit.span),
            "newText": edit.text,
        });
        if wants_confirmation && cx.client.has_annotations && cx.client.has_document_changes {
            is_marked = true;
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("annotationId".to_owned(), json!(KEEP));
            }
        }
        of_file.entry(edit.span.file).or_default().push(shown);
    }
    let of_file = of_file
        .into_iter()
        .filter_map(|(file, edits)| Some((cx.uri(sources, file)?, edits)));
    if cx.client.has_document_changes {
        let changes: Vec<Value> = of_file
            .map(|(uri, edits)| json!({ "textDocument": { "uri": uri, "version": null }, "edits": edits }))
            .collect();
        let mut whole = json!({ "documentChanges": changes });
        if let Some(whole) = whole.as_object_mut().filter(|_| is_marked) {
            whole.insert(
                "changeAnnotations".to_owned(),
                json!({ KEEP: {
                    "label": "keep what is deployed under the old name",
                    "description": "without `renamed-from` it is destroyed, and made anew under the new name",
                    "needsConfirmation": true,
                } }),
            );
        }
        return whole;
    }
    let changes: serde_json::Map<String, Value> =
        of_file.map(|(uri, edits)| (uri.0, Value::Array(edits))).collect();
    json!({ "changes": changes })
}

/// Whether the manifest of the last build says a name: in a path, an address, or alone.
fn is_listed(cx: &Cx, name: &str) -> bool {
    let path = cx.folder.join("out/manifest.json");
    let manifest = std::fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    manifest.is_some_and(|manifest| says(&manifest, name))
}

fn says(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => has_word(text, name),
        Value::Array(all) => all.iter().any(|one| says(one, name)),
        Value::Object(all) => all
            .iter()
            .any(|(key, one)| has_word(key, name) || says(one, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a name stands in a text, with nothing that belongs to a name on either side.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_a_name_as_a_word() {
        assert!(has_word("aws/main/iam/scribe.identity.json", "scribe"));
        assert!(!has_word("aws/main/iam/scribe-two.identity.json", "scribe"));
        let manifest = json!({ "files": [{ "path": "aws/main/resources/notes.policy.json" }] });
        assert!(says(&manifest, "notes") && !says(&manifest, "note"));
    }
}
