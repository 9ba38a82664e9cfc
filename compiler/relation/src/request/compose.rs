//! From what was read to rights; what no target claims is taken from the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use catalogue::Catalogue;
use graph::access::{Access, Pairs, Principal, Resource};
use model::thing::{Detail, ThingId};
use pattern::pattern::{Builder, Part, Pattern};
use pattern::region::Region;
use pattern::word::{Letter, Word};
use read::facts::Facts;
use read::facts::document::{Effect, PrincipalName};

use super::principal::Principals;
use super::{Actor, Delegated, Denied, Numbered, Requests, Right, Source, has};
use crate::guard::{Guard, Who, own_names};
use crate::reach::layers::Layers;
use crate::rows::{Members, Rows};
use crate::sets::entrance;
use crate::statement::{ByGuard, Statement};
use crate::topic::{self, Stars};

impl Requests<'_> {
    pub(super) fn read(&mut self, facts: &Facts, by_guard: &ByGuard) {
        let (model, graph) = (self.model(), self.graph());
        let who = Principals::new(model, graph);
        let count = by_guard
            .values()
            .flatten()
            .map(|statement| statement.who.len() * statement.resources.len());
        self.rights.reserve(count.sum());
        for (guard, statements) in by_guard {
            let own = own_names(&graph.addresses, *guard);
            for statement in statements {
                let resources = resources(statement, *guard, &own);
                match statement.effect {
                    Effect::Deny => self.denied.entry(*guard).or_default().push(Denied {
                        who: statement.who.clone(),
                        actions: statement.actions.clone(),
                        resources,
                        when: statement.when.clone(),
                        target: facts.target,
                    }),
                    Effect::Allow => self.allow(facts.target, *guard, statement, &resources, &who),
                }
            }
        }
    }

    pub(super) fn allow(
        &mut self,
        target: &'static str,
        guard: Guard,
        statement: &Statement,
        resources: &[Pattern],
        who: &Principals,
    ) {
        let (actions, numbers, is_wild) = self.numbered(&statement.actions);
        for named in &statement.who {
            let (actor, source) = match (guard, named) {
                (Guard::Identity(thing, account), _) => (Actor::Thing(thing), Source::Identity(account)),
                (Guard::Device(thing), _) => (Actor::Thing(thing), Source::Device),
                (Guard::Rule(thing), _) => (Actor::Thing(thing), Source::Rule),
                (Guard::Trust(thing, _), named) => (who.actor(named), Source::Trust(thing)),
                (Guard::Resource(thing), Who::Named(PrincipalName::Account(number)))
                    if who.accounts.contains(number) =>
                {
                    for within in resources {
                        self.delegated.entry(thing).or_default().push(Delegated {
                            number: number.clone(),
                            actions: statement.actions.clone(),
                            within: within.clone(),
                            target,
                        });
                    }
                    continue;
                }
                (Guard::Resource(thing), named) => (who.actor(named), Source::Resource(thing)),
            };
            let members = self.members(&actor);
            for resource in resources {
                let within = any_letters(resource);
                self.rights.push(Right {
                    actor: actor.clone(),
                    actions: Arc::clone(&actions),
                    numbers: Arc::clone(&numbers),
                    is_wild,
                    is_wider: within != *resource,
                    within,
                    when: statement.when.clone(),
                    source,
                    target,
                    members: members.clone(),
                    stars: Stars::Any,
                });
            }
        }
    }

    /// Actions with their numbers, and whether some is a pattern. Many statements have the same.
    pub(super) fn numbered(&mut self, actions: &[Pattern]) -> Numbered {
        if let Some(known) = self.lists.get(actions) {
            return known.clone();
        }
        let mut numbers: Vec<u32> = Vec::with_capacity(actions.len());
        for action in actions.iter().filter(|action| is_on_resource(action)) {
            let word = action.word();
            if let Some(text) = word.as_ref().and_then(Word::as_text) {
                numbers.push(self.actions.intern(&text).index() as u32);
            }
        }
        numbers.sort_unstable();
        let is_wild = actions.iter().any(|action| !action.is_literal());
        let shared: Arc<[Pattern]> = actions.into();
        let numbered: Numbered = (Arc::clone(&shared), numbers.into(), is_wild);
        self.lists.insert(shared, numbered.clone());
        numbered
    }

    pub(super) fn members(&self, actor: &Actor) -> Option<Members> {
        let Actor::Thing(thing) = actor else { return None };
        let declared = self.model().things.get(*thing)?;
        matches!(declared.detail, Detail::Class(_)).then_some(Members {
            class: *thing,
            rows: Rows::All,
        })
    }

    /// Rights of which no selected target holds the guards.
    pub(super) fn declare(&mut self, claimed: Layers) {
        let graph = self.graph();
        let who = Principals::new(self.model(), graph);
        for (position, access) in (0u32..).zip(&graph.accesses) {
            let action = graph.words.text(access.action);
            if Layers::of_access(access.principal, action)
                .without(claimed)
                .is_empty()
            {
                continue;
            }
            let right = self.declared_right(position, access, action, &who);
            self.declared += 1;
            if let Some(right) = right {
                self.rights.extend(self.by_reached(access, right));
            }
        }
    }

    /// What members of one class may do to those of another, by the member that is reached: then the acting members are
    /// told, and not any.
    fn by_reached(&self, access: &Access, right: Right) -> Vec<Right> {
        let (Some(own), Some(reached)) = (self.members(&right.actor), &right.members) else {
            return vec![right];
        };
        let fleets = &self.sets.fleets;
        let of_reached = right.within.unknowns().any(|letter| match letter {
            Letter::Variable(id) => fleets.key(id).starts_with("of:"),
            Letter::Symbol(_) | Letter::Scalar(_) => false,
        });
        if !of_reached {
            return vec![right];
        }
        let pairs = self.graph().pairs.get(access.pairs).unwrap_or(&Pairs::All);
        let equal: Vec<_> = match pairs {
            Pairs::Equal(words) => words
                .iter()
                .filter_map(|word| self.model().names.find(self.graph().words.text(*word)))
                .collect(),
            Pairs::All | Pairs::Own | Pairs::Others => Vec::new(),
        };
        let values = |class, row| -> Option<Vec<&str>> {
            equal.iter().map(|name| fleets.value(class, row, *name)).collect()
        };
        let all = fleets.rows(&own);
        let mut by_values: BTreeMap<Vec<&str>, BTreeSet<usize>> = BTreeMap::new();
        for row in all.iter().filter(|_| !equal.is_empty()) {
            if let Some(key) = values(own.class, *row) {
                by_values.entry(key).or_default().insert(*row);
            }
        }
        let is_same_class = own.class == reached.class;
        let mut found: BTreeSet<(Pattern, Rows)> = BTreeSet::new();
        fleets.each_row(&right.within, reached, &mut |row, within| {
            let rows = match pairs {
                Pairs::All => Rows::All,
                Pairs::Own => Rows::These([row].into()),
                Pairs::Others if is_same_class => {
                    Rows::These(all.iter().copied().filter(|other| *other != row).collect())
                }
                Pairs::Others => Rows::All,
                Pairs::Equal(_) => {
                    let key = values(reached.class, row);
                    let met = key.and_then(|key| by_values.get(&key));
                    Rows::These(met.cloned().unwrap_or_default())
                }
            };
            found.insert((within.clone(), rows));
            ControlFlow::Continue(())
        });
        let of = |(within, rows): (Pattern, Rows)| Right {
            within,
            members: Some(Members {
                class: own.class,
                rows,
            }),
            ..right.clone()
        };
        found.into_iter().map(of).collect()
    }

    pub(super) fn declared_right(
        &mut self,
        position: u32,
        access: &Access,
        action: &str,
        who: &Principals,
    ) -> Option<Right> {
        let graph = self.graph();
        let actor = match access.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => Actor::Thing(thing),
            Principal::Service(service) => {
                Actor::Other(PrincipalName::Service(graph.words.text(service).to_owned()))
            }
            Principal::Federation(..) => who.actor(&Who::Named(PrincipalName::Federated(String::new()))),
            Principal::Steward(_) => Actor::Steward,
            Principal::Anyone => Actor::Anyone,
        };
        let within = graph.patterns.get(access.within)?.clone();
        let reached = within.unknowns().any(|letter| match letter {
            Letter::Variable(id) => self.sets.fleets.key(id).starts_with("of:"),
            Letter::Symbol(_) | Letter::Scalar(_) => false,
        });
        let members = if reached {
            let Resource::Thing(thing) = access.resource else {
                return None;
            };
            let class = self.model().things.get(thing)?.family?;
            Some(Members {
                class,
                rows: Rows::All,
            })
        } else {
            self.members(&actor)
        };
        let literal: Vec<Pattern> = Pattern::literal(&action.to_ascii_lowercase())
            .into_iter()
            .collect();
        let (actions, numbers, is_wild) = self.numbered(&literal);
        Some(Right {
            actor,
            actions,
            numbers,
            is_wild,
            is_wider: false,
            within,
            when: graph.regions.get(access.when)?.clone(),
            source: Source::Declared(position),
            target: "",
            members,
            stars: Stars::Any,
        })
    }

    /// A topic rule receives whatever is published to its entrance.
    pub(super) fn enter(&mut self) {
        let (model, graph) = (self.model(), self.graph());
        let receive: Vec<Pattern> = Pattern::literal("iot:receive").into_iter().collect();
        let (actions, numbers, is_wild) = self.numbered(&receive);
        for (id, thing) in model.things.iter() {
            let acts = model
                .kinds
                .get(thing.kind)
                .is_some_and(|kind| kind.words.acts.is_some());
            let address = graph.addresses.things.get(&id).filter(|_| acts);
            for within in address.into_iter().flat_map(entrance) {
                self.rights.push(Right {
                    actor: Actor::Thing(id),
                    actions: Arc::clone(&actions),
                    numbers: Arc::clone(&numbers),
                    is_wild,
                    is_wider: false,
                    within,
                    when: Region::everything(),
                    source: Source::Entrance,
                    target: "",
                    members: None,
                    stars: Stars::Any,
                });
            }
        }
    }

    /// What is received is what the filters bring: those of the actor, each with its levels.
    pub(super) fn by_filters(&mut self) {
        let mut filters: BTreeMap<ThingId, Vec<Pattern>> = BTreeMap::new();
        let number = self.actions.find("iot:subscribe").map(|name| name.index() as u32);
        let subscribes = |right: &Right| {
            number.is_some_and(|number| right.numbers.contains(&number))
                || (right.is_wild && has(&right.actions, "iot:subscribe"))
        };
        for right in &self.rights {
            if let Actor::Thing(actor) = right.actor
                && subscribes(right)
            {
                filters.entry(actor).or_default().push(right.within.clone());
            }
        }
        if filters.is_empty() {
            return;
        }
        let rights = std::mem::take(&mut self.rights);
        for right in rights {
            let own = match right.actor {
                Actor::Thing(actor) => filters.get(&actor),
                Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
            };
            let is_received = topic::has_inner_wildcard(&right.within) && has(&right.actions, "iot:receive");
            let Some(own) = own.filter(|_| is_received) else {
                self.rights.push(right);
                continue;
            };
            let Some(right) = self.receiving(right) else {
                continue;
            };
            let before = self.rights.len();
            for shared in topic::by_filter(&right.within, own) {
                if let Some(members) = self.told(right.members.as_ref(), &shared.told) {
                    self.rights.push(Right {
                        within: shared.topics,
                        stars: shared.stars,
                        members,
                        ..right.clone()
                    });
                }
            }
            // Who may receive what no filter of its own brings, receives it.
            if self.rights.len() == before {
                self.rights.push(right);
            }
        }
    }

    /// The members whose letters have these values; `None` if nobody's have.
    fn told(&self, members: Option<&Members>, told: &BTreeMap<u32, String>) -> Option<Option<Members>> {
        let Some(members) = members.filter(|_| !told.is_empty()) else {
            return Some(members.cloned());
        };
        let fleets = &self.sets.fleets;
        let mut rows = members.rows.clone();
        for (letter, text) in told {
            rows = match fleets.key(*letter).strip_prefix("attr:") {
                Some(attribute) => {
                    let value = BTreeMap::from([(attribute.to_owned(), text.clone())]);
                    fleets.rows_with(members.class, &rows, &value)
                }
                None if fleets.key(*letter) == "name" => fleets.named(members.class, &rows, text),
                None => rows,
            };
        }
        let is_nobody = matches!(&rows, Rows::These(rows) if rows.is_empty());
        let class = members.class;
        (!is_nobody).then_some(Some(Members { class, rows }))
    }
}

/// The resources of a statement; `*` in a thing's own policy is the thing and what is in it.
fn resources(statement: &Statement, guard: Guard, own: &[Pattern]) -> Vec<Pattern> {
    let is_own = matches!(guard, Guard::Trust(..) | Guard::Resource(_));
    let mut resources = Vec::with_capacity(statement.resources.len());
    for resource in &statement.resources {
        if is_own && resource.is_everything() {
            resources.extend(own.iter().cloned());
        } else {
            resources.push(resource.clone());
        }
    }
    resources
}

/// `?` may be a letter of a value that the provider assigns, which only `*` covers: taken for more than it is.
fn any_letters(pattern: &Pattern) -> Pattern {
    if !pattern.has_one() {
        return pattern.clone();
    }
    let mut wider = Builder::new();
    for part in pattern.parts() {
        match part {
            Part::Text(text) => wider.text(text),
            Part::Symbol(id) => wider.symbol(id),
            Part::Variable(id) => wider.variable(id),
            Part::Any | Part::One => wider.any(),
        };
    }
    wider.finish().unwrap_or_else(Pattern::everything)
}

/// Whether an action is one on resources. One that the catalogue does not know, or a wildcard, may be.
fn is_on_resource(action: &Pattern) -> bool {
    let name = action
        .word()
        .and_then(|word| word.as_text().map(|text| text.into_owned()));
    let known = name.and_then(|name| Catalogue::embedded().action(&name));
    known.is_none_or(|action| action.has_resource_level())
}
