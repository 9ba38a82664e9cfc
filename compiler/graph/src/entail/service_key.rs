//! A store that a service writes to under a key needs that service to use the key.
//!
//! The log service encrypts and decrypts a log group by itself, not on behalf of whoever writes: without the service in
//! the key's policy the group cannot be made. So a log group with a key entails what the manual lists, as far as it can be for this group alone, for the
//! service of the group's region, and for this group only (`kms:EncryptionContext:aws:logs:arn`).
//! Every other store of the standard library uses its key on behalf of the caller, which is `via`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>

use arena::Name;
use model::thing::{Thing, ThingId};
use model::value::Value;
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::Values;
use pattern::words::Words;
use source::Span;

use crate::access::{Access, Principal, Resource};
use crate::build::Build;
use crate::reason::Rule;

/// Of `Encrypt* Decrypt* ReEncrypt* GenerateDataKey* Describe*` of the manual: what encrypts with a context. `DescribeKey`
/// has none, so that a statement for one group never grants it; the service asks for no key pairs.
const USES: [&str; 6] = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

impl<'m> Build<'m> {
    /// Lets services use the keys of what they encrypt by themselves.
    pub(crate) fn entail_service_keys(&mut self) {
        let model = self.model;
        for (id, thing) in model.things.iter() {
            if thing.existing.is_some()
                && let Some((key, span)) = self.key_of(id, thing)
            {
                self.refuse_far_key(thing, key, span);
            }
            let is_logs = self
                .service(thing)
                .is_some_and(|service| self.text(service) == "logs");
            if is_logs && self.writes_key_of(id, thing) {
                self.log_group_key(id, thing);
            }
        }
    }

    /// Whether the policy of a thing's key would shut the service out that uses it: that of a new thing, or one that we write.
    fn writes_key_of(&self, id: ThingId, thing: &Thing) -> bool {
        let key = self
            .key_of(id, thing)
            .and_then(|(key, _)| self.model.things.get(key));
        let is_ours = key.is_some_and(|key| key.existing.is_none_or(|existing| existing.is_ours()));
        thing.existing.is_none() || is_ours
    }

    /// The provider's prefix of a thing's kind.
    pub(crate) fn service(&self, thing: &Thing) -> Option<Name> {
        self.model.kinds.get(thing.kind)?.words.service
    }

    /// The key under which a thing lies, and the line that says so.
    pub(crate) fn key_of(&self, id: ThingId, thing: &Thing) -> Option<(ThingId, Span)> {
        let key_kind = self.model.kinds.iter().find(|(_, kind)| {
            kind.words
                .service
                .is_some_and(|service| self.text(service) == "kms")
        });
        let key = self.references(id, key_kind?.1.name).first().copied()?;
        let said = thing
            .properties
            .iter()
            .find(|property| property.values.contains(&Value::Thing(key)))?;
        Some((key, said.span))
    }

    fn log_group_key(&mut self, id: ThingId, thing: &'m Thing) -> Option<()> {
        let (key, span) = self.key_of(id, thing)?;
        let (_, account) = self.account_of(thing)?;
        let service = format!("logs.{}.{}", self.text(account.region), self.suffix(account));
        let service = self.graph.words.intern(&service);
        let group = self.graph.addresses.things.get(&id)?;
        let region = Region::only(
            Key::new("kms:EncryptionContext:aws:logs:arn"),
            Values::text(Words::of(group)?),
        );
        let when = self.graph.regions.intern(region);
        let within = self.graph.addresses.things.get(&key)?.clone();
        let within = self.graph.patterns.intern(within);
        let of = self.declared(id, span)?;
        let because = self.entailed(of, Rule::ServiceKey);
        for action in USES {
            let action = self.graph.words.intern(action);
            self.access(Access {
                principal: Principal::Service(service),
                action,
                resource: Resource::Thing(key),
                within,
                pairs: self.all,
                when,
                because,
            });
        }
        Some(())
    }
}
