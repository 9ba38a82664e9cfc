//! Chains: requests and packets that follow one another.
//!
//! A `control` step: the subject can become or command the next actor. A `data` step: it writes what the next one reads,
//! or a connection joins the two, which carries data both ways. What is written and what is read meet if some word lies in
//! both. Classes are followed as a whole: a chain that only two different members could form is found too. That errs to
//! the side of saying so.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use graph::access::Pairs;
use graph::question::overlap::{Patterns, of_any_member};
use model::actor::RunsOn;
use model::promise::Through;
use model::thing::{Detail, ThingId};
use model::value::Value;
use pattern::key::Key;
use pattern::pattern::Pattern;
use source::Span as Place;

use catalogue::effect::Effects;

use crate::effect::EffectsOf;
use crate::packet::End;
use crate::place::{Span, minus};
use crate::reach::{Decided, Packet, Question, Reached, Relation};
use crate::request::{Actor, Hit, Right, Source};
use crate::rows::{Meeting, Members, Rows, Unlike};
use crate::sets::{Subjects, Whole, returning};
use crate::topic;

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
    "iam:updateassumerolepolicy",
];

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

/// An actor, `None` for everybody, with the visit before it and the step from there.
type Visit = (Option<ThingId>, Option<(usize, Step)>);

/// The shortest way from a subject to an object.
pub(super) struct Chain {
    /// Who begins; `None` for everybody.
    pub(super) subject: Option<ThingId>,
    /// In order.
    pub(super) steps: Vec<Step>,
    /// What the last actor reaches; nothing further where the last actor is what was asked about.
    pub(super) reached: Option<Reached>,
}

struct Edge {
    is_control: bool,
    /// Whether it is no step to somebody else: some member is both.
    is_same: bool,
    /// Whether it joins two different members of one class.
    is_between: bool,
    step: Step,
    /// The crossing that it is, for a connection.
    crossing: Option<usize>,
}

#[derive(Clone, Copy)]
struct Reader {
    actor: ThingId,
    /// The right by its position; none for a rule that a topic of its own leads into.
    right: Option<u32>,
}

/// Who reads what, and who may be become: made once, asked for each promise.
pub(super) struct Chains<'r, 'a> {
    relation: &'r Relation<'a>,
    effects: EffectsOf,
    readers: Patterns<Reader>,
    /// What acts, by its role or its address.
    actors: Patterns<ThingId>,
    /// The workloads that run in a function, by its address.
    functions: Patterns<Vec<ThingId>>,
    edges: RefCell<BTreeMap<Option<ThingId>, Rc<[Edge]>>>,
}

impl<'r, 'a> Chains<'r, 'a> {
    pub(super) fn new(relation: &'r Relation<'a>) -> Self {
        let (model, graph) = (relation.sets.model, relation.sets.graph);
        let effects = EffectsOf::new(model);
        let mut readers = Vec::new();
        for (position, right) in (0u32..).zip(&relation.requests().rights) {
            let Actor::Thing(actor) = right.actor else {
                continue;
            };
            if matches!(right.source, Source::Trust(_)) || !effects_of(&effects, right).reads {
                continue;
            }
            let reader = Reader {
                actor,
                right: Some(position),
            };
            // The names in a bucket are chosen by who writes there.
            let in_bucket = Pattern::glob("/*").filter(|_| lists_all(right));
            readers.extend(in_bucket.map(|more| (of_any_member(&right.within).concat(&more), reader)));
            readers.extend(
                widened(&right.within)
                    .into_iter()
                    .map(|pattern| (pattern, reader)),
            );
        }
        let mut actors: Vec<(Pattern, ThingId)> = Vec::new();
        for ((thing, _), role) in &graph.addresses.roles {
            actors.extend(Pattern::literal(&role.arn).map(|pattern| (pattern, *thing)));
        }
        let mut functions = Vec::new();
        let in_lambda = |account, (id, thing): (ThingId, &model::thing::Thing)| match &thing.detail {
            Detail::Workload(workload) => {
                (workload.runs_on == Some(RunsOn::Lambda) && thing.account == account).then_some(id)
            }
            Detail::Class(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        };
        for (id, thing) in model.things.iter() {
            let Some(kind) = model.kinds.get(thing.kind) else {
                continue;
            };
            let arn = graph.addresses.things.get(&id);
            if kind.words.acts.is_some()
                && let Some(arn) = arn
            {
                actors.push((of_any_member(arn), id));
                if let Some(entrance) = entrance(arn) {
                    readers.push((
                        entrance,
                        Reader {
                            actor: id,
                            right: None,
                        },
                    ));
                }
            }
            let service = kind.words.service.map_or("", |service| model.names.text(service));
            if service == "lambda"
                && let Some(arn) = arn
            {
                let runs = thing
                    .properties
                    .iter()
                    .filter(|property| model.names.text(property.name) == "runs");
                let told: Vec<ThingId> = runs
                    .flat_map(|property| &property.values)
                    .filter_map(|value| match value {
                        Value::Thing(workload) => Some(*workload),
                        _ => None,
                    })
                    .collect();
                // Where nobody says which code runs in it, it may be any that runs as a function.
                let told = if told.is_empty() {
                    model
                        .things
                        .iter()
                        .filter_map(|other| in_lambda(thing.account, other))
                        .collect()
                } else {
                    told
                };
                functions.extend(widened(arn).into_iter().map(|pattern| (pattern, told.clone())));
            }
        }
        Self {
            effects,
            readers: Patterns::new(readers),
            actors: Patterns::new(actors),
            functions: Patterns::new(functions),
            edges: RefCell::default(),
            relation,
        }
    }

    /// The shortest chain from a subject to an object; among those of one length the first by name.
    ///
    /// - Cost: each actor is visited once.
    pub(super) fn shortest(&self, question: &Question<'_>, through: Through) -> (Option<Chain>, Decided) {
        let (direct, decided) = self.direct(question);
        // Where no capability is named, to become or to feed an actor is to reach it.
        let is_any = |whole: &&Whole| whole.addresses && question.objects.any;
        let wholes: BTreeSet<ThingId> = question
            .objects
            .wholes
            .iter()
            .filter(is_any)
            .map(|whole| whole.thing)
            .collect();
        let mut seen: BTreeSet<Option<ThingId>> = BTreeSet::new();
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
            if seen.insert(begin) {
                level.push(visits.len());
                visits.push((begin, None));
            }
        }
        if through.control {
            // Who writes what roles may do may do it.
            let admin = level.iter().find_map(|visit| {
                let (here, _) = visits.get(*visit)?;
                Some((*here, self.by_any_policy(*here, question)?))
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
            let mut next: Vec<(Step, usize)> = Vec::new();
            // Steps to what was asked about, whether or not it was visited: it may be a subject itself.
            let mut ends: Vec<(Step, usize)> = Vec::new();
            for visit in &level {
                let Some((here, before)) = visits.get(*visit) else {
                    continue;
                };
                for edge in self.edges(*here).iter() {
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
                    if wholes.contains(&to)
                        && !edge.is_same
                        && (!is_first || self.counts(edge, *here, question))
                    {
                        ends.push((edge.step.clone(), *visit));
                    } else if !seen.contains(&Some(to)) {
                        next.push((edge.step.clone(), *visit));
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
            next.sort_by(|(a, _), (b, _)| {
                (self.relation.name(a.to), &a.how).cmp(&(self.relation.name(b.to), &b.how))
            });
            level.clear();
            for (step, before) in next {
                let to = step.to;
                if !seen.insert(Some(to)) {
                    continue;
                }
                level.push(visits.len());
                visits.push((Some(to), Some((before, step))));
            }
            let found = level.iter().find_map(|visit| {
                let (here, _) = visits.get(*visit)?;
                if through.control
                    && let Some(reached) = self.by_any_policy(*here, question)
                {
                    return Some((*visit, Some(reached)));
                }
                Some((*visit, Some(direct.get(here)?.clone())))
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
        // What a device sends to itself never leaves it.
        let is_own = *pairs == Pairs::All && here == Some(edge.step.to);
        let pairs = if is_own { &Pairs::Others } else { pairs };
        relation.pair_exists(
            pairs,
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
        let requests = self.relation.requests();
        requests.rights_of(&subjects).find_map(|(position, right)| {
            let action = right.actions.iter().find_map(|action| {
                let text = action.word()?.as_text()?.into_owned();
                ROLE_POLICIES.contains(&text.as_str()).then_some(text)
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

    /// Everybody who reaches an object by a single request or packet.
    fn direct(&self, question: &Question<'_>) -> (BTreeMap<Option<ThingId>, Reached>, Decided) {
        let all = Subjects {
            things: self
                .relation
                .sets
                .model
                .things
                .ids()
                .map(|thing| (thing, Rows::All))
                .collect(),
            everybody: true,
            internet: true,
            provider: true,
            ..Subjects::default()
        };
        let mut found: BTreeMap<Option<ThingId>, Reached> = BTreeMap::new();
        let question = Question {
            subjects: &all,
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

    fn edges(&self, from: Option<ThingId>) -> Rc<[Edge]> {
        if let Some(known) = self.edges.borrow().get(&from) {
            return Rc::clone(known);
        }
        let mut edges = Vec::new();
        self.requests(from, &mut edges);
        self.hosts(from, &mut edges);
        self.connections(from, &mut edges);
        edges.retain(|edge| edge.is_between || Some(edge.step.to) != from);
        edges.sort_by(|a, b| {
            (a.step.to, a.is_control, &a.step.how).cmp(&(b.step.to, b.is_control, &b.step.how))
        });
        edges.dedup_by(|a, b| a.step.to == b.step.to && a.is_control == b.is_control);
        let edges: Rc<[Edge]> = edges.into();
        self.edges.borrow_mut().insert(from, Rc::clone(&edges));
        edges
    }

    fn requests(&self, from: Option<ThingId>, edges: &mut Vec<Edge>) {
        let subjects = Subjects {
            things: from.map(|from| (from, Rows::All)).into_iter().collect(),
            internet: from.is_none(),
            ..Subjects::default()
        };
        for (position, right) in self.relation.requests().rights_of(&subjects) {
            if let Source::Trust(other) = right.source {
                edges.push(self.edge(true, "becomes".to_owned(), other, &[position]));
                continue;
            }
            let effects = effects_of(&self.effects, right);
            let own = widened(&right.within);
            if effects.controls {
                for wide in &own {
                    for other in self.actors.meeting(wide) {
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
                for reader in own.iter().flat_map(|wide| self.readers.meeting(wide)) {
                    let read = reader
                        .right
                        .and_then(|right| self.relation.requests().rights.get(right as usize));
                    if read.is_some_and(|read| self.are_apart(right, read)) {
                        continue;
                    }
                    let what = right.within.display(&|letter| {
                        let word = pattern::word::Word::of([letter]);
                        word.map_or_else(String::new, |word| self.relation.requests().shown(&word))
                    });
                    let rights: Vec<u32> = std::iter::once(position).chain(reader.right).collect();
                    let how = format!("writes {what}, which is read by");
                    let mut edge = self.edge(false, how, reader.actor, &rights);
                    edge.is_between = from == Some(reader.actor)
                        && read.is_some_and(|read| self.meets_another(right, read));
                    edges.push(edge);
                }
            }
        }
    }

    /// Whether no member writes what some member reads.
    fn are_apart(&self, written: &Right, read: &Right) -> bool {
        if topic::are_apart((&written.within, false), (&read.within, read.single)) {
            return true;
        }
        if written.members.is_none() && read.members.is_none() {
            return false;
        }
        self.relation
            .sets
            .fleets
            .meet(written.side(), read.side(), Unlike::Any)
            == Meeting::Apart
    }

    /// Whether what one member writes is read by another one of its class.
    fn meets_another(&self, written: &Right, read: &Right) -> bool {
        let fleets = &self.relation.sets.fleets;
        written.members.is_some()
            && read.members.is_some()
            && fleets.meet(written.side(), read.side(), Unlike::Other) != Meeting::Apart
    }

    fn edge(&self, is_control: bool, how: String, to: ThingId, rights: &[u32]) -> Edge {
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

fn effects_of(effects: &EffectsOf, right: &Right) -> Effects {
    let mut all = Effects::NONE;
    for action in right.actions.iter() {
        let text = action
            .word()
            .and_then(|word| word.as_text().map(|text| text.into_owned()));
        // A pattern may be any action.
        let own = text.as_deref().map_or(
            Effects {
                reads: true,
                writes: true,
                controls: true,
            },
            |action| effects.of(action),
        );
        all = all.join(own);
        // A write that may return what it overwrote reads.
        all.reads |= text
            .as_deref()
            .and_then(returning)
            .is_some_and(|when| right.when.meets(&when));
    }
    all
}

/// Whether a right lists a bucket, and not the names under some prefix only.
fn lists_all(right: &Right) -> bool {
    let listing = ["s3:listbucket", "s3:listbucketversions"];
    let lists = right.actions.iter().any(|action| {
        let word = action.word();
        let text = word.as_ref().and_then(|word| word.as_text());
        text.is_some_and(|text| listing.contains(&&*text))
    });
    lists
        && !right
            .when
            .keys()
            .into_iter()
            .any(|(key, _)| key == Key::new("s3:prefix"))
}

/// A pattern with any text for each letter; where it is a single name, what is in it as well.
fn widened(pattern: &Pattern) -> Vec<Pattern> {
    let wide = of_any_member(pattern);
    let mut found = vec![wide.clone()];
    // A topic holds no other, and what is in a bucket is told apart by its parts.
    let text = wide.to_string();
    if wide.is_literal() && !text.contains(":topic") && !text.contains(":s3:::") {
        found.extend(
            ["/*", ":*"]
                .iter()
                .filter_map(|more| Some(wide.concat(&Pattern::glob(more)?))),
        );
    }
    found
}

/// The topics that lead straight into a topic rule.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html>
fn entrance(rule: &Pattern) -> Option<Pattern> {
    let text = rule.word()?.as_text()?.into_owned();
    let (head, name) = text.split_once(":rule/")?;
    Pattern::glob(&format!("{head}:topic/$aws/rules/{name}/*"))
}

fn walk_back(visits: &[Visit], visit: usize) -> (Option<ThingId>, Vec<Step>) {
    let mut steps = Vec::new();
    let mut here = visit;
    while let Some((actor, before)) = visits.get(here) {
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
