//! Placeholders of a kind's blocks, replaced by what a declaration says.

use arena::Name;
use diagnostics::{Diagnostic, Report};
use model::kind::Condition;
use model::template::{Piece as Stretch, Placeholder, Template, Unit};
use model::value::Value as Said;
use pattern::pattern::Part;

use super::Made;
use super::fault::{MEMBER_MEANS, UNEVEN_DURATION, UNSAID_PROPERTY};
use crate::deployment::store::{Piece, Value};

impl<'a> Made<'_, 'a> {
    /// Whether a condition is met by what is said: on the declaration, or as the kind's default; `#false` is not said.
    pub(super) fn is_met(&self, condition: Option<Condition>) -> bool {
        condition.is_none_or(|condition| {
            let value = self.said(condition.property);
            value.is_some_and(|value| *value != Said::Flag(false)) == condition.said
        })
    }

    /// What a property says.
    pub(super) fn said(&self, name: Name) -> Option<&'a Said> {
        let own = self
            .thing
            .properties
            .iter()
            .find(|property| property.name == name);
        let own = own.and_then(|property| property.values.first());
        own.or_else(|| {
            let properties = &self.kind.words.properties;
            properties
                .iter()
                .find(|property| property.name == name)?
                .default
                .as_ref()
        })
    }

    /// A template's value. One placeholder alone takes the property's own type.
    pub(super) fn fill(&self, template: &Template, report: &mut Report) -> Option<Value> {
        if let [Stretch::Placeholder(placeholder)] = template.pieces.as_slice() {
            return self.placeholder(*placeholder, report);
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for stretch in &template.pieces {
            match stretch {
                Stretch::Text(text) => push(&mut pieces, Piece::Literal(self.cx.text(*text).to_owned())),
                Stretch::Placeholder(placeholder) => match self.placeholder(*placeholder, report)? {
                    Value::Text(inner) => inner.into_iter().for_each(|piece| push(&mut pieces, piece)),
                    Value::Number(number) => push(&mut pieces, Piece::Literal(number.to_string())),
                    Value::Flag(flag) => push(&mut pieces, Piece::Literal(flag.to_string())),
                    Value::List(_) | Value::Block(_) => {
                        report.compiler_bug("a list stands inside a text");
                        return None;
                    }
                },
            }
        }
        Some(Value::Text(pieces))
    }

    fn placeholder(&self, placeholder: Placeholder, report: &mut Report) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(vec![Piece::Literal(text.to_owned())]));
        match placeholder {
            Placeholder::Partition => text(self.cx.text(self.account.partition)),
            Placeholder::Account => text(self.cx.text(self.account.number)),
            Placeholder::Region => text(self.cx.text(self.account.region)),
            Placeholder::Environment => text(
                self.cx
                    .model
                    .project
                    .environment
                    .map_or("", |name| self.cx.text(name)),
            ),
            Placeholder::Physical => text(self.cx.physical(self.thing)),
            Placeholder::Name => text(self.cx.text(self.thing.name)),
            Placeholder::Arn => self.arn(report),
            Placeholder::Property(name) => self.property(name, report),
            Placeholder::Measure(name, unit) => self.measure(name, unit, report),
            Placeholder::Sibling(resource_type, attribute) => Some(Value::Text(vec![Piece::Reference {
                resource_type: self.cx.text(resource_type).to_owned(),
                label: self.label.clone(),
                attribute: self.cx.text(attribute).to_owned(),
            }])),
            Placeholder::Reference(property, resource_type, attribute) => {
                let Some(Said::Thing(other)) = self.said(property) else {
                    return self.unsaid(property, report);
                };
                let piece = self.refer(
                    *other,
                    self.cx.text(resource_type),
                    self.cx.text(attribute),
                    report,
                )?;
                Some(Value::Text(vec![piece]))
            }
            Placeholder::Attribute(name) => {
                let message = format!(
                    "`{{{}}}` differs by device, and this is made once",
                    self.cx.text(name)
                );
                report.push(Diagnostic::new(&MEMBER_MEANS, self.thing.span, message));
                None
            }
            Placeholder::Part => {
                report.compiler_bug("`{part}` stands in a Terraform block");
                None
            }
        }
    }

    fn property(&self, name: Name, report: &mut Report) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(vec![Piece::Literal(text.to_owned())]));
        match self.said(name) {
            None => self.unsaid(name, report),
            Some(Said::Name(word) | Said::Text(word) | Said::Version(word)) => text(self.cx.text(*word)),
            Some(Said::Number(number)) => Some(Value::Number(*number)),
            Some(Said::Flag(flag)) => Some(Value::Flag(*flag)),
            Some(Said::Date(date)) => text(&date.to_string()),
            Some(Said::Block(block)) => text(&block.to_string()),
            Some(Said::Duration(duration)) => text(&format!("{}s", duration.seconds)),
            Some(Said::Thing(other)) => text(self.cx.name_of(*other)),
            // A template of a declaration holds `{name}` and columns, and families were refused.
            Some(Said::Template(template)) => self.fill(template, report),
        }
    }

    fn measure(&self, name: Name, unit: Unit, report: &mut Report) -> Option<Value> {
        let Some(Said::Duration(duration)) = self.said(name) else {
            return self.unsaid(name, report);
        };
        let (seconds, word) = match unit {
            Unit::Seconds => (1, "seconds"),
            Unit::Minutes => (60, "minutes"),
            Unit::Hours => (3_600, "hours"),
            Unit::Days => (86_400, "days"),
        };
        let count = duration.seconds / seconds;
        if let Ok(count) = i64::try_from(count)
            && duration.seconds.is_multiple_of(seconds)
        {
            return Some(Value::Number(count));
        }
        let property = self.cx.text(name);
        let own = self.thing.properties.iter().find(|own| own.name == name);
        report.push(
            Diagnostic::new(
                &UNEVEN_DURATION,
                own.map_or(self.thing.span, |own| own.span),
                format!(
                    "`{property}` of `{}` is no whole number of {word}",
                    self.cx.text(self.thing.name)
                ),
            )
            .note(format!(
                "a `{}` counts it in {word}",
                self.cx.text(self.kind.name)
            ))
            .help(format!("write {count} or {} {word}", count.saturating_add(1))),
        );
        None
    }

    fn unsaid<T>(&self, name: Name, report: &mut Report) -> Option<T> {
        let property = self.cx.text(name);
        report.push(
            Diagnostic::new(
                &UNSAID_PROPERTY,
                self.thing.span,
                format!(
                    "`{}` does not say `{property}`, which its kind writes",
                    self.cx.text(self.thing.name)
                ),
            )
            .label(self.kind.span, "the kind")
            .help(format!("say it, or let the kind leave it out: `if={property}`")),
        );
        None
    }

    /// Its whole ARN, with what the provider assigns as symbols.
    fn arn(&self, report: &mut Report) -> Option<Value> {
        let Some(pattern) = self.cx.graph.addresses.things.get(&self.id) else {
            report.compiler_bug(format!("`{}` has no address", self.cx.text(self.thing.name)));
            return None;
        };
        let mut pieces = Vec::new();
        for part in pattern.parts() {
            let piece = match part {
                Part::Text(text) => Piece::Literal(text.to_owned()),
                Part::Symbol(id) => {
                    Piece::Symbol(self.cx.graph.addresses.symbols.text(Name::new(id)).to_owned())
                }
                Part::Variable(_) | Part::Any | Part::One => {
                    report.compiler_bug(format!(
                        "the address of `{}` has a hole",
                        self.cx.text(self.thing.name)
                    ));
                    return None;
                }
            };
            push(&mut pieces, piece);
        }
        Some(Value::Text(pieces))
    }
}

/// Appends a piece; neighbouring literals are one.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Literal(open)), Piece::Literal(more)) => open.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
}
