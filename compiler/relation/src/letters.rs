//! One alphabet for both sides: letters that were read are turned into the letters of the graph.

use std::collections::BTreeMap;

use arena::Names;
use graph::address::Addresses;
use pattern::pattern::{Builder, Part, Pattern};
use pattern::region::{Context, Region};
use pattern::values::Value;
use pattern::word::{Letter, Word};
use read::facts::Facts;

/// Turns what was read into the graph's letters, and letters into text for people.
pub struct Letters<'a> {
    symbols: Vec<u32>,
    variables: Vec<u32>,
    facts: &'a Facts,
    addresses: &'a Addresses,
    /// Addresses that end in a value which the project says: as they are spelt, with the letter for the value. Sorted.
    given: BTreeMap<Word, Pattern>,
    /// Letters that were read for a whole address which ends in an assigned value: with that value's own letter.
    whole: BTreeMap<u32, Pattern>,
    /// Symbols that only the bytes know get ids above the graph's.
    first_foreign_symbol: u32,
    first_foreign_variable: u32,
}

fn table<Read, Own>(read: &Names<Read>, count: u32, known: &Names<Own>, first_foreign: u32) -> Vec<u32> {
    (0..count)
        .map(|index| match known.find(read.text(arena::Name::new(index))) {
            Some(name) => name.index() as u32,
            None => first_foreign + index,
        })
        .collect()
}

/// Addresses of things that hold a symbol of which the project says the value, up to that symbol's end.
fn given(addresses: &Addresses) -> BTreeMap<Word, Pattern> {
    let mut given = BTreeMap::new();
    if addresses.assigned.is_empty() {
        return given;
    }
    for pattern in addresses.things.values() {
        let (mut spelt, mut lettered) = (Builder::new(), Builder::new());
        for part in pattern.parts() {
            match part {
                Part::Text(text) => {
                    spelt.text(text);
                    lettered.text(text);
                }
                Part::Symbol(id) => {
                    let key = addresses.symbols.text(arena::Name::new(id));
                    let Some(value) = addresses.assigned.get(key) else {
                        break;
                    };
                    lettered.symbol(id);
                    let whole = spelt.text(value).finish().and_then(|spelt| spelt.word());
                    if let (Some(word), Some(lettered)) = (whole, lettered.finish()) {
                        given.insert(word, lettered);
                    }
                    break;
                }
                Part::Variable(_) | Part::Any | Part::One => break,
            }
        }
    }
    given
}

/// A reference to the ARN of what is looked up is read as one assigned value. Of a thing whose address ends in an assigned value, that is
/// the address.
fn whole(facts: &Facts, addresses: &Addresses) -> BTreeMap<u32, Pattern> {
    let objects = addresses.objects.iter();
    let ending = objects.filter_map(|(thing, address)| {
        let pattern = addresses.things.get(thing)?;
        // An address that is all assigned has no ARN to speak of.
        let is_ending = matches!(pattern.parts().last(), Some(Part::Symbol(_)));
        let read = facts
            .symbols
            .find(&format!("{address}#arn"))
            .filter(|_| is_ending)?;
        Some((read.index() as u32, pattern.clone()))
    });
    ending.collect()
}

impl<'a> Letters<'a> {
    /// The letters of what was read from one target.
    #[must_use]
    pub fn new(facts: &'a Facts, addresses: &'a Addresses) -> Self {
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
            given: given(addresses),
            whole: whole(facts, addresses),
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
    #[must_use]
    pub fn pattern(&self, pattern: &Pattern) -> Pattern {
        if !pattern.has_unknown() {
            return self.given(pattern).unwrap_or_else(|| pattern.clone());
        }
        pattern.map_letters(&mut |letter| {
            if let Letter::Symbol(id) = letter
                && let Some(address) = self.whole.get(&id)
            {
                return Some(address.clone());
            }
            Word::of([self.letter(letter)]).map(|word| Pattern::exactly(&word))
        })
    }

    /// A pattern without letters of its own that begins with an address whose end the project says: that end as its letter.
    fn given(&self, pattern: &Pattern) -> Option<Pattern> {
        if self.given.is_empty() {
            return None;
        }
        let word = pattern.word().or_else(|| pattern.prefix())?;
        let (spelt, lettered) = self.given.range(..=word).next_back()?;
        let rest = pattern.strip_prefix(spelt)?;
        // A longer word is another value.
        let ends = rest.parts().next().is_none_or(|part| {
            matches!(part, Part::Any | Part::One)
                || matches!(part, Part::Text(text) if text.starts_with(['/', ':']))
        });
        ends.then(|| lettered.concat(&rest))
    }

    /// A region that was read, in the graph's letters; `None` if it leaves the fragment.
    #[must_use]
    pub fn region(&self, region: &Region) -> Option<Region> {
        if !region.has_unknown() {
            return Some(region.clone());
        }
        region.map_words(&mut |words| words.map_letters(&mut |letter| Word::of([self.letter(letter)])))
    }

    /// A letter of the graph's alphabet, for people.
    #[must_use]
    pub fn name(&self, letter: Letter) -> String {
        match letter {
            Letter::Scalar(scalar) => scalar.to_string(),
            Letter::Symbol(id) if id < self.first_foreign_symbol => {
                let key = self.addresses.symbols.text(arena::Name::new(id));
                let value = self.addresses.assigned.get(key).cloned();
                value.unwrap_or_else(|| format!("<{key}>"))
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
    #[must_use]
    pub fn context(&self, context: &Context) -> Vec<(String, String)> {
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
    #[must_use]
    pub fn word(&self, word: &Word) -> String {
        word.display(&|letter| self.name(letter))
    }
}
