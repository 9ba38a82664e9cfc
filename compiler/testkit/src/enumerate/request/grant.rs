//! What one trust grants one subject on one object, capability by capability.

use super::{Bit, Concrete, Test, TestOf, Who};
use crate::enumerate::text::{Filling, Glob, Member, plain};
use arena::Name;
use model::Model;
use model::kind::{ActionUse, Capability};
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, Thing};
use model::trust::{Condition, Trust};
use model::value::{Block, Value};
use std::collections::BTreeSet;

pub(super) struct Grant<'a> {
    pub(super) model: &'a Model,
    pub(super) trust: &'a Trust,
    pub(super) acting: &'a Thing,
    pub(super) who: &'a Member,
    pub(super) object: &'a Thing,
    pub(super) member: &'a Member,
    /// Only through this service: a `via`.
    pub(super) service: Option<String>,
}

impl Grant<'_> {
    pub(super) fn capability(&self, capability: &Capability, list: &mut BTreeSet<Concrete>) {
        for action in &capability.actions {
            self.action(action, list);
        }
        for via in &capability.via {
            for target in self.references(via.kind) {
                let Some(kind) = self.model.kinds.get(target.kind) else {
                    continue;
                };
                let service = self
                    .model
                    .kinds
                    .get(self.object.kind)
                    .and_then(|kind| kind.words.service);
                let account = self
                    .object
                    .account
                    .or(self.model.project.default_account)
                    .and_then(|account| self.model.accounts.get(account));
                let (Some(service), Some(account)) = (service, account) else {
                    continue;
                };
                let host = format!(
                    "{}.{}.amazonaws.com",
                    self.model.names.text(service),
                    self.model.names.text(account.region)
                );
                for needed in kind
                    .words
                    .capabilities
                    .iter()
                    .filter(|needed| needed.name == via.capability)
                {
                    let grant = Grant {
                        object: target,
                        service: Some(host.clone()),
                        ..*self
                    };
                    grant.capability(needed, list);
                }
            }
        }
    }

    fn references(&self, kind: Name) -> Vec<&Thing> {
        let values = self
            .object
            .properties
            .iter()
            .flat_map(|property| &property.values);
        let things = values.filter_map(|value| match value {
            Value::Thing(thing) => self.model.things.get(*thing),
            _ => None,
        });
        things
            .filter(|thing| self.model.kinds.get(thing.kind).is_some_and(|of| of.name == kind))
            .collect()
    }

    /// Each thing that the trust narrows to, alone; the whole if it does not.
    fn parts(&self) -> Vec<Vec<Bit>> {
        if self.trust.narrow.is_empty() || self.service.is_some() {
            return vec![vec![Bit::Fixed(vec![None])]];
        }
        let narrow = self.trust.narrow.iter().map(|line| {
            let mut bits = self.narrow(&line.path);
            if line.under {
                bits.push(Bit::Fixed(vec![None]));
            }
            bits
        });
        narrow.collect()
    }

    /// `{name}` and `{ATTRIBUTE}` are the subject's.
    fn narrow(&self, path: &Template) -> Vec<Bit> {
        let mut bits = Vec::new();
        for piece in &path.pieces {
            bits.push(match piece {
                Piece::Text(text) => Bit::Fixed(plain(self.model.names.text(*text))),
                Piece::Placeholder(Placeholder::Name) => Bit::Fixed(plain(
                    self.who
                        .device
                        .as_deref()
                        .unwrap_or_else(|| self.model.names.text(self.acting.name)),
                )),
                Piece::Placeholder(Placeholder::Attribute(name) | Placeholder::Property(name)) => {
                    let name = self.model.names.text(*name);
                    match self.who.columns.get(name) {
                        Some(value) => Bit::Fixed(plain(value)),
                        None => Bit::Tag(name.to_owned()),
                    }
                }
                Piece::Placeholder(_) => Bit::Fixed(Glob::new()),
            });
        }
        bits
    }

    fn action(&self, action: &ActionUse, list: &mut BTreeSet<Concrete>) {
        for part in self.parts() {
            let resource = self.with_part(&action.on, &part);
            let mut tests = Vec::new();
            for condition in &action.conditions {
                let value = self.with_part(&condition.value, &part);
                if value != vec![Bit::Fixed(vec![None])] {
                    let test = if self.model.names.text(condition.operator).ends_with("IfExists") {
                        TestOf::IfThere(value)
                    } else {
                        TestOf::Bits(vec![value])
                    };
                    tests.push((self.model.names.text(condition.key).to_owned(), test));
                }
            }
            if let Some(service) = &self.service {
                tests.push((
                    "kms:ViaService".to_owned(),
                    TestOf::Fixed(Test::Like(vec![plain(service)])),
                ));
            }
            tests.extend(self.conditions());
            tests.sort();
            for name in &action.actions {
                let who = Who::Actor(self.who.clone());
                list.insert(Concrete {
                    who,
                    action: self.model.names.text(*name).to_owned(),
                    resource: resource.clone(),
                    tests: tests.clone(),
                });
            }
        }
    }

    /// A template, in which `{part}` may depend on a person's attribute.
    fn with_part(&self, template: &Template, part: &[Bit]) -> Vec<Bit> {
        const HERE: char = '\u{2}';
        let filling = Filling {
            model: self.model,
            thing: self.object,
            member: self.member,
            part: &vec![Some(HERE)],
        };
        let mut bits: Vec<Bit> = Vec::new();
        for letter in filling.words(template) {
            if letter == Some(HERE) {
                bits.extend(part.iter().cloned());
            } else {
                bits.push(Bit::Fixed(vec![letter]));
            }
        }
        joined(bits)
    }

    /// What the trust's conditions ask.
    pub(super) fn held(&self) -> Vec<(String, TestOf)> {
        let mut tests = Vec::new();
        for condition in &self.trust.when {
            match condition {
                // The identity provider sees to it.
                Condition::MfaAge { .. } => {}
                // What the provider calls on behalf of somebody does not carry an address.
                Condition::Source { blocks, .. } if self.service.is_none() => {
                    let blocks = blocks
                        .iter()
                        .map(
                            |Block {
                                 six,
                                 first,
                                 prefix_bits,
                             }| (*six, *first, *prefix_bits),
                        )
                        .collect();
                    tests.push(("aws:SourceIp".to_owned(), TestOf::Fixed(Test::Within(blocks))));
                }
                Condition::Source { .. } => {}
                Condition::Attribute { name, values, .. } => {
                    let values = values
                        .iter()
                        .map(|value| plain(self.model.names.text(*value)))
                        .collect();
                    tests.push((
                        format!("aws:PrincipalTag/{}", self.model.names.text(*name)),
                        TestOf::Fixed(Test::Like(values)),
                    ));
                }
                Condition::Until { date, .. } => {
                    tests.push((
                        "aws:CurrentTime".to_owned(),
                        TestOf::Fixed(Test::AtMost(date.last_second())),
                    ));
                }
            }
        }
        tests
    }

    fn conditions(&self) -> Vec<(String, TestOf)> {
        let mut tests = self.held();
        if matches!(self.acting.detail, Detail::People(_)) {
            for (attribute, _) in &self.trust.same {
                let name = self.model.names.text(*attribute);
                let value = self.member.columns.get(name).cloned().unwrap_or_default();
                // An empty value equals nothing.
                let values = if value.is_empty() {
                    Vec::new()
                } else {
                    vec![plain(&value)]
                };
                tests.push((
                    format!("aws:PrincipalTag/{name}"),
                    TestOf::Fixed(Test::Like(values)),
                ));
            }
        }
        tests
    }
}

fn joined(bits: Vec<Bit>) -> Vec<Bit> {
    let mut out: Vec<Bit> = Vec::new();
    for bit in bits {
        match (out.last_mut(), bit) {
            (Some(Bit::Fixed(open)), Bit::Fixed(more)) => open.extend(more),
            (_, bit) => out.push(bit),
        }
    }
    out
}
