//! Chains: accesses and flows that follow one another.
//!
//! A `control` step: the subject can become or command the next actor. A `data` step: it writes what the next actor
//! reads, or a connection joins the two, which carries data both ways. Two objects are one if some concrete name lies in
//! both. Classes are followed as a whole: a chain that holds for some of their members is found, and one that only two
//! different members could form is found too. That errs to the side of saying so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use arena::Name;
use model::actor::RunsOn;
use model::kind::Effect;
use model::promise::Through;
use model::thing::{Detail, ThingId};
use model::trust::End;
use pattern::pattern::Pattern;
use source::Span;

use super::Index;
use super::overlap::{Patterns, of_any_member};
use super::select::Selected;
use crate::access::{PatternId, Resource};
use crate::flow::{Endpoint, Flow};
use crate::reason::{Reason, ReasonId};

/// How a step is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It becomes or commands the next.
    Control,
    /// It writes what the next one reads.
    Data,
    /// A connection joins them.
    Connection,
}

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who; `None` for everybody.
    pub from: Option<ThingId>,
    /// The next.
    pub to: ThingId,
    /// How.
    pub how: How,
    /// What is written and read, for `Data`.
    pub by: Option<ThingId>,
    /// The lines that grant it: the writer's, then the reader's.
    pub lines: Vec<Span>,
    /// The reasons of these lines; a workload that runs on a device needs none.
    pub because: Vec<ReasonId>,
}

/// What the last actor of a chain reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// An access, by its position.
    Access(u32),
    /// A flow.
    Flow(Flow),
}

/// The shortest way from a subject to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Who begins; `None` for everybody.
    pub subject: Option<ThingId>,
    /// In order; empty if the subject reaches the object itself.
    pub steps: Vec<Step>,
    /// What is reached.
    pub reached: Reached,
}

/// What chains are asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'q> {
    /// Who may begin.
    pub subjects: &'q Selected,
    /// What is reached.
    pub objects: &'q Selected,
    /// By these capabilities only; by any access or flow if empty.
    pub allow: &'q [Name],
    /// Who is taken out of the subjects.
    pub except: &'q Selected,
    /// Which steps; `None` for none.
    pub through: Option<Through>,
}

/// Who reads what, and who is joined by connections: made once, asked for each promise.
#[derive(Debug)]
pub struct Chains<'a, 'i> {
    index: &'i Index<'a>,
    /// Readers of things that are named by their own name.
    readers: BTreeMap<ThingId, Vec<Reader>>,
    /// Readers of names that may overlap: topics.
    overlapping: Patterns<Reader>,
    any_member: BTreeMap<PatternId, Pattern>,
    /// Steps that do not depend on patterns.
    fixed: BTreeMap<Option<ThingId>, Vec<Step>>,
}

#[derive(Clone, Copy, Debug)]
struct Reader {
    actor: ThingId,
    within: PatternId,
    because: ReasonId,
}

/// The step that led to an actor, with the visit before it, and the actor; `None` for everybody.
type Visit = (Option<(Step, usize)>, Option<ThingId>);

impl<'a, 'i> Chains<'a, 'i> {
    /// Looks at every access and flow once.
    #[must_use]
    pub fn new(index: &'i Index<'a>) -> Self {
        let graph = index.graph;
        let mut any_member = BTreeMap::new();
        let mut readers: BTreeMap<ThingId, Vec<Reader>> = BTreeMap::new();
        let mut overlapping = Vec::new();
        for access in &graph.accesses {
            let (Resource::Thing(object), Some(actor)) = (access.resource, index.actor(access.principal))
            else {
                continue;
            };
            let Some(pattern) = graph.patterns.get(access.within) else {
                continue;
            };
            any_member
                .entry(access.within)
                .or_insert_with(|| of_any_member(pattern));
            if !index
                .capabilities(access)
                .iter()
                .any(|capable| capable.effect == Effect::Read)
            {
                continue;
            }
            let reader = Reader {
                actor,
                within: access.within,
                because: access.because,
            };
            if index.may_overlap(object) {
                overlapping.extend(
                    any_member
                        .get(&access.within)
                        .map(|pattern| (pattern.clone(), reader)),
                );
            } else {
                readers.entry(object).or_default().push(reader);
            }
        }
        let overlapping = Patterns::new(overlapping);
        let mut chains = Self {
            index,
            readers,
            overlapping,
            any_member,
            fixed: BTreeMap::new(),
        };
        chains.connections();
        chains.commands();
        chains
    }

    fn fix(
        &mut self,
        from: Option<ThingId>,
        to: ThingId,
        how: How,
        line: Option<Span>,
        because: Option<ReasonId>,
    ) {
        if from != Some(to) {
            let step = Step {
                from,
                to,
                how,
                by: None,
                lines: line.into_iter().collect(),
                because: because.into_iter().collect(),
            };
            self.fixed.entry(from).or_default().push(step);
        }
    }

    /// Connections carry data both ways.
    fn connections(&mut self) {
        let index = self.index;
        for flow in &index.graph.flows {
            let Endpoint::Thing(to) = flow.to else { continue };
            let line = index.line(flow.because);
            let openers: Vec<Option<ThingId>> = match flow.from {
                Endpoint::Thing(from) => vec![Some(from)],
                Endpoint::Internet => vec![None],
                Endpoint::Addresses(_) => {
                    let trust = index
                        .trust_of(flow.because)
                        .and_then(|trust| index.model.trusts.get(trust));
                    let subjects = trust.into_iter().flat_map(|trust| &trust.subjects);
                    subjects
                        .filter_map(|subject| match subject.end {
                            End::Thing(thing) => Some(Some(thing)),
                            End::Internet => Some(None),
                            End::Part(_) | End::Account(_) => None,
                        })
                        .collect()
                }
                Endpoint::Service(_) => Vec::new(),
            };
            for from in openers {
                self.fix(from, to, How::Connection, line, Some(flow.because));
                if let Some(from) = from {
                    self.fix(Some(to), from, How::Connection, line, Some(flow.because));
                }
            }
        }
    }

    /// Capabilities of effect `control`, and a workload on the device that it runs on.
    fn commands(&mut self) {
        let index = self.index;
        for (id, trust) in index.model.trusts.iter() {
            for object in &trust.objects {
                let (thing, kind) = match object.end {
                    End::Thing(thing) => (Some(thing), index.model.things.get(thing).map(|thing| thing.kind)),
                    End::Part(part) => {
                        let part = index.model.parts.get(part);
                        (part.map(|part| part.of), part.map(|part| part.kind))
                    }
                    End::Account(_) | End::Internet => (None, None),
                };
                let (Some(thing), Some(kind)) = (thing, kind.and_then(|kind| index.model.kinds.get(kind)))
                else {
                    continue;
                };
                let commands = kind.words.capabilities.iter().any(|capability| {
                    capability.effect == Effect::Control
                        && trust.allow.iter().any(|(name, _)| *name == capability.name)
                });
                if !commands {
                    continue;
                }
                let reason = index.graph.reasons.find(&Reason::Trust(id));
                for subject in &trust.subjects {
                    match subject.end {
                        End::Thing(from) => {
                            self.fix(Some(from), thing, How::Control, Some(trust.span), reason)
                        }
                        End::Internet => self.fix(None, thing, How::Control, Some(trust.span), reason),
                        End::Part(_) | End::Account(_) => {}
                    }
                }
            }
        }
        for (id, thing) in index.model.things.iter() {
            if let Detail::Workload(workload) = &thing.detail
                && let Some(RunsOn::Device(class)) = workload.runs_on
            {
                self.fix(Some(class), id, How::Control, Some(thing.span), None);
                self.fix(Some(id), class, How::Control, Some(thing.span), None);
            }
        }
    }

    /// The shortest chain from a subject to an object, or `None`.
    ///
    /// - Cost: each actor is visited once.
    #[must_use]
    pub fn shortest(&self, wanted: &Wanted<'_>) -> Option<Chain> {
        let mut queue: VecDeque<(Option<ThingId>, usize)> = VecDeque::new();
        let mut seen: BTreeSet<Option<ThingId>> = BTreeSet::new();
        let mut visits: Vec<Visit> = Vec::new();
        let begins = wanted
            .subjects
            .things
            .keys()
            .filter(|thing| !wanted.except.things.contains_key(thing))
            .map(|thing| Some(*thing));
        let everybody = (wanted.subjects.internet && !wanted.except.internet).then_some(None);
        for begin in begins.chain(everybody) {
            if seen.insert(begin) {
                queue.push_back((begin, visits.len()));
                visits.push((None, begin));
            }
        }
        while let Some((here, visit)) = queue.pop_front() {
            if let Some(reached) = self.reaches(here, visit, &visits, wanted) {
                let (subject, steps) = walk_back(&visits, visit);
                return Some(Chain {
                    subject,
                    steps,
                    reached,
                });
            }
            let Some(through) = wanted.through else { continue };
            for step in self.steps(here, through, &mut seen) {
                let to = Some(step.to);
                queue.push_back((to, visits.len()));
                visits.push((Some((step, visit)), to));
            }
        }
        None
    }

    /// What an actor reaches of the objects. The first actor's own parts of a place are respected; those of later ones are not.
    fn reaches(
        &self,
        here: Option<ThingId>,
        visit: usize,
        visits: &[Visit],
        wanted: &Wanted<'_>,
    ) -> Option<Reached> {
        let first = visits.get(visit).is_some_and(|(step, _)| step.is_none());
        let alone;
        let subjects = if first {
            wanted.subjects
        } else {
            let things = here
                .map(|here| (here, super::select::Where::Everywhere))
                .into_iter()
                .collect();
            alone = Selected {
                things,
                internet: here.is_none(),
                ..Selected::default()
            };
            &alone
        };
        let index = self.index;
        let principal = match here {
            Some(here) => index.principal(here),
            None => Some(crate::access::Principal::Anyone),
        };
        if let Some(principal) = principal {
            let accesses = index.accesses_of(principal);
            let start = index
                .graph
                .accesses
                .partition_point(|access| access.principal < principal);
            for (position, access) in accesses.iter().enumerate() {
                if index.access_between(access, subjects, wanted.objects)
                    && index.is_allowed(access, wanted.allow)
                {
                    return Some(Reached::Access((start + position) as u32));
                }
            }
        }
        if !index.allows_connecting(wanted.allow) {
            return None;
        }
        let ends = match here {
            Some(here) => Endpoint::Thing(here),
            None => Endpoint::Internet,
        };
        let mut flows = index.flows_from(ends).chain(index.people_flows(here));
        flows
            .find(|flow| index.flow_between(flow, subjects, wanted.objects))
            .map(|flow| Reached::Flow(*flow))
    }

    /// The steps that an actor can make to others that were not seen before.
    fn steps(
        &self,
        here: Option<ThingId>,
        through: Through,
        seen: &mut BTreeSet<Option<ThingId>>,
    ) -> Vec<Step> {
        let fixed = self
            .fixed
            .get(&here)
            .into_iter()
            .flatten()
            .filter(|step| match step.how {
                How::Control => through.control,
                How::Data | How::Connection => through.data,
            });
        let mut steps: Vec<Step> = Vec::new();
        for step in fixed {
            if seen.insert(Some(step.to)) {
                steps.push(step.clone());
            }
        }
        let index = self.index;
        if let (true, Some(principal)) = (through.data, here.and_then(|here| index.principal(here))) {
            for access in index.accesses_of(principal) {
                let Resource::Thing(object) = access.resource else {
                    continue;
                };
                if !index
                    .capabilities(access)
                    .iter()
                    .any(|capable| capable.effect == Effect::Write)
                {
                    continue;
                }
                let Some(written) = self.any_member.get(&access.within) else {
                    continue;
                };
                let of_thing = self.readers.get(&object).into_iter().flatten();
                let same = of_thing.filter(|reader| {
                    !seen.contains(&Some(reader.actor))
                        && self
                            .any_member
                            .get(&reader.within)
                            .is_some_and(|read| read.meets(written).is_some())
                });
                let readers: Vec<&Reader> = if index.may_overlap(object) {
                    self.overlapping.meeting(written).collect()
                } else {
                    same.collect()
                };
                for reader in readers {
                    if seen.insert(Some(reader.actor)) {
                        let because = vec![access.because, reader.because];
                        let lines = because.iter().filter_map(|reason| index.line(*reason)).collect();
                        steps.push(Step {
                            from: here,
                            to: reader.actor,
                            how: How::Data,
                            by: Some(object),
                            lines,
                            because,
                        });
                    }
                }
            }
        }
        steps
    }
}

fn walk_back(visits: &[Visit], visit: usize) -> (Option<ThingId>, Vec<Step>) {
    let mut steps = Vec::new();
    let mut here = visit;
    loop {
        match visits.get(here) {
            Some((Some((step, before)), _)) => {
                steps.push(step.clone());
                here = *before;
            }
            Some((None, begin)) => {
                steps.reverse();
                return (*begin, steps);
            }
            None => return (None, steps),
        }
    }
}
