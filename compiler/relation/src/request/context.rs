//! In which contexts a right grants something, once the other side and denies are taken into account.

use model::actor::RunsOn;
use model::project::AccountId;
use model::thing::{Detail, ThingId};
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::{Type, Value, Values};
use pattern::word::Word;
use pattern::words::Words;

use super::{Actor, Requests, Right, Source, has, meets};
use crate::formula::Formula;
use crate::guard::Guard;
use crate::sets::Whole;

impl Requests<'_> {
    /// The contexts in which a right grants an action on a thing; none if the other side is needed and says nothing.
    pub(crate) fn contexts(&self, right: &Right, thing: ThingId, action: &str) -> Vec<Region> {
        let formula = |home| Formula::of_role(self.model(), thing, home);
        let others = match (right.source, &right.actor) {
            (Source::Identity(home), _) if !matches!(formula(home), Formula::Caller | Formula::Either) => {
                let delegates = self.delegated.get(&thing).into_iter().flatten();
                let number = self.number(home);
                let mut by_account = delegates
                    .filter(|delegated| delegated.target == right.target && delegated.number == number);
                if by_account.any(|delegated| has(&delegated.actions, action)) {
                    return vec![right.when.clone()];
                }
                self.to_thing.get(&thing)
            }
            (Source::Resource(_), Actor::Thing(actor)) => {
                let homes = self.homes(*actor);
                if homes.is_empty() || homes.into_iter().any(|home| formula(home) != Formula::Both) {
                    return vec![right.when.clone()];
                }
                self.by_thing.get(actor)
            }
            (_, _) => return vec![right.when.clone()],
        };
        let is_other_side = |other: &Right| {
            let by_policy = matches!(other.source, Source::Resource(_));
            let is_named = other.actor == right.actor || other.actor == Actor::Anyone;
            is_named && by_policy != matches!(right.source, Source::Resource(_))
        };
        let others = others.into_iter().flatten();
        others
            .filter_map(|position| self.rights.get(*position as usize))
            .filter(|other| other.target == right.target && is_other_side(other))
            .filter(|other| has(&other.actions, action) && meets(&other.within, &right.within))
            .map(|other| other.when.and(&right.when))
            .filter(|when| !when.is_nothing())
            .collect()
    }

    /// Contexts on a thing: its account is known.
    pub(super) fn in_account(&self, when: Region, whole: &Whole) -> Region {
        if when.is_everything() {
            return when;
        }
        let number = whole.account.and_then(|account| Word::text(self.number(account)));
        let known = [
            ("aws:ResourceAccount", number.clone()),
            ("s3:ResourceAccount", number),
            ("aws:RequestedRegion", self.region_of(whole)),
        ];
        known.into_iter().fold(when, |when, (key, value)| {
            let key = Key::new(key);
            match value {
                Some(value) if when.keys().iter().any(|(own, _)| *own == key) => {
                    when.and(&Region::only(key, Values::just(&Value::Text(value))))
                }
                Some(_) | None => when,
            }
        })
    }

    /// The region in which a thing is asked, if its address says it.
    fn region_of(&self, whole: &Whole) -> Option<Word> {
        let model = self.model();
        let region = model.accounts.get(whole.account?)?.region;
        let region = model.names.text(region);
        let address = self.graph().addresses.things.get(&whole.thing)?;
        let shown = address.display(&|_| String::new());
        let said = shown.split(':').nth(3).map(|said| said == region);
        (said == Some(true)).then(|| Word::text(region)).flatten()
    }

    /// Contexts of requests that a role of ours makes: who it is, is known.
    ///
    /// Source: IAM user guide, "AWS global condition context keys", "Properties of the principal".
    pub(super) fn of_actor(&self, when: Region, actor: &Actor) -> Region {
        let Actor::Thing(thing) = *actor else {
            return when;
        };
        // Whom a service of the provider lets be its role never shows a second factor. Who else becomes a role that exists may show one.
        let is_service = self
            .model()
            .things
            .get(thing)
            .filter(|thing| thing.existing_role().is_none())
            .is_some_and(|thing| match &thing.detail {
                Detail::Workload(workload) => matches!(
                    workload.runs_on,
                    Some(RunsOn::Lambda | RunsOn::Ecs | RunsOn::Ec2 | RunsOn::Eks)
                ),
                Detail::Resource | Detail::Class(_) | Detail::External(_) | Detail::People(_) => false,
            });
        let told: Vec<(Key, Type)> = when
            .keys()
            .into_iter()
            .filter(|(key, _)| {
                is_of_principal(key) || is_service && key.folded().starts_with("aws:multifactorauth")
            })
            .collect();
        let is_ours = self
            .model()
            .things
            .get(thing)
            .is_some_and(|thing| match thing.detail {
                Detail::Workload(_) | Detail::People(_) => true,
                // What acts may be the service itself; a device and an external are no role of ours.
                Detail::Resource | Detail::Class(_) | Detail::External(_) => false,
            });
        let roles: Vec<(AccountId, &str)> = self
            .graph()
            .addresses
            .roles
            .range((thing, AccountId::new(0))..)
            .take_while(|((of, _), _)| *of == thing)
            .map(|((_, account), role)| (*account, role.arn.as_str()))
            .collect();
        if !is_ours || roles.is_empty() {
            return when;
        }
        told.into_iter().fold(when, |when, (key, of)| {
            let texts = |texts: Vec<&str>| {
                let words: Vec<Word> = texts.into_iter().filter_map(Word::text).collect();
                Values::text(Words::from_words(&words))
            };
            let known = match key.folded() {
                "aws:principalarn" => texts(roles.iter().map(|(_, arn)| *arn).collect()),
                "aws:principalaccount" | "kms:calleraccount" => {
                    texts(roles.iter().map(|(account, _)| self.number(*account)).collect())
                }
                "aws:principaltype" => texts(vec!["AssumedRole"]),
                "aws:principalisawsservice" => Values::flag(false),
                _ => Values::absent(of),
            };
            when.and(&Region::only(key, known))
        })
    }

    /// Whether somebody whom a trust policy names becomes the role, whatever else it denies.
    pub(crate) fn may_become(&self, right: &Right) -> bool {
        let Source::Trust(role) = right.source else {
            return false;
        };
        let homes = self.homes(role).into_iter();
        let guards: Vec<Guard> = homes.map(|home| Guard::Trust(role, home)).collect();
        !self.is_denied_by(&guards, right, "sts:assumerole", &right.within, &right.when)
    }

    /// Whether a name is the role that an external brings along.
    pub(super) fn is_foreign_role(&self, actor: ThingId, arn: &str) -> bool {
        let model = self.model();
        match model.things.get(actor).map(|thing| &thing.detail) {
            Some(Detail::External(external)) => external
                .role
                .is_some_and(|(role, _)| model.names.text(role) == arn),
            Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource) | None => {
                false
            }
        }
    }
}

/// Keys whose values a role of ours has in each of its requests. A service's and a user's name it has not, nor what a service says
/// of the resource for which it asks.
fn is_of_principal(key: &Key) -> bool {
    [
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:username",
        "kms:calleraccount",
    ]
    .contains(&key.folded())
}
