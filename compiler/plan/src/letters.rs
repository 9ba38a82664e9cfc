//! Letters of two facts in one alphabet: a letter is its key.

use arena::Names;
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
    fn letter(&mut self, facts: &Facts, letter: Letter) -> Letter {
        match letter {
            Letter::Scalar(scalar) => Letter::Scalar(scalar),
            Letter::Symbol(id) => {
                let key = facts.symbols.text(arena::Name::new(id));
                Letter::Symbol(self.symbols.intern(key).index() as u32)
            }
            Letter::Variable(id) => {
                let key = facts.variables.text(arena::Name::new(id));
                Letter::Variable(self.variables.intern(key).index() as u32)
            }
        }
    }

    pub(crate) fn pattern(&mut self, facts: &Facts, pattern: &Pattern) -> Pattern {
        pattern.map_letters(&mut |letter| {
            Word::of([self.letter(facts, letter)])
                .as_ref()
                .map(Pattern::exactly)
        })
    }

    /// A region outside the decided fragment is taken for every context: it is then never the smaller side.
    pub(crate) fn region(&mut self, facts: &Facts, region: &Region) -> Region {
        region
            .map_words(&mut |words| words.map_letters(&mut |letter| Word::of([self.letter(facts, letter)])))
            .unwrap_or_else(Region::everything)
    }

    /// A pattern for people.
    pub(crate) fn show(&self, pattern: &Pattern) -> String {
        pattern.display(&|letter| match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) => format!("<{}>", self.symbols.text(arena::Name::new(id))),
            Letter::Variable(id) => format!("{{{}}}", self.variables.text(arena::Name::new(id))),
        })
    }
}
