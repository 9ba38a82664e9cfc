//! One alphabet for both sides: letters that were read are turned into the letters of the graph.

use arena::Names;
use graph::address::Addresses;
use pattern::pattern::Pattern;
use pattern::region::{Context, Region};
use pattern::values::Value;
use pattern::word::{Letter, Word};
use read::facts::Facts;

/// Turns what was read into the graph's letters, and letters into text for people.
pub(crate) struct Letters<'a> {
    symbols: Vec<u32>,
    variables: Vec<u32>,
    facts: &'a Facts,
    addresses: &'a Addresses,
    /// Symbols that only the bytes know get ids above the graph's.
    first_foreign_symbol: u32,
    first_foreign_variable: u32,
}

fn table(read: &Names, count: u32, known: &Names, first_foreign: u32) -> Vec<u32> {
    (0..count)
        .map(|index| match known.find(read.text(arena::Name::new(index))) {
            Some(name) => name.index() as u32,
            None => first_foreign + index,
        })
        .collect()
}

impl<'a> Letters<'a> {
    pub(crate) fn new(facts: &'a Facts, addresses: &'a Addresses) -> Self {
        let first_foreign_symbol = addresses.symbols.len() as u32;
        let first_foreign_variable = addresses.variables.len() as u32;
        Self {
            symbols: table(
                &facts.symbols,
                facts.symbols.len() as u32,
                &addresses.symbols,
                first_foreign_symbol,
            ),
            variables: table(
                &facts.variables,
                facts.variables.len() as u32,
                &addresses.variables,
                first_foreign_variable,
            ),
            facts,
            addresses,
            first_foreign_symbol,
            first_foreign_variable,
        }
    }

    fn letter(&self, letter: Letter) -> Letter {
        match letter {
            Letter::Scalar(scalar) => Letter::Scalar(scalar),
            Letter::Symbol(id) => Letter::Symbol(self.symbols.get(id as usize).copied().unwrap_or(u32::MAX)),
            Letter::Variable(id) => {
                Letter::Variable(self.variables.get(id as usize).copied().unwrap_or(u32::MAX))
            }
        }
    }

    /// A pattern that was read, in the graph's letters.
    pub(crate) fn pattern(&self, pattern: &Pattern) -> Pattern {
        if pattern.unknowns().next().is_none() {
            return pattern.clone();
        }
        pattern.map_letters(&mut |letter| Word::of([self.letter(letter)]).map(|word| Pattern::exactly(&word)))
    }

    /// A region that was read, in the graph's letters; `None` if it leaves the fragment.
    pub(crate) fn region(&self, region: &Region) -> Option<Region> {
        region.map_words(&mut |words| words.map_letters(&mut |letter| Word::of([self.letter(letter)])))
    }

    /// A letter of the graph's alphabet, for people.
    pub(crate) fn name(&self, letter: Letter) -> String {
        match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) if id < self.first_foreign_symbol => {
                format!("<{}>", self.addresses.symbols.text(arena::Name::new(id)))
            }
            Letter::Symbol(id) => {
                let read = id.wrapping_sub(self.first_foreign_symbol);
                format!("<{}>", self.facts.symbols.text(arena::Name::new(read)))
            }
            Letter::Variable(id) if id < self.first_foreign_variable => {
                format!("{{{}}}", self.addresses.variables.text(arena::Name::new(id)))
            }
            Letter::Variable(id) => {
                let read = id.wrapping_sub(self.first_foreign_variable);
                format!("{{{}}}", self.facts.variables.text(arena::Name::new(read)))
            }
        }
    }

    /// A context for people, key by key.
    pub(crate) fn context(&self, context: &Context) -> Vec<(String, String)> {
        let value = |value: Option<&Value>| match value {
            None => "absent".to_owned(),
            Some(Value::Text(word)) => format!("= `{}`", self.word(word)),
            Some(other) => format!("= {other}"),
        };
        let keys = context.0.iter();
        keys.map(|(key, own)| (key.as_str().to_owned(), value(own.as_ref())))
            .collect()
    }

    /// A word for people.
    pub(crate) fn word(&self, word: &Word) -> String {
        word.display(&|letter| self.name(letter))
    }
}
