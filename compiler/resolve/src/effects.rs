//! The `effect` of a capability: not below what its actions do.

use catalogue::Catalogue;
use catalogue::effect::Effects;
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::Effect;

use crate::cx::Cx;

pub(crate) static UNDERSTATED_EFFECT: Code = Code {
    name: "understated-effect",
    severity: Severity::Error,
    summary: "a capability says less than its actions do",
    docs: include_str!("pages/understated_effect.md"),
};

/// Compares the effect of every capability with what the catalogue says of its actions, helpers among them.
pub(crate) fn check(cx: &mut Cx<'_, '_>) {
    let catalogue = Catalogue::embedded();
    let mut problems = Vec::new();
    for (_, kind) in cx.model.kinds.iter() {
        for capability in &kind.words.capabilities {
            // One message a capability: the action that does most.
            let mut worst: Option<(Effect, &str, source::Span)> = None;
            for used in &capability.actions {
                for action in &used.actions {
                    let name = cx.text_of(*action);
                    let Some(does) = catalogue.effects(name).map(least) else {
                        continue;
                    };
                    if height(does) > worst.map_or(height(capability.effect), |(effect, ..)| height(effect)) {
                        worst = Some((does, name, used.span));
                    }
                }
            }
            let Some((does, action, span)) = worst else {
                continue;
            };
            let (of, name) = (cx.text_of(kind.name), cx.text_of(capability.name));
            let message = format!(
                "`{of} {name}` says `effect={}`, and `{action}` is one of `{}`",
                word(capability.effect),
                word(does)
            );
            problems.push(
                Diagnostic::new(&UNDERSTATED_EFFECT, span, message)
                    .label(capability.span, "the effect stands here")
                    .note("promises follow the effect: one that says too little would hide a chain")
                    .help(format!("write `effect={}`", word(does))),
            );
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}

/// The least effect that a capability with such an action may say.
fn least(does: Effects) -> Effect {
    match does {
        Effects { controls: true, .. } => Effect::Control,
        Effects { writes: true, .. } => Effect::Write,
        Effects { reads: true, .. } => Effect::Read,
        Effects {
            reads: false,
            writes: false,
            controls: false,
        } => Effect::None,
    }
}

/// What says more stands higher.
const fn height(effect: Effect) -> u8 {
    match effect {
        Effect::None => 0,
        Effect::Read => 1,
        Effect::Write => 2,
        Effect::Control => 3,
    }
}

const fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "none",
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Control => "control",
    }
}
