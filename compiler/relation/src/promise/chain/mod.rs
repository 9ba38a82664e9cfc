//! Chains: requests and packets that follow one another.
//!
//! A `control` step: the subject can become or command the next actor. A `data` step: it writes what the next one reads,
//! or a connection joins the two, which carries data both ways. What is written and what is read meet if some word lies in
//! both. Classes are followed as a whole: a chain that only two different members could form is found too. That errs to
//! the side of saying so.

mod machine;
mod reader;
mod step;
pub mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use graph::access::Pairs;
use graph::question::overlap::{Patterns, of_any_member};
use model::promise::Through;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use source::Span as Place;

use crate::effect::EffectsOf;
use crate::packet::End;
use crate::place::{Span, minus};
use crate::reach::{Decided, Question, Reached, Relation};
use crate::request::{Hit, Source};
use crate::rows::{Meeting, Members, Rows, Unlike};
use crate::sets::{Subjects, Whole};

use reader::effects_of;
use step::{Between, Edge};

/// Actions that write what roles may do: one of them alone leads everywhere in the account.
///
/// Source: the published escalation paths of one action, `golden/catalogue/escalation.txt`
const ROLE_POLICIES: [&str; 9] = [
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createpolicyversion",
    "iam:putgrouppolicy",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    TRUST_POLICY,
];

/// Writes who may become a role.
const TRUST_POLICY: &str = "iam:updateassumerolepolicy";

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    /// In words: `commands`, `writes x, which is read by`.
    pub(super) how: String,
    /// The next actor.
    pub(super) to: ThingId,
    /// The lines that grant it.
    pub(super) lines: Vec<Place>,
}

/// A member of an actor on the way.
struct Visit {
    /// `None` for everybody.
    actor: Option<ThingId>,
    /// The visit before it, and the step from there.
    before: Option<(usize, Step)>,
    /// Whether it may differ from the first one in what `differ` asks about.
    is_unlike: bool,
}

/// The shortest way from a subject to an object.
pub(super) struct Chain {
    /// Who begins; `None` for everybody.
    pub(super) subject: Option<ThingId>,
    /// In order.
    pub(super) steps: Vec<Step>,
    /// What the last actor reaches; nothing further where the last actor is what was asked about.
    pub(super) reached: Option<Reached>,
}

#[derive(Clone, Copy)]
struct Reader {
    actor: ThingId,
    /// The right by its position.
    right: u32,
}

/// Who reads what, and who may be become: made once, asked for each promise.
pub(super) struct Chains<'r, 'a> {
    relation: &'r Relation<'a>,
    effects: EffectsOf,
    readers: Patterns<Vec<Reader>>,
    /// Who reads what the provider keeps for a device, by what it keeps.
    kept: Patterns<Vec<Reader>>,
    /// What acts, by its role or its address.
    actors: Patterns<ThingId>,
    /// The workloads that run in a function, by its address.
    functions: Patterns<Vec<ThingId>>,
    /// Who calls the functions in which a workload runs, by which right.
    callers: BTreeMap<ThingId, Vec<(ThingId, u32)>>,
    /// Whoever there is, declared or not.
    everyone: Subjects,
    edges: Mutex<BTreeMap<Option<ThingId>, Arc<[Edge]>>>,
    /// By actor: who commands it.
    commanders: OnceLock<BTreeMap<ThingId, Vec<Edge>>>,
}

impl<'r, 'a> Chains<'r, 'a> {
    /// The shortest chain from a subject to an object; among those of one length the first by name.
    ///
    /// - Cost: each actor is visited once.
    pub(super) fn shortest(&self, question: &Question<'_>, through: Through) -> (Option<Chain>, Decided) {
        let (direct, mut decided) = self.direct(question);
        // Who may differ from the first one already: whatever it reaches may be unlike the first.
        let mut unlike: Option<BTreeMap<Option<ThingId>, Reached>> = None;
        // Where no capability is named, to become or to feed an actor is to reach it.
        let is_any = |whole: &&Whole| whole.addresses && question.objects.any;
        let mut wholes: BTreeSet<ThingId> = question
            .objects
            .wholes
            .iter()
            .filter(is_any)
            .map(|whole| whole.thing)
            .collect();
        // Who is one and alone does not reach itself.
        let fleets = &self.relation.sets.fleets;
        if let (1, false, Some((only, _))) = (
            question.subjects.things.len(),
            question.subjects.everybody || question.subjects.internet,
            question.subjects.things.first_key_value(),
        ) && self
            .relation
            .packets
            .places
            .host(*only)
            .and_then(|class| fleets.of(class))
            .is_none()
        {
            wholes.remove(only);
        }
        let mut seen: BTreeSet<(Option<ThingId>, bool)> = BTreeSet::new();
        let mut visits: Vec<Visit> = Vec::new();
        let begins = question.subjects.things.keys().map(|thing| Some(*thing));
        let others = (question.subjects.everybody || question.subjects.internet).then_some(None);
        // Externals are inside the internet.
        let subjects = question.subjects;
        let has_externals = subjects.internet && !subjects.except_internet;
        let externals = self
            .relation
            .packets
            .places
            .externals
            .keys()
            .filter(|external| has_externals && !subjects.except.contains(external));
        let begins = begins.chain(externals.map(|external| Some(*external)));
        let mut level: Vec<usize> = Vec::new();
        let mut begins: Vec<Option<ThingId>> = begins.chain(others).collect();
        begins.sort_by_key(|thing| thing.map(|thing| self.relation.name(thing)));
        for begin in begins {
            if seen.insert((begin, false)) {
                level.push(visits.len());
                visits.push(Visit {
                    actor: begin,
                    before: None,
                    is_unlike: false,
                });
            }
        }
        if through.control {
            // Who writes what roles may do may do it.
            let admin = level.iter().find_map(|visit| {
                let here = visits.get(*visit)?.actor;
                Some((here, self.by_any_policy(here, question)?))
            });
            if let Some((subject, reached)) = admin {
                let chain = Chain {
                    subject,
                    steps: Vec::new(),
                    reached: Some(reached),
                };
                return (Some(chain), decided);
            }
        }
        while !level.is_empty() {
            let mut next: Vec<(Step, bool, usize)> = Vec::new();
            // Steps to what was asked about, whether or not it was visited: it may be a subject itself.
            let mut ends: Vec<(Step, usize)> = Vec::new();
            for visit in &level {
                let Some(Visit {
                    actor: here,
                    before,
                    is_unlike,
                }) = visits.get(*visit)
                else {
                    continue;
                };
                // Whoever commands an actor has what it reads.
                let back = (through.control && through.data).then(|| self.commanders(*here));
                for edge in self.edges(*here).iter().chain(back.into_iter().flatten()) {
                    let follows = if edge.is_control {
                        through.control
                    } else {
                        through.data
                    };
                    if !follows || !self.is_open(edge, *here, question) {
                        continue;
                    }
                    let to = edge.step.to;
                    let is_first = before.is_none();
                    let is_unlike = *is_unlike || self.parts(edge, *here, question);
                    let counts = match question.unlike {
                        Unlike::Differ(_) => is_unlike,
                        Unlike::Any | Unlike::Other => !is_first || self.counts(edge, *here, question),
                    };
                    if wholes.contains(&to) && !edge.is_same && counts {
                        ends.push((edge.step.clone(), *visit));
                    } else if !seen.contains(&(Some(to), is_unlike)) {
                        next.push((edge.step.clone(), is_unlike, *visit));
                    }
                }
            }
            let by_name = |(a, _): &&(Step, usize), (b, _): &&(Step, usize)| {
                (self.relation.name(a.to), &a.how).cmp(&(self.relation.name(b.to), &b.how))
            };
            if let Some((step, visit)) = ends.iter().min_by(by_name) {
                let (subject, mut steps) = walk_back(&visits, *visit);
                steps.push(step.clone());
                let chain = Chain {
                    subject,
                    steps,
                    reached: None,
                };
                return (Some(chain), decided);
            }
            next.sort_by(|(a, one, _), (b, other, _)| {
                (self.relation.name(a.to), &a.how, one).cmp(&(self.relation.name(b.to), &b.how, other))
            });
            level.clear();
            for (step, is_unlike, before) in next {
                let to = step.to;
                if !seen.insert((Some(to), is_unlike)) {
                    continue;
                }
                level.push(visits.len());
                visits.push(Visit {
                    actor: Some(to),
                    before: Some((before, step)),
                    is_unlike,
                });
            }
            if unlike.is_none()
                && level
                    .iter()
                    .any(|visit| visits.get(*visit).is_some_and(|one| one.is_unlike))
            {
                let (any, more) = self.direct(&Question {
                    unlike: Unlike::Any,
                    ..*question
                });
                decided.undecided |= more.undecided;
                decided.declared |= more.declared;
                unlike = Some(any);
            }
            let found = level.iter().find_map(|visit| {
                let one = visits.get(*visit)?;
                if through.control
                    && let Some(reached) = self.by_any_policy(one.actor, question)
                {
                    return Some((*visit, Some(reached)));
                }
                let reached = match &unlike {
                    Some(unlike) if one.is_unlike => unlike.get(&one.actor),
                    Some(_) | None => direct.get(&one.actor),
                };
                Some((*visit, Some(reached?.clone())))
            });
            if let Some((visit, reached)) = found {
                let (subject, steps) = walk_back(&visits, visit);
                let chain = Chain {
                    subject,
                    steps,
                    reached,
                };
                return (Some(chain), decided);
            }
        }
        (None, decided)
    }

    /// Whether a connection is one of somebody who is meant: not only of an external who was taken out.
    fn is_open(&self, edge: &Edge, here: Option<ThingId>, question: &Question<'_>) -> bool {
        let packets = &self.relation.packets;
        let crossing = edge.crossing.and_then(|crossing| packets.crossings.get(crossing));
        match (here, crossing.map(|crossing| &crossing.from)) {
            (None, Some(End::Public(spans))) => {
                let except = question.subjects.except.iter();
                let out: Vec<Span> = except
                    .filter_map(|thing| packets.places.externals.get(thing))
                    .flatten()
                    .copied()
                    .collect();
                !minus(spans, &out).is_empty()
            }
            (_, _) => true,
        }
    }

    /// Whether a step may join two members that differ in what `differ` asks about. Where nobody asks, none does.
    fn parts(&self, edge: &Edge, here: Option<ThingId>, question: &Question<'_>) -> bool {
        let unlike = question.unlike;
        if !matches!(unlike, Unlike::Differ(_)) {
            return false;
        }
        if edge.crossing.is_some() {
            return self.counts(edge, here, question);
        }
        let rights = &self.relation.requests().rights;
        let meet = |(written, read): &(u32, u32)| {
            let (written, read) = (rights.get(*written as usize), rights.get(*read as usize));
            let Some((written, read)) = written.zip(read) else {
                return true;
            };
            // What is read under another word than it is written by tells nothing of members.
            let (wide, other) = (of_any_member(&written.within), of_any_member(&read.within));
            let fleets = &self.relation.sets.fleets;
            wide.meets(&other).is_none() || fleets.meet(written.side(), read.side(), unlike) != Meeting::Apart
        };
        match &edge.members {
            Between::Any => true,
            Between::Itself => here.is_none_or(|here| self.differs_from_itself(here, unlike)),
            Between::Words(ways) => ways.iter().any(meet),
        }
    }

    /// Whether some member lacks a value that is asked about: it differs from every one, itself too.
    fn differs_from_itself(&self, actor: ThingId, unlike: Unlike<'_>) -> bool {
        let fleets = &self.relation.sets.fleets;
        let class = self.relation.packets.places.host(actor).unwrap_or(actor);
        let count = fleets.of(class).map_or(0, model::fleet::Fleet::len);
        count == 0 || (0..count).any(|row| fleets.counts(unlike, Some((class, row)), Some((class, row))))
    }

    /// Whether a single step joins two members that count: for `differ`, that have unequal values.
    fn counts(&self, edge: &Edge, here: Option<ThingId>, question: &Question<'_>) -> bool {
        if matches!(question.unlike, Unlike::Any) && here != Some(edge.step.to) {
            return true;
        }
        let relation = self.relation;
        let crossing = edge
            .crossing
            .and_then(|crossing| relation.packets.crossings.get(crossing));
        let Some(crossing) = crossing else { return true };
        let class = |thing: Option<ThingId>| {
            let class = relation.packets.places.host(thing?)?;
            relation.sets.fleets.of(class).map(|_| Members {
                class,
                rows: Rows::All,
            })
        };
        let pairs = relation
            .sets
            .graph
            .pairs
            .get(crossing.pairs)
            .unwrap_or(&Pairs::All);
        relation.pair_exists(
            pairs,
            here == Some(edge.step.to),
            class(here).as_ref(),
            class(Some(edge.step.to)).as_ref(),
            question.unlike,
        )
    }

    /// An action by which an actor gives itself, or a role that it becomes, whatever it wants of the objects' account.
    fn by_any_policy(&self, here: Option<ThingId>, question: &Question<'_>) -> Option<Reached> {
        let here = here?;
        let whole = question.objects.wholes.first()?;
        let subjects = Subjects {
            things: [(here, Rows::All)].into(),
            ..Subjects::default()
        };
        if let Some(reached) = self.as_steward(&subjects, question) {
            return Some(reached);
        }
        let requests = self.relation.requests();
        requests.rights_of(&subjects).find_map(|(position, right)| {
            let action = right.actions.iter().find_map(|action| {
                let text = action.word()?.as_text()?.into_owned();
                // Who may be the role of one name is that role: a step of its own, and no more.
                let is_one = text == TRUST_POLICY && right.within.is_literal();
                (ROLE_POLICIES.contains(&text.as_str()) && !is_one).then_some(text)
            })?;
            Some(Reached::Request(Hit {
                actor: right.actor.clone(),
                row: None,
                action: crate::request::canonical(&action),
                resource: right.within.display(&|_| "*".to_owned()),
                thing: Some(whole.thing),
                right: position,
            }))
        })
    }

    /// A right by which somebody becomes or commands the steward of the objects' account, who decides what may be done to them.
    fn as_steward(&self, subjects: &Subjects, question: &Question<'_>) -> Option<Reached> {
        let model = self.relation.sets.model;
        let requests = self.relation.requests();
        let mut commanding = requests.rights_of(subjects).filter(|(_, right)| {
            !matches!(right.source, Source::Trust(_)) && effects_of(&self.effects, right).controls
        });
        commanding.find_map(|(position, right)| {
            let own = of_any_member(&right.within);
            model.accounts.iter().find_map(|(id, account)| {
                let (role, _) = account.steward?;
                let [partition, number, role] =
                    [account.partition, account.number, role].map(|name| model.names.text(name));
                let steward = Pattern::literal(&format!("arn:{partition}:iam::{number}:{role}"))?;
                own.meets(&steward)?;
                let mut wholes = question.objects.wholes.iter();
                let whole = wholes.find(|whole| whole.account == Some(id))?;
                Some(Reached::Request(Hit {
                    actor: right.actor.clone(),
                    row: None,
                    action: right.first_action(),
                    resource: steward.display(&|_| "*".to_owned()),
                    thing: Some(whole.thing),
                    right: position,
                }))
            })
        })
    }

    /// Everybody who reaches an object by a single request or packet.
    fn direct(&self, question: &Question<'_>) -> (BTreeMap<Option<ThingId>, Reached>, Decided) {
        let mut found: BTreeMap<Option<ThingId>, Reached> = BTreeMap::new();
        let question = Question {
            subjects: &self.everyone,
            ..*question
        };
        let decided = self.relation.each(&question, &mut |actor, reached| {
            let slot = found.entry(actor).or_insert_with(|| reached.clone());
            if reached < *slot {
                *slot = reached;
            }
        });
        (found, decided)
    }
}

fn walk_back(visits: &[Visit], visit: usize) -> (Option<ThingId>, Vec<Step>) {
    let mut steps = Vec::new();
    let mut here = visit;
    while let Some(Visit { actor, before, .. }) = visits.get(here) {
        match before {
            Some((earlier, step)) => {
                steps.push(step.clone());
                here = *earlier;
            }
            None => {
                steps.reverse();
                return (*actor, steps);
            }
        }
    }
    (None, steps)
}
