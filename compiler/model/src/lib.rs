//! The resolved spec, as data: every name is an id, every place a span, every date a number.
//!
//! There is no behaviour here. Behaviour lives on the floor that needs it.

pub mod actor;
pub mod fleet;
pub mod kind;
pub mod place;
pub mod project;
pub mod promise;
pub mod template;
pub mod test;
pub mod thing;
pub mod trust;
pub mod value;

use arena::{Arena, Names, OfModel};
use source::Span;

/// One environment of one project, resolved. Ids belong to this model alone. They follow what is declared: where a line stands
/// moves none, so that whatever is chosen as the first of several is chosen by what it says.
#[derive(Debug)]
pub struct Model {
    /// Every interned string.
    pub names: Names<OfModel>,
    /// The project's own declaration.
    pub project: project::Project,
    /// Accounts, by name.
    pub accounts: Arena<project::Account>,
    /// Teams, by name.
    pub teams: Arena<project::Team>,
    /// Certificate authorities.
    pub authorities: Arena<actor::Authority>,
    /// Identity providers.
    pub providers: Arena<actor::Provider>,
    /// Networks (a VPC each).
    pub networks: Arena<place::Network>,
    /// Sites (on premises).
    pub sites: Arena<place::Site>,
    /// Segments of networks and sites.
    pub segments: Arena<place::Segment>,
    /// Everything that acts or is reached, by name.
    pub things: Arena<thing::Thing>,
    /// Things inside things: listeners and local topics.
    pub parts: Arena<thing::Part>,
    /// Inventories, one for each device class.
    pub fleets: Arena<fleet::Fleet>,
    /// Kinds of the standard library and of the project that are used.
    pub kinds: Arena<kind::Kind>,
    /// Trusts, in order of what they say; those of a profile once for each `apply`.
    pub trusts: Arena<trust::Trust>,
    /// Promises: `never`, `isolate`, `require`, `limit`.
    pub promises: Arena<promise::Promise>,
    /// Waivers.
    pub waivers: Arena<promise::Waiver>,
    /// Tests.
    pub tests: Arena<test::Test>,
    /// `administer` and `restrict` of the baselines that the project uses.
    pub baselines: Arena<kind::Baseline>,
    /// Facts that stand for themselves as a reason (a class's `speaks`, a store's `encrypted`), with their place.
    pub facts: Arena<Fact>,
    /// Declared names that nothing refers to (teams, authorities, providers, profiles, places): what `unused-name` reports.
    pub unused: Vec<Unused>,
}

/// A declaration or one of its facts, as the origin of something emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Where it stands.
    pub span: Span,
}

/// A declared name that nothing refers to.
#[derive(Clone, Copy, Debug)]
pub struct Unused {
    /// The word that declares it (`team`, `authority` …).
    pub word: &'static str,
    /// Its name.
    pub name: arena::Name,
    /// Where.
    pub span: Span,
}
