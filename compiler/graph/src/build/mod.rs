//! From the model to the graph: one pass over the trusts, then what they entail.

mod across;
mod addresses;
mod assigned;
mod baseline;
mod canonical;
mod condition;
mod expand;
mod facing;
mod family;
mod grant;
pub(crate) mod identity;
mod listener;
mod member;
mod place;
mod setting;
mod shared_group;
mod taken_name;
mod trust;
mod unreachable;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use arena::{Id, Interned, Name};
use diagnostics::Report;
use model::place::SegmentId;
use model::project::{Account, AccountId};
use model::thing::{Thing, ThingId};
use model::{Fact, Model};
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::Values;
use source::Span;

use crate::TrustGraph;
use crate::access::{Access, Pairs, PairsId, PatternId, Principal, RegionId, Resource};
use crate::flow::Reach;
use crate::reason::{Reason, ReasonId, Residual, Rule};

pub(crate) use expand::Whose;
pub(crate) use grant::Grant;
pub(crate) use place::home;
pub(crate) use trust::Subject;

/// Builds the graph of a model.
pub(crate) fn run(model: &Model, report: &mut Report) -> TrustGraph {
    let mut build = Build::new(model, report);
    build.addresses();
    for (id, trust) in model.trusts.iter() {
        build.trust(id, trust);
    }
    build.references_as_reasons();
    build.entail_identities();
    build.refuse_same_identities();
    build.entail_interfaces();
    build.entail_service_keys();
    build.entail_creation();
    build.require_error_delivery();
    build.baselines();
    build.settings();
    build.declared_residuals();
    build.taken_names();
    build.refuse_inside_of_facing();
    build.shared_groups();
    build.finish()
}

/// The graph as far as it is built, and what is looked up often.
pub(crate) struct Build<'m> {
    pub(crate) model: &'m Model,
    pub(crate) report: &'m mut Report,
    pub(crate) graph: TrustGraph,
    /// Whether nothing was reported before the graph was begun.
    pub(crate) is_whole: bool,
    /// Words of the graph by the index of the model's name.
    words: Vec<Option<crate::Word>>,
    /// What trusts narrow to; the empty list is the whole object.
    parts: Interned<Vec<Pattern>>,
    grants: BTreeMap<grant::GrantKey, Rc<[Grant]>>,
    /// By which paths each segment reaches the provider's services.
    served: BTreeMap<SegmentId, Option<Reach>>,
    needs: BTreeMap<(ThingId, Name, Whose), Rc<[Grant]>>,
    both: BTreeMap<(RegionId, RegionId), RegionId>,
    /// What conditions of words say: operator, key, value. Most things of an account share one.
    conditions: BTreeMap<(Name, Name, Pattern), Region>,
    /// People and externals that hold an access, with the account of their role.
    pub(crate) holders: BTreeMap<(ThingId, AccountId), ReasonId>,
    /// Families of addresses, by thing.
    pub(crate) known_families: RefCell<BTreeMap<Name, Rc<family::Known>>>,
    /// Classes that reach a topic, with each trust that says so.
    pub(crate) sessions: BTreeSet<(ThingId, ReasonId)>,
    /// Who reaches a topic by a role, at whose broker: when, and by which trust.
    pub(crate) clients: BTreeMap<crate::entail::client::Client, BTreeSet<(RegionId, ReasonId)>>,
    /// (subject, object) of every trust, for what a declaration must be granted elsewhere.
    pub(crate) granted: BTreeSet<(ThingId, ThingId)>,
    /// The first reason to speak of each thing.
    named: BTreeMap<ThingId, ReasonId>,
    pub(crate) residuals: BTreeSet<Residual>,
    pub(crate) everything: RegionId,
    pub(crate) everywhere: PatternId,
    pub(crate) all: PairsId,
    pub(crate) own: PairsId,
}

impl<'m> Build<'m> {
    /// A builder that knows the addresses of a graph and holds nothing else of it: for what words denote.
    pub(crate) fn of_words(model: &'m Model, graph: &TrustGraph, report: &'m mut Report) -> Self {
        let mut build = Self::new(model, report);
        build.graph.addresses = graph.addresses.clone();
        // What cannot be said of a word was reported when the graph was built.
        build.is_whole = false;
        build
    }

    fn new(model: &'m Model, report: &'m mut Report) -> Self {
        let mut graph = TrustGraph::default();
        let everything = graph.regions.intern(Region::everything());
        let everywhere = graph.patterns.intern(Pattern::everything());
        let all = graph.pairs.intern(Pairs::All);
        let own = graph.pairs.intern(Pairs::Own);
        let with_endpoints = place::with_endpoints(model);
        Self {
            model,
            is_whole: !report.has_errors(),
            report,
            graph,
            words: Vec::new(),
            parts: Interned::default(),
            grants: BTreeMap::new(),
            served: model
                .segments
                .iter()
                .map(|(id, segment)| (id, place::service_reach(model, &with_endpoints, segment)))
                .collect(),
            needs: BTreeMap::new(),
            both: BTreeMap::new(),
            conditions: BTreeMap::new(),
            holders: BTreeMap::new(),
            known_families: RefCell::default(),
            sessions: BTreeSet::new(),
            clients: BTreeMap::new(),
            granted: BTreeSet::new(),
            named: BTreeMap::new(),
            residuals: BTreeSet::new(),
            everything,
            everywhere,
            all,
            own,
        }
    }

    /// What the floor above sees to. If it reported anything, it has said so already; otherwise two floors disagree.
    pub(crate) fn impossible(&mut self, what: impl Into<String>) {
        if self.is_whole {
            self.report.compiler_bug(what);
        }
    }

    /// The graph's word for a name of the model.
    pub(crate) fn word(&mut self, name: Name) -> crate::Word {
        if let Some(Some(word)) = self.words.get(name.index()) {
            return *word;
        }
        let word = self.graph.words.intern(self.model.names.text(name));
        if self.words.len() <= name.index() {
            self.words.resize(name.index() + 1, None);
        }
        if let Some(slot) = self.words.get_mut(name.index()) {
            *slot = Some(word);
        }
        word
    }

    /// The text of a name of the model.
    pub(crate) fn text(&self, name: Name) -> &'m str {
        self.model.names.text(name)
    }

    /// A thing of the model; an id of another model is a fault of the compiler, which is reported.
    pub(crate) fn thing(&mut self, id: ThingId) -> Option<&'m Thing> {
        let thing = self.model.things.get(id);
        if thing.is_none() {
            self.impossible("a declaration is named that the model does not hold");
        }
        thing
    }

    /// The account that holds a thing.
    pub(crate) fn account_of(&self, thing: &Thing) -> Option<(AccountId, &'m Account)> {
        let id = thing.account.or(self.model.project.default_account)?;
        Some((id, self.model.accounts.get(id)?))
    }

    pub(crate) fn reason(&mut self, reason: Reason) -> ReasonId {
        self.graph.reasons.intern(reason)
    }

    pub(crate) fn entailed(&mut self, of: ReasonId, rule: Rule) -> ReasonId {
        self.reason(Reason::Entailed { of, rule })
    }

    /// The provider's domain in an account's partition.
    pub(crate) fn suffix(&self, account: &Account) -> &'static str {
        if self.text(account.partition) == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        }
    }

    /// The reason of what is stated at `span` of a thing's declaration.
    ///
    /// Where the line is not listed as a fact (a kind's default, a head line), it is the first trust that names the
    /// thing, or the first line that refers to it; `None` if nothing speaks of it at all.
    pub(crate) fn declared(&mut self, thing: ThingId, span: Span) -> Option<ReasonId> {
        if let Some(fact) = self.fact(span) {
            return Some(self.reason(Reason::Declared(fact)));
        }
        self.named.get(&thing).copied()
    }

    /// The line that stands at `span`. They are in order of place.
    fn fact(&self, span: Span) -> Option<Id<Fact>> {
        let facts = self.model.facts.as_slice();
        let found = facts.binary_search_by_key(&span, |fact| fact.span).ok()?;
        u32::try_from(found).ok().map(Id::new)
    }

    /// Notes the first reason to speak of a thing.
    pub(crate) fn name_thing(&mut self, thing: ThingId, reason: ReasonId) {
        self.named.entry(thing).or_insert(reason);
    }

    /// Lines that refer to things.
    fn references_as_reasons(&mut self) {
        let model = self.model;
        for (id, thing) in model.things.iter() {
            for property in &thing.properties {
                let Some(fact) = self.fact(property.span) else {
                    continue;
                };
                let reason = self.reason(Reason::Declared(fact));
                self.name_thing(id, reason);
                for value in &property.values {
                    if let model::value::Value::Thing(target) = value {
                        self.name_thing(*target, reason);
                    }
                }
            }
        }
    }

    /// The region in which `key` has one of `values`.
    pub(crate) fn only(&mut self, key: &str, values: Values) -> RegionId {
        self.graph.regions.intern(Region::only(Key::new(key), values))
    }

    /// The contexts of both.
    pub(crate) fn both(&mut self, left: RegionId, right: RegionId) -> RegionId {
        if left == right || right == self.everything {
            return left;
        }
        if left == self.everything {
            return right;
        }
        let pair = if left < right {
            (left, right)
        } else {
            (right, left)
        };
        if let Some(known) = self.both.get(&pair) {
            return *known;
        }
        let (Some(a), Some(b)) = (self.graph.regions.get(left), self.graph.regions.get(right)) else {
            return left;
        };
        let region = a.and(b);
        let id = self.graph.regions.intern(region);
        self.both.insert(pair, id);
        id
    }

    /// Adds an access, unless its region is empty.
    pub(crate) fn access(&mut self, access: Access) {
        if self
            .graph
            .regions
            .get(access.when)
            .is_some_and(Region::is_nothing)
        {
            return;
        }
        self.graph.accesses.push(access);
    }

    /// Adds an access to an identity: an act of becoming.
    pub(crate) fn becoming(
        &mut self,
        principal: Principal,
        action: &str,
        of: ThingId,
        role: &str,
        when: RegionId,
        because: ReasonId,
    ) {
        let action = self.graph.words.intern(action);
        let Some(within) = Pattern::literal(role) else {
            return;
        };
        let within = self.graph.patterns.intern(within);
        self.access(Access {
            principal,
            action,
            resource: Resource::Identity(of),
            within,
            pairs: self.all,
            when,
            because,
        });
    }
}
