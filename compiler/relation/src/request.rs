//! Requests that the bytes grant: rights, composed of the guards that were read.
//!
//! | where | granted if |
//! |---|---|
//! | one account | the caller's policies, or the thing's, say so |
//! | across accounts | both do |
//! | a key | its policy names the caller; or it names the account, and the caller's policies say so |
//! | becoming a role | its trust policy says so |
//! | a device | its own policies say so |
//! | a topic rule | its statement selects it |
//!
//! A deny takes away. Where a thing exists already and its policy is its owner's, the half that only the owner writes is
//! taken as given: it is an assumption. Where no selected target has the guards of a layer, rights are the declared
//! accesses, and counted as such.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalogue::Catalogue;
use graph::TrustGraph;
use graph::access::{Access, Principal, Resource};
use graph::question::overlap::of_any_member;
use model::Model;
use model::project::AccountId;
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word};
use read::facts::Facts;
use read::facts::document::{Effect, PrincipalName};

use crate::claims::Claims;
use crate::guard::{Guard, Names, Who, own_names};
use crate::letters::Letters;
use crate::rows::{Meeting, Members, Rows, Side, Unlike, has_letters};
use crate::sets::{Act, Actions, Sets, Subjects, Whole};
use crate::statement::{Statement, granted};
use crate::topic;

/// Who holds a right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A declared actor.
    Thing(ThingId),
    /// Anybody.
    Anyone,
    /// The steward of an account, who is trusted.
    Steward,
    /// A service, a federation, an account or a role that is nobody's who is declared.
    Other(PrincipalName),
}

/// Which guard gives a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The caller's own policies, of a role in this account.
    Identity(AccountId),
    /// The policy of a thing.
    Resource(ThingId),
    /// The trust policy of an actor's role.
    Trust(ThingId),
    /// The policies of a device.
    Device,
    /// The statement of a topic rule.
    Rule,
    /// No guard that was read: the declared access at this position of the graph.
    Declared(u32),
}

/// What one statement gives one actor on one pattern.
#[derive(Clone, Debug)]
pub struct Right {
    /// Who.
    pub actor: Actor,
    /// By which actions, in lower case; patterns only where the bytes say so.
    pub actions: Arc<[Pattern]>,
    /// The same as numbers, sorted; of literal actions on resources only.
    numbers: Arc<[u32]>,
    /// On what.
    pub within: Pattern,
    /// When.
    pub when: Region,
    /// By which guard.
    pub source: Source,
    /// Which of the targets says so; a right of no target if it is declared.
    pub target: &'static str,
    /// The members whose letters it holds.
    pub members: Option<Members>,
    /// Whether `*` before the end is one level of a topic: every filter by which it subscribes says so.
    pub single: bool,
    /// Whether some action is a pattern.
    is_wild: bool,
}

/// One act on one thing, made ready to be asked of many rights.
pub struct Ready<'q> {
    /// The thing.
    pub whole: &'q Whole,
    act: &'q Act,
    /// The actions that are meant; `None` for whatever is done.
    numbers: Option<BTreeSet<u32>>,
    /// With any text for each letter.
    wide: Pattern,
}

/// A request that is granted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Who: the actor, and the row where one is known.
    pub actor: Actor,
    /// The row of the actor's class.
    pub row: Option<usize>,
    /// The action, in the provider's spelling.
    pub action: String,
    /// The resource, for people.
    pub resource: String,
    /// The thing that is reached, if it is declared.
    pub thing: Option<ThingId>,
    /// The right by its position.
    pub right: u32,
}

/// A right that is taken away.
struct Denied {
    who: Vec<Who>,
    actions: Vec<Pattern>,
    resources: Vec<Pattern>,
    when: Region,
    target: &'static str,
}

/// A thing's policy that lets an account decide by the policies of its own roles.
struct Delegated {
    number: String,
    actions: Vec<Pattern>,
    within: Pattern,
    target: &'static str,
}

/// Everything that is granted as requests.
pub struct Requests<'a> {
    sets: Sets<'a>,
    /// Every right, in order of target and guard.
    pub rights: Vec<Right>,
    by_thing: BTreeMap<ThingId, Vec<u32>>,
    /// Rights of nobody in particular.
    of_others: Vec<u32>,
    /// By thing whose policy it is.
    to_thing: BTreeMap<ThingId, Vec<u32>>,
    denied: BTreeMap<Guard, Vec<Denied>>,
    delegated: BTreeMap<ThingId, Vec<Delegated>>,
    /// Names of actions on resources, in lower case.
    actions: arena::Names,
    /// How many rights were read.
    pub read: u64,
    /// How many are declared only.
    pub declared: u64,
    /// Layers whose rights are declared only, for people.
    pub declared_layers: BTreeSet<&'static str>,
}

/// What is asked of requests.
pub struct Asked<'q> {
    /// Who.
    pub subjects: &'q Subjects,
    /// The context, as far as it is fixed.
    pub context: &'q Region,
    /// Which pairs of members count.
    pub unlike: Unlike<'q>,
    /// What is fixed of attributes that are no column: key without `attr:`, value.
    pub attributes: &'q BTreeMap<String, String>,
    /// Only rights of this target; of all if `None`.
    pub target: Option<&'static str>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// Nothing.
    No,
    /// This.
    Yes(T),
    /// It takes more than the budget to say.
    Undecided,
}

impl Ready<'_> {
    /// The words that are meant, with any text for each letter.
    #[must_use]
    pub fn wide(&self) -> &Pattern {
        &self.wide
    }
}

impl Right {
    /// What it reaches, with all members.
    #[must_use]
    pub fn side(&self) -> Side<'_> {
        Side {
            pattern: &self.within,
            members: self.members.as_ref(),
        }
    }

    /// Its first action, for people.
    #[must_use]
    pub fn first_action(&self) -> String {
        let first = self.actions.iter().map(|action| action.to_string()).min();
        canonical(&first.unwrap_or_default())
    }
}

impl<'a> Requests<'a> {
    /// Composes what was read; what no target claims is taken from the graph.
    #[must_use]
    pub fn new(sets: Sets<'a>, facts: &[Facts]) -> Self {
        let mut requests = Self {
            sets,
            rights: Vec::new(),
            by_thing: BTreeMap::new(),
            of_others: Vec::new(),
            to_thing: BTreeMap::new(),
            denied: BTreeMap::new(),
            delegated: BTreeMap::new(),
            actions: arena::Names::default(),
            read: 0,
            declared: 0,
            declared_layers: BTreeSet::new(),
        };
        let mut claimed = Claims::default();
        for facts in facts {
            let claims = Claims::of(facts.target);
            if !claims.has_documents() {
                continue;
            }
            claimed.roles |= claims.roles;
            claimed.devices |= claims.devices;
            claimed.rules |= claims.rules;
            requests.read(facts, claims);
        }
        requests.read = requests.rights.len() as u64;
        requests.declare(claimed);
        requests.index();
        requests
    }

    fn model(&self) -> &'a Model {
        self.sets.model
    }

    fn graph(&self) -> &'a TrustGraph {
        self.sets.graph
    }

    fn read(&mut self, facts: &Facts, claims: Claims) {
        let (model, graph) = (self.model(), self.graph());
        let names = Names::new(model, graph);
        let letters = Letters::new(facts, &graph.addresses);
        // What has no place among the guards is refused by the comparison of guards.
        let mut faults = Vec::new();
        let by_guard = granted(facts, &names, claims, &letters, &mut faults);
        let who = Principals::new(model, graph);
        for (guard, statements) in by_guard {
            let own = own_names(&graph.addresses, guard);
            for statement in statements {
                let resources = resources(&statement, guard, &own);
                match statement.effect {
                    Effect::Deny => self.denied.entry(guard).or_default().push(Denied {
                        who: statement.who,
                        actions: statement.actions,
                        resources,
                        when: statement.when,
                        target: facts.target,
                    }),
                    Effect::Allow => self.allow(facts.target, guard, &statement, &resources, &who),
                }
            }
        }
    }

    fn allow(
        &mut self,
        target: &'static str,
        guard: Guard,
        statement: &Statement,
        resources: &[Pattern],
        who: &Principals,
    ) {
        let (actions, numbers, is_wild) = self.numbered(&statement.actions);
        for named in &statement.who {
            let (actor, source) = match (guard, named) {
                (Guard::Identity(thing, account), _) => (Actor::Thing(thing), Source::Identity(account)),
                (Guard::Device(thing), _) => (Actor::Thing(thing), Source::Device),
                (Guard::Rule(thing), _) => (Actor::Thing(thing), Source::Rule),
                (Guard::Trust(thing, _), named) => (who.actor(named), Source::Trust(thing)),
                (Guard::Resource(thing), Who::Named(PrincipalName::Account(number)))
                    if who.accounts.contains(number) =>
                {
                    for within in resources {
                        self.delegated.entry(thing).or_default().push(Delegated {
                            number: number.clone(),
                            actions: statement.actions.clone(),
                            within: within.clone(),
                            target,
                        });
                    }
                    continue;
                }
                (Guard::Resource(thing), named) => (who.actor(named), Source::Resource(thing)),
            };
            let members = self.members(&actor);
            for within in resources {
                self.rights.push(Right {
                    actor: actor.clone(),
                    actions: Arc::clone(&actions),
                    numbers: Arc::clone(&numbers),
                    is_wild,
                    within: within.clone(),
                    when: statement.when.clone(),
                    source,
                    target,
                    members: members.clone(),
                    single: false,
                });
            }
        }
    }

    /// Actions with their numbers, and whether some is a pattern.
    fn numbered(&mut self, actions: &[Pattern]) -> (Arc<[Pattern]>, Arc<[u32]>, bool) {
        let mut numbers: Vec<u32> = Vec::with_capacity(actions.len());
        for action in actions.iter().filter(|action| is_on_resource(action)) {
            let word = action.word();
            if let Some(text) = word.as_ref().and_then(Word::as_text) {
                numbers.push(self.actions.intern(&text).index() as u32);
            }
        }
        numbers.sort_unstable();
        let is_wild = actions.iter().any(|action| !action.is_literal());
        (actions.into(), numbers.into(), is_wild)
    }

    fn members(&self, actor: &Actor) -> Option<Members> {
        let Actor::Thing(thing) = actor else { return None };
        let declared = self.model().things.get(*thing)?;
        matches!(declared.detail, Detail::Class(_)).then_some(Members {
            class: *thing,
            rows: Rows::All,
        })
    }

    /// Rights of which no selected target holds the guards.
    fn declare(&mut self, claimed: Claims) {
        let graph = self.graph();
        let who = Principals::new(self.model(), graph);
        for (position, access) in (0u32..).zip(&graph.accesses) {
            let action = graph.words.text(access.action);
            let layer = match access.principal {
                Principal::Class(_) if is_of_device(action) => (!claimed.devices).then_some("device policies"),
                // A rule's subscription is its statement.
                Principal::Acting(_) if action == "iot:Subscribe" => continue,
                Principal::Acting(_) if action == "iot:Receive" => (!claimed.rules).then_some("topic rules"),
                Principal::Workload(_)
                | Principal::Class(_)
                | Principal::People(_)
                | Principal::Acting(_)
                | Principal::External(_)
                | Principal::Service(_)
                | Principal::Federation(..)
                | Principal::Steward(_)
                | Principal::Anyone => (!claimed.roles).then_some("policies of roles and resources"),
            };
            let Some(layer) = layer else { continue };
            let right = self.declared_right(position, access, action, &who);
            self.declared_layers.insert(layer);
            self.declared += 1;
            self.rights.extend(right);
        }
    }

    fn declared_right(&mut self, position: u32, access: &Access, action: &str, who: &Principals) -> Option<Right> {
        let graph = self.graph();
        let actor = match access.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => Actor::Thing(thing),
            Principal::Service(service) => {
                Actor::Other(PrincipalName::Service(graph.words.text(service).to_owned()))
            }
            Principal::Federation(..) => who.actor(&Who::Named(PrincipalName::Federated(String::new()))),
            Principal::Steward(_) => Actor::Steward,
            Principal::Anyone => Actor::Anyone,
        };
        let within = graph.patterns.get(access.within)?.clone();
        let reached = within.unknowns().any(|letter| match letter {
            Letter::Variable(id) => self.sets.fleets.key(id).starts_with("of:"),
            Letter::Symbol(_) | Letter::Scalar(_) => false,
        });
        let members = if reached {
            let Resource::Thing(thing) = access.resource else {
                return None;
            };
            let class = self.model().things.get(thing)?.family?;
            Some(Members {
                class,
                rows: Rows::All,
            })
        } else {
            self.members(&actor)
        };
        let literal: Vec<Pattern> = Pattern::literal(&action.to_ascii_lowercase()).into_iter().collect();
        let (actions, numbers, is_wild) = self.numbered(&literal);
        Some(Right {
            actor,
            actions,
            numbers,
            is_wild,
            within,
            when: graph.regions.get(access.when)?.clone(),
            source: Source::Declared(position),
            target: "",
            members,
            single: false,
        })
    }

    fn index(&mut self) {
        self.find_single();
        for (position, right) in (0u32..).zip(&self.rights) {
            match right.actor {
                Actor::Thing(thing) => self.by_thing.entry(thing).or_default().push(position),
                Actor::Anyone | Actor::Steward | Actor::Other(_) => self.of_others.push(position),
            }
            if let Source::Resource(thing) = right.source {
                self.to_thing.entry(thing).or_default().push(position);
            }
        }
    }

    /// Marks what is received level by level: where each filter that meets it says `+` and nothing wider.
    fn find_single(&mut self) {
        let mut filters: BTreeMap<ThingId, Vec<Pattern>> = BTreeMap::new();
        for right in &self.rights {
            if let Actor::Thing(actor) = right.actor
                && has(&right.actions, "iot:subscribe")
            {
                filters.entry(actor).or_default().push(right.within.clone());
            }
        }
        for right in &mut self.rights {
            let Actor::Thing(actor) = right.actor else { continue };
            let own = filters.get(&actor).map_or(&[][..], Vec::as_slice);
            right.single = topic::has_inner_wildcard(&right.within)
                && has(&right.actions, "iot:receive")
                && topic::only_by_level(&right.within, own);
        }
    }

    /// The rights of some subjects.
    pub fn rights_of<'q>(&'q self, subjects: &'q Subjects) -> impl Iterator<Item = (u32, &'q Right)> + 'q {
        let things: Box<dyn Iterator<Item = u32> + 'q> = if subjects.things.len() > self.by_thing.len() / 2 {
            let all = self.by_thing.iter();
            Box::new(
                all.filter(|(thing, _)| subjects.things.contains_key(thing))
                    .flat_map(|(_, rights)| rights.iter().copied()),
            )
        } else {
            let own = subjects.things.keys();
            Box::new(own.filter_map(|thing| self.by_thing.get(thing)).flatten().copied())
        };
        let others = self.of_others.iter().copied().filter(move |position| {
            let right = self.rights.get(*position as usize);
            right.is_some_and(|right| match right.actor {
                Actor::Anyone => subjects.everybody || subjects.internet || !subjects.things.is_empty(),
                Actor::Other(_) => subjects.everybody,
                Actor::Steward | Actor::Thing(_) => false,
            })
        });
        things
            .chain(others)
            .filter_map(|position| Some((position, self.rights.get(position as usize)?)))
    }

    /// The acts on some things, made ready.
    pub fn ready<'q>(&self, wholes: impl IntoIterator<Item = &'q Whole>) -> Vec<Ready<'q>> {
        let mut ready = Vec::new();
        for whole in wholes {
            for act in &whole.acts {
                let numbers = match &act.actions {
                    Actions::Any => None,
                    Actions::These(names) => Some(
                        names
                            .iter()
                            .filter_map(|name| self.actions.find(name))
                            .map(|name| name.index() as u32)
                            .collect(),
                    ),
                };
                ready.push(Ready {
                    whole,
                    act,
                    numbers,
                    wide: of_any_member(&act.within),
                });
            }
        }
        ready
    }

    /// One right against one act: the request that it grants.
    #[must_use]
    pub fn act(&self, position: u32, right: &Right, ready: &Ready<'_>, asked: &Asked<'_>) -> Found<Hit> {
        let (whole, act) = (ready.whole, ready.act);
        if asked
            .target
            .is_some_and(|target| !right.target.is_empty() && right.target != target)
            || !may_be(right, ready)
        {
            return Found::No;
        }
        let within = fixed(&right.within, right, asked.attributes, &self.sets);
        if !has_letters(&within) && within.meets(&ready.wide).is_none() {
            return Found::No;
        }
        if act.becomes && !self.becomes_another(right, whole) {
            return Found::No;
        }
        let Some(action) = self.action(right, ready) else {
            return Found::No;
        };
        let members = self.asking(right, asked.subjects);
        let left = Side {
            pattern: &within,
            members: members.as_ref(),
        };
        let reached = Side {
            pattern: &act.within,
            members: whole.members.as_ref(),
        };
        // One's own identity is reached by others only.
        let class = |members: Option<&Members>| members.map(|members| members.class);
        let own_class = class(members.as_ref());
        let unlike = if act.becomes && own_class.is_some() && own_class == class(whole.members.as_ref()) {
            Unlike::Other
        } else {
            asked.unlike
        };
        let (word, row) = match self.sets.fleets.meet(left, reached, unlike) {
            Meeting::Apart => return Found::No,
            Meeting::Undecided => return Found::Undecided,
            Meeting::Meet { word, left, .. } => (word, left),
        };
        if topic::are_apart((&within, right.single), (&act.within, act.single)) {
            return Found::No;
        }
        let when = fixed_when(&right.when, asked.attributes, &self.sets)
            .and(asked.context)
            .and(&act.when);
        if when.is_nothing()
            || !self.suffices(right, whole, &action)
            || self.is_denied(right, whole, &action, &act.within, &when)
        {
            return Found::No;
        }
        Found::Yes(Hit {
            actor: right.actor.clone(),
            row,
            action: canonical(&action),
            resource: self.shown(&word),
            thing: Some(whole.thing),
            right: position,
        })
    }

    /// Whether to reach the identity of this thing is to become somebody else: a service that runs an actor is no other.
    fn becomes_another(&self, right: &Right, whole: &Whole) -> bool {
        match (&right.actor, right.source) {
            (Actor::Other(PrincipalName::Service(_) | PrincipalName::Federated(_)), Source::Trust(_)) => false,
            (Actor::Thing(own), _) if *own == whole.thing => {
                // Devices of one class are several.
                right.members.is_some()
            }
            (Actor::Thing(_) | Actor::Anyone | Actor::Steward | Actor::Other(_), _) => true,
        }
    }

    /// An action of the right that is asked for: the first by name.
    fn action(&self, right: &Right, ready: &Ready<'_>) -> Option<String> {
        let name = |number: u32| self.actions.text(arena::Name::new(number));
        let numbers = right.numbers.iter().copied();
        let literal = match &ready.numbers {
            None => numbers.map(name).min(),
            Some(wanted) => numbers.filter(|number| wanted.contains(number)).map(name).min(),
        };
        if let Some(literal) = literal {
            return Some(literal.to_owned());
        }
        let mut wild = right.actions.iter().filter(|action| !action.is_literal());
        match &ready.act.actions {
            Actions::Any => wild.map(|pattern| pattern.to_string()).min(),
            Actions::These(names) => {
                let matches = |pattern: &Pattern| {
                    names.iter().find(|name| {
                        Word::text(name).is_some_and(|word| pattern.matches(&word))
                    })
                };
                wild.find_map(matches).cloned()
            }
        }
    }

    /// The members of the right's actor that are asked about.
    fn asking(&self, right: &Right, subjects: &Subjects) -> Option<Members> {
        let own = right.members.as_ref()?;
        let Actor::Thing(thing) = right.actor else {
            return Some(own.clone());
        };
        if own.class != thing {
            return Some(own.clone());
        }
        let rows = subjects.things.get(&thing).cloned().unwrap_or(Rows::All);
        Some(Members { class: thing, rows })
    }

    /// Whether the right alone lets the request through at this thing, by the table above.
    fn suffices(&self, right: &Right, whole: &Whole, action: &str) -> bool {
        let model = self.model();
        let Some(thing) = model.things.get(whole.thing) else {
            return true;
        };
        let theirs = thing.existing.is_some_and(|existing| !existing.policy_ours);
        match right.source {
            Source::Device | Source::Rule | Source::Declared(_) | Source::Trust(_) => true,
            Source::Identity(home) => {
                let is_key = self.is_key(whole.thing);
                let is_near = whole.account.is_none_or(|account| account == home);
                if theirs || (is_near && !is_key) {
                    return true;
                }
                let number = self.number(home);
                let delegates = self.delegated.get(&whole.thing).into_iter().flatten();
                let by_account = delegates
                    .filter(|delegated| delegated.target == right.target && delegated.number == number)
                    .any(|delegated| has(&delegated.actions, action) && meets(&delegated.within, &right.within));
                let named = self.to_thing.get(&whole.thing).into_iter().flatten();
                let by_name = named
                    .filter_map(|position| self.rights.get(*position as usize))
                    .filter(|other| other.target == right.target)
                    .any(|other| {
                        (other.actor == right.actor || other.actor == Actor::Anyone)
                            && has(&other.actions, action)
                            && meets(&other.within, &right.within)
                            && other.when.meets(&right.when)
                    });
                by_account || by_name
            }
            Source::Resource(_) => {
                let Actor::Thing(actor) = right.actor else {
                    return true;
                };
                let homes = self.homes(actor);
                if homes.is_empty() || whole.account.is_none_or(|account| homes.contains(&account)) {
                    return true;
                }
                let own = self.by_thing.get(&actor).into_iter().flatten();
                own.filter_map(|position| self.rights.get(*position as usize))
                    .filter(|other| other.target == right.target)
                    .any(|other| {
                        matches!(other.source, Source::Identity(_))
                            && has(&other.actions, action)
                            && meets(&other.within, &right.within)
                            && other.when.meets(&right.when)
                    })
            }
        }
    }

    fn is_key(&self, thing: ThingId) -> bool {
        let model = self.model();
        let kind = model.things.get(thing).and_then(|thing| model.kinds.get(thing.kind));
        kind.and_then(|kind| kind.words.service)
            .is_some_and(|service| model.names.text(service) == "kms")
    }

    fn number(&self, account: AccountId) -> &'a str {
        let model = self.model();
        model
            .accounts
            .get(account)
            .map_or("", |account| model.names.text(account.number))
    }

    /// The accounts in which an actor has a role.
    fn homes(&self, actor: ThingId) -> BTreeSet<AccountId> {
        let first = (actor, AccountId::new(0));
        let roles = self.graph().addresses.roles.range(first..);
        roles
            .take_while(|((thing, _), _)| *thing == actor)
            .map(|((_, account), _)| *account)
            .collect()
    }

    /// Whether denies leave nothing of a request: those that hold on all of what is asked, by whoever asks.
    fn is_denied(&self, right: &Right, whole: &Whole, action: &str, within: &Pattern, when: &Region) -> bool {
        let mut guards = vec![Guard::Resource(whole.thing)];
        if let Actor::Thing(actor) = right.actor {
            guards.extend(self.homes(actor).into_iter().map(|home| Guard::Identity(actor, home)));
            guards.push(Guard::Device(actor));
        }
        let mut left = when.clone();
        for denied in guards.iter().filter_map(|guard| self.denied.get(guard)).flatten() {
            let concerns = denied.target == right.target
                && has(&denied.actions, action)
                && denied.who.iter().any(|who| self.names(who, right));
            if !concerns {
                continue;
            }
            if denied
                .resources
                .iter()
                .any(|pattern| pattern.covers(within) || pattern.covers(&right.within))
            {
                left = left.minus(&denied.when);
            }
        }
        left.is_nothing()
    }

    fn names(&self, who: &Who, right: &Right) -> bool {
        match who {
            Who::Own | Who::Anyone => true,
            Who::Named(PrincipalName::Role(arn)) => match right.actor {
                Actor::Thing(actor) => {
                    let roles = &self.graph().addresses.roles;
                    self.homes(actor)
                        .into_iter()
                        .any(|home| roles.get(&(actor, home)).is_some_and(|role| role.arn == *arn))
                }
                Actor::Anyone | Actor::Steward | Actor::Other(_) => false,
            },
            Who::Named(PrincipalName::Account(number)) => match right.actor {
                Actor::Thing(actor) => self.homes(actor).into_iter().any(|home| self.number(home) == number),
                Actor::Anyone | Actor::Steward | Actor::Other(_) => false,
            },
            Who::Named(PrincipalName::Service(_) | PrincipalName::Federated(_)) => false,
        }
    }

    /// A word for people.
    #[must_use]
    pub fn shown(&self, word: &Word) -> String {
        let addresses = &self.graph().addresses;
        word.display(&|letter| match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) => format!("<{}>", addresses.symbols.text(arena::Id::new(id))),
            Letter::Variable(id) => format!("{{{}}}", addresses.variables.text(arena::Id::new(id))),
        })
    }
}

/// Whose name a principal of a document is.
struct Principals {
    roles: BTreeMap<String, ThingId>,
    stewards: BTreeSet<String>,
    /// Numbers of declared accounts.
    accounts: BTreeSet<String>,
    /// Accounts of externals, by number.
    foreign: BTreeMap<String, ThingId>,
}

impl Principals {
    fn new(model: &Model, graph: &TrustGraph) -> Self {
        let mut roles: BTreeMap<String, ThingId> = BTreeMap::new();
        for ((thing, _), role) in &graph.addresses.roles {
            roles.insert(role.arn.clone(), *thing);
        }
        let mut foreign = BTreeMap::new();
        for (id, thing) in model.things.iter() {
            let Detail::External(external) = &thing.detail else {
                continue;
            };
            if let Some((role, _)) = external.role {
                roles.entry(model.names.text(role).to_owned()).or_insert(id);
            }
            if let Some((number, _)) = external.account {
                foreign.insert(model.names.text(number).to_owned(), id);
            }
        }
        let stewards = model.accounts.iter().filter_map(|(_, account)| {
            let (role, _) = account.steward?;
            let (partition, number) = (
                model.names.text(account.partition),
                model.names.text(account.number),
            );
            Some(format!(
                "arn:{partition}:iam::{number}:{}",
                model.names.text(role)
            ))
        });
        let accounts = model.accounts.iter();
        Self {
            roles,
            stewards: stewards.collect(),
            accounts: accounts
                .map(|(_, account)| model.names.text(account.number).to_owned())
                .collect(),
            foreign,
        }
    }

    fn actor(&self, who: &Who) -> Actor {
        match who {
            // Only a guard of an actor says nothing of who acts.
            Who::Own | Who::Anyone => Actor::Anyone,
            Who::Named(name) => match name {
                PrincipalName::Role(arn) if self.stewards.contains(arn) => Actor::Steward,
                PrincipalName::Role(arn) => match self.roles.get(arn) {
                    Some(thing) => Actor::Thing(*thing),
                    None => Actor::Other(name.clone()),
                },
                PrincipalName::Account(number) => match self.foreign.get(number) {
                    Some(thing) => Actor::Thing(*thing),
                    None => Actor::Other(name.clone()),
                },
                PrincipalName::Service(_) | PrincipalName::Federated(_) => Actor::Other(name.clone()),
            },
        }
    }
}

/// The resources of a statement; `*` in a thing's own policy is the thing and what is in it.
fn resources(statement: &Statement, guard: Guard, own: &[Pattern]) -> Vec<Pattern> {
    let is_own = matches!(guard, Guard::Trust(..) | Guard::Resource(_));
    let mut resources = Vec::with_capacity(statement.resources.len());
    for resource in &statement.resources {
        if is_own && resource.is_everything() {
            resources.extend(own.iter().cloned());
        } else {
            resources.push(resource.clone());
        }
    }
    resources
}

/// A right's pattern for the subject whose attributes are fixed.
fn fixed(within: &Pattern, right: &Right, attributes: &BTreeMap<String, String>, sets: &Sets<'_>) -> Pattern {
    if attributes.is_empty() || right.members.is_some() || !has_letters(within) {
        return within.clone();
    }
    within.map_letters(&mut |letter| match letter {
        Letter::Variable(id) => {
            let key = sets.fleets.key(id).strip_prefix("attr:")?;
            Pattern::literal(attributes.get(key)?)
        }
        Letter::Symbol(_) | Letter::Scalar(_) => None,
    })
}

/// A right's contexts for the subject whose attributes are fixed. A condition on what is not fixed may hold.
fn fixed_when(when: &Region, attributes: &BTreeMap<String, String>, sets: &Sets<'_>) -> Region {
    if !when.has_unknown() {
        return when.clone();
    }
    let told = when.map_words(&mut |words| {
        words.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => {
                let key = sets.fleets.key(id).strip_prefix("attr:")?;
                Word::text(attributes.get(key)?)
            }
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
    });
    let mut told = told.unwrap_or_else(|| when.clone());
    let keys: Vec<_> = told.keys().into_iter().map(|(key, _)| key).collect();
    for key in &keys {
        let others = keys.iter().filter(|other| *other != key);
        let alone = others.fold(told.clone(), |region, other| region.forget(other));
        if alone.has_unknown() {
            told = told.forget(key);
        }
    }
    told
}

/// Whether a right has an action that is meant, as far as numbers tell.
fn may_be(right: &Right, ready: &Ready<'_>) -> bool {
    right.is_wild
        || match &ready.numbers {
            None => !right.numbers.is_empty(),
            Some(wanted) => right.numbers.iter().any(|number| wanted.contains(number)),
        }
}

/// Whether an action is one on resources. One that the catalogue does not know, or a wildcard, may be.
fn is_on_resource(action: &Pattern) -> bool {
    let name = action.word().and_then(|word| word.as_text().map(|text| text.into_owned()));
    let known = name.and_then(|name| Catalogue::embedded().action(&name));
    known.is_none_or(|action| action.has_resource_level())
}

/// What a device does by its own policies.
fn is_of_device(action: &str) -> bool {
    action.starts_with("iot:") || action.starts_with("greengrass:")
}

fn has(actions: &[Pattern], action: &str) -> bool {
    Word::text(action).is_some_and(|word| actions.iter().any(|pattern| pattern.matches(&word)))
}

fn meets(left: &Pattern, right: &Pattern) -> bool {
    of_any_member(left).meets(&of_any_member(right)).is_some()
}

/// The provider's spelling, where the catalogue knows the action.
#[must_use]
pub fn canonical(action: &str) -> String {
    Catalogue::embedded()
        .action(action)
        .map_or_else(|| action.to_owned(), |known| known.name().to_owned())
}
