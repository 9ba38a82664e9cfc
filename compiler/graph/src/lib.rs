//! Who reaches what, and because of what: the intent, as a [`TrustGraph`].
//!
//! A relation denotes a set of requests or packets; two are equal if they denote the same set. `because` stands beside
//! the relation and takes no part in equality. There is no other origin of an entry than a [`reason::Reason`].

pub mod access;
pub mod address;
mod build;
mod entail;
pub mod fault;
pub mod flow;
pub mod lonely;
pub mod made;
pub mod question;
pub mod reason;
pub mod setting;
pub mod shared;
pub mod unscoped;
pub mod words;

use arena::{Id, Interned, Name, Names};
use diagnostics::Report;
use model::Model;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::Letter;

/// The interner of a graph's words.
#[derive(Clone, Copy, Debug)]
pub enum OfWords {}

/// A word of a graph: an action, a service, an attribute by which members meet.
pub type Word = Name<OfWords>;

/// The intent of one environment of one project. Ids of things, parts and trusts are those of its `Model`.
#[derive(Debug, Default)]
pub struct TrustGraph {
    /// Action names in the provider's canonical spelling, and other words of this graph.
    pub words: Names<OfWords>,
    /// Resource patterns.
    pub patterns: Interned<Pattern>,
    /// Conditions.
    pub regions: Interned<Region>,
    /// Which members meet.
    pub pairs: Interned<access::Pairs>,
    /// Why.
    pub reasons: Interned<reason::Reason>,
    /// Port sets, each ascending and disjoint.
    pub ports: Interned<Vec<model::value::Ports>>,
    /// Sets of address blocks, each sorted and disjoint.
    pub blocks: Interned<Vec<model::value::Block>>,
    /// Where everything is: addresses, symbols, variables.
    pub addresses: address::Addresses,
    /// Sorted by everything but `because`; no two differ in `because` alone (the first reason in order of what is declared stays, the others are in `also`).
    pub accesses: Vec<access::Access>,
    /// Sorted likewise.
    pub flows: Vec<flow::Flow>,
    /// Sorted by object and property.
    pub settings: Vec<setting::Setting>,
    /// Narrowings of baselines, kept apart from the accesses that they narrow: the guard on the resource's side enforces them.
    pub restrictions: Vec<access::Restriction>,
    /// Conditions that are not enforced although they are declared, each accepted by name.
    pub residuals: Vec<reason::Residual>,
    /// Further reasons of an access: (index into `accesses`, reason), sorted.
    pub also: Vec<(u32, reason::ReasonId)>,
}

/// Builds the graph of a model. Total: what cannot be stated exactly is reported, and the rest is still there.
///
/// - Shape: the lists of the graph are sorted and free of repetitions; see the fields.
/// - Cost: linear in the number of trusts (subjects × objects × capabilities), and independent of the size of fleets but where somebody
///   else connects to the broker of their devices: then each name is looked at once.
pub fn build(model: &Model, report: &mut Report) -> TrustGraph {
    build::run(model, report)
}

impl TrustGraph {
    /// A pattern as a text for people and for addresses: symbols and variables by their keys, in braces.
    #[must_use]
    pub fn shown(&self, pattern: &Pattern) -> String {
        pattern.display(&|letter| match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) => format!("{{{}}}", self.addresses.symbols.text(Id::new(id))),
            Letter::Variable(id) => format!("{{{}}}", self.addresses.variables.text(Id::new(id))),
        })
    }
}
