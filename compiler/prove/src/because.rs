//! From a reason of the graph to the line of the spec.

use checks::Checked;
use graph::reason::{Reason, ReasonId};
use source::Span;

/// The declaration for which an entry of the graph exists, through what entails it.
pub(crate) fn span_of(checked: &Checked<'_>, because: ReasonId) -> Option<Span> {
    let (model, graph) = (checked.model(), checked.graph());
    let mut reason = graph.reasons.get(because)?;
    // Reasons are interned after what they derive from, so that a chain is shorter than the table.
    for _ in 0..graph.reasons.len() {
        match reason {
            Reason::Trust(trust) => return model.trusts.get(*trust).map(|trust| trust.span),
            Reason::Declared(fact) => return model.facts.get(*fact).map(|fact| fact.span),
            Reason::Baseline(line) => return model.baselines.get(*line).map(|line| line.span),
            Reason::Entailed { of, .. } => reason = graph.reasons.get(*of)?,
        }
    }
    None
}
