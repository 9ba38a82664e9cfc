//! Letters of two facts, and of the spec of each side, in one alphabet: a letter is its key.

use arena::Names;
use graph::address::Addresses;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word, named};
use read::facts::Facts;

/// The interner of the symbols of both sides.
enum OfSymbols {}

/// The interner of the variables of both sides.
enum OfVariables {}

/// Gives both sides the same ids for the same keys. All are known from the start, so that many may ask at once.
pub(crate) struct Letters<'f> {
    symbols: Names<OfSymbols>,
    variables: Names<OfVariables>,
    read: Vec<(&'f Facts, Table)>,
    declared: Vec<(&'f Addresses, Table)>,
}

/// Letters of one alphabet: what each is in the common one.
#[derive(Default)]
struct Table {
    symbols: Vec<u32>,
    variables: Vec<u32>,
}

impl Table {
    fn letter(&self, letter: Letter) -> Letter {
        let of = |table: &[u32], id: u32| table.get(id as usize).copied().unwrap_or(u32::MAX);
        match letter {
            Letter::Scalar(scalar) => Letter::Scalar(scalar),
            Letter::Symbol(id) => Letter::Symbol(of(&self.symbols, id)),
            Letter::Variable(id) => Letter::Variable(of(&self.variables, id)),
        }
    }

    fn pattern(&self, pattern: &Pattern) -> Pattern {
        if !pattern.has_unknown() {
            return pattern.clone();
        }
        pattern.map_letters(&mut |letter| Word::of([self.letter(letter)]).as_ref().map(Pattern::exactly))
    }
}

impl<'f> Letters<'f> {
    /// The letters of what was read, and of the specs.
    pub(crate) fn new(
        facts: impl Iterator<Item = &'f Facts>,
        addresses: impl Iterator<Item = &'f Addresses>,
    ) -> Self {
        let mut symbols = Names::default();
        let mut variables = Names::default();
        let read = facts.map(|facts| {
            let table = Table {
                symbols: facts
                    .symbols
                    .iter()
                    .map(|(_, key)| symbols.intern(key).index() as u32)
                    .collect(),
                variables: facts
                    .variables
                    .iter()
                    .map(|(_, key)| variables.intern(key).index() as u32)
                    .collect(),
            };
            (facts, table)
        });
        let read = read.collect();
        let declared = addresses.map(|own| {
            let table = Table {
                symbols: own
                    .symbols
                    .iter()
                    .map(|(_, key)| symbols.intern(key).index() as u32)
                    .collect(),
                variables: own
                    .variables
                    .iter()
                    .map(|(_, key)| variables.intern(key).index() as u32)
                    .collect(),
            };
            (own, table)
        });
        let declared = declared.collect();
        Self {
            symbols,
            variables,
            read,
            declared,
        }
    }

    fn of_facts(&self, facts: &Facts) -> Option<&Table> {
        let found = self.read.iter().find(|(own, _)| std::ptr::eq(*own, facts));
        found.map(|(_, table)| table)
    }

    /// A pattern that was read.
    pub(crate) fn pattern(&self, facts: &Facts, pattern: &Pattern) -> Pattern {
        let table = self.of_facts(facts);
        table.map_or_else(|| pattern.clone(), |table| table.pattern(pattern))
    }

    /// A pattern of a spec.
    pub(crate) fn declared(&self, addresses: &Addresses, pattern: &Pattern) -> Pattern {
        let found = self
            .declared
            .iter()
            .find(|(own, _)| std::ptr::eq(*own, addresses));
        found.map_or_else(|| pattern.clone(), |(_, table)| table.pattern(pattern))
    }

    /// A region that was read; `None` if it leaves the fragment that is decided.
    pub(crate) fn region(&self, facts: &Facts, region: &Region) -> Option<Region> {
        if !region.has_unknown() {
            return Some(region.clone());
        }
        let table = self.of_facts(facts)?;
        region.map_words(&mut |words| words.map_letters(&mut |letter| Word::of([table.letter(letter)])))
    }

    fn name(&self, letter: Letter) -> String {
        match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) => format!("<{}>", self.symbols.text(arena::Name::new(id))),
            Letter::Variable(id) => format!("{{{}}}", self.variables.text(arena::Name::new(id))),
        }
    }

    /// A pattern for people.
    pub(crate) fn show(&self, pattern: &Pattern) -> String {
        pattern.display(&|letter| self.name(letter))
    }

    /// A condition for people; empty for always.
    pub(crate) fn when(&self, region: &Region) -> String {
        if region.is_everything() {
            return String::new();
        }
        named(&region.to_string(), &|letter| {
            let is_known = match letter {
                Letter::Scalar(_) => true,
                Letter::Symbol(id) => (id as usize) < self.symbols.len(),
                Letter::Variable(id) => (id as usize) < self.variables.len(),
            };
            is_known.then(|| self.name(letter))
        })
    }
}
