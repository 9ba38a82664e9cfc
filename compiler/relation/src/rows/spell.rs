//! Names spelt row by row, where nothing less decides.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::ControlFlow;

use graph::question::overlap::{Patterns, of_any_member};
use model::fleet::{Column, Fleet};
use pattern::pattern::{Part, Pattern};
use pattern::word::{Letter, Word};

use super::level::Level;
use super::{Fleets, Meeting, Members, Rows, Side, Unlike, has_letters};

/// More words than this are not spelt out for one question.
const WORDS_MAX: usize = 20_000_000;

/// More pairs of words that begin and end alike than this are not compared for one question.
const PAIRS_MAX: usize = 1_000_000;

/// One way to spell a side.
struct Spelt {
    pattern: Pattern,
    row: Option<usize>,
}

/// What a row's word is made of.
enum Piecewise<'p> {
    Text(&'p str),
    Name,
    Column(&'p Column),
}

impl<'a> Fleets<'a> {
    /// The row whose letters spell a text, of several the first by name: each value is compared where it would stand, and
    /// nothing is built. Either may go on behind its end. `None` where the pattern has more than texts, letters of a member and
    /// a last `*`, or the other side more than a text and a last `*`.
    fn row_of_text(&self, side: Side<'_>, other: &Pattern) -> Option<Option<usize>> {
        let (word, goes_on) = match other.word() {
            Some(word) => (word, false),
            None => (other.prefix()?, true),
        };
        let Cow::Borrowed(text) = word.as_text()? else {
            return None;
        };
        let members = side.members?;
        let fleet = self.of(members.class)?;
        let mut pieces = Vec::new();
        let mut is_open = false;
        for part in side.pattern.parts() {
            // A wildcard before the end is none of these.
            if is_open {
                return None;
            }
            match part {
                Part::Text(own) => pieces.push(Piecewise::Text(own)),
                Part::Variable(id) => pieces.push(match self.level_of(id)? {
                    Level::Name => Piecewise::Name,
                    Level::Attribute(attribute) => Piecewise::Column(fleet.column(attribute)?),
                    Level::Text(_) | Level::Rest => return None,
                }),
                Part::Any => is_open = true,
                Part::One | Part::Symbol(_) => return None,
            }
        }
        let spells = |row: &usize| {
            let mut rest = text;
            for piece in &pieces {
                let own = match piece {
                    Piecewise::Text(own) => own,
                    Piecewise::Name => fleet.member(*row),
                    Piecewise::Column(column) => column.value(*row),
                };
                match rest.strip_prefix(own) {
                    Some(more) => rest = more,
                    // The text ends here, and goes on as it likes.
                    None => return goes_on && own.starts_with(rest),
                }
            }
            rest.is_empty() || is_open
        };
        // A column has few values: which of them stand where the first one does is looked at once.
        let rest = match pieces.first() {
            Some(Piecewise::Text(own)) => text.strip_prefix(own),
            Some(Piecewise::Name | Piecewise::Column(_)) | None => None,
        };
        let column = match (pieces.get(1), rest) {
            (Some(Piecewise::Column(column)), Some(rest)) => {
                let fits = |value: &str| rest.starts_with(value) || (goes_on && value.starts_with(rest));
                let fitting: Vec<bool> = column.values.iter().map(|value| fits(value)).collect();
                Some((*column, fitting))
            }
            (_, _) => None,
        };
        let by_name = |row: &usize| fleet.member(*row);
        Some(match (&members.rows, &column) {
            (Rows::All, Some((column, fitting))) => {
                let fits = |value: &u32| fitting.get(*value as usize).copied().unwrap_or(true);
                let rows = column.rows.iter().enumerate().filter(|(_, value)| fits(value));
                rows.map(|(row, _)| row).filter(spells).min_by_key(by_name)
            }
            (Rows::All, None) => (0..fleet.len()).filter(spells).min_by_key(by_name),
            (Rows::In(_) | Rows::These(_), _) => {
                self.rows(members).into_iter().filter(spells).min_by_key(by_name)
            }
        })
    }

    /// The meeting of a row that spells what the other side says; apart if there is none.
    fn of_spelt(&self, side: Side<'_>, row: Option<usize>, other: &Pattern) -> Option<(Word, usize)> {
        let fleet = self.of(side.members?.class)?;
        let row = row?;
        Some((self.of_row(side.pattern, fleet, row).meets(other)?, row))
    }

    pub(super) fn spelt_out(&self, left: Side<'_>, right: Side<'_>, unlike: Unlike<'_>) -> Meeting {
        if matches!(unlike, Unlike::Any) {
            // Where a member is on the other side too, it is named as well: each is spelt, unless both are single words.
            let is_told = |side: Side<'_>, other: Side<'_>| {
                other.members.is_none() || (side.pattern.is_literal() && other.pattern.is_literal())
            };
            if is_told(left, right)
                && let Some(row) = self.row_of_text(left, right.pattern)
            {
                return match self.of_spelt(left, row, right.pattern) {
                    Some((word, row)) => Meeting::Meet {
                        word,
                        left: Some(row),
                        right: None,
                    },
                    None => Meeting::Apart,
                };
            }
            if is_told(right, left)
                && let Some(row) = self.row_of_text(right, left.pattern)
            {
                return match self.of_spelt(right, row, left.pattern) {
                    Some((word, row)) => Meeting::Meet {
                        word,
                        left: None,
                        right: Some(row),
                    },
                    None => Meeting::Apart,
                };
            }
        }
        let (Some(mut own), Some(mut others)) = (self.spell(left, unlike), self.spell(right, unlike)) else {
            return Meeting::Undecided;
        };
        let found = self.first_that_meets((left, &own), (right, &others), unlike);
        let (Meeting::Meet { .. }, true) = (&found, own.len() > 1 || others.len() > 1) else {
            return found;
        };
        // Which members are named does not depend on where their rows stand. Most questions end before.
        self.by_name(left, &mut own);
        self.by_name(right, &mut others);
        self.first_that_meets((left, &own), (right, &others), unlike)
    }

    fn by_name(&self, side: Side<'_>, spelt: &mut [Spelt]) {
        if let Some(fleet) = side.members.and_then(|members| self.of(members.class)) {
            spelt.sort_by_key(|one| one.row.map(|row| fleet.member(row)));
        }
    }

    fn first_that_meets(
        &self,
        (left, own): (Side<'_>, &[Spelt]),
        (right, others): (Side<'_>, &[Spelt]),
        unlike: Unlike<'_>,
    ) -> Meeting {
        let member = |side: &Side<'_>, row: Option<usize>| Some((side.members?.class, row?));
        let counts = |a: &Spelt, b: &Spelt| self.counts(unlike, member(&left, a.row), member(&right, b.row));
        let met = |a: &Spelt, b: &Spelt| {
            if !counts(a, b) {
                return None;
            }
            let word = a.pattern.meets(&b.pattern)?;
            Some(Meeting::Meet {
                word,
                left: a.row,
                right: b.row,
            })
        };
        if let [one] = own {
            return others
                .iter()
                .find_map(|other| met(one, other))
                .unwrap_or(Meeting::Apart);
        }
        if let [one] = others {
            return own.iter().find_map(|own| met(own, one)).unwrap_or(Meeting::Apart);
        }
        let indexed = others.iter().map(|other| (other.pattern.clone(), other));
        let index = Patterns::new(indexed);
        let mut looked_at = 0usize;
        for one in own {
            for (_, other) in index.near(&one.pattern).filter(|(_, other)| counts(one, other)) {
                looked_at += 1;
                if looked_at > PAIRS_MAX {
                    return Meeting::Undecided;
                }
                if let Some(found) = met(one, other) {
                    return found;
                }
            }
        }
        Meeting::Apart
    }

    /// The rows of the left side that have a word in common with the right one; `None` if there are too many words to say.
    #[must_use]
    pub fn rows_meeting(&self, left: Side<'_>, right: Side<'_>) -> Option<Vec<usize>> {
        let members = left.members?;
        let rows = self.rows(members);
        if !has_letters(left.pattern) {
            return Some(rows);
        }
        let others = self.spell(right, Unlike::Any)?;
        let indexed = others.iter().map(|other| (other.pattern.clone(), ()));
        let index = Patterns::new(indexed);
        let fleet = self.of(members.class)?;
        let meets = |row: &usize| {
            let own = self.of_row(left.pattern, fleet, *row);
            index.meeting(&own).next().is_some()
        };
        Some(rows.into_iter().filter(meets).collect())
    }

    /// Every way to spell a side, rows of equal values once, by the first name among them; `None` if there are too many.
    fn spell(&self, side: Side<'_>, unlike: Unlike<'_>) -> Option<Vec<Spelt>> {
        let Some(members) = side.members else {
            return Some(vec![Spelt {
                pattern: of_any_member(side.pattern),
                row: None,
            }]);
        };
        let rows = self.rows(members);
        if rows.len() > WORDS_MAX {
            return None;
        }
        let fleet = self.of(members.class)?;
        let mut columns: Vec<&Column> = Vec::new();
        // The name is no column, and tells every two rows apart.
        let mut by_name = match unlike {
            Unlike::Any => false,
            Unlike::Other => true,
            Unlike::Differ(attributes) => attributes
                .iter()
                .any(|attribute| self.model.names.text(*attribute) == "name"),
        };
        for letter in side.pattern.unknowns() {
            let Letter::Variable(id) = letter else { continue };
            match self.level_of(id) {
                Some(Level::Attribute(attribute)) => columns.extend(fleet.column(attribute)),
                Some(Level::Name | Level::Text(_) | Level::Rest) | None => by_name = true,
            }
        }
        if let Unlike::Differ(attributes) = unlike {
            columns.extend(attributes.iter().filter_map(|attribute| fleet.column(*attribute)));
        }
        let mut seen: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let mut spelt: Vec<Spelt> = Vec::new();
        for row in rows {
            if !by_name {
                let key = columns
                    .iter()
                    .map(|column| column.rows.get(row).copied().unwrap_or(u32::MAX));
                match seen.entry(key.collect()) {
                    Entry::Vacant(slot) => drop(slot.insert(spelt.len())),
                    Entry::Occupied(slot) => {
                        let known = spelt.get_mut(*slot.get()).and_then(|known| known.row.as_mut());
                        if let Some(known) = known
                            && fleet.member(row) < fleet.member(*known)
                        {
                            *known = row;
                        }
                        continue;
                    }
                }
            }
            spelt.push(Spelt {
                pattern: self.of_row(side.pattern, fleet, row),
                row: Some(row),
            });
        }
        Some(spelt)
    }

    /// A pattern with the values of a row in place of its letters.
    fn of_row(&self, pattern: &Pattern, fleet: &Fleet, row: usize) -> Pattern {
        pattern.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => match self.level_of(id) {
                Some(Level::Attribute(attribute)) => {
                    let value = fleet.column(attribute).map_or("", |column| column.value(row));
                    Pattern::literal(value)
                }
                Some(Level::Name) => Pattern::literal(fleet.member(row)),
                Some(Level::Text(_) | Level::Rest) | None => Some(Pattern::everything()),
            },
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
    }

    /// Visits the pattern of each row that is meant, rows of equal values once.
    pub fn each_row(
        &self,
        pattern: &Pattern,
        members: &Members,
        visit: &mut dyn FnMut(usize, &Pattern) -> ControlFlow<()>,
    ) {
        let Some(fleet) = self.of(members.class) else {
            return;
        };
        for row in self.rows(members) {
            if visit(row, &self.of_row(pattern, fleet, row)).is_break() {
                return;
            }
        }
    }
}
