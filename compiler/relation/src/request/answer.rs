//! What is asked of rights: one act on one thing, by the table of formulas.

use std::collections::{BTreeMap, BTreeSet};

use graph::question::overlap::of_any_member;
use model::project::AccountId;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word};
use read::facts::document::PrincipalName;

use super::{Actor, Asked, Found, Hit, Ready, Requests, Right, Source, canonical, has, meets};
use crate::formula::Formula;
use crate::guard::{Guard, Who};
use crate::rows::{Meeting, Members, Rows, Side, Unlike, has_letters};
use crate::sets::{Actions, Sets, Subjects, Whole};
use crate::topic;

impl<'a> Requests<'a> {
    /// The acts on some things, made ready.
    pub fn ready<'q>(&self, wholes: impl IntoIterator<Item = &'q Whole>) -> Vec<Ready<'q>> {
        let mut ready = Vec::new();
        for whole in wholes {
            for act in &whole.acts {
                let numbers = match &act.actions {
                    Actions::Any => None,
                    Actions::These(names) => Some(
                        names
                            .iter()
                            .filter_map(|name| self.actions.find(name))
                            .map(|name| name.index() as u32)
                            .collect(),
                    ),
                };
                ready.push(Ready {
                    whole,
                    act,
                    numbers,
                    wide: of_any_member(&act.within),
                });
            }
        }
        ready
    }

    /// One right against one act: the request that it grants.
    #[must_use]
    pub fn act(&self, position: u32, right: &Right, ready: &Ready<'_>, asked: &Asked<'_>) -> Found<Hit> {
        let (whole, act) = (ready.whole, ready.act);
        if asked
            .target
            .is_some_and(|target| !right.target.is_empty() && right.target != target)
            || !may_be(right, ready)
        {
            return Found::No;
        }
        let within = fixed(&right.within, right, asked.attributes, &self.sets);
        if !has_letters(&within) && within.meets(&ready.wide).is_none() {
            return Found::No;
        }
        if act.becomes && !self.becomes_another(right, whole) {
            return Found::No;
        }
        let Some(action) = self.action(right, ready) else {
            return Found::No;
        };
        let members = self.asking(right, asked.subjects);
        let left = Side {
            pattern: &within,
            members: members.as_ref(),
        };
        let reached = ready.side();
        // One's own identity is reached by others only.
        let class = |members: Option<&Members>| members.map(|members| members.class);
        let own_class = class(members.as_ref());
        let unlike = if act.becomes && own_class.is_some() && own_class == class(whole.members.as_ref()) {
            Unlike::Other
        } else {
            asked.unlike
        };
        let (word, row) = match self.sets.fleets.meet(left, reached, unlike) {
            Meeting::Apart => return Found::No,
            Meeting::Undecided => return Found::Undecided,
            Meeting::Meet { word, left, .. } => (word, left),
        };
        if topic::are_apart((&within, right.stars), (&act.within, act.stars)) {
            return Found::No;
        }
        let when = fixed_when(&right.when, asked.attributes, &self.sets)
            .and(asked.context)
            .and(&act.when);
        let when = self.in_account(when, whole);
        let when = self.of_actor(when, &right.actor);
        if when.is_nothing()
            || !self.suffices(right, whole, &action)
            || self.is_denied(right, whole, &action, &act.within, &when)
        {
            return Found::No;
        }
        Found::Yes(Hit {
            actor: right.actor.clone(),
            row,
            action: canonical(&action),
            resource: self.shown(&word),
            thing: Some(whole.thing),
            right: position,
        })
    }

    /// Whether to reach the identity of this thing is to become somebody else: a service that runs an actor is no other.
    pub(super) fn becomes_another(&self, right: &Right, whole: &Whole) -> bool {
        match (&right.actor, right.source) {
            (Actor::Other(PrincipalName::Service(_) | PrincipalName::Federated(_)), Source::Trust(_)) => {
                false
            }
            (Actor::Thing(own), _) if *own == whole.thing => {
                // Devices of one class are several.
                right.members.is_some()
            }
            (Actor::Thing(_) | Actor::Anyone | Actor::Steward | Actor::Other(_), _) => true,
        }
    }

    /// An action of the right that is asked for: the first by name.
    pub(super) fn action(&self, right: &Right, ready: &Ready<'_>) -> Option<String> {
        let name = |number: u32| self.actions.text(arena::Name::new(number));
        let numbers = right.numbers.iter().copied();
        let service = ready.service();
        let of_service = |action: &&str| {
            action
                .split_once(':')
                .is_none_or(|(prefix, _)| may_name(prefix, &service))
        };
        let literal = match &ready.numbers {
            None => numbers.map(name).filter(of_service).min(),
            Some(wanted) => numbers.filter(|number| wanted.contains(number)).map(name).min(),
        };
        if let Some(literal) = literal {
            return Some(literal.to_owned());
        }
        let mut wild = right.actions.iter().filter(|action| !action.is_literal());
        match &ready.act.actions {
            Actions::Any => wild
                .map(|pattern| pattern.to_string())
                .filter(|action| of_service(&action.as_str()))
                .min(),
            Actions::These(names) => {
                let matches = |pattern: &Pattern| {
                    names
                        .iter()
                        .find(|name| Word::text(name).is_some_and(|word| pattern.matches(&word)))
                };
                wild.find_map(matches).cloned()
            }
        }
    }

    /// The members of the right's actor that are asked about.
    pub(super) fn asking(&self, right: &Right, subjects: &Subjects) -> Option<Members> {
        let own = right.members.as_ref()?;
        let Actor::Thing(thing) = right.actor else {
            return Some(own.clone());
        };
        if own.class != thing {
            return Some(own.clone());
        }
        let asked = subjects.things.get(&thing).cloned().unwrap_or(Rows::All);
        let rows = match &own.rows {
            Rows::All => asked,
            Rows::In(_) | Rows::These(_) if asked == Rows::All => own.rows.clone(),
            Rows::In(_) | Rows::These(_) => {
                let fleets = &self.sets.fleets;
                let asked = Members {
                    class: thing,
                    rows: asked,
                };
                let asked: BTreeSet<usize> = fleets.rows(&asked).into_iter().collect();
                let own = fleets.rows(own).into_iter();
                Rows::These(own.filter(|row| asked.contains(row)).collect())
            }
        };
        Some(Members { class: thing, rows })
    }

    /// Whether the right alone lets the request through at this thing, by the table above.
    pub(super) fn suffices(&self, right: &Right, whole: &Whole, action: &str) -> bool {
        let formula = |home| Formula::of_role(self.model(), whole.thing, home);
        match right.source {
            Source::Device | Source::Rule | Source::Entrance | Source::Declared(_) | Source::Trust(_) => true,
            Source::Identity(home) => {
                if matches!(formula(home), Formula::Caller | Formula::Either) {
                    return true;
                }
                let number = self.number(home);
                let delegates = self.delegated.get(&whole.thing).into_iter().flatten();
                let by_account = delegates
                    .filter(|delegated| delegated.target == right.target && delegated.number == number)
                    .any(|delegated| {
                        has(&delegated.actions, action) && meets(&delegated.within, &right.within)
                    });
                let named = self.to_thing.get(&whole.thing).into_iter().flatten();
                let by_name = named
                    .filter_map(|position| self.rights.get(*position as usize))
                    .filter(|other| other.target == right.target)
                    .any(|other| {
                        (other.actor == right.actor || other.actor == Actor::Anyone)
                            && has(&other.actions, action)
                            && meets(&other.within, &right.within)
                            && other.when.meets(&right.when)
                    });
                by_account || by_name
            }
            Source::Resource(_) => {
                let Actor::Thing(actor) = right.actor else {
                    return true;
                };
                let homes = self.homes(actor);
                if homes.is_empty() || homes.into_iter().any(|home| formula(home) != Formula::Both) {
                    return true;
                }
                let own = self.by_thing.get(&actor).into_iter().flatten();
                own.filter_map(|position| self.rights.get(*position as usize))
                    .filter(|other| other.target == right.target)
                    .any(|other| {
                        matches!(other.source, Source::Identity(_))
                            && has(&other.actions, action)
                            && meets(&other.within, &right.within)
                            && other.when.meets(&right.when)
                    })
            }
        }
    }

    pub(super) fn number(&self, account: AccountId) -> &'a str {
        let model = self.model();
        model
            .accounts
            .get(account)
            .map_or("", |account| model.names.text(account.number))
    }

    /// The accounts in which an actor has a role.
    pub(super) fn homes(&self, actor: ThingId) -> BTreeSet<AccountId> {
        let first = (actor, AccountId::new(0));
        let roles = self.graph().addresses.roles.range(first..);
        roles
            .take_while(|((thing, _), _)| *thing == actor)
            .map(|((_, account), _)| *account)
            .collect()
    }

    /// Whether denies leave nothing of a request: those that hold on all of what is asked, by whoever asks.
    pub(super) fn is_denied(
        &self,
        right: &Right,
        whole: &Whole,
        action: &str,
        within: &Pattern,
        when: &Region,
    ) -> bool {
        let mut guards = vec![Guard::Resource(whole.thing)];
        if let Actor::Thing(actor) = right.actor {
            guards.extend(
                self.homes(actor)
                    .into_iter()
                    .map(|home| Guard::Identity(actor, home)),
            );
            guards.push(Guard::Device(actor));
        }
        if let Source::Trust(role) = right.source {
            guards.extend(self.homes(role).into_iter().map(|home| Guard::Trust(role, home)));
        }
        self.is_denied_by(&guards, right, action, within, when)
    }

    /// The same of the denies of some guards.
    pub(super) fn is_denied_by(
        &self,
        guards: &[Guard],
        right: &Right,
        action: &str,
        within: &Pattern,
        when: &Region,
    ) -> bool {
        let mut left = when.clone();
        for denied in guards.iter().filter_map(|guard| self.denied.get(guard)).flatten() {
            let concerns = denied.target == right.target
                && has(&denied.actions, action)
                && denied.who.iter().any(|who| self.names(who, right));
            if !concerns {
                continue;
            }
            if denied
                .resources
                .iter()
                .any(|pattern| pattern.covers(within) || pattern.covers(&right.within))
            {
                left = left.minus(&denied.when);
            }
        }
        left.is_nothing()
    }

    pub(super) fn names(&self, who: &Who, right: &Right) -> bool {
        match who {
            Who::Own | Who::Anyone => true,
            Who::Named(PrincipalName::Role(arn)) => match right.actor {
                Actor::Thing(actor) => {
                    let roles = &self.graph().addresses.roles;
                    self.is_foreign_role(actor, arn)
                        || self
                            .homes(actor)
                            .into_iter()
                            .any(|home| roles.get(&(actor, home)).is_some_and(|role| role.arn == *arn))
                }
                Actor::Anyone | Actor::Steward | Actor::Other(_) => false,
            },
            Who::Named(PrincipalName::Account(number)) => match right.actor {
                Actor::Thing(actor) => self
                    .homes(actor)
                    .into_iter()
                    .any(|home| self.number(home) == number),
                Actor::Anyone | Actor::Steward | Actor::Other(_) => false,
            },
            Who::Named(PrincipalName::Service(_) | PrincipalName::Federated(_)) => false,
        }
    }
}

/// A right's pattern for the subject whose attributes are fixed.
fn fixed(within: &Pattern, right: &Right, attributes: &BTreeMap<String, String>, sets: &Sets<'_>) -> Pattern {
    if attributes.is_empty() || right.members.is_some() || !has_letters(within) {
        return within.clone();
    }
    within.map_letters(&mut |letter| match letter {
        Letter::Variable(id) => {
            let key = sets.fleets.key(id).strip_prefix("attr:")?;
            Pattern::literal(attributes.get(key)?)
        }
        Letter::Symbol(_) | Letter::Scalar(_) => None,
    })
}

/// A right's contexts for the subject whose attributes are fixed. A condition on what is not fixed may hold.
fn fixed_when(when: &Region, attributes: &BTreeMap<String, String>, sets: &Sets<'_>) -> Region {
    if !when.has_unknown() {
        return when.clone();
    }
    let told = when.map_words(&mut |words| {
        words.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => {
                let key = sets.fleets.key(id).strip_prefix("attr:")?;
                Word::text(attributes.get(key)?)
            }
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
    });
    let mut told = told.unwrap_or_else(|| when.clone());
    let keys: Vec<_> = told.keys().into_iter().map(|(key, _)| key).collect();
    for key in &keys {
        let others = keys.iter().filter(|other| *other != key);
        let alone = others.fold(told.clone(), |region, other| region.forget(other));
        if alone.has_unknown() {
            told = told.forget(key);
        }
    }
    told
}

/// Whether a right has an action that is meant, as far as numbers tell.
fn may_be(right: &Right, ready: &Ready<'_>) -> bool {
    right.is_wild
        || match &ready.numbers {
            None => !right.numbers.is_empty(),
            Some(wanted) => right.numbers.iter().any(|number| wanted.contains(number)),
        }
}

/// Whether actions of a service have resources whose address names this service.
fn may_name(prefix: &str, service: &str) -> bool {
    let prefix = prefix.split(['*', '?']).next().unwrap_or("");
    // Other services name roles and things too.
    let is_beside = match service {
        "iam" => prefix == "sts",
        "iot" => ["greengrass", "iotdata", "iotjobsdata"].contains(&prefix),
        _ => false,
    };
    service.is_empty() || service.starts_with(prefix) || is_beside
}
