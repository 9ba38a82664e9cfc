//! Settings: what a declaration states of a thing, and what holds of every thing of its service.

use diagnostics::Diagnostic;
use model::thing::{Detail, Thing, ThingId};
use model::value::Value as Written;
use source::Span;

use super::Build;
use crate::fault::ACROSS_REGIONS;
use crate::reason::ReasonId;
use crate::setting::{Object, Property, Setting, Value};

/// What holds of every thing that we make, by the provider's service prefix; no declaration can say otherwise.
const STANDING: [(&str, Property); 11] = [
    ("dynamodb", Property::DeletionProtected),
    ("dynamodb", Property::PointInTimeRecovery),
    ("kinesis", Property::Encrypted),
    ("kms", Property::KeyRotation),
    ("rds", Property::DeletionProtected),
    ("rds", Property::Encrypted),
    ("rds", Property::TlsRequired),
    ("rds", Property::Unreachable),
    ("s3", Property::OwnerEnforced),
    ("s3", Property::PublicAccessBlocked),
    ("sqs", Property::Encrypted),
];

impl<'m> Build<'m> {
    /// Adds the settings of everything that is not `existing`.
    pub(super) fn settings(&mut self) {
        let model = self.model;
        for (id, thing) in model.things.iter() {
            match &thing.detail {
                Detail::Resource => self.resource_settings(id, thing),
                Detail::People(people) => {
                    if let Some((duration, span)) = people.session
                        && self.graph.addresses.roles.keys().any(|(holder, _)| *holder == id)
                        && let Some(because) = self.declared(id, span)
                    {
                        self.setting(
                            Object::Identity(id),
                            Property::SessionSeconds,
                            Value::Number(duration.seconds),
                            because,
                        );
                    }
                }
                Detail::Workload(_) | Detail::Class(_) | Detail::External(_) => {}
            }
        }
    }

    fn resource_settings(&mut self, id: ThingId, thing: &'m Thing) {
        if thing.existing.is_some() {
            return;
        }
        let service = self.service(thing).map_or("", |service| self.text(service));
        let mut has_key = false;
        for property in &thing.properties {
            let name = self.text(property.name);
            let Some(first) = property.values.first() else {
                continue;
            };
            let stated = match (name, first) {
                (_, Written::Thing(key)) if self.is_key(*key) => {
                    has_key = true;
                    self.refuse_far_key(thing, *key, property.span);
                    Some((Property::EncryptionKey, Value::Thing(*key)))
                }
                ("encrypted", Written::Flag(true)) => Some((Property::Encrypted, Value::Flag(true))),
                ("retain", Written::Duration(duration)) => {
                    Some((Property::RetainSeconds, Value::Number(duration.seconds)))
                }
                ("versioned", Written::Flag(flag)) => Some((Property::Versioned, Value::Flag(*flag))),
                ("object-lock", Written::Duration(duration)) => {
                    Some((Property::LockSeconds, Value::Number(duration.seconds)))
                }
                _ => None,
            };
            if let Some((stated, value)) = stated
                && let Some(because) = self.declared(id, property.span)
            {
                self.setting(Object::Thing(id), stated, value, because);
            }
        }
        let standing = STANDING
            .iter()
            .filter(|(of, _)| *of == service)
            .map(|(_, property)| *property);
        for property in standing {
            if property == Property::Encrypted && has_key {
                continue;
            }
            if let Some(because) = self.declared(id, thing.span) {
                self.setting(Object::Thing(id), property, Value::Flag(true), because);
            }
        }
    }

    /// A service uses keys of its own region and partition alone.
    ///
    /// Source: AWS KMS developer guide, "Multi-Region keys" (a key is never used from another region), read 2026-11-30.
    pub(crate) fn refuse_far_key(&mut self, thing: &Thing, key: ThingId, span: Span) {
        let Some(key) = self.model.things.get(key) else {
            return;
        };
        let (Some((_, own)), Some((_, other))) = (self.account_of(thing), self.account_of(key)) else {
            return;
        };
        if (own.region, own.partition) == (other.region, other.partition) {
            return;
        }
        let [name, of] = [thing.name, key.name].map(|name| self.text(name));
        let [here, there] = [own.region, other.region].map(|name| self.text(name));
        let message = format!("`{name}` is in `{here}`, and its key `{of}` in `{there}`");
        self.report.push(
            Diagnostic::new(&ACROSS_REGIONS, span, message)
                .label(key.span, "the key")
                .note("a service asks for keys of its own region only")
                .help("declare a key in an account of the same region"),
        );
    }

    fn is_key(&self, id: ThingId) -> bool {
        let service = self.model.things.get(id).and_then(|thing| self.service(thing));
        service.is_some_and(|service| self.text(service) == "kms")
    }

    fn setting(&mut self, object: Object, property: Property, value: Value, because: ReasonId) {
        self.graph.settings.push(Setting {
            object,
            property,
            value,
            because,
        });
    }
}
