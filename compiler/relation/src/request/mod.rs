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

mod answer;
mod compose;
mod context;
mod narrow;
mod principal;
pub(crate) mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use catalogue::Catalogue;
use graph::TrustGraph;
use graph::question::overlap::{Patterns, of_any_member};
use model::Model;
use model::project::AccountId;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word};
use read::facts::Facts;
use read::facts::document::PrincipalName;

use crate::claims::Claims;
use crate::guard::{Guard, Who};
use crate::reach::layers::Layers;
use crate::rows::{Members, Side, Unlike};
use crate::sets::{Act, Sets, Subjects, Whole};
use crate::statement::{self, ByGuard};
use crate::topic::Stars;

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
    /// The topics that lead straight into a topic rule, whatever its statement.
    Entrance,
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
    /// What a `*` of a topic stands for: the filters by which it subscribes say so.
    pub stars: Stars,
    /// Whether some action is a pattern.
    is_wild: bool,
    /// Whether it is taken for more than it is, since a `?` may be a letter that the provider assigns.
    pub is_wider: bool,
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

/// Names of actions.
enum OfActions {}

/// Actions, the same as numbers, and whether some is a pattern.
type Numbered = (Arc<[Pattern]>, Arc<[u32]>, bool);

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
    /// By what they are about: positions. Made when many subjects are asked about few things.
    by_word: OnceLock<Patterns<Vec<u32>>>,
    /// Names of actions on resources, in lower case.
    actions: arena::Names<OfActions>,
    /// Lists of actions that occurred.
    lists: BTreeMap<Arc<[Pattern]>, Numbered>,
    /// How many rights were read.
    pub read: u64,
    /// How many are declared only.
    pub declared: u64,
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
    /// The service that the address of the act names; empty if it names none.
    fn service(&self) -> String {
        let text = self.wide.to_string();
        let mut fields = text.split(':');
        let service = fields.nth(2).unwrap_or("");
        if text.starts_with("arn:") && !service.contains('*') {
            service.to_owned()
        } else {
            String::new()
        }
    }

    /// The words that are meant, with any text for each letter.
    #[must_use]
    pub fn wide(&self) -> &Pattern {
        &self.wide
    }

    /// What a `*` of what is meant stands for.
    #[must_use]
    pub fn stars(&self) -> Stars {
        self.act.stars
    }

    /// What is meant, with the members of its thing.
    #[must_use]
    pub fn side(&self) -> Side<'_> {
        Side {
            pattern: &self.act.within,
            members: self.whole.members.as_ref(),
        }
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

    /// The same of some members only.
    #[must_use]
    pub fn of_members(&self, members: Members) -> Right {
        Right {
            members: Some(members),
            ..self.clone()
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
    /// Composes what was read; what no target claims is taken from the graph. `documents` are those of `facts` in the
    /// same order, as far as they are known already.
    #[must_use]
    pub fn new(sets: Sets<'a>, facts: &[Facts], documents: &[ByGuard]) -> Self {
        let mut requests = Self {
            sets,
            rights: Vec::new(),
            by_thing: BTreeMap::new(),
            of_others: Vec::new(),
            to_thing: BTreeMap::new(),
            denied: BTreeMap::new(),
            delegated: BTreeMap::new(),
            by_word: OnceLock::new(),
            actions: arena::Names::default(),
            lists: BTreeMap::new(),
            read: 0,
            declared: 0,
        };
        let mut claimed = Layers::NONE;
        for (position, facts) in facts.iter().enumerate() {
            let claims = Claims::of(facts.target);
            if !claims.has_documents() {
                continue;
            }
            claimed |= Layers::of_claims(claims);
            match documents.get(position) {
                Some(known) => requests.read(facts, known),
                None => {
                    let found = statement::of_target(requests.model(), requests.graph(), facts);
                    requests.read(facts, &found);
                }
            }
        }
        requests.read = requests.rights.len() as u64;
        requests.declare(claimed);
        requests.enter();
        requests.index();
        requests
    }

    fn model(&self) -> &'a Model {
        self.sets.model
    }

    fn graph(&self) -> &'a TrustGraph {
        self.sets.graph
    }

    fn index(&mut self) {
        self.end();
        self.tell();
        self.by_filters();
        for (position, right) in (0u32..).zip(&self.rights) {
            match right.actor {
                Actor::Thing(thing) => self.by_thing.entry(thing).or_default().push(position),
                Actor::Anyone | Actor::Other(_) => self.of_others.push(position),
                // No question is about stewards.
                Actor::Steward => {}
            }
            if let Source::Resource(thing) = right.source {
                self.to_thing.entry(thing).or_default().push(position);
            }
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
            Box::new(
                own.filter_map(|thing| self.by_thing.get(thing))
                    .flatten()
                    .copied(),
            )
        };
        let others = self.of_others.iter().copied().filter(move |position| {
            let right = self.rights.get(*position as usize);
            right.is_some_and(|right| is_of(right, subjects))
        });
        things
            .chain(others)
            .filter_map(|position| Some((position, self.rights.get(position as usize)?)))
    }

    /// The rights of some subjects that may be about something: by what they are about, not by who has them.
    pub fn rights_about<'q>(
        &'q self,
        wide: &'q Pattern,
        subjects: &'q Subjects,
    ) -> impl Iterator<Item = (u32, &'q Right)> + 'q {
        let by_word = self.by_word.get_or_init(|| {
            let rights = (0u32..).zip(&self.rights);
            Patterns::of_many(rights.map(|(position, right)| (of_any_member(&right.within), position)))
        });
        by_word
            .meeting(wide)
            .flatten()
            .filter_map(|position| Some((*position, self.rights.get(*position as usize)?)))
            .filter(|(_, right)| is_of(right, subjects))
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

/// Whether a right is of one of some subjects.
fn is_of(right: &Right, subjects: &Subjects) -> bool {
    match right.actor {
        Actor::Thing(thing) => subjects.things.contains_key(&thing),
        Actor::Anyone => subjects.everybody || subjects.internet || !subjects.things.is_empty(),
        Actor::Other(_) => subjects.everybody,
        Actor::Steward => false,
    }
}

/// The provider's spelling, where the catalogue knows the action.
#[must_use]
pub fn canonical(action: &str) -> String {
    Catalogue::embedded()
        .action(action)
        .map_or_else(|| action.to_owned(), |known| known.name().to_owned())
}

fn has(actions: &[Pattern], action: &str) -> bool {
    Word::text(action).is_some_and(|word| actions.iter().any(|pattern| pattern.matches(&word)))
}

fn meets(left: &Pattern, right: &Pattern) -> bool {
    of_any_member(left).meets(&of_any_member(right)).is_some()
}
