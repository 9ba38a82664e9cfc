//! Two declared subjects that are one to the provider: what a promise forbids to the one, the other's role would have.
//!
//! | subject | what the provider knows it by |
//! |---|---|
//! | what has a role of ours, a steward, an external with a `role` | account and name of the role, path and case apart |
//! | an external with an `account` | the account's number |
//! | a job of a provider | issuer, audience and claims |
//! | a pod | account, region and claims |
//!
//! Things of the broker are compared where inventories are read. What only shares members is [`crate::shared`]'s.

use std::collections::BTreeMap;

use diagnostics::Diagnostic;
use model::actor::RunsOn;
use model::project::{Account, AccountId};
use model::thing::{Detail, Thing, ThingId};
use source::Span;

use super::Build;
use crate::fault::SAME_IDENTITY;
use crate::shared::Claims;

/// A role as the provider tells roles apart.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>, "Names": unique in an account
/// whatever the path, and without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RoleKey {
    partition: String,
    number: String,
    name: String,
}

impl RoleKey {
    /// The key of a role's ARN; `None` if it is none.
    pub(crate) fn of(arn: &str) -> Option<Self> {
        let mut fields = arn.splitn(6, ':');
        let (Some("arn"), Some(partition), Some("iam"), Some(_), Some(number), Some(rest)) = (
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
        ) else {
            return None;
        };
        let path = rest.strip_prefix("role/")?;
        let name = path.rsplit('/').next()?;
        (!number.is_empty() && !name.is_empty()).then(|| Self {
            partition: partition.to_owned(),
            number: number.to_owned(),
            name: name.to_ascii_lowercase(),
        })
    }

    /// The key as a text.
    pub(crate) fn address(&self) -> String {
        format!("arn:{}:iam::{}:role/{}", self.partition, self.number, self.name)
    }
}

/// Who is known by a role. The order is the order in which two are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The actor whose role of ours it is.
    Own(ThingId),
    /// An external that names it.
    Named(ThingId),
    /// The steward of an account.
    Steward(AccountId),
}

/// One who is known by a role.
struct Bearer<'m> {
    who: Who,
    /// For the order of messages, which does not follow the source.
    rank: (u8, &'m str),
    arn: String,
    span: Span,
}

impl<'m> Build<'m> {
    /// Refuses subjects that the provider could not tell apart.
    pub(super) fn refuse_same_identities(&mut self) {
        self.refuse_same_roles();
        self.refuse_same_accounts();
        self.refuse_equal_claims();
    }

    fn refuse_same_roles(&mut self) {
        let mut known: BTreeMap<RoleKey, Vec<Bearer<'m>>> = BTreeMap::new();
        for bearer in self.bearers() {
            if let Some(key) = RoleKey::of(&bearer.arn) {
                known.entry(key).or_default().push(bearer);
            }
        }
        for bearers in known.values_mut() {
            bearers.sort_by_key(|bearer| bearer.rank);
            bearers.dedup_by_key(|bearer| bearer.who);
            let Some((first, others)) = bearers.split_first() else {
                continue;
            };
            for other in others {
                if let Some(diagnostic) = self.same_role(first, other) {
                    self.report.push(diagnostic);
                }
            }
        }
    }

    fn bearers(&self) -> Vec<Bearer<'m>> {
        let model = self.model;
        let mut bearers = Vec::new();
        let own = |id: ThingId, thing: &'m Thing, arn: String| Bearer {
            who: Who::Own(id),
            rank: (0, self.text(thing.name)),
            arn,
            span: thing
                .existing
                .map_or(thing.physical.span, |existing| existing.span),
        };
        for ((id, _), role) in &self.graph.addresses.roles {
            if let Some(thing) = model.things.get(*id) {
                bearers.push(own(*id, thing, role.arn.clone()));
            }
        }
        for (id, thing) in model.things.iter() {
            match &thing.detail {
                // Theirs is made with their first access; it is theirs before.
                Detail::People(_) => {
                    if let Some((_, account)) = self.account_of(thing) {
                        bearers.push(own(id, thing, self.role(thing, account).arn));
                    }
                }
                Detail::External(external) => {
                    if let Some((role, span)) = external.role {
                        bearers.push(Bearer {
                            who: Who::Named(id),
                            rank: (1, self.text(thing.name)),
                            arn: self.text(role).to_owned(),
                            span,
                        });
                    }
                }
                Detail::Workload(_) | Detail::Class(_) | Detail::Resource => {}
            }
        }
        for (id, account) in model.accounts.iter() {
            if let Some((role, span)) = account.steward {
                bearers.push(Bearer {
                    who: Who::Steward(id),
                    rank: (2, self.text(account.name)),
                    arn: self.in_account(account, self.text(role)),
                    span,
                });
            }
        }
        bearers
    }

    fn in_account(&self, account: &Account, path: &str) -> String {
        let [partition, number] = [account.partition, account.number].map(|name| self.text(name));
        format!("arn:{partition}:iam::{number}:{path}")
    }

    fn same_role(&self, first: &Bearer<'_>, other: &Bearer<'_>) -> Option<Diagnostic> {
        let (note, help) = match (first.who, other.who) {
            (Who::Own(one), Who::Own(two)) => {
                if self.is_reported(one, two) {
                    return None;
                }
                (
                    "what one of the two may, the other may",
                    "give one of them another `physical`, or declare one actor".to_owned(),
                )
            }
            (Who::Own(one), Who::Named(two)) if one == two => (
                "who has been let in would let itself in",
                "name the role from which it comes".to_owned(),
            ),
            (Who::Own(one), Who::Named(_)) => (
                "the role is ours: what one of the two may, the other may",
                format!(
                    "let the trust name `{}`, and take the external out",
                    self.name(one)
                ),
            ),
            (Who::Own(one), Who::Steward(_)) => (
                "the steward may administer, and no promise is about him: what he may, this actor may",
                format!(
                    "give `{}` another `physical`, or name another steward",
                    self.name(one)
                ),
            ),
            (Who::Named(_), Who::Steward(_)) => (
                "the steward may administer, and no promise is about him: what he may, the external may",
                "name another role of the external, or another steward".to_owned(),
            ),
            (Who::Named(_), Who::Named(_)) => (
                "what one of the two may, the other may",
                "declare it once, and let every trust name that one".to_owned(),
            ),
            // One role of one account, by two names of the account.
            (Who::Steward(_), _) | (_, Who::Own(_)) => return None,
        };
        let message = format!(
            "{} and {} are one to the provider: the role `{}`",
            self.called(first.who),
            self.called(other.who),
            first.arn
        );
        let mut diagnostic = Diagnostic::new(&SAME_IDENTITY, other.span, message);
        if first.span != other.span {
            diagnostic = diagnostic.label(first.span, "the other one");
        }
        if first.arn != other.arn {
            diagnostic = diagnostic.note(format!(
                "`{}` is the same one: in an account, neither path nor letter case tells roles apart",
                other.arn
            ));
        }
        Some(diagnostic.note(note).help(help))
    }

    /// Whether the two were refused where their names were read: actors of one account with one `physical`.
    fn is_reported(&self, one: ThingId, two: ThingId) -> bool {
        let (Some(one), Some(two)) = (self.model.things.get(one), self.model.things.get(two)) else {
            return false;
        };
        let acts_itself = |thing: &Thing| match thing.detail {
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) => true,
            Detail::External(_) | Detail::Resource => false,
        };
        acts_itself(one)
            && acts_itself(two)
            && one.account == two.account
            && self.physical(one).to_lowercase() == self.physical(two).to_lowercase()
    }

    fn called(&self, who: Who) -> String {
        match who {
            Who::Own(thing) => match self.model.things.get(thing).map(|thing| &thing.detail) {
                Some(Detail::External(_)) => format!("what `{}` is given here", self.name(thing)),
                Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource)
                | None => {
                    format!("`{}`", self.name(thing))
                }
            },
            Who::Named(thing) => format!("the external `{}`", self.name(thing)),
            Who::Steward(account) => {
                let name = self.model.accounts.get(account).map(|account| account.name);
                format!(
                    "the steward of account `{}`",
                    name.map_or("", |name| self.text(name))
                )
            }
        }
    }

    fn name(&self, thing: ThingId) -> &'m str {
        self.model
            .things
            .get(thing)
            .map_or("", |thing| self.text(thing.name))
    }

    /// A whole foreign account is an account of nobody declared, and is declared once.
    fn refuse_same_accounts(&mut self) {
        let mut found: Vec<(&'m str, &'m str, Span)> = Vec::new();
        for (_, thing) in self.model.things.iter() {
            if let Detail::External(external) = &thing.detail
                && let Some((number, span)) = external.account
            {
                found.push((self.text(number), self.text(thing.name), span));
            }
        }
        found.sort_unstable();
        let mut first: Option<(&str, &str, Span)> = None;
        for (number, name, span) in found {
            let ours = self
                .model
                .accounts
                .iter()
                .find(|(_, account)| self.text(account.number) == number);
            if let Some((_, account)) = ours {
                let message = format!(
                    "the external `{name}` is an account of this project, `{}`",
                    self.text(account.name)
                );
                self.report.push(
                    Diagnostic::new(&SAME_IDENTITY, span, message)
                        .label(account.span, "the account is declared here")
                        .note("everybody in it would have the access, the declared actors included")
                        .help("let the trust name the actors that are meant, and take the external out"),
                );
            }
            match first {
                Some((earlier, other, place)) if earlier == number => {
                    let message = format!(
                        "the external `{other}` and the external `{name}` are one to the provider: the account `{number}`"
                    );
                    self.report.push(
                        Diagnostic::new(&SAME_IDENTITY, span, message)
                            .label(place, "the other one")
                            .note("what one of the two may, the other may")
                            .help("declare it once, and let every trust name that one"),
                    );
                }
                Some(_) | None => first = Some((number, name, span)),
            }
        }
    }

    /// Jobs and pods that give the same claims to the same provider.
    fn refuse_equal_claims(&mut self) {
        let model = self.model;
        let mut known: BTreeMap<(String, Claims<'m>), Vec<(&'m str, &'m Thing)>> = BTreeMap::new();
        for (_, thing) in model.things.iter() {
            let Detail::Workload(workload) = &thing.detail else {
                continue;
            };
            let issuer = match (workload.from, workload.runs_on) {
                (Some(from), _) => crate::shared::issuer(model, from),
                (None, Some(RunsOn::Eks)) => self.account_of(thing).map(|(_, account)| {
                    format!("{} {}", self.text(account.number), self.text(account.region))
                }),
                (None, _) => None,
            };
            let claims = crate::shared::claims(model, workload);
            let Some(issuer) = issuer.filter(|_| !claims.is_empty()) else {
                continue;
            };
            known
                .entry((issuer, claims))
                .or_default()
                .push((self.text(thing.name), thing));
        }
        for same in known.values_mut() {
            same.sort_by_key(|(name, _)| *name);
            let Some(((first, one), others)) = same.split_first() else {
                continue;
            };
            for (other, two) in others {
                let message =
                    format!("`{first}` and `{other}` are one to the provider: their claims are equal");
                self.report.push(
                    Diagnostic::new(&SAME_IDENTITY, two.span, message)
                        .label(one.span, "the other one")
                        .note("who gives these claims may become either: what one may, the other may")
                        .help("declare one workload, or tell the two apart by the value of a `claim`"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_told_apart_by_account_and_name_alone() {
        let key = |arn: &str| RoleKey::of(arn).unwrap();
        assert_eq!(
            key("arn:aws:iam::111122223333:role/ops/Deploy"),
            key("arn:aws:iam::111122223333:role/deploy")
        );
        assert_ne!(
            key("arn:aws:iam::111122223333:role/deploy"),
            key("arn:aws:iam::444455556666:role/deploy")
        );
        assert_ne!(
            key("arn:aws:iam::111122223333:role/deploy/x"),
            key("arn:aws:iam::111122223333:role/deploy")
        );
        assert_eq!(RoleKey::of("arn:aws:iam::111122223333:user/x"), None);
        assert_eq!(RoleKey::of("arn:aws:iam:::role/x"), None);
    }
}
