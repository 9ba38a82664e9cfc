//! The steps from one actor to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use graph::question::overlap::of_any_member;
use model::actor::RunsOn;
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use pattern::word::Word;
use read::facts::document::PrincipalName;

use crate::claims::Claims;
use crate::packet::End;
use crate::reach::{Packet, Reached};
use crate::request::{Actor, Hit, Right, Source};
use crate::rows::{Meeting, Rows, Side, Unlike};
use crate::sets::Subjects;
use crate::topic::{self, Stars};

use super::reader::{effects_of, is_in_bucket, widened};
use super::{Chains, Reader, Step};

/// A way from one actor to another.
pub(super) struct Edge {
    /// Whether it commands; else it carries data.
    pub(super) is_control: bool,
    /// Whether it is no step to somebody else: some member is both.
    pub(super) is_same: bool,
    /// Whether it joins two different members of one class.
    pub(super) is_between: bool,
    /// As it is shown.
    pub(super) step: Step,
    /// The crossing that it is, for a connection.
    pub(super) crossing: Option<usize>,
    /// Between which members it is.
    pub(super) members: Between,
}

/// Between which members of two classes a step is.
#[derive(Clone, Default)]
pub(super) enum Between {
    /// Between any: it is not looked at.
    #[default]
    Any,
    /// Each member and itself: code and its host.
    Itself,
    /// Those that write and read a word in common, by the positions of the two rights; several ways joined.
    Words(Vec<(u32, u32)>),
}

impl Between {
    /// Those of either.
    fn join(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Itself, Self::Itself) | (Self::Any, _) => {}
            (Self::Words(own), Self::Words(more)) => own.extend(more),
            (Self::Itself | Self::Words(_), _) => *self = Self::Any,
        }
    }
}

/// Steps by who takes them.
type Edges = BTreeMap<Option<ThingId>, Arc<[Edge]>>;

impl Chains<'_, '_> {
    pub(super) fn edges(&self, from: Option<ThingId>) -> Arc<[Edge]> {
        let known = |edges: &Edges| edges.get(&from).map(Arc::clone);
        if let Some(known) = known(&self.edges.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let mut edges = Vec::new();
        self.requests(from, &mut edges);
        self.answers(from, &mut edges);
        self.hosts(from, &mut edges);
        self.connections(from, &mut edges);
        edges.retain(|edge| edge.is_between || Some(edge.step.to) != from);
        // Two ways to one actor are one only if all that decides whether a way counts is equal.
        let way = |edge: &Edge| {
            (
                edge.step.to,
                edge.is_control,
                edge.is_same,
                edge.is_between,
                edge.crossing,
            )
        };
        edges.sort_by(|a, b| (way(a), &a.step.how).cmp(&(way(b), &b.step.how)));
        edges.dedup_by(|a, b| {
            let is_one = way(a) == way(b);
            if is_one {
                b.members.join(std::mem::take(&mut a.members));
            }
            is_one
        });
        let edges: Arc<[Edge]> = edges.into();
        let mut all = self.edges.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(from, Arc::clone(&edges));
        edges
    }

    /// Steps of data from an actor to those that command it by a request.
    pub(super) fn commanders(&self, of: Option<ThingId>) -> &[Edge] {
        let known = self.commanders.get_or_init(|| {
            let rights = self.relation.requests().rights.iter();
            let commands = rights.filter(|right| {
                matches!(right.source, Source::Trust(_)) || effects_of(&self.effects, right).controls
            });
            let actors = commands.filter_map(|right| match right.actor {
                Actor::Thing(actor) => Some(actor),
                Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
            });
            let mut known: BTreeMap<ThingId, Vec<Edge>> = BTreeMap::new();
            for actor in actors.collect::<BTreeSet<ThingId>>() {
                let mut edges = Vec::new();
                self.requests(Some(actor), &mut edges);
                for edge in edges
                    .into_iter()
                    .filter(|edge| edge.is_control && edge.step.to != actor)
                {
                    let commanded = edge.step.to;
                    known.entry(commanded).or_default().push(Edge {
                        is_control: false,
                        step: Step {
                            how: "is commanded by".to_owned(),
                            to: actor,
                            lines: edge.step.lines,
                        },
                        ..edge
                    });
                }
            }
            known
        });
        of.and_then(|of| known.get(&of)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn requests(&self, from: Option<ThingId>, edges: &mut Vec<Edge>) {
        let subjects = Subjects {
            things: from.map(|from| (from, Rows::All)).into_iter().collect(),
            internet: from.is_none(),
            ..Subjects::default()
        };
        for (position, right) in self.relation.requests().rights_of(&subjects) {
            if let Source::Trust(other) = right.source {
                if !self.relation.requests().may_become(right) {
                    continue;
                }
                edges.push(self.edge(true, "becomes".to_owned(), other, &[position]));
                continue;
            }
            let effects = effects_of(&self.effects, right);
            let own = widened(&right.within);
            let only_assumes = self.only_assumes(right);
            if effects.controls {
                for wide in &own {
                    for other in self.actors.meeting(wide) {
                        if only_assumes && !self.may_assume(from, *other) {
                            continue;
                        }
                        edges.push(self.edge(true, "becomes or commands".to_owned(), *other, &[position]));
                    }
                }
            }
            for workload in own.iter().flat_map(|wide| self.functions.meeting(wide)).flatten() {
                if effects.controls {
                    edges.push(self.edge(true, "commands".to_owned(), *workload, &[position]));
                }
                if effects.writes {
                    edges.push(self.edge(false, "invokes".to_owned(), *workload, &[position]));
                }
            }
            if effects.writes {
                let mut written = self.written(right, &own);
                if effects.controls && is_in_bucket(&right.within) {
                    let within = Pattern::glob("/*");
                    written.extend(within.map(|more| of_any_member(&right.within).concat(&more)));
                }
                let readers = written.iter().flat_map(|wide| self.readers.meeting(wide));
                for reader in readers.flatten() {
                    self.feeds(
                        from,
                        (position, right),
                        reader,
                        &|read| !self.are_apart(right, read),
                        edges,
                    );
                }
                // The provider tells others what it is sent for a device, under other topics.
                if let Some(kept) = topic::kept(&right.within) {
                    let is_kept = |read: &Right| self.is_kept(&kept, right, read);
                    for reader in self.kept.meeting(&of_any_member(&kept)).flatten() {
                        let before = edges.len();
                        self.feeds(from, (position, right), reader, &is_kept, edges);
                        // Written under one word, and read under another.
                        for edge in edges.iter_mut().skip(before) {
                            edge.members = Between::Any;
                        }
                    }
                }
            }
        }
    }

    /// A step from who writes to who reads it, if the two rights meet.
    fn feeds(
        &self,
        from: Option<ThingId>,
        (position, right): (u32, &Right),
        reader: &Reader,
        is_fed: &dyn Fn(&Right) -> bool,
        edges: &mut Vec<Edge>,
    ) {
        let read = self.relation.requests().rights.get(reader.right as usize);
        let Some(read) = read.filter(|read| is_fed(read)) else {
            return;
        };
        let what = right.within.display(&|letter| {
            let word = pattern::word::Word::of([letter]);
            word.map_or_else(String::new, |word| self.relation.requests().shown(&word))
        });
        let rights = [position, reader.right];
        let how = format!("writes {what}, which is read by");
        let mut edge = self.edge(false, how, reader.actor, &rights);
        edge.is_between = from == Some(reader.actor) && self.meets_another(right, read);
        if right.members.is_some() && read.members.is_some() {
            edge.members = Between::Words(vec![(position, reader.right)]);
        }
        edges.push(edge);
    }

    /// Whether what the provider keeps by one right is of the device of which the other reads.
    fn is_kept(&self, kept: &Pattern, right: &Right, read: &Right) -> bool {
        let Some(other) = topic::kept(&read.within) else {
            return false;
        };
        let (written, read) = (
            Side {
                pattern: kept,
                members: right.members.as_ref(),
            },
            Side {
                pattern: &other,
                members: read.members.as_ref(),
            },
        );
        self.relation.sets.fleets.meet(written, read, Unlike::Any) != Meeting::Apart
    }

    /// Of the words of a right those that it writes.
    fn written(&self, right: &Right, own: &[Pattern]) -> Vec<Pattern> {
        let mut written = Vec::new();
        for action in right.actions.iter() {
            let word = action.word();
            let text = word.as_ref().and_then(Word::as_text);
            let some = text.and_then(|text| self.effects.written(&text, &right.within));
            match some {
                Some(some) => written.extend(some),
                None => return own.to_vec(),
            }
        }
        written
    }

    /// Whether a right controls by assuming a role, and not otherwise.
    fn only_assumes(&self, right: &Right) -> bool {
        right.actions.iter().all(|action| {
            let word = action.word();
            let text = word.as_ref().and_then(Word::as_text);
            text.is_some_and(|text| {
                text == "sts:assumerole" || !self.effects.of(&text, &right.within).controls
            })
        })
    }

    /// Whether the trust policy of an actor's role, where it was read, names somebody.
    fn may_assume(&self, from: Option<ThingId>, other: ThingId) -> bool {
        let relation = self.relation;
        let declared = relation.sets.model.things.get(other);
        let is_read = relation.targets.iter().any(|target| Claims::of(target).roles)
            && declared.is_some_and(|thing| thing.existing.is_none());
        let mut rights = relation.requests().rights.iter();
        !is_read
            || rights.any(|right| {
                let is_named = match &right.actor {
                    Actor::Thing(named) => Some(*named) == from,
                    Actor::Anyone | Actor::Other(PrincipalName::Account(_)) => true,
                    Actor::Steward | Actor::Other(_) => false,
                };
                right.source == Source::Trust(other) && is_named
            })
    }

    /// The answer of a function carries data to whoever calls it.
    fn answers(&self, from: Option<ThingId>, edges: &mut Vec<Edge>) {
        let Some(from) = from else { return };
        for (caller, right) in self.callers.get(&from).into_iter().flatten() {
            edges.push(self.edge(false, "answers".to_owned(), *caller, &[*right]));
        }
    }

    /// Whether no member writes what some member reads.
    fn are_apart(&self, written: &Right, read: &Right) -> bool {
        if topic::are_apart((&written.within, Stars::Any), (&read.within, read.stars)) {
            return true;
        }
        // Who reads what is in a thing, or its names, reads it under another word.
        let (wide, other) = (of_any_member(&written.within), of_any_member(&read.within));
        if wide.meets(&other).is_none() {
            return false;
        }
        let fleets = &self.relation.sets.fleets;
        fleets.meet(written.side(), read.side(), Unlike::Any) == Meeting::Apart
    }

    /// Whether what one member writes is read by another one of its class.
    fn meets_another(&self, written: &Right, read: &Right) -> bool {
        let fleets = &self.relation.sets.fleets;
        written.members.is_some()
            && read.members.is_some()
            && fleets.meet(written.side(), read.side(), Unlike::Other) != Meeting::Apart
    }

    pub(super) fn edge(&self, is_control: bool, how: String, to: ThingId, rights: &[u32]) -> Edge {
        let mut lines = Vec::new();
        for position in rights {
            let Some(right) = self.relation.requests().rights.get(*position as usize) else {
                continue;
            };
            let hit = Hit {
                actor: right.actor.clone(),
                row: None,
                action: right.first_action(),
                resource: String::new(),
                thing: None,
                right: *position,
            };
            lines.extend(self.relation.lines(&Reached::Request(hit)));
        }
        Edge {
            is_control,
            is_same: false,
            is_between: false,
            step: Step { how, to, lines },
            crossing: None,
            members: Between::Any,
        }
    }

    /// Code commands the host that it runs on, and the host commands it.
    fn hosts(&self, from: Option<ThingId>, edges: &mut Vec<Edge>) {
        let Some(from) = from else { return };
        let model = self.relation.sets.model;
        for other in self.relation.sets.sharing(&[(from, Rows::All)].into()) {
            for is_control in [false, true] {
                edges.push(Edge {
                    is_control,
                    is_same: true,
                    is_between: false,
                    step: Step {
                        how: "shares members with".to_owned(),
                        to: other,
                        lines: model
                            .things
                            .get(other)
                            .map(|other| other.span)
                            .into_iter()
                            .collect(),
                    },
                    crossing: None,
                    members: Between::Any,
                });
            }
        }
        for (id, thing) in model.things.iter() {
            let Detail::Workload(workload) = &thing.detail else {
                continue;
            };
            let Some(RunsOn::Device(class)) = workload.runs_on else {
                continue;
            };
            let to = match from {
                from if from == class => id,
                from if from == id => class,
                _ => continue,
            };
            edges.push(Edge {
                is_control: true,
                is_same: false,
                is_between: false,
                step: Step {
                    how: "commands".to_owned(),
                    to,
                    lines: vec![thing.span],
                },
                crossing: None,
                members: Between::Itself,
            });
        }
    }

    /// Connections carry data both ways.
    fn connections(&self, from: Option<ThingId>, edges: &mut Vec<Edge>) {
        let packets = &self.relation.packets;
        let mut join = |to: ThingId, crossing: usize, opener: End| {
            let Some(crossed) = packets.crossings.get(crossing) else {
                return;
            };
            let Some(ports) = crossed.ports.first() else {
                return;
            };
            let packet = Packet {
                from: opener,
                to: crossed.to.clone(),
                ports: *ports,
                crossing,
            };
            edges.push(Edge {
                is_control: false,
                is_same: false,
                is_between: from.is_some_and(|from| from == to && packets.places.host(to).is_some()),
                step: Step {
                    how: "connects with".to_owned(),
                    to,
                    lines: self.relation.lines(&Reached::Packet(packet)),
                },
                crossing: Some(crossing),
                members: Between::Any,
            });
        };
        for (position, crossing) in packets.crossings.iter().enumerate() {
            let End::Thing(to, _) = crossing.to else { continue };
            match (&crossing.from, from) {
                (End::Thing(opener, _), Some(here)) if *opener == here => {
                    join(to, position, crossing.from.clone())
                }
                (End::Thing(opener, _), Some(here)) if to == here => {
                    join(*opener, position, crossing.from.clone())
                }
                (End::Everybody | End::Public(_), None) => join(to, position, crossing.from.clone()),
                (End::Everybody, Some(here)) if here == to => {
                    let things = self.relation.sets.model.things.ids();
                    for other in things.filter(|other| self.relation.speaks(*other)) {
                        if !packets.as_everybody(other, None, crossing).is_empty() {
                            join(other, position, End::Thing(other, None));
                        }
                    }
                }
                (End::Everybody, Some(here)) if self.relation.speaks(here) => {
                    if !packets.as_everybody(here, None, crossing).is_empty() {
                        join(to, position, End::Thing(here, None));
                    }
                }
                (End::Thing(..) | End::Everybody | End::Public(_) | End::Service(_), _) => {}
            }
        }
    }
}
