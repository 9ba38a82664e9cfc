//! Who applies has to use the key of what is created under it: the provider calls the key's service in that person's name.
//!
//! | created under a key | the account's steward needs of the key | only |
//! |---|---|---|
//! | table | to encrypt and decrypt, data keys, a grant | through DynamoDB |
//! | secret | to encrypt and decrypt a probe, which is no secret | through Secrets Manager |
//! | stream, log group | to look at it | through the service |
//! | database, time series | to look at it, a grant | through the service |
//!
//! A grant is for the provider's services alone. A bucket and a queue ask for nothing when they are made.
//!
//! Sources, read 2026-11-30:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html>,
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html> (the probe's version is
//! `RequestToValidateKeyAccess`), <https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html>,
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonTimestreamFullAccess.html>.

use model::kind::BaselineRule;
use model::project::AccountId;
use model::thing::{Thing, ThingId};
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;

use crate::access::{Access, Principal, Resource};
use crate::build::Build;
use crate::reason::Rule;

/// What creation asks of a key.
struct Need {
    service: &'static str,
    actions: &'static [&'static str],
    /// For whom and for what, besides through the service.
    limit: Limit,
}

#[derive(Clone, Copy)]
enum Limit {
    None,
    /// A grant for the provider's services.
    Grant,
    /// The probe by which the service tries the key.
    Probe,
}

const NEEDS: &[Need] = &[
    Need {
        service: "dynamodb",
        actions: &[
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        limit: Limit::None,
    },
    Need {
        service: "dynamodb",
        actions: &["kms:CreateGrant"],
        limit: Limit::Grant,
    },
    Need {
        service: "secretsmanager",
        actions: &["kms:Decrypt", "kms:GenerateDataKey"],
        limit: Limit::Probe,
    },
    Need {
        service: "kinesis",
        actions: &["kms:DescribeKey"],
        limit: Limit::None,
    },
    Need {
        service: "logs",
        actions: &["kms:DescribeKey"],
        limit: Limit::None,
    },
    Need {
        service: "rds",
        actions: &["kms:DescribeKey"],
        limit: Limit::None,
    },
    Need {
        service: "rds",
        actions: &["kms:CreateGrant"],
        limit: Limit::Grant,
    },
    Need {
        service: "timestream",
        actions: &["kms:DescribeKey"],
        limit: Limit::None,
    },
    Need {
        service: "timestream",
        actions: &["kms:CreateGrant"],
        limit: Limit::Grant,
    },
];

impl<'m> Build<'m> {
    /// Lets stewards create what lies under a key of ours.
    pub(crate) fn entail_creation(&mut self) {
        let model = self.model;
        for (id, thing) in model.things.iter() {
            let makes = model
                .kinds
                .get(thing.kind)
                .is_some_and(|kind| !kind.means.is_empty());
            if makes && thing.existing.is_none() {
                self.creation(id, thing);
            }
        }
    }

    /// Whether a baseline gives the steward of an account this action on a key of that account, and asks no more than creation does.
    fn administers(&self, account: AccountId, key: ThingId, action: &str) -> bool {
        let Some(thing) = self.model.things.get(key) else {
            return false;
        };
        let own = self.account_of(thing).is_some_and(|(own, _)| own == account);
        let given = self
            .model
            .baselines
            .iter()
            .any(|(_, baseline)| match &baseline.rule {
                BaselineRule::Administer { kind, actions } if *kind == thing.kind => {
                    actions.iter().any(|used| {
                        let is_as_wide = used.conditions.is_empty() || action == "kms:CreateGrant";
                        is_as_wide && used.actions.iter().any(|name| self.text(*name) == action)
                    })
                }
                BaselineRule::Administer { .. } | BaselineRule::Restrict { .. } => false,
            });
        own && given
    }

    fn creation(&mut self, id: ThingId, thing: &'m Thing) -> Option<()> {
        let service = self.text(self.service(thing)?);
        let needs: Vec<&Need> = NEEDS.iter().filter(|need| need.service == service).collect();
        let (key, span) = self.key_of(id, thing)?;
        let is_ours = |thing: &Thing| thing.existing.is_none_or(|existing| existing.is_ours());
        if needs.is_empty() || !self.model.things.get(key).is_some_and(is_ours) {
            return None;
        }
        let (account_id, account) = self.account_of(thing)?;
        account.steward?;
        let host = Word::text(&format!(
            "{service}.{}.{}",
            self.text(account.region),
            self.suffix(account)
        ))?;
        let through = Region::only(Key::new("kms:ViaService"), Values::text(Words::just(&host)));
        let within = self.graph.addresses.things.get(&key)?.clone();
        let within = self.graph.patterns.intern(within);
        let of = self.declared(id, span)?;
        let because = self.entailed(of, Rule::Creation);
        for need in needs {
            let limit = match need.limit {
                Limit::None => Region::everything(),
                Limit::Grant => Region::only(Key::new("kms:GrantIsForAWSResource"), Values::flag(true)),
                Limit::Probe => Region::only(
                    Key::new("kms:EncryptionContext:SecretVersionId"),
                    Values::text(Words::just(&Word::text("RequestToValidateKeyAccess")?)),
                ),
            };
            let when = self.graph.regions.intern(through.and(&limit));
            for action in need.actions {
                if self.administers(account_id, key, action) {
                    continue;
                }
                let action = self.graph.words.intern(action);
                self.access(Access {
                    principal: Principal::Steward(account_id),
                    action,
                    resource: Resource::Thing(key),
                    within,
                    pairs: self.all,
                    when,
                    because,
                });
            }
        }
        Some(())
    }
}
