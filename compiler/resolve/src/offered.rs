//! What the provider offers: every action of a kind exists, accepts that resource, and knows that condition key.

use std::borrow::Cow;

use arena::Name;
use catalogue::Catalogue;
use catalogue::iot;
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::{ActionUse, BaselineRule, Kind};
use model::template::{Piece, Placeholder, Template};
use source::Span;

use crate::cx::Cx;
use crate::heard::Takes;

pub(crate) static UNKNOWN_ACTION: Code = Code {
    name: "unknown-action",
    severity: Severity::Error,
    summary: "the provider has no such action",
    docs: include_str!("pages/unknown_action.md"),
};

pub(crate) static RESOURCE_TYPE_MISMATCH: Code = Code {
    name: "resource-type-mismatch",
    severity: Severity::Error,
    summary: "an action does not accept the resource that is named for it",
    docs: include_str!("pages/resource_type_mismatch.md"),
};

pub(crate) static UNKNOWN_CONDITION_KEY: Code = Code {
    name: "unknown-condition-key",
    severity: Severity::Error,
    summary: "a request for the action never holds that condition key",
    docs: include_str!("pages/unknown_condition_key.md"),
};

/// The action in the provider's spelling; an unknown one is reported, and stays as it is written.
pub(crate) fn canonical(cx: &mut Cx<'_, '_>, text: &str, span: Span) -> Name {
    cx.hear(span, || Takes::Action);
    let catalogue = Catalogue::embedded();
    let known = catalogue.action(text).map(|action| action.name());
    if let Some(known) = known.or_else(|| iot::action(text).map(|action| action.name)) {
        return cx.intern(known);
    }
    let message = format!("the provider has no action `{text}`");
    let mut diagnostic = Diagnostic::new(&UNKNOWN_ACTION, span, message);
    if text.contains(['*', '?']) {
        diagnostic = diagnostic.help("name each action: what the provider adds later must be nobody's");
    } else if let Some(near) = catalogue.near(text).or_else(|| iot::near_action(text)) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    } else {
        diagnostic = diagnostic.help("write it as the service's list of actions does: `sns:Publish`");
    }
    cx.push(diagnostic);
    cx.intern(text)
}

/// Compares every action of every kind with the catalogue.
pub(crate) fn check(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    for (_, kind) in cx.model.kinds.iter() {
        for action in kind
            .words
            .capabilities
            .iter()
            .flat_map(|capability| &capability.actions)
        {
            let before = problems.len();
            check_use(cx, kind, action, &mut problems);
            // An address that its action does not accept is no address of anything.
            if problems.len() == before {
                problems.extend(crate::inside::check(cx, kind, action));
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

/// Likewise every action of every baseline.
pub(crate) fn check_baselines(cx: &mut Cx<'_, '_>) {
    let mut problems = Vec::new();
    for (_, baseline) in cx.model.baselines.iter() {
        if let BaselineRule::Administer { kind, actions } = &baseline.rule
            && let Some(kind) = cx.model.kinds.get(*kind)
        {
            for action in actions {
                check_use(cx, kind, action, &mut problems);
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

fn check_use(cx: &Cx<'_, '_>, kind: &Kind, used: &ActionUse, problems: &mut Vec<Diagnostic>) {
    let catalogue = Catalogue::embedded();
    let written = written(cx, kind, &used.on);
    for action in &used.actions {
        let name = cx.text_of(*action);
        let (known, device) = (catalogue.action(name), iot::action(name));
        if let Some(known) = known {
            let matches = match &written {
                Some(written) => known.matches_resource(written),
                // The provider assigns the address: what is left to check is that the action takes one.
                None => known.has_resource_level(),
            };
            if !matches {
                problems.push(mismatch(name, &written, used.span, known.has_resource_level()));
            }
            for condition in &used.conditions {
                let key = cx.text_of(condition.key);
                if known.condition_key(key).is_none() {
                    let message = format!("a request for `{name}` never holds the key `{key}`");
                    problems.push(
                        Diagnostic::new(&UNKNOWN_CONDITION_KEY, used.span, message)
                            .note("a condition on a key that is not there admits nothing"),
                    );
                }
            }
        }
        if let (Some(device), Some(written)) = (device, &written)
            && !device.matches_resource(written)
        {
            problems.push(mismatch(name, &Some(written.clone()), used.span, true));
        }
    }
}

fn mismatch(name: &str, written: &Option<String>, span: Span, has_resource_level: bool) -> Diagnostic {
    let shown = written
        .as_deref()
        .unwrap_or("an address that the provider assigns");
    let message = format!("`{name}` does not accept `{shown}`");
    let diagnostic = Diagnostic::new(&RESOURCE_TYPE_MISMATCH, span, message)
        .note("the statement would match nothing, or something else than it says");
    if has_resource_level {
        diagnostic
    } else {
        diagnostic.help("it takes no resource: write `on=\"*\"`")
    }
}

/// The resource as it may stand in a policy; `None` if the provider assigns its address.
fn written(cx: &Cx<'_, '_>, kind: &Kind, template: &Template) -> Option<String> {
    let mut text = String::new();
    for piece in &template.pieces {
        let stretch: Cow<'_, str> = match piece {
            Piece::Text(name) => Cow::Borrowed(cx.text_of(*name)),
            Piece::Placeholder(Placeholder::Arn) => Cow::Owned(written(cx, kind, kind.words.arn.as_ref()?)?),
            Piece::Placeholder(Placeholder::Part) => Cow::Borrowed("*"),
            Piece::Placeholder(_) => Cow::Borrowed("{x}"),
        };
        text.push_str(&stretch);
    }
    Some(text)
}
