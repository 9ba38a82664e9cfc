//! `does write delete` in a capability: who may this does what those capabilities of the kind mean.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::Kind;
use source::Span;

use crate::capabilities::unknown_capability;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::line::Line;

pub(crate) static CIRCULAR_DOES: Code = Code {
    name: "circular-does",
    severity: Severity::Error,
    summary: "a capability does what it does itself",
    docs: include_str!("pages/circular_does.md"),
};

/// The capabilities that a `does` names.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Vec<(Name, Span)> {
    let mut entries = Entries::of(cx, line);
    let named = entries.need_rest(cx, "a capability of this kind");
    entries.finish_leaf(cx);
    let mut found: Vec<(Name, Span)> = Vec::new();
    for capability in &named {
        let text = cx.text(capability);
        let name = cx.intern(&text);
        match found.iter().find(|(earlier, _)| *earlier == name) {
            Some((_, first)) => crate::body::duplicate(cx, &text, capability.span, *first),
            None => found.push((name, capability.span)),
        }
    }
    found
}

/// Every named capability is one of the kind, and none leads back to itself.
pub(crate) fn check(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    for (_, kind) in cx.model.kinds.iter() {
        let edges: BTreeMap<Name, &[(Name, Span)]> = kind
            .words
            .capabilities
            .iter()
            .map(|capability| (capability.name, &capability.does[..]))
            .collect();
        for capability in &kind.words.capabilities {
            for (named, span) in &capability.does {
                if !edges.contains_key(named) {
                    let (text, of) = (cx.text_of(*named), cx.text_of(kind.name));
                    problems.push(unknown_capability(cx, text, of, &kind.words, *span));
                } else if leads(&edges, *named, capability.name) {
                    problems.push(circle(cx, kind, capability.name, *named, *span));
                }
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

fn circle(cx: &Cx<'_, '_>, kind: &Kind, own: Name, named: Name, span: Span) -> Diagnostic {
    let (of, own_text) = (cx.text_of(kind.name), cx.text_of(own));
    let message = if own == named {
        format!("`{of} {own_text}` names itself in `does`")
    } else {
        let through = cx.text_of(named);
        format!("`{of} {own_text}` leads back to itself in `does`, through `{through}`")
    };
    Diagnostic::new(&CIRCULAR_DOES, span, message)
        .note("`does` says that a capability can do what another one means, and that goes one way")
        .help("leave out one name of the circle")
}

/// Whether `does` lines lead from one capability to another.
fn leads(edges: &BTreeMap<Name, &[(Name, Span)]>, from: Name, to: Name) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(here) = open.pop() {
        if here == to {
            return true;
        }
        if seen.insert(here) {
            open.extend(
                edges
                    .get(&here)
                    .into_iter()
                    .flat_map(|next| next.iter())
                    .map(|(name, _)| *name),
            );
        }
    }
    false
}
