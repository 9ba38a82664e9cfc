//! Code actions: what mends a diagnostic, and what may be added.

use diagnostics::{Edit, Safety};
use gen_lsp_types::{CodeActionParams, Range};
use ide::actions;
use ide::snapshot::Snapshot;
use serde_json::{Value, json};
use source::{FileId, Span};

use super::{rename, told};
use crate::convert::Cx;
use crate::reply::Refusal;

/// What is offered at a range.
///
/// # Errors
/// None of its own.
pub fn actions(
    params: &CodeActionParams,
    cx: &Cx,
    snapshot: &Snapshot,
    file: FileId,
) -> Result<Value, Refusal> {
    let sources = &snapshot.spec.sources;
    let lines = cx.lines(sources, file);
    let range: Range = params.range;
    let asked = Span::new(file, lines.offset(range.start), lines.offset(range.end));
    let wanted = serde_json::to_value(&params.context.only).unwrap_or_default();
    let wants = |kind: &str| match wanted.as_array() {
        Some(only) => only.iter().any(|one| {
            let one = one.as_str().unwrap_or("");
            kind == one || kind.starts_with(&format!("{one}."))
        }),
        None => true,
    };
    let changed = |edits: Vec<Edit>| {
        rename::changes(
            cx,
            snapshot,
            edits.into_iter().map(|edit| (edit, false)).collect(),
        )
    };
    let mut found: Vec<Value> = Vec::new();
    let touches = |span: Span| span.file == file && span.start <= asked.end && asked.start <= span.end;
    for finding in cx
        .shown
        .iter()
        .filter(|finding| finding.diagnostic.span.is_some_and(touches))
    {
        for fix in finding.diagnostic.fixes.iter().filter(|_| wants("quickfix")) {
            let is_safe = fix.safety == Safety::Safe;
            let title = if is_safe {
                fix.title.clone()
            } else {
                format!("{} (look at it: it may change who reaches what)", fix.title)
            };
            found.push(json!({
                "title": title,
                "kind": "quickfix",
                "isPreferred": is_safe && finding.diagnostic.fixes.len() == 1,
                "diagnostics": [cx.diagnostic(sources, finding, &lines)],
                "edit": changed(fix.edits.clone()),
            }));
        }
    }
    for action in actions::actions(snapshot, file, asked.start) {
        let kind = if action.title.starts_with("add `because`") {
            "quickfix"
        } else {
            "refactor.rewrite"
        };
        if wants(kind) {
            found.push(json!({ "title": action.title, "kind": kind, "edit": changed(action.edits) }));
        }
    }
    told(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use diagnostics::{Code, Diagnostic, Report, Severity};
    use source::{Origin, Sources};

    use super::*;
    use crate::client::Client;
    use crate::convert::Language;
    use crate::findings::Finding;

    static CODE: Code = Code {
        name: "a-fault",
        severity: Severity::Error,
        summary: "a fault",
        docs: "# a-fault\n",
    };

    #[test]
    fn what_mends_a_diagnostic_is_offered_where_it_stands() {
        let mut sources = Sources::default();
        let file = sources.add("leastwise.kdl", "team a\nteam b\n", Origin::Project);
        let spec = driver::parse(sources, &mut Report::default());
        let today = model::value::Date(0);
        let snapshot = Snapshot::new(Arc::new(spec), Vec::new(), Vec::new(), Vec::new(), today);
        let edit = |text: &str| {
            vec![Edit {
                span: Span::new(file, 5, 6),
                text: text.to_owned(),
            }]
        };
        let diagnostic = Diagnostic::new(&CODE, Span::new(file, 5, 6), "wrong")
            .fix("write `c`", Safety::Safe, edit("c"))
            .fix("write `d`", Safety::Unsafe, edit("d"));
        let finding = Finding {
            diagnostic,
            environments: Vec::new(),
            elsewhere: None,
        };
        let cx = Cx {
            client: Arc::new(Client::of(&json!({}))),
            folder: "/p".into(),
            shown: Arc::new(vec![finding]),
            language: Arc::new(Language::of(Arc::new(resolve::Library::new([])))),
        };
        let at = |line: u32, only: Value| {
            let place = json!({ "line": line, "character": 5 });
            let params = json!({
                "textDocument": { "uri": "file:///p/leastwise.kdl" },
                "range": { "start": place, "end": place },
                "context": { "diagnostics": [], "only": only },
            });
            let params = serde_json::from_value(params).unwrap();
            actions(&params, &cx, &snapshot, file).unwrap()
        };
        let found = at(0, Value::Null);
        assert_eq!(found[0]["title"], "write `c`");
        assert_eq!(
            found[0]["edit"]["changes"]["file:///p/leastwise.kdl"][0]["newText"],
            "c"
        );
        assert_eq!(found[0]["diagnostics"][0]["code"], "a-fault");
        assert_eq!(
            found[1]["title"],
            "write `d` (look at it: it may change who reaches what)"
        );
        assert_eq!(at(0, json!(["quickfix"])).as_array().unwrap().len(), 2);
        assert_eq!(at(0, json!(["refactor"])).as_array().unwrap().len(), 0);
        assert_eq!(at(1, Value::Null).as_array().unwrap().len(), 0);
    }
}
