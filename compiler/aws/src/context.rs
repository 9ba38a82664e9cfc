//! What every part of lowering sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use arena::{Name, Names};
use checks::Checked;
use graph::access::RegionId;
use graph::address::OfVariables;
use graph::reason::{Reason, ReasonId, Rule};
use graph::{TrustGraph, Word};
use model::Model;
use model::project::{Account, AccountId};
use model::thing::{Thing, ThingId};
use source::Span;

use crate::addresses::Addresses;
use crate::deployment::document::Condition;
use crate::deployment::{Because, Cause};
use crate::document::condition::{self, Inexpressible};
use crate::stack::Stacks;

/// What every part of lowering sees. It changes nothing.
pub(crate) struct Context<'a> {
    pub(crate) model: &'a Model,
    pub(crate) graph: &'a TrustGraph,
    /// Root modules, and what lies in which.
    pub(crate) stacks: Stacks,
    /// The graph's variables, and for each of a reached member the acting member's own: letters of documents.
    pub(crate) variables: Names<OfVariables>,
    /// Where actors are, by address.
    pub(crate) addresses: Addresses,
    /// Per reason, the declaration and the sentence.
    causes: Vec<Option<Cause>>,
    /// Per region, its condition blocks: most statements share a few regions.
    blocks: Vec<OnceLock<Blocks>>,
}

/// Conditions whose union is a region, or why there are none.
type Blocks = Result<Vec<Vec<Condition>>, Inexpressible>;

impl<'a> Context<'a> {
    pub(crate) fn new(checked: &Checked<'a>, stacks: Stacks) -> Self {
        let (model, graph) = (checked.model(), checked.graph());
        let mut variables = graph.addresses.variables.clone();
        for index in 0..graph.addresses.variables.len() {
            let key = graph
                .addresses
                .variables
                .text(Name::new(u32::try_from(index).unwrap_or(u32::MAX)));
            if let Some(own) = key.strip_prefix("of:") {
                variables.intern(own);
            }
        }
        Self {
            model,
            graph,
            stacks,
            variables,
            addresses: Addresses::new(model),
            causes: causes(model, graph),
            blocks: graph.regions.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// A name of the model.
    pub(crate) fn text(&self, name: Name) -> &'a str {
        self.model.names.text(name)
    }

    /// A word of the graph.
    pub(crate) fn word(&self, name: Word) -> &'a str {
        self.graph.words.text(name)
    }

    pub(crate) fn thing(&self, id: ThingId) -> Option<&'a Thing> {
        self.model.things.get(id)
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<&'a Account> {
        self.model.accounts.get(id)
    }

    /// The account of a thing.
    pub(crate) fn account_of(&self, id: ThingId) -> Option<&'a Account> {
        self.account(self.thing(id)?.account?)
    }

    /// The declared name of a thing.
    pub(crate) fn name_of(&self, id: ThingId) -> &'a str {
        self.thing(id).map_or("", |thing| self.text(thing.name))
    }

    /// A thing's name in the cloud.
    pub(crate) fn physical(&self, thing: &Thing) -> &'a str {
        self.text(thing.called())
    }

    /// Why an entry of the graph exists: the line of the spec, with its `because` or the rule that entails.
    pub(crate) fn because(&self, reason: ReasonId) -> Because {
        self.because_all([reason])
    }

    /// Why something exists that serves several entries: in order of reason, which follows what is declared, each once.
    pub(crate) fn because_all(&self, reasons: impl IntoIterator<Item = ReasonId>) -> Because {
        let mut ids: Vec<ReasonId> = reasons.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut seen = BTreeSet::new();
        let causes = ids
            .iter()
            .filter_map(|id| self.causes.get(id.index())?.as_ref())
            .filter(|cause| seen.insert(*cause));
        causes.cloned().collect()
    }

    /// For what a declaration itself states.
    pub(crate) fn declared(&self, span: Span, sentence: &str) -> Because {
        Arc::new([Cause {
            span,
            sentence: sentence.into(),
        }])
    }

    /// The condition blocks of a region.
    pub(crate) fn blocks(&self, when: RegionId) -> Result<&[Vec<Condition>], &Inexpressible> {
        let (Some(region), Some(slot)) = (self.graph.regions.get(when), self.blocks.get(when.index())) else {
            return Ok(&[]);
        };
        let blocks = slot.get_or_init(|| condition::blocks(region));
        blocks.as_ref().map(Vec::as_slice)
    }

    /// The reason of an access; of none, one that is not there.
    pub(crate) fn because_of(&self, access: Option<usize>) -> ReasonId {
        let access = access.and_then(|access| self.graph.accesses.get(access));
        access.map_or(ReasonId::new(u32::MAX), |access| access.because)
    }

    /// The place of a reason, for diagnostics.
    pub(crate) fn span_of(&self, reason: ReasonId) -> Option<Span> {
        self.causes.get(reason.index())?.as_ref().map(|cause| cause.span)
    }

    /// Every reason of an access: its own, and further ones.
    pub(crate) fn reasons_of(&self, index: usize) -> impl Iterator<Item = ReasonId> + '_ {
        let own = self.graph.accesses.get(index).map(|access| access.because);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let first = self.graph.also.partition_point(|(of, _)| *of < index);
        let also = self
            .graph
            .also
            .iter()
            .skip(first)
            .take_while(move |(of, _)| *of == index);
        own.into_iter().chain(also.map(|(_, reason)| *reason))
    }
}

/// Per reason its cause; sentences are shared.
fn causes(model: &Model, graph: &TrustGraph) -> Vec<Option<Cause>> {
    let mut sentences: BTreeMap<Sentence, Arc<str>> = BTreeMap::new();
    let mut causes: Vec<Option<Cause>> = Vec::with_capacity(graph.reasons.len());
    for (_, reason) in graph.reasons.iter() {
        let (span, sentence) = match reason {
            Reason::Trust(id) => {
                let Some(trust) = model.trusts.get(*id) else {
                    causes.push(None);
                    continue;
                };
                (
                    Some(trust.span),
                    trust
                        .because
                        .map_or(Sentence::Ours(""), |(because, _)| Sentence::Theirs(because)),
                )
            }
            Reason::Declared(id) => (
                model.facts.get(*id).map(|fact| fact.span),
                Sentence::Ours("declared"),
            ),
            Reason::Baseline(id) => {
                let line = model.baselines.get(*id);
                (
                    line.map(|line| line.span),
                    line.map_or(Sentence::Ours(""), |line| Sentence::Theirs(line.name)),
                )
            }
            // Reasons are interned after what they derive from.
            Reason::Entailed { of, rule } => (
                causes
                    .get(of.index())
                    .and_then(|cause| Some(cause.as_ref()?.span)),
                Sentence::Ours(sentence(*rule)),
            ),
        };
        let shared = sentences.entry(sentence).or_insert_with(|| match sentence {
            Sentence::Ours(text) => text.into(),
            Sentence::Theirs(name) => model.names.text(name).into(),
        });
        let sentence = Arc::clone(shared);
        causes.push(span.map(|span| Cause { span, sentence }));
    }
    causes
}

/// Why something is there: in our words, or in those of the spec.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sentence {
    Ours(&'static str),
    Theirs(Name),
}

/// The rule in a sentence, for descriptions.
fn sentence(rule: Rule) -> &'static str {
    match rule {
        Rule::Via => "Needed to reach what is encrypted",
        Rule::Become => "An actor runs with its role",
        Rule::Session => "A device connects as itself",
        Rule::Client => "Who speaks MQTT connects under a name of its own",
        Rule::ServiceFlow => "Needed to reach the service",
        Rule::ErrorDelivery => "What could not be delivered goes here",
        Rule::ServiceKey => "The service uses the key of its store",
        Rule::Creation => "Who applies creates what lies under the key",
        Rule::Interfaces => "The function is attached to its network",
        Rule::Lease => "A DHCP server answers on the client's port",
    }
}
