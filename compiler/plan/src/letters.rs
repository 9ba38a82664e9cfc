//! Letters of two facts, and of the spec of each side, in one alphabet: a letter is its key.

use arena::Names;
use graph::address::Addresses;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::word::{Letter, Word};
use read::facts::Facts;

/// The interner of the symbols of both sides.
enum OfSymbols {}

/// The interner of the variables of both sides.
enum OfVariables {}

/// Gives both sides the same ids for the same keys.
#[derive(Default)]
pub(crate) struct Letters {
    symbols: Names<OfSymbols>,
    variables: Names<OfVariables>,
}

impl Letters {
    fn letter<'t>(
        &mut self,
        letter: Letter,
        symbol: impl Fn(u32) -> &'t str,
        variable: impl Fn(u32) -> &'t str,
    ) -> Letter {
        match letter {
            Letter::Scalar(scalar) => Letter::Scalar(scalar),
            Letter::Symbol(id) => Letter::Symbol(self.symbols.intern(symbol(id)).index() as u32),
            Letter::Variable(id) => Letter::Variable(self.variables.intern(variable(id)).index() as u32),
        }
    }

    fn read(&mut self, facts: &Facts, letter: Letter) -> Letter {
        self.letter(
            letter,
            |id| facts.symbols.text(arena::Name::new(id)),
            |id| facts.variables.text(arena::Name::new(id)),
        )
    }

    /// A pattern that was read.
    pub(crate) fn pattern(&mut self, facts: &Facts, pattern: &Pattern) -> Pattern {
        if !pattern.has_unknown() {
            return pattern.clone();
        }
        pattern.map_letters(&mut |letter| {
            Word::of([self.read(facts, letter)])
                .as_ref()
                .map(Pattern::exactly)
        })
    }

    /// A pattern of a spec.
    pub(crate) fn declared(&mut self, addresses: &Addresses, pattern: &Pattern) -> Pattern {
        if !pattern.has_unknown() {
            return pattern.clone();
        }
        pattern.map_letters(&mut |letter| {
            let own = self.letter(
                letter,
                |id| addresses.symbols.text(arena::Name::new(id)),
                |id| addresses.variables.text(arena::Name::new(id)),
            );
            Word::of([own]).as_ref().map(Pattern::exactly)
        })
    }

    /// A region that was read; `None` if it leaves the fragment that is decided.
    pub(crate) fn region(&mut self, facts: &Facts, region: &Region) -> Option<Region> {
        if !region.has_unknown() {
            return Some(region.clone());
        }
        region.map_words(&mut |words| words.map_letters(&mut |letter| Word::of([self.read(facts, letter)])))
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
        self.spelt(&region.to_string())
    }

    /// A text in which the algebra of sets wrote letters by number, with their names.
    fn spelt(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let letter = after.split_once('>').and_then(|(inside, behind)| {
                let (sort, id) = inside.split_once(' ')?;
                let id: u32 = id.parse().ok()?;
                match sort {
                    "symbol" if (id as usize) < self.symbols.len() => Some((Letter::Symbol(id), behind)),
                    "variable" if (id as usize) < self.variables.len() => {
                        Some((Letter::Variable(id), behind))
                    }
                    _ => None,
                }
            });
            match letter {
                Some((letter, behind)) => {
                    out.push_str(&self.name(letter));
                    rest = behind;
                }
                None => {
                    out.push('<');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}
