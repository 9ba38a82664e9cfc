//! Which declarations a piece of access comes from: the accesses of the spec that it is of, by who, by which action and on what.

use std::collections::BTreeSet;

use graph::access::{Access, Principal, Resource};
use graph::question::overlap::of_any_member;
use graph::reason::{Reason as Origin, ReasonId};
use model::kind::Capability;
use model::thing::ThingId;
use model::trust::{End, Named, Trust};
use model::value::Value;
use pattern::pattern::Pattern;

use super::Known;
use crate::access::{EVERYBODY, Piece, Sort};
use crate::letters::Letters;

/// One declaration that a piece comes from, or what its addresses tell where there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    /// Who, in the words of the spec, as both sides call it.
    pub(crate) subject: String,
    /// To what.
    pub(crate) object: String,
    /// Capabilities that mean it.
    pub(crate) words: BTreeSet<String>,
    /// Where it stands; `None` where only the addresses tell.
    pub(crate) because: Option<ReasonId>,
    /// The access of the graph that it is.
    pub(crate) position: Option<u32>,
    /// The thing that is reached by it; not always the one that the trust names.
    pub(crate) target: Option<ThingId>,
    /// Whether nobody wrote it down, and it is needed.
    pub(crate) is_entailed: bool,
}

impl Known<'_> {
    /// What a piece comes from, by the spec of its own side. Empty if the spec has no such access.
    pub(crate) fn claims(&self, piece: &Piece, letters: &Letters<'_>) -> Vec<Claim> {
        let mut best: Vec<(u32, &Access)> = Vec::new();
        let mut grade = 0;
        // A thing's own policy may speak of the thing as a whole, by no name.
        let is_own = Pattern::literal(&piece.guard).is_some_and(|own| own == piece.within);
        let guarded = self.of_address(&piece.guard).filter(|_| is_own);
        for (position, access) in self.near(piece) {
            let graph = self.spec.graph;
            if !graph
                .words
                .text(access.action)
                .eq_ignore_ascii_case(&piece.action)
            {
                continue;
            }
            let Some(within) = graph.patterns.get(access.within) else {
                continue;
            };
            let own = match guarded {
                Some(thing) if access.resource == Resource::Thing(thing) => 3,
                Some(_) | None => alike(&letters.declared(&graph.addresses, within), &piece.within),
            };
            if own > grade {
                grade = own;
                best.clear();
            }
            if own == grade && own > 0 {
                best.push((position, access));
            }
        }
        let mut claims: Vec<Claim> = Vec::new();
        for (position, access) in best {
            for because in self.index.reasons(position) {
                let claim = self.claim(position, access, because);
                let is_known =
                    |known: &Claim| (known.because, &known.object) == (claim.because, &claim.object);
                match claims.iter_mut().find(|known| is_known(known)) {
                    Some(known) => known.words.extend(claim.words),
                    None => claims.push(claim),
                }
            }
        }
        claims
    }

    /// The accesses of whom a piece speaks about: of an actor its own, of others those of the guard's thing, since there are many.
    fn near(&self, piece: &Piece) -> Vec<(u32, &Access)> {
        let accesses = &self.spec.graph.accesses;
        let principals = self.principals(&piece.who);
        let is_actor = |principal: &Principal| self.index.actor(*principal).is_some();
        let guarded = self.of_address(&piece.guard);
        let guarded = guarded.filter(|_| matches!(piece.sort, Sort::Trust | Sort::Resource));
        if let Some(thing) = guarded
            && !principals.iter().any(is_actor)
        {
            // A key's policy may leave it to the account: then it is whoever of the account has the access.
            let is_anybody = piece.who.starts_with("account ");
            let resources = [Resource::Identity(thing), Resource::Thing(thing)];
            let all = resources
                .into_iter()
                .flat_map(|resource| self.index.accesses_to(resource));
            return all
                .filter(|(_, access)| is_anybody || principals.contains(&access.principal))
                .collect();
        }
        let mut found = Vec::new();
        for principal in principals {
            let first = accesses.partition_point(|access| access.principal < principal);
            let own = (0u32..)
                .zip(accesses.iter().skip(first))
                .map(|(at, access)| (at + first as u32, access));
            found.extend(own.take_while(|(_, access)| access.principal == principal));
        }
        found
    }

    fn principals(&self, who: &str) -> Vec<Principal> {
        let (model, graph) = (self.spec.model, self.spec.graph);
        if who == EVERYBODY {
            return vec![Principal::Anyone];
        }
        let mut found: Vec<Principal> = Vec::new();
        if let Some(thing) = self.of_address(who) {
            found.extend(self.index.principal(thing));
        }
        found.extend(graph.words.find(who).map(Principal::Service));
        for (id, account) in model.accounts.iter() {
            let number = model.names.text(account.number);
            let is_steward = account.steward.is_some_and(|(role, _)| {
                let role = model.names.text(role);
                who.ends_with(role) && who.contains(&format!("::{number}:"))
            });
            if is_steward || who.strip_prefix("account ") == Some(number) {
                found.push(Principal::Steward(id));
            }
            for provider in model.providers.ids() {
                if relation::guard::federation(model, provider, id).as_deref() == Some(who) {
                    found.push(Principal::Federation(provider, id));
                }
            }
        }
        found
    }

    /// One access by one of its reasons.
    pub(crate) fn claim(&self, position: u32, access: &Access, because: ReasonId) -> Claim {
        let model = self.spec.model;
        let trust = self
            .index
            .trust_of(because)
            .and_then(|trust| model.trusts.get(trust));
        let actor = self.index.actor(access.principal);
        let target = match access.resource {
            Resource::Thing(thing) | Resource::Identity(thing) => Some(thing),
            Resource::Part(part) => model.parts.get(part).map(|part| part.of),
            Resource::Unscoped => None,
        };
        let subject = trust.and_then(|trust| self.subject(trust, actor, target));
        let object = trust.and_then(|trust| self.object(trust, target));
        let origin = self.spec.graph.reasons.get(because);
        let words = match (trust, target, origin) {
            (Some(trust), Some(target), Some(Origin::Trust(_))) => self.words(trust, target, access),
            _ => BTreeSet::new(),
        };
        Claim {
            subject: subject.unwrap_or_else(|| self.principal_name(access.principal)),
            object: object.unwrap_or_else(|| match target {
                Some(thing) => self.name(thing).to_owned(),
                None => "*".to_owned(),
            }),
            words,
            because: Some(because),
            position: Some(position),
            target,
            is_entailed: matches!(origin, Some(Origin::Entailed { .. })),
        }
    }

    pub(super) fn is_of(&self, named: &Named, thing: ThingId) -> bool {
        match named.end {
            End::Thing(own) => own == thing,
            End::Part(part) => self
                .spec
                .model
                .parts
                .get(part)
                .is_some_and(|part| part.of == thing),
            End::Account(_) | End::Internet => false,
        }
    }

    /// Of a trust the subject that somebody is, or that is become.
    pub(super) fn subject(
        &self,
        trust: &Trust,
        actor: Option<ThingId>,
        target: Option<ThingId>,
    ) -> Option<String> {
        let of = |thing: Option<ThingId>| {
            let thing = thing?;
            trust.subjects.iter().find(|named| self.is_of(named, thing))
        };
        let only = || match trust.subjects.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let found = of(actor).or_else(|| of(target)).or_else(only);
        found.map(|named| self.end(named.end))
    }

    /// Of a trust the object that a thing is, or that needs it.
    pub(super) fn object(&self, trust: &Trust, target: Option<ThingId>) -> Option<String> {
        let model = self.spec.model;
        let of = |thing: ThingId| trust.objects.iter().find(|named| self.is_of(named, thing));
        let needs = |thing: ThingId| {
            trust.objects.iter().find(|named| match named.end {
                End::Thing(own) => model.things.get(own).is_some_and(|own| {
                    let mut values = own.properties.iter().flat_map(|property| &property.values);
                    values.any(|value| *value == Value::Thing(thing))
                }),
                End::Part(_) | End::Account(_) | End::Internet => false,
            })
        };
        let found = match (target, trust.objects.as_slice()) {
            (_, [only]) => Some(only),
            (Some(thing), _) => of(thing).or_else(|| needs(thing)),
            (None, _) => None,
        };
        found.map(|named| self.end(named.end))
    }

    /// The capabilities that a trust names and that mean an action.
    fn words(&self, trust: &Trust, target: ThingId, access: &Access) -> BTreeSet<String> {
        let model = self.spec.model;
        let kind = model
            .things
            .get(target)
            .and_then(|thing| model.kinds.get(thing.kind));
        let Some(kind) = kind else {
            return BTreeSet::new();
        };
        let action = self.spec.graph.words.text(access.action);
        let all = kind.words.capabilities.as_slice();
        let named = all
            .iter()
            .filter(|capability| trust.allow.iter().any(|(name, _)| *name == capability.name));
        named
            .filter(|capability| self.means(all, capability, action))
            .map(|capability| model.names.text(capability.name).to_owned())
            .collect()
    }

    /// Whether a capability means an action, itself or by one that it `does`.
    pub(super) fn means(&self, all: &[Capability], capability: &Capability, action: &str) -> bool {
        let model = self.spec.model;
        let has = |capability: &Capability, helper: bool| {
            let lines = capability.actions.iter().filter(|line| line.helper == helper);
            lines
                .flat_map(|line| &line.actions)
                .any(|name| model.names.text(*name).eq_ignore_ascii_case(action))
        };
        let does = |name| all.iter().find(|other| other.name == name);
        // What it needs besides is not what it means, though another that it does means it.
        has(capability, false)
            || !has(capability, true)
                && capability
                    .does
                    .iter()
                    .filter_map(|(name, _)| does(*name))
                    .any(|other| has(other, false))
    }

    fn principal_name(&self, principal: Principal) -> String {
        let (model, graph) = (self.spec.model, self.spec.graph);
        match principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => self.name(thing).to_owned(),
            Principal::Service(word) => graph.words.text(word).to_owned(),
            Principal::Federation(provider, _) => model
                .providers
                .get(provider)
                .map_or_else(String::new, |provider| model.names.text(provider.name).to_owned()),
            Principal::Steward(account) => {
                let account = model.accounts.get(account);
                let name = account.map_or("", |account| model.names.text(account.name));
                format!("steward of {name}")
            }
            Principal::Anyone => "internet".to_owned(),
        }
    }

    /// The accesses of the spec between two, as positions: what one of them reaches of the other by what a trust says.
    pub(crate) fn between(&self, subject: &str, object: &str) -> Vec<u32> {
        let Some(principal) = self.thing(subject).and_then(|thing| self.index.principal(thing)) else {
            return Vec::new();
        };
        let accesses = &self.spec.graph.accesses;
        let first = accesses.partition_point(|access| access.principal < principal);
        let own = (0u32..)
            .zip(accesses.iter().skip(first))
            .map(|(at, access)| (at + first as u32, access));
        own.take_while(|(_, access)| access.principal == principal)
            .filter(|(position, access)| {
                self.index
                    .reasons(*position)
                    .any(|because| self.claim(*position, access, because).object == object)
            })
            .map(|(position, _)| position)
            .collect()
    }
}

/// How alike what is declared and what was read are: 3 equal, 2 one holds the other, 1 they meet, 0 apart.
fn alike(declared: &Pattern, read: &Pattern) -> u8 {
    if declared == read {
        return 3;
    }
    if declared.covers(read) || read.covers(declared) {
        return 2;
    }
    u8::from(of_any_member(declared).meets(&of_any_member(read)).is_some())
}
