//! Device against device: whether one reaches what belongs to another.

use std::collections::BTreeSet;

use model::thing::ThingId;
use pattern::pattern::Pattern;
use pattern::word::{Letter, Word};

use super::Index;
use crate::access::{Access, Pairs, Principal, Resource};

/// An access by which a device reaches what belongs to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The access of the one.
    pub access: Access,
    /// The access that makes it the other's; `None` if the object is the other's family member.
    pub belongs: Option<Access>,
    /// The class of the other.
    pub other: ThingId,
    /// A name that both reach, with `a` for the one and `b` for the other; empty for a family member.
    pub word: String,
}

/// Letters that stand for two different members. Above every id that a graph gives.
const ONE: u32 = u32::MAX >> 4;
const OTHER: u32 = ONE - 1;
/// An attribute, which two members may share.
const SHARED: u32 = ONE - 2;

impl Index<'_> {
    /// Accesses by which a device of these classes reaches the family member, or the part under `{name}`, of another
    /// device of these classes. A trust that names the other's class as its object, or says `others`, is not counted
    /// here by its flows: a connection to another's listener is what such a trust is for.
    #[must_use]
    pub fn isolation_breaches(&self, classes: &BTreeSet<ThingId>) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let accesses = || {
            classes.iter().flat_map(|class| {
                self.accesses_of(Principal::Class(*class))
                    .iter()
                    .map(move |access| (*class, access))
            })
        };
        let members = self.family_names(classes);
        // What belongs to a member: what holds its name or attributes.
        let own: Vec<(ThingId, &Access, Pattern)> = accesses()
            .filter_map(|(class, access)| {
                let pattern = self.graph.patterns.get(access.within)?;
                let named = pattern.unknowns().any(|letter| self.is_own_name(letter));
                named.then(|| (class, access, self.of_member(pattern, OTHER)))
            })
            .collect();
        for (class, access) in accesses() {
            let Some(pattern) = self.graph.patterns.get(access.within) else {
                continue;
            };
            if let Resource::Thing(object) = access.resource
                && let Some(other) = self
                    .model
                    .things
                    .get(object)
                    .and_then(|thing| thing.family)
                    .filter(|other| classes.contains(other))
                && (other != class || !matches!(self.graph.pairs.get(access.pairs), Some(Pairs::Own)))
            {
                breaches.push(Breach {
                    access: *access,
                    belongs: None,
                    other,
                    word: String::new(),
                });
                continue;
            }
            let one = self.of_member(pattern, ONE);
            let owned = own.iter().find_map(|(other, belongs, others)| {
                let word = (access.action == belongs.action).then(|| one.meets(others))??;
                Some((*other, Some(**belongs), word))
            });
            // Whatever a thing is called: to reach a name that is another member's is to reach what is the other's.
            let met = owned.or_else(|| {
                members
                    .iter()
                    .find_map(|(other, names)| Some((*other, None, one.meets(names)?)))
            });
            if let Some((other, belongs, word)) = met {
                breaches.push(Breach {
                    access: *access,
                    belongs,
                    other,
                    word: spelt(&word),
                });
            }
        }
        breaches
    }

    /// The names of another member's part of every family of these classes.
    fn family_names(&self, classes: &BTreeSet<ThingId>) -> Vec<(ThingId, Pattern)> {
        let addresses = &self.graph.addresses;
        let things = self.model.things.iter();
        things
            .filter_map(|(id, thing)| {
                let class = thing.family.filter(|class| classes.contains(class))?;
                let names = addresses
                    .things
                    .get(&id)?
                    .map_letters(&mut |letter| match letter {
                        Letter::Variable(id) => {
                            let is_name = addresses.variables.text(arena::Id::new(id)) == "of:name";
                            let symbol = if is_name { OTHER } else { SHARED };
                            Some(Pattern::exactly(&Word::of([Letter::Symbol(symbol)])?))
                        }
                        Letter::Scalar(_) | Letter::Symbol(_) => None,
                    });
                Some((class, names))
            })
            .collect()
    }

    fn is_own_name(&self, letter: Letter) -> bool {
        match letter {
            Letter::Variable(id) => self.graph.addresses.variables.text(arena::Id::new(id)) == "name",
            Letter::Scalar(_) | Letter::Symbol(_) => false,
        }
    }

    /// The pattern of one particular member. Attributes are taken as equal, which is the worst case.
    fn of_member(&self, pattern: &Pattern, member: u32) -> Pattern {
        pattern.map_letters(&mut |letter| match letter {
            Letter::Variable(_) => {
                let symbol = if self.is_own_name(letter) { member } else { SHARED };
                Some(Pattern::exactly(&Word::of([Letter::Symbol(symbol)])?))
            }
            Letter::Scalar(_) | Letter::Symbol(_) => None,
        })
    }
}

fn spelt(word: &Word) -> String {
    word.display(&|letter| match letter {
        Letter::Symbol(ONE) => "a".to_owned(),
        Letter::Symbol(OTHER) => "b".to_owned(),
        Letter::Symbol(_) | Letter::Variable(_) => "…".to_owned(),
        Letter::Scalar(scalar) => scalar.to_string(),
    })
}
