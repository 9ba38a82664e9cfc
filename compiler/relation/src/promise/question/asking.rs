//! One line about one object.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use graph::address::service;
use graph::question::overlap::of_any_member;
use graph::words::{Meaning, Role};
use model::test::Question as Line;
use model::thing::{Detail, PartDetail, PartId, ThingId};
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::Word;
use read::facts::document::PrincipalName;

use crate::claims::Claims;
use crate::packet::End;
use crate::place::Span;
use crate::reach::layers::Layers;
use crate::reach::{Decided, Question, Reached, Relation};
use crate::request::told::values;
use crate::request::{Actor, Hit, Source};
use crate::rows::{Members, Rows, Unlike};
use crate::sets::{Act, Objects, Subjects, Whole, acts_like};
use crate::topic;

use super::said::said;
use super::seen::listing;
use super::{Answer, Object};

/// One line about one object.
pub(super) struct Asking<'q, 'a> {
    pub(super) relation: &'q Relation<'a>,
    pub(super) subjects: &'q Subjects,
    pub(super) context: &'q Region,
    pub(super) attributes: &'q BTreeMap<String, String>,
    pub(super) object: &'q Object,
    pub(super) members: Option<Members>,
    pub(super) source: Option<Span>,
}

impl Asking<'_, '_> {
    fn ask(
        &self,
        objects: &Objects,
        connects: bool,
        context: &Region,
        decided: &mut Decided,
    ) -> Vec<Reached> {
        let question = Question {
            subjects: self.subjects,
            objects,
            connects,
            unlike: Unlike::Any,
            context,
            attributes: self.attributes,
            source: self.source,
        };
        let mut found = Vec::new();
        let more = self
            .relation
            .each(&question, &mut |_, reached| found.push(reached));
        decided.undecided |= more.undecided;
        decided.declared |= more.declared;
        found
    }

    pub(super) fn listener(&self, part: PartId, line: &Line) -> (Answer, Decided) {
        let model = self.relation.sets.model;
        let mut decided = Decided::default();
        let listens = model
            .parts
            .get(part)
            .is_some_and(|part| matches!(part.detail, PartDetail::Listener(_)));
        let connects = self.relation.index.allows_connecting(&[line.capability.0]);
        if !listens || !connects {
            return (Answer::No, decided);
        }
        let whole = Whole {
            thing: self.object.thing,
            account: None,
            members: self.members.clone(),
            acts: Vec::new(),
            addresses: false,
            parts: BTreeSet::from([part]),
        };
        let objects = Objects {
            wholes: vec![whole],
            ..Objects::default()
        };
        let found = self.ask(&objects, true, self.context, &mut decided);
        let answer = if found.is_empty() { Answer::No } else { Answer::Yes };
        (answer, decided)
    }

    pub(super) fn requests(&self, line: &Line) -> (Answer, Decided) {
        let mut decided = Decided::default();
        let of = |role: Role| {
            let meanings = self.object.meanings.iter();
            meanings.filter(move |meaning| meaning.role == role && !meaning.within.is_everything())
        };
        let mut granted = Vec::new();
        let tells = |meaning: &&Meaning| {
            let action = meaning.action.to_ascii_lowercase();
            !self.object.not_telling.contains(&(meaning.capability, action))
        };
        let mut rights = BTreeSet::new();
        for meaning in of(Role::Means).filter(tells) {
            let acts = self.relation.sets.acts_on(self.object.thing, meaning);
            let listed = listing(meaning);
            let own = self.granting(&listed, acts, None, &mut decided);
            granted.extend(own.values().map(|hit| self.said_of(meaning, hit)).min());
            rights.extend(own.into_keys());
        }
        if granted.is_empty() {
            let answer = self.by_policy(line, &mut decided);
            return (answer.unwrap_or(Answer::No), decided);
        }
        let mut missing = Vec::new();
        let targets = self.deciding();
        for target in &targets {
            let lacking = self.missing(line.capability.0, *target, &mut decided).into_iter();
            missing.extend(lacking.map(|what| match target {
                Some(target) if targets.len() > 1 => format!("{what} in the files of {target}"),
                Some(_) | None => what,
            }));
        }
        if let Some(what) = self.session(&rights) {
            missing.push(what);
        }
        missing.extend(self.untrusted());
        if let Some(what) = self.path(&rights, &mut decided) {
            missing.push(what);
        }
        missing.sort();
        missing.dedup();
        granted.sort();
        granted.dedup();
        if missing.is_empty() {
            (Answer::Yes, decided)
        } else {
            (Answer::Partly { granted, missing }, decided)
        }
    }

    /// What the files of a target lack for a capability; nothing if it, or one that `does` it, is there with what it needs
    /// itself. Of the capability one action is enough; one that does it counts if all of it is there.
    fn missing(&self, own: Name, target: Option<&'static str>, decided: &mut Decided) -> Vec<String> {
        let of = |capability: Name| {
            let meanings = self.object.meanings.iter();
            let meant = meanings.filter(|meaning| !meaning.within.is_everything());
            let of_it = meant.filter(|meaning| meaning.capability == capability);
            of_it.partition::<Vec<&Meaning>, _>(|meaning| meaning.role == Role::Means)
        };
        let (means, needs) = of(own);
        let mut missing = Vec::new();
        if !means
            .iter()
            .any(|meaning| self.is_granted(meaning, target, decided))
        {
            missing.extend(means.iter().map(|meaning| said(self.relation, meaning)));
        }
        for need in needs {
            if !self.is_met(need, target, decided) {
                missing.push(said(self.relation, need));
            }
        }
        if missing.is_empty() {
            return missing;
        }
        let others: BTreeSet<Name> = self
            .object
            .meanings
            .iter()
            .map(|meaning| meaning.capability)
            .collect();
        let is_done = others.into_iter().filter(|other| *other != own).any(|other| {
            let (means, needs) = of(other);
            !means.is_empty()
                && means
                    .iter()
                    .all(|meaning| self.is_granted(meaning, target, decided))
                && needs.iter().all(|need| self.is_met(need, target, decided))
        });
        if is_done { Vec::new() } else { missing }
    }

    /// Who changes a thing's policy may do everything to it, once it is changed: not what was asked, and no denial of it.
    fn by_policy(&self, line: &Line, decided: &mut Decided) -> Option<Answer> {
        let thing = self.object.thing;
        let acts = self.relation.sets.policy_acts(thing);
        let found = self.ask(
            &self.only(thing, self.members.clone(), acts),
            false,
            self.context,
            decided,
        );
        let text = found.iter().map(|reached| self.relation.reached(reached)).min()?;
        Some(Answer::Partly {
            granted: vec![text],
            missing: vec![self.relation.sets.model.names.text(line.capability.0).to_owned()],
        })
    }

    /// Some acts on one thing.
    fn only(&self, thing: ThingId, members: Option<Members>, acts: Vec<Act>) -> Objects {
        let model = self.relation.sets.model;
        let declared = model.things.get(thing);
        let account = declared.and_then(|declared| declared.account.or(model.project.default_account));
        Objects {
            wholes: vec![Whole {
                thing,
                account,
                members,
                acts,
                addresses: false,
                parts: BTreeSet::new(),
            }],
            ..Objects::default()
        }
    }

    /// The targets that hold the guards of the subject, each of which has to grant; none in particular if no target does.
    fn deciding(&self) -> Vec<Option<&'static str>> {
        let is_device = self.subjects.things.keys().any(|thing| {
            let thing = self.relation.sets.model.things.get(*thing);
            thing.is_some_and(|thing| matches!(thing.detail, Detail::Class(_)))
        });
        let targets = self.relation.targets.iter().copied();
        let deciding: Vec<Option<&'static str>> = targets
            .filter(|target| {
                let claims = Claims::of(target);
                if is_device { claims.devices } else { claims.roles }
            })
            .map(Some)
            .collect();
        if deciding.is_empty() { vec![None] } else { deciding }
    }

    /// Whether what is needed is there: a filter of its own, or one that brings the topic.
    fn is_met(&self, need: &Meaning, target: Option<&'static str>, decided: &mut Decided) -> bool {
        self.is_granted(need, target, decided)
            || (need.action.eq_ignore_ascii_case("iot:Subscribe") && self.is_brought(need, target))
    }

    fn is_brought(&self, need: &Meaning, target: Option<&'static str>) -> bool {
        let model = self.relation.sets.model;
        let kind = |thing: &ThingId| model.kinds.get(model.things.get(*thing)?.kind);
        // What a rule receives, its own statement selects.
        let is_acting = |thing: &ThingId| kind(thing).is_some_and(|kind| kind.words.acts.is_some());
        if self.subjects.things.keys().any(is_acting) {
            return true;
        }
        let subscribe = Word::text("iot:subscribe");
        let rights = self.relation.requests().rights_of(self.subjects);
        rights
            .filter(|(_, right)| {
                target.is_none_or(|target| {
                    right.target == target || matches!(right.source, Source::Declared(_))
                })
            })
            .filter(|(_, right)| {
                let mut actions = right.actions.iter();
                let subscribe = subscribe.as_ref();
                subscribe.is_some_and(|word| actions.any(|action| action.matches(word)))
            })
            .any(|(_, right)| topic::brings(&right.within, &need.within))
    }

    fn is_granted(&self, meaning: &Meaning, target: Option<&'static str>, decided: &mut Decided) -> bool {
        let rights = &self.relation.requests().rights;
        let is_exact = |position: &u32| {
            rights
                .get(*position as usize)
                .is_some_and(|right| !right.is_wider)
        };
        let granting = self.granting(meaning, acts_like(meaning), target, decided);
        granting.keys().any(is_exact)
    }

    /// The rights by which some of the acts of what is meant are granted, by position.
    fn granting(
        &self,
        meaning: &Meaning,
        mut acts: Vec<Act>,
        target: Option<&'static str>,
        decided: &mut Decided,
    ) -> BTreeMap<u32, Hit> {
        let (thing, members) = match meaning.role {
            Role::Means | Role::Helps => (self.object.thing, self.members.clone()),
            Role::Via => match self.referred(meaning) {
                Some(thing) => (thing, None),
                None => (self.object.thing, None),
            },
        };
        let stars = self.relation.sets.stars(thing);
        acts.iter_mut().for_each(|act| act.stars = stars);
        let objects = self.only(thing, members, acts);
        let context = self.context.and(&meaning.when);
        let found = self.ask(&objects, false, &context, decided);
        let hits = found.into_iter().filter_map(|reached| match reached {
            Reached::Request(hit) => Some((hit.right, hit)),
            Reached::Packet(_) => None,
        });
        let is_asked = |(position, _): &(u32, Hit)| {
            let right = self.relation.requests().rights.get(*position as usize);
            right.is_some_and(|right| {
                let is_elsewhere = matches!(
                    right.source,
                    Source::Declared(_) | Source::Rule | Source::Entrance
                );
                target.is_none_or(|target| right.target == target || is_elsewhere)
            })
        };
        hits.filter(is_asked).collect()
    }

    /// The thing whose address a need speaks about.
    fn referred(&self, meaning: &Meaning) -> Option<ThingId> {
        let things = &self.relation.sets.graph.addresses.things;
        let found = things.iter().find(|(_, arn)| **arn == meaning.within);
        found.map(|(thing, _)| *thing)
    }

    /// Roles of the project that are to be assumed, and whose own trust policy names nobody of the subjects.
    fn untrusted(&self) -> Vec<String> {
        let relation = self.relation;
        let assumes = |meaning: &&Meaning| meaning.action.eq_ignore_ascii_case("sts:AssumeRole");
        let assumed: Vec<&Meaning> = self.object.meanings.iter().filter(assumes).collect();
        let is_read = relation.targets.iter().any(|target| Claims::of(target).roles);
        if assumed.is_empty() || !is_read {
            return Vec::new();
        }
        let is_named = |thing: ThingId| {
            let mut rights = relation.requests().rights.iter();
            rights.any(|right| {
                right.source == Source::Trust(thing)
                    && match &right.actor {
                        Actor::Thing(named) => self.subjects.things.contains_key(named),
                        Actor::Anyone | Actor::Other(PrincipalName::Account(_)) => true,
                        Actor::Steward | Actor::Other(_) => false,
                    }
            })
        };
        let roles = relation.sets.graph.addresses.roles.iter();
        let meant = roles.filter(|((thing, _), role)| {
            let declared = relation.sets.model.things.get(*thing);
            let is_ours = declared.is_some_and(|thing| thing.existing.is_none());
            let arn = Pattern::literal(&role.arn);
            let meets = |meaning: &&Meaning| {
                arn.as_ref()
                    .is_some_and(|arn| of_any_member(&meaning.within).meets(arn).is_some())
            };
            is_ours && assumed.iter().any(meets) && !is_named(*thing)
        });
        meant
            .map(|((thing, _), _)| {
                format!("the trust policy of `{}` does not name it", relation.name(*thing))
            })
            .collect()
    }

    /// A device connects before it does anything else. Whoever else subscribes does: to publish needs no connection.
    fn session(&self, granting: &BTreeSet<u32>) -> Option<String> {
        let rights = self.relation.requests();
        let receive = Word::text("iot:receive");
        let subscribes = receive.is_some_and(|receive| {
            let mut granting = granting
                .iter()
                .filter_map(|right| rights.rights.get(*right as usize));
            granting.any(|right| right.actions.iter().any(|action| action.matches(&receive)))
        });
        for thing in self.subjects.things.keys() {
            let acts = matches!(
                self.relation
                    .sets
                    .model
                    .things
                    .get(*thing)
                    .map(|thing| &thing.detail),
                Some(Detail::Resource)
            );
            if !self.relation.sets.fleets.has_things(*thing) && (!subscribes || acts) {
                continue;
            }
            let own = Subjects {
                things: [(*thing, Rows::All)].into(),
                ..Subjects::default()
            };
            let connects = rights.rights_of(&own).any(|(_, right)| {
                let connect = Word::text("iot:connect");
                connect.is_some_and(|connect| right.actions.iter().any(|action| action.matches(&connect)))
            });
            if !connects {
                return Some(format!("`{}` may not connect", self.relation.name(*thing)));
            }
        }
        None
    }

    /// The names under which a service is reached, as its kinds say.
    fn reached_as(&self, prefix: &str) -> impl Iterator<Item = String> {
        let model = self.relation.sets.model;
        let of_service = model.things.iter().filter(move |(_, thing)| {
            let kind = model.kinds.get(thing.kind);
            let service = kind.and_then(|kind| kind.words.service);
            service.is_some_and(|service| model.names.text(service) == prefix)
        });
        of_service.filter_map(|(id, _)| Some(service(model, id)?.into_owned()))
    }

    /// Who has a place needs a way from there to the service: the one through which the request has to come, if some
    /// condition names it.
    fn path(&self, rights: &BTreeSet<u32>, decided: &mut Decided) -> Option<String> {
        let model = self.relation.sets.model;
        let own = service(model, self.object.thing)?;
        let own: &str = &own;
        let through = Key::new("kms:ViaService");
        let mut services: BTreeSet<String> = BTreeSet::new();
        for right in rights {
            let right = self.relation.requests().rights.get(*right as usize)?;
            match values(&right.when, &through) {
                Some(hosts) => {
                    for host in hosts.iter().filter_map(Word::as_text) {
                        let prefix = host.split('.').next().unwrap_or("");
                        services.extend(self.reached_as(prefix));
                    }
                }
                None => {
                    services.insert(own.to_owned());
                }
            }
        }
        for thing in self.subjects.things.keys() {
            if self.relation.packets.places.of(*thing).is_empty() {
                continue;
            }
            let mut ways = self.relation.packets.crossings.iter().filter(|crossing| {
                matches!(&crossing.from, End::Thing(from, _) if from == thing)
                    && matches!(&crossing.to, End::Service(reached) if services.contains(reached))
            });
            let is_open = self.relation.packets.is_open(*thing);
            decided.declared |= Layers::CONNECTIONS.only_if(is_open);
            if ways.next().is_none() {
                let services: Vec<&str> = services.iter().map(String::as_str).collect();
                return Some(format!(
                    "a way from `{}` to service {}",
                    self.relation.name(*thing),
                    services.join(" or ")
                ));
            }
        }
        None
    }
}
