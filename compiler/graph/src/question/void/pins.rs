//! What the conditions of people fix: under `attribute line l1`, the letter `{line}` is `l1`.

use std::collections::BTreeMap;

use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::{Letter, Word};
use pattern::words::Words;

use crate::TrustGraph;
use crate::access::{Access, Pairs};

/// How a session tag is called in conditions.
const TAG: &str = "aws:PrincipalTag/";

/// Letters of the acting person that have one value, by variable.
pub(super) struct Pins(BTreeMap<u32, Word>);

/// An access where letters have values.
pub(super) struct Pinned {
    pub(super) within: Pattern,
    pub(super) when: Region,
    pub(super) pairs: Pairs,
}

impl Pins {
    /// What a region fixes.
    pub(super) fn of(graph: &TrustGraph, when: &Region) -> Self {
        let mut pins = BTreeMap::new();
        for (key, _) in when.keys() {
            let Some(attribute) = key.as_str().strip_prefix(TAG) else {
                continue;
            };
            let Some(letter) = graph.addresses.variables.find(&format!("attr:{attribute}")) else {
                continue;
            };
            let cubes = when.cubes();
            let values = cubes.iter().flatten().find(|(own, _)| *own == key);
            let word = values.and_then(|(_, values)| match values.sample()? {
                Some(pattern::values::Value::Text(word)) => Some(word),
                Some(_) | None => None,
            });
            let Some(word) = word.filter(|word| word.as_text().is_some()) else {
                continue;
            };
            if when.is_subset(&Region::only(key, Values::text(Words::just(&word)))) {
                pins.insert(u32::try_from(letter.index()).unwrap_or(u32::MAX), word);
            }
        }
        Self(pins)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn pattern(&self, pattern: &Pattern) -> Pattern {
        pattern.map_letters(&mut |letter| self.word(letter).map(Pattern::exactly))
    }

    fn word(&self, letter: Letter) -> Option<&Word> {
        match letter {
            Letter::Variable(id) => self.0.get(&id),
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        }
    }

    /// An access as it is for those whose letters have these values; `None` if that cannot be said.
    pub(super) fn access(&self, graph: &TrustGraph, access: &Access) -> Option<Pinned> {
        let within = self.pattern(graph.patterns.get(access.within)?);
        let when = graph.regions.get(access.when)?;
        let when =
            when.map_words(&mut |words| words.map_letters(&mut |letter| self.word(letter).cloned()))?;
        let pairs = graph.pairs.get(access.pairs)?.clone();
        // Where no letter is left, nobody is told from others.
        let pairs = match pairs {
            Pairs::Own if !within.has_unknown() && !when.has_unknown() => Pairs::All,
            Pairs::All | Pairs::Own | Pairs::Others | Pairs::Equal(_) => pairs,
        };
        Some(Pinned { within, when, pairs })
    }
}
