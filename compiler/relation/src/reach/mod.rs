//! Who reaches what, by one request or one packet: the question that every promise and every test comes down to.

pub mod enforced;
pub mod layers;
mod packet;
mod pair;
mod request;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use graph::access::Pairs;
use graph::question::Index;
use model::thing::ThingId;
use pattern::region::Region;
use read::facts::Facts;

use crate::packet::ports::Ports;
use crate::packet::{End, Packets};
use crate::place::Span;
use crate::request::{Hit, Requests};
use crate::rows::Unlike;
use crate::sets::{Objects, Sets, Subjects};
use crate::statement::ByGuard;

use layers::Layers;

/// What the bytes of some targets grant.
pub struct Relation<'a> {
    /// Names to sets.
    pub sets: Sets<'a>,
    /// What finds entries of the graph: for reasons, after the answer.
    pub index: &'a Index<'a>,
    /// Requests: composed when something is first asked of them.
    requests: OnceLock<Requests<'a>>,
    facts: &'a [Facts],
    /// What their documents permit, where it is known already.
    documents: &'a [ByGuard],
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
    /// The layers of which something was answered as declared.
    pub declared: Layers,
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
            documents: &[],
            targets: facts.iter().map(|facts| facts.target).collect(),
        }
    }

    /// The same, where what the documents of each target permit is known already.
    #[must_use]
    pub fn with_documents(mut self, documents: &'a [ByGuard]) -> Self {
        self.documents = documents;
        self
    }

    /// Requests that are granted.
    pub fn requests(&self) -> &Requests<'a> {
        self.requests
            .get_or_init(|| Requests::new(self.sets.clone(), self.facts, self.documents))
    }

    /// Visits everything that some subject reaches of some object: with the declared actor, or `None` for others.
    pub fn each(&self, question: &Question<'_>, visit: &mut dyn FnMut(Option<ThingId>, Reached)) -> Decided {
        let mut decided = Decided {
            undecided: false,
            declared: self.rests_on(question),
        };
        self.ask_requests(question, visit, &mut decided);
        if question.connects {
            self.ask_packets(question, visit, &mut decided);
        }
        decided
    }
}
