//! Attributes that a condition tells: a path with the acting person's attribute, where the attribute is one of a few values.
//!
//! `under "{line}/"` with `attribute line l1` is `l1/`. The two stand in one statement, so a request has both or none:
//! asked one by one, the path would hold any line and the condition would be met by another path.

use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::{Present, Value, Values};
use pattern::word::{Letter, Word};

use super::{Requests, Right};

/// A right with more values than this stays as it is: its letter stands for any value.
const VALUES_MAX: usize = 256;

impl Requests<'_> {
    /// Leaves out rights that ended before the day of the build: whatever is asked is asked of that day and later.
    pub(super) fn end(&mut self) {
        let first = self.model().project.as_of.last_second() - 86_399;
        let time = Key::new("aws:CurrentTime");
        let now = Region::only(time.clone(), Values::dates([(first, i64::MAX)]));
        let is_open = |when: &Region| {
            if when.has_key(&time) {
                when.meets(&now)
            } else {
                !when.is_nothing()
            }
        };
        self.rights.retain(|right| is_open(&right.when));
    }

    /// Puts values that conditions tell in the place of letters, one right for each.
    pub(super) fn tell(&mut self) {
        let has_both = |right: &Right| !right.when.is_everything() && right.within.has_unknown();
        if !self.rights.iter().any(has_both) {
            return;
        }
        let rights = std::mem::take(&mut self.rights);
        for right in rights {
            if !has_both(&right) {
                self.rights.push(right);
                continue;
            }
            let mut told = vec![right];
            for (letter, key) in self.attributes(told.first()) {
                told = told
                    .into_iter()
                    .flat_map(|right| by_value(right, letter, &key))
                    .collect();
            }
            self.rights.extend(told);
        }
    }

    /// The letters of a right that are attributes of the acting person, each with the key that tells its value.
    fn attributes(&self, right: Option<&Right>) -> Vec<(u32, Key)> {
        let Some(right) = right.filter(|right| !right.when.is_everything()) else {
            return Vec::new();
        };
        let keys = right.when.keys();
        let mut found: Vec<(u32, Key)> = right
            .within
            .unknowns()
            .filter_map(|letter| match letter {
                Letter::Variable(id) => {
                    let name = self.sets.fleets.key(id).strip_prefix("attr:")?;
                    Some((id, Key::new(&format!("aws:PrincipalTag/{name}"))))
                }
                Letter::Symbol(_) | Letter::Scalar(_) => None,
            })
            .filter(|(_, key)| keys.iter().any(|(known, _)| known == key))
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

fn by_value(right: Right, letter: u32, key: &Key) -> Vec<Right> {
    let Some(values) = values(&right.when, key) else {
        return vec![right];
    };
    let one = |value: &Word| {
        let literal = Pattern::exactly(value);
        let within = right.within.map_letters(&mut |other| match other {
            Letter::Variable(id) if id == letter => Some(literal.clone()),
            Letter::Variable(_) | Letter::Symbol(_) | Letter::Scalar(_) => None,
        });
        let only = Region::only(key.clone(), Values::just(&Value::Text(value.clone())));
        let when = right.when.map_words(&mut |words| {
            words.map_letters(&mut |other| (other == Letter::Variable(letter)).then(|| value.clone()))
        });
        Right {
            within,
            when: when.unwrap_or_else(|| right.when.clone()).and(&only),
            ..right.clone()
        }
    };
    values.iter().map(one).collect()
}

/// The values of a key in some contexts, if they are few words without letters.
pub(crate) fn values(when: &Region, key: &Key) -> Option<Vec<Word>> {
    let words = patterns(when, key)?.into_iter().map(|pattern| {
        let word = pattern.word()?;
        word.as_text()?;
        Some(word)
    });
    words.collect()
}

/// The values of a key in some contexts, if they are few patterns, and it is always there.
pub(crate) fn patterns(when: &Region, key: &Key) -> Option<Vec<Pattern>> {
    let others = when.keys().into_iter().filter(|(other, _)| other != key);
    let alone = others.fold(when.clone(), |region, (other, _)| region.forget(&other));
    let mut found: Vec<Pattern> = Vec::new();
    for cube in alone.cubes() {
        let (_, values) = cube.iter().find(|(own, _)| own == key)?;
        if values.has_absent() {
            return None;
        }
        let Present::Text(words) = values.present() else {
            return None;
        };
        found.extend(words.patterns()?);
        if found.len() > VALUES_MAX {
            return None;
        }
    }
    found.sort();
    found.dedup();
    Some(found)
}
