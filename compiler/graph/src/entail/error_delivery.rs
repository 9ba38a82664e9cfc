//! A resource that acts delivers what failed to its `errors`.
//!
//! The fact `errors` says where; only a trust grants. So a thing that acts and names another under `errors` needs a
//! trust on it, and without one the declaration is refused: what failed would be lost without a word.

use diagnostics::Diagnostic;
use model::thing::ThingId;
use model::value::Value;

use crate::build::Build;
use crate::fault::MISSING_TRUST;

impl Build<'_> {
    /// Refuses an `errors` that no trust grants.
    pub(crate) fn require_error_delivery(&mut self) {
        let model = self.model;
        for (id, thing) in model
            .things
            .iter()
            .filter(|(_, thing)| self.acts(thing).is_some())
            .collect::<Vec<_>>()
        {
            for property in &thing.properties {
                if self.text(property.name) != "errors" {
                    continue;
                }
                for value in &property.values {
                    if let Value::Thing(target) = value
                        && !self.granted.contains(&(id, *target))
                    {
                        self.missing_trust(id, *target, property.span);
                    }
                }
            }
        }
    }

    fn missing_trust(&mut self, subject: ThingId, object: ThingId, span: source::Span) {
        let (Some(subject), Some(object)) = (self.model.things.get(subject), self.model.things.get(object))
        else {
            return;
        };
        let (from, to) = (self.text(subject.name), self.text(object.name));
        self.report.push(
            Diagnostic::new(
                &MISSING_TRUST,
                span,
                format!("`{from}` is to write what failed to `{to}`, and no trust lets it"),
            )
            .label(object.span, "declared here")
            .note("only a trust grants")
            .help(format!(
                "add `trust {from} -> {to} {{ allow write; because \"…\" }}`"
            )),
        );
    }
}
