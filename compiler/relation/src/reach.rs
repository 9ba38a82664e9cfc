//! Who reaches what, by one request or one packet: the question that every promise and every test comes down to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use arena::Name;
use graph::access::Pairs;
use graph::question::Index;
use graph::question::overlap::{Patterns, of_any_member};
use model::place::Within;
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use pattern::region::Region;
use read::facts::Facts;

use crate::claims::Claims;
use crate::packet::ports::{Ports, both, without};
use crate::packet::{Crossing, End, Origin, Packets};
use crate::place::{Span, is_wide, minus};
use crate::request::{Actor, Asked, Found, Hit, Ready, Requests, Right, Source};
use crate::rows::{Fleets, Members, Rows, Side, Unlike};
use crate::sets::{Objects, Sets, Subjects, Taken, TakenWord, Whole};
use crate::topic;

/// Acts up to this many are asked one by one; more are found by how they begin.
const FEW_ACTS: usize = 16;

/// Of more subjects than this, rights are found by what they are about.
const MANY_SUBJECTS: usize = 64;

/// What the bytes of some targets grant.
pub struct Relation<'a> {
    /// Names to sets.
    pub sets: Sets<'a>,
    /// What finds entries of the graph: for reasons, after the answer.
    pub index: &'a Index<'a>,
    /// Requests: composed when something is first asked of them.
    requests: OnceLock<Requests<'a>>,
    facts: &'a [Facts],
    /// Packets.
    pub packets: Packets<'a>,
    /// The targets that were read.
    pub targets: Vec<&'static str>,
}

/// By values that must be equal: values that must differ, each with rows that have them.
type Cells<'v> = BTreeMap<Vec<&'v str>, BTreeMap<Vec<Option<&'v str>>, Vec<usize>>>;

/// What is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// By a request.
    Request(Hit),
    /// By a packet.
    Packet(Packet),
}

/// A packet that is admitted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// Who opens.
    pub from: End,
    /// Who is reached.
    pub to: End,
    /// On one of which ports.
    pub ports: Ports,
    /// The crossing by its position.
    pub crossing: usize,
}

/// A question.
pub struct Question<'q> {
    /// Who.
    pub subjects: &'q Subjects,
    /// What.
    pub objects: &'q Objects,
    /// Whether packets count.
    pub connects: bool,
    /// Which pairs of members count.
    pub unlike: Unlike<'q>,
    /// What is known of the context.
    pub context: &'q Region,
    /// Attributes of people that are fixed.
    pub attributes: &'q BTreeMap<String, String>,
    /// The address from which somebody connects, if it is fixed.
    pub source: Option<Span>,
}

/// What was found so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Whether something could not be decided.
    pub undecided: bool,
    /// Whether something was answered as declared.
    pub declared: bool,
}

impl<'a> Relation<'a> {
    /// Composes what was read.
    #[must_use]
    pub fn new(index: &'a Index<'a>, facts: &'a [Facts]) -> Self {
        let sets = Sets::new(index);
        let all = index.graph.pairs.find(&Pairs::All).unwrap_or(arena::Id::new(0));
        Self {
            packets: Packets::new(sets.clone(), facts, all),
            sets,
            index,
            requests: OnceLock::new(),
            facts,
            targets: facts.iter().map(|facts| facts.target).collect(),
        }
    }

    /// Requests that are granted.
    pub fn requests(&self) -> &Requests<'a> {
        self.requests
            .get_or_init(|| Requests::new(self.sets.clone(), self.facts))
    }

    /// Layers of which no selected target holds the guards, for people.
    #[must_use]
    pub fn declared_layers(&self) -> Vec<&'static str> {
        let mut layers: Vec<&'static str> = self.requests().declared_layers.iter().copied().collect();
        let things = self.packets.places.things();
        if things.into_iter().any(|thing| self.packets.is_open(thing)) {
            layers.push("connections without a group or a host firewall at either end");
        }
        layers
    }

    /// Visits everything that some subject reaches of some object: with the declared actor, or `None` for others.
    pub fn each(&self, question: &Question<'_>, visit: &mut dyn FnMut(Option<ThingId>, Reached)) -> Decided {
        let mut decided = Decided {
            undecided: false,
            declared: self.rests_on_declarations(question),
        };
        self.ask_requests(question, visit, &mut decided);
        if question.connects {
            self.ask_packets(question, visit, &mut decided);
        }
        decided
    }

    /// Whether a layer that the question is about is in no selected target, or two ends meet at which no guard stands.
    fn rests_on_declarations(&self, question: &Question<'_>) -> bool {
        let claims = |of: fn(Claims) -> bool| self.targets.iter().any(|target| of(Claims::of(target)));
        let subjects = question.subjects;
        let detail = |thing: &ThingId| self.sets.model.things.get(*thing).map(|thing| &thing.detail);
        let is_class = |thing: &ThingId| matches!(detail(thing), Some(Detail::Class(_)));
        let asks_requests =
            question.objects.provider || question.objects.wholes.iter().any(|whole| !whole.acts.is_empty());
        if asks_requests {
            let devices = !claims(|claims| claims.devices) && subjects.things.keys().any(is_class);
            let others = !claims(|claims| claims.roles)
                && (subjects.everybody || subjects.things.keys().any(|thing| !is_class(thing)));
            if devices || others {
                return true;
            }
        }
        if !question.connects {
            return false;
        }
        let open = |thing: ThingId| {
            let seats = self.packets.places.of(thing).iter().map(|seat| seat.within);
            seats.filter(move |_| self.packets.is_open(thing))
        };
        let reached = question
            .objects
            .wholes
            .iter()
            .filter(|whole| whole.addresses || !whole.parts.is_empty());
        let reached: BTreeSet<Within> = reached.flat_map(|whole| open(whole.thing)).collect();
        !reached.is_empty()
            && subjects
                .things
                .keys()
                .flat_map(|thing| open(*thing))
                .any(|within| reached.contains(&within))
    }

    fn ask_requests(
        &self,
        question: &Question<'_>,
        visit: &mut dyn FnMut(Option<ThingId>, Reached),
        decided: &mut Decided,
    ) {
        let asked = Asked {
            subjects: question.subjects,
            context: question.context,
            unlike: question.unlike,
            attributes: question.attributes,
            target: None,
        };
        let ready = self.requests().ready(&question.objects.wholes);
        let mut about = |position: u32, right: &Right, ready: &Ready<'_>| {
            if is_taken_out(&self.sets.fleets, right, ready, &question.objects.besides) {
                return;
            }
            match self.requests().act(position, right, ready, &asked) {
                Found::No => {}
                Found::Undecided => decided.undecided = true,
                Found::Yes(hit) => {
                    decided.declared |= matches!(right.source, Source::Declared(_));
                    visit(actor_of(right), Reached::Request(hit));
                }
            }
        };
        let subjects = question.subjects;
        let is_few = ready.len() <= FEW_ACTS;
        if is_few && subjects.things.len() > MANY_SUBJECTS {
            for ready in &ready {
                for (position, right) in self.requests().rights_about(ready.wide(), subjects) {
                    about(position, right, ready);
                }
            }
        } else {
            let index =
                (!is_few).then(|| Patterns::new(ready.iter().map(|ready| (ready.wide().clone(), ready))));
            for (position, right) in self.requests().rights_of(subjects) {
                match &index {
                    None => ready.iter().for_each(|ready| about(position, right, ready)),
                    Some(index) => {
                        let wide = of_any_member(&right.within);
                        index
                            .meeting(&wide)
                            .for_each(|ready| about(position, right, ready));
                    }
                }
            }
        }
        if question.objects.provider {
            self.ask_provider(question, visit, decided);
        }
    }

    /// Every request to the provider, but for what was taken out.
    fn ask_provider(
        &self,
        question: &Question<'_>,
        visit: &mut dyn FnMut(Option<ThingId>, Reached),
        decided: &mut Decided,
    ) {
        for (position, right) in self.requests().rights_of(question.subjects) {
            if matches!(right.source, Source::Trust(_))
                || is_session(right)
                || is_taken_whole(&self.sets.fleets, right, &question.objects.besides)
            {
                continue;
            }
            let hit = Hit {
                actor: right.actor.clone(),
                row: None,
                action: right.first_action(),
                resource: right.within.display(&|_| "*".to_owned()),
                thing: None,
                right: position,
            };
            decided.declared |= matches!(right.source, Source::Declared(_));
            visit(actor_of(right), Reached::Request(hit));
        }
    }

    fn ask_packets(
        &self,
        question: &Question<'_>,
        visit: &mut dyn FnMut(Option<ThingId>, Reached),
        decided: &mut Decided,
    ) {
        let wholes: BTreeMap<ThingId, &Whole> = question
            .objects
            .wholes
            .iter()
            .map(|whole| (whole.thing, whole))
            .collect();
        for (position, crossing) in self.packets.crossings.iter().enumerate() {
            let ports = self.ports_reached(&wholes, question.objects, crossing);
            if ports.is_empty() {
                continue;
            }
            let mut found = |actor: Option<ThingId>, ports: &[Ports], from: End| {
                let ports = match question.source {
                    Some(source) => self.packets.from_address(actor, &from, source, crossing, ports),
                    None => ports.to_vec(),
                };
                let Some(first) = ports.iter().min().copied() else {
                    return;
                };
                if !self.members_count(question, &wholes, crossing, actor) {
                    return;
                }
                decided.declared |= matches!(crossing.origin, Origin::Declared(_));
                visit(
                    actor,
                    Reached::Packet(Packet {
                        from,
                        to: crossing.to.clone(),
                        ports: first,
                        crossing: position,
                    }),
                );
            };
            let subjects = question.subjects;
            match &crossing.from {
                End::Thing(thing, segment) => {
                    let ports = self.of_members(question, &wholes, crossing, *thing, &ports);
                    let named = subjects
                        .things
                        .get(thing)
                        .is_some_and(|rows| self.has_seat(*thing, rows, *segment));
                    let is_external = self.packets.places.externals.contains_key(thing);
                    let in_internet = subjects.internet && is_external && !subjects.except_internet;
                    if named || (in_internet && !subjects.except.contains(thing)) {
                        found(Some(*thing), &ports, crossing.from.clone());
                    }
                }
                End::Everybody => {
                    if (subjects.everybody || subjects.internet) && !subjects.except_internet {
                        found(None, &ports, End::Everybody);
                    }
                    for (thing, rows) in &subjects.things {
                        if !self.speaks(*thing) {
                            continue;
                        }
                        for segment in self.segments(*thing, rows) {
                            let own = both(&self.packets.as_everybody(*thing, segment, crossing), &ports);
                            found(Some(*thing), &own, End::Thing(*thing, segment));
                        }
                    }
                }
                End::Public(spans) => {
                    let open =
                        !subjects.except_internet && !minus(spans, &self.excepted(subjects)).is_empty();
                    if open && (subjects.everybody || subjects.internet) {
                        found(None, &ports, crossing.from.clone());
                    }
                }
                End::Service(_) => {
                    if subjects.everybody || subjects.provider {
                        found(None, &ports, crossing.from.clone());
                    }
                }
            }
        }
    }

    /// The addresses of externals that were taken out of the subjects.
    fn excepted(&self, subjects: &Subjects) -> Vec<Span> {
        let externals = &self.packets.places.externals;
        let own = subjects.except.iter().filter_map(|thing| externals.get(thing));
        own.flatten().copied().collect()
    }

    /// What `besides` leaves of some addresses outside.
    fn outside(&self, spans: &[Span], besides: &Taken) -> Vec<Span> {
        if besides.internet {
            return Vec::new();
        }
        let externals = &self.packets.places.externals;
        let taken: Vec<Span> = besides
            .things
            .iter()
            .filter_map(|thing| externals.get(thing))
            .flatten()
            .copied()
            .collect();
        minus(spans, &taken)
    }

    /// The ports of a crossing that are open for the members that are meant, where some are named one by one.
    fn of_members(
        &self,
        question: &Question<'_>,
        wholes: &BTreeMap<ThingId, &Whole>,
        crossing: &Crossing,
        from: ThingId,
        ports: &[Ports],
    ) -> Vec<Ports> {
        let End::Thing(to, _) = crossing.to else {
            return ports.to_vec();
        };
        let own = question.subjects.things.get(&from);
        let members = wholes.get(&to).and_then(|whole| whole.members.as_ref());
        let other = members
            .filter(|members| self.packets.places.host(to) == Some(members.class))
            .map(|members| &members.rows);
        let is_named = |rows: Option<&Rows>| matches!(rows, Some(Rows::These(_)));
        if crossing.origin != Origin::Read || !(is_named(own) || is_named(other)) {
            return ports.to_vec();
        }
        let places = &self.packets.places;
        let seats = |thing, rows: Option<&Rows>| places.of_rows(thing, rows.unwrap_or(&Rows::All));
        let (own, other) = (seats(from, own), seats(to, other));
        // Who has no place is known by other means.
        if own.is_empty() || other.is_empty() {
            return ports.to_vec();
        }
        both(ports, &self.packets.between((from, &own), (to, &other)))
    }

    /// Whether a thing is one that opens connections at all.
    pub(crate) fn speaks(&self, thing: ThingId) -> bool {
        let detail = self.sets.model.things.get(thing).map(|thing| &thing.detail);
        match detail {
            Some(Detail::Resource) => !self.packets.places.of(thing).is_empty(),
            // Code without a place runs somewhere on the internet: at the provider's, or at whoever runs the job.
            Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_)) => true,
            None => false,
        }
    }

    /// The segments of the members that are meant; one `None` for what has no place.
    fn segments(&self, thing: ThingId, rows: &Rows) -> Vec<Option<model::place::SegmentId>> {
        let seats = self.packets.places.of_rows(thing, rows);
        if seats.is_empty() && self.packets.places.of(thing).is_empty() {
            return vec![None];
        }
        seats.iter().map(|seat| Some(seat.segment)).collect()
    }

    fn has_seat(&self, thing: ThingId, rows: &Rows, segment: Option<model::place::SegmentId>) -> bool {
        match (rows, segment) {
            (Rows::All, _) | (_, None) => true,
            (Rows::In(segments), Some(segment)) => segments.contains(&segment),
            (Rows::These(rows), Some(segment)) => {
                let class = self.packets.places.host(thing).unwrap_or(thing);
                rows.iter()
                    .any(|row| self.sets.fleets.home(class, *row) == Some(segment))
            }
        }
    }

    /// The ports of a crossing by which it reaches what is meant.
    fn ports_reached(
        &self,
        wholes: &BTreeMap<ThingId, &Whole>,
        objects: &Objects,
        crossing: &Crossing,
    ) -> Vec<Ports> {
        let besides = &objects.besides;
        match &crossing.to {
            End::Thing(thing, segment) => {
                let taken: Vec<Ports> = besides
                    .parts
                    .iter()
                    .filter(|part| {
                        self.sets
                            .model
                            .parts
                            .get(**part)
                            .is_some_and(|part| part.of == *thing)
                    })
                    .flat_map(|part| self.sets.ports(*part))
                    .map(|ports| Ports::of(*ports))
                    .collect();
                if let Some(spans) = self.packets.places.externals.get(thing) {
                    if self.outside(spans, besides).is_empty() {
                        return Vec::new();
                    }
                    if objects.internet {
                        return without(&crossing.ports, &taken);
                    }
                }
                let Some(whole) = wholes.get(thing) else {
                    return Vec::new();
                };
                let rows = whole.members.as_ref().filter(|members| members.class == *thing);
                if rows.is_some_and(|members| !self.has_seat(*thing, &members.rows, *segment)) {
                    return Vec::new();
                }
                if whole.addresses {
                    return without(&crossing.ports, &taken);
                }
                let listened: Vec<Ports> = whole
                    .parts
                    .iter()
                    .flat_map(|part| self.sets.ports(*part))
                    .map(|ports| Ports::of(*ports))
                    .collect();
                without(&both(&crossing.ports, &listened), &taken)
            }
            End::Public(spans) if objects.internet || (objects.provider && is_wide(spans)) => {
                // Listeners of externals that were taken out, each with its ports.
                let mut open = self.outside(spans, besides);
                for part in besides
                    .parts
                    .iter()
                    .filter_map(|part| Some((*part, self.sets.model.parts.get(*part)?.of)))
                {
                    let ports: Vec<Ports> = self
                        .sets
                        .ports(part.0)
                        .iter()
                        .map(|ports| Ports::of(*ports))
                        .collect();
                    if without(&crossing.ports, &ports).is_empty() {
                        let own = self
                            .packets
                            .places
                            .externals
                            .get(&part.1)
                            .map_or(&[][..], Vec::as_slice);
                        open = minus(&open, own);
                    }
                }
                if open.is_empty() {
                    Vec::new()
                } else {
                    crossing.ports.clone()
                }
            }
            End::Service(service) if objects.provider && !besides.services.contains(service) => {
                crossing.ports.clone()
            }
            End::Public(_) | End::Service(_) | End::Everybody => Vec::new(),
        }
    }

    /// Whether some pair of the members that meet counts.
    fn members_count(
        &self,
        question: &Question<'_>,
        wholes: &BTreeMap<ThingId, &Whole>,
        crossing: &Crossing,
        actor: Option<ThingId>,
    ) -> bool {
        let End::Thing(to, to_segment) = crossing.to else {
            return true;
        };
        let class = |thing: ThingId| {
            let class = self.packets.places.host(thing)?;
            self.sets.fleets.of(class).map(|_| class)
        };
        let seated =
            |class: ThingId, rows: Rows, segment: Option<model::place::SegmentId>| match (rows, segment) {
                (Rows::All, Some(segment)) if self.packets.places.of(class).len() > 1 => Members {
                    class,
                    rows: Rows::In([segment].into()),
                },
                (rows, _) => Members { class, rows },
            };
        let own = actor.and_then(|actor| {
            let class = class(actor)?;
            let rows = question.subjects.things.get(&actor).cloned().unwrap_or(Rows::All);
            let segment = match crossing.from {
                End::Thing(_, segment) => segment,
                End::Everybody | End::Public(_) | End::Service(_) => None,
            };
            Some(seated(class, rows, segment))
        });
        let other = class(to).map(|class| {
            let whole = wholes.get(&to);
            let members = whole.and_then(|whole| whole.members.as_ref());
            let rows = members
                .filter(|members| members.class == class)
                .map_or(Rows::All, |members| members.rows.clone());
            seated(class, rows, to_segment)
        });
        let pairs = self.sets.graph.pairs.get(crossing.pairs).unwrap_or(&Pairs::All);
        let is_between = actor == Some(to);
        self.pair_exists(pairs, is_between, own.as_ref(), other.as_ref(), question.unlike)
    }

    /// Whether some pair of members that meet by packets is one that counts. Between members of one actor, what a member
    /// sends to itself never leaves it.
    pub(crate) fn pair_exists(
        &self,
        pairs: &Pairs,
        is_between: bool,
        own: Option<&Members>,
        other: Option<&Members>,
        unlike: Unlike<'_>,
    ) -> bool {
        let model = self.sets.model;
        let (Some(own), Some(other)) = (own, other) else {
            return true;
        };
        let fleets = &self.sets.fleets;
        let equal: Vec<Name> = match pairs {
            Pairs::Equal(words) => words
                .iter()
                .filter_map(|word| model.names.find(self.sets.graph.words.text(*word)))
                .collect(),
            Pairs::All | Pairs::Own | Pairs::Others => Vec::new(),
        };
        let unequal: &[Name] = match unlike {
            Unlike::Differ(attributes) => attributes,
            Unlike::Any | Unlike::Other => &[],
        };
        // By the values that must be equal: the values that must differ, each with the rows that have them.
        let cells = |members: &Members| {
            let mut cells: Cells<'_> = BTreeMap::new();
            for row in fleets.rows(members) {
                let key: Option<Vec<&str>> = equal
                    .iter()
                    .map(|name| fleets.value(members.class, row, *name))
                    .collect();
                let Some(key) = key else { continue };
                let values = unequal
                    .iter()
                    .map(|name| fleets.value(members.class, row, *name))
                    .collect();
                let rows = cells.entry(key).or_default().entry(values).or_default();
                // Two rows stand for all that are alike.
                if rows.len() < 2 {
                    rows.push(row);
                }
            }
            cells
        };
        let (left, right) = (cells(own), cells(other));
        let is_same_class = own.class == other.class;
        for (key, lefts) in &left {
            let Some(rights) = right.get(key) else { continue };
            for a in lefts.values().flatten() {
                for b in rights.values().flatten() {
                    let is_self = is_same_class && a == b;
                    let meets = match pairs {
                        Pairs::Own => is_self,
                        Pairs::Others => !is_self,
                        Pairs::All | Pairs::Equal(_) => !(is_self && is_between),
                    };
                    if meets && fleets.counts(unlike, Some((own.class, *a)), Some((other.class, *b))) {
                        return true;
                    }
                    // Values differ somewhere as soon as two of either side do: few pairs decide.
                }
            }
        }
        false
    }
}

fn actor_of(right: &Right) -> Option<ThingId> {
    match right.actor {
        Actor::Thing(thing) => Some(thing),
        Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
    }
}

/// Whether what a right reaches of an act was taken out by `besides`.
fn is_taken_out(fleets: &Fleets<'_>, right: &Right, ready: &Ready<'_>, besides: &Taken) -> bool {
    let act = (ready.side(), ready.single());
    let own = (right.side(), right.single);
    let is_held = |taken: &TakenWord| holds(fleets, taken, act) || holds(fleets, taken, own);
    besides.words.iter().any(is_held)
}

/// Whether a word that is taken out holds all that a side reaches.
fn holds(fleets: &Fleets<'_>, taken: &TakenWord, (inner, single): (Side<'_>, bool)) -> bool {
    let outer = Side {
        pattern: &taken.within,
        members: taken.members.as_ref(),
    };
    topic::holds((&taken.within, taken.single), (inner.pattern, single)) && fleets.holds(outer, inner)
}

/// Whether a right is a device's own session: to connect as itself reaches no object.
fn is_session(right: &Right) -> bool {
    let connect = Pattern::literal("iot:connect");
    connect.is_some_and(|connect| right.actions.iter().all(|action| *action == connect))
}

/// Whether all that a right reaches was taken out.
fn is_taken_whole(fleets: &Fleets<'_>, right: &Right, besides: &Taken) -> bool {
    let wide = of_any_member(&right.within);
    if wide.is_everything() {
        let named = |action: &Pattern| {
            let word = action.word();
            let text = word.as_ref().and_then(|word| word.as_text());
            text.is_some_and(|text| besides.actions.contains(&*text))
        };
        return right.actions.iter().all(named);
    }
    let own = (right.side(), right.single);
    besides.words.iter().any(|taken| holds(fleets, taken, own))
}
