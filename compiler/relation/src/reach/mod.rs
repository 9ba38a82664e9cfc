//! Who reaches what, by one request or one packet: the question that every promise and every test comes down to.

mod packet;
mod pair;
mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use graph::access::Pairs;
use graph::question::Index;
use model::place::Within;
use model::thing::{Detail, ThingId};
use pattern::region::Region;
use read::facts::Facts;

use crate::claims::Claims;
use crate::packet::ports::Ports;
use crate::packet::{End, Packets};
use crate::place::Span;
use crate::request::{Hit, Requests};
use crate::rows::Unlike;
use crate::sets::{Objects, Sets, Subjects};

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

    /// Whether the guards of some subjects are in no selected target.
    pub(crate) fn requests_are_declared(&self, subjects: &Subjects) -> bool {
        let claims = |of: fn(Claims) -> bool| self.targets.iter().any(|target| of(Claims::of(target)));
        let detail = |thing: &ThingId| self.sets.model.things.get(*thing).map(|thing| &thing.detail);
        let is_class = |thing: &ThingId| matches!(detail(thing), Some(Detail::Class(_)));
        let devices = !claims(|claims| claims.devices) && subjects.things.keys().any(is_class);
        let others = !claims(|claims| claims.roles)
            && (subjects.everybody || subjects.things.keys().any(|thing| !is_class(thing)));
        devices || others
    }

    /// Whether a layer that the question is about is in no selected target, or two ends meet at which no guard stands.
    fn rests_on_declarations(&self, question: &Question<'_>) -> bool {
        let subjects = question.subjects;
        let asks_requests =
            question.objects.provider || question.objects.wholes.iter().any(|whole| !whole.acts.is_empty());
        if asks_requests && self.requests_are_declared(subjects) {
            return true;
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
}
