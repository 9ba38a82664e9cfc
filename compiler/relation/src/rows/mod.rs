//! Members of fleets: whether the names that two of them reach have a word in common.
//!
//! A letter of a pattern is the name or an attribute of a member. First each letter is any text: patterns that are apart
//! then are apart for every member. Then levels are compared: what stands between separators is a whole name or value.
//! Only what is still open is spelt out, row by row.

mod level;
mod spell;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use arena::Name;
use graph::TrustGraph;
use graph::question::overlap::of_any_member;
use model::Model;
use model::fleet::{Column, Fleet};
use model::place::SegmentId;
use model::template::{Piece, Placeholder};
use model::thing::{Detail, ThingId};
use pattern::pattern::{Builder, Pattern};
use pattern::word::{Letter, Word};

/// Of more rows than this it is not looked into whether each is one of another side's: then it is taken that some is not.
pub(crate) const HELD_MAX: usize = 1_000;

/// Which members of a class are meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rows {
    /// All.
    All,
    /// Those that live in these segments.
    In(BTreeSet<SegmentId>),
    /// These.
    These(BTreeSet<usize>),
}

/// The class whose members the letters of a pattern are, and which of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Members {
    /// The class.
    pub class: ThingId,
    /// Which of its rows.
    pub rows: Rows,
}

/// One side of a meeting.
#[derive(Clone, Copy, Debug)]
pub struct Side<'p> {
    /// What is reached.
    pub pattern: &'p Pattern,
    /// Whose letters it holds; `None` where a letter is any text.
    pub members: Option<&'p Members>,
}

/// Which pairs of members count.
#[derive(Clone, Copy, Debug)]
pub enum Unlike<'q> {
    /// Every pair.
    Any,
    /// Two different members.
    Other,
    /// Members that differ in some of these attributes; one that has none, or an empty one, differs from all.
    Differ(&'q [Name]),
}

/// Whether two sides meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// No member's names do.
    Apart,
    /// Some do.
    Meet {
        /// A word of both.
        word: Word,
        /// The row of the left side, if its members were looked at.
        left: Option<usize>,
        /// The row of the right side likewise.
        right: Option<usize>,
    },
    /// There are too many words to say.
    Undecided,
}

/// The members of a spec.
#[derive(Clone, Copy, Debug)]
pub struct Fleets<'a> {
    /// The spec.
    pub model: &'a Model,
    /// Whose letters patterns hold.
    pub graph: &'a TrustGraph,
}

impl<'a> Fleets<'a> {
    /// The fleet of a class.
    #[must_use]
    pub fn of(&self, class: ThingId) -> Option<&'a Fleet> {
        match &self.model.things.get(class)?.detail {
            Detail::Class(detail) => self.model.fleets.get(detail.fleet?),
            Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        }
    }

    /// The rows whose attributes have these values, of those that the class has: (name without `attr:`, value).
    #[must_use]
    pub fn rows_with(&self, class: ThingId, rows: &Rows, attributes: &BTreeMap<String, String>) -> Rows {
        let Some(fleet) = self.of(class).filter(|_| !attributes.is_empty()) else {
            return rows.clone();
        };
        let columns: Vec<(&Column, &str)> = attributes
            .iter()
            .filter_map(|(name, value)| {
                let column = fleet.column(self.model.names.find(name)?)?;
                Some((column, value.as_str()))
            })
            .collect();
        if columns.is_empty() {
            return rows.clone();
        }
        let members = Members {
            class,
            rows: rows.clone(),
        };
        let has = |row: &usize| columns.iter().all(|(column, value)| column.value(*row) == *value);
        Rows::These(self.rows(&members).into_iter().filter(has).collect())
    }

    /// Of these rows the one that bears a name.
    #[must_use]
    pub fn named(&self, class: ThingId, rows: &Rows, name: &str) -> Rows {
        let members = Members {
            class,
            rows: rows.clone(),
        };
        let bears = |row: &usize| self.of(class).is_some_and(|fleet| fleet.member(*row) == name);
        Rows::These(self.rows(&members).into_iter().filter(bears).collect())
    }

    /// The row of a member by its name.
    #[must_use]
    pub fn row(&self, class: ThingId, name: &str) -> Option<usize> {
        let fleet = self.of(class)?;
        (0..fleet.len()).find(|row| fleet.member(*row) == name)
    }

    /// The segment in which a row lives.
    #[must_use]
    pub fn home(&self, class: ThingId, row: usize) -> Option<SegmentId> {
        let thing = self.model.things.get(class)?;
        let Detail::Class(detail) = &thing.detail else {
            return None;
        };
        if let [only] = detail.segments.as_slice() {
            return Some(only.segment);
        }
        let fleet = self.of(class)?;
        let mut name = String::new();
        for piece in &detail.segment.as_ref()?.pieces {
            match piece {
                Piece::Text(text) => name.push_str(self.model.names.text(*text)),
                Piece::Placeholder(Placeholder::Name) => name.push_str(fleet.member(row)),
                Piece::Placeholder(Placeholder::Attribute(attribute) | Placeholder::Property(attribute)) => {
                    name.push_str(fleet.column(*attribute).map_or("", |column| column.value(row)));
                }
                Piece::Placeholder(Placeholder::Environment) => {
                    let environment = self.model.project.environment;
                    name.push_str(environment.map_or("", |name| self.model.names.text(name)));
                }
                Piece::Placeholder(_) => return None,
            }
        }
        detail
            .segments
            .iter()
            .map(|placed| placed.segment)
            .find(|segment| {
                let segment = self.model.segments.get(*segment);
                segment.is_some_and(|segment| self.model.names.text(segment.name) == name)
            })
    }

    /// The rows that are meant.
    pub fn rows(&self, members: &Members) -> Vec<usize> {
        let count = self.of(members.class).map_or(0, Fleet::len);
        match &members.rows {
            Rows::All => (0..count).collect(),
            Rows::These(rows) => rows.iter().copied().collect(),
            Rows::In(segments) => (0..count)
                .filter(|row| {
                    self.home(members.class, *row)
                        .is_some_and(|home| segments.contains(&home))
                })
                .collect(),
        }
    }

    /// The text of an attribute of a row, its name among them; `None` if the class has no such attribute or the row no value.
    #[must_use]
    pub fn value(&self, class: ThingId, row: usize, attribute: Name) -> Option<&'a str> {
        if self.model.names.text(attribute) == "name" {
            return self.of(class).map(|fleet| fleet.member(row));
        }
        let value = self.of(class)?.column(attribute)?.value(row);
        (!value.is_empty()).then_some(value)
    }

    /// Whether two members count as a pair.
    #[must_use]
    pub fn counts(
        &self,
        unlike: Unlike<'_>,
        left: Option<(ThingId, usize)>,
        right: Option<(ThingId, usize)>,
    ) -> bool {
        match unlike {
            Unlike::Any => true,
            Unlike::Other => left != right || left.is_none(),
            Unlike::Differ(attributes) => attributes.iter().any(|attribute| {
                let of = |member: Option<(ThingId, usize)>| {
                    member.and_then(|(class, row)| self.value(class, row, *attribute))
                };
                match (of(left), of(right)) {
                    (Some(left), Some(right)) => left != right,
                    (Some(_) | None, _) => true,
                }
            }),
        }
    }

    /// Whether some pair of members that counts has a word in common.
    #[must_use]
    pub fn meet(&self, left: Side<'_>, right: Side<'_>, unlike: Unlike<'_>) -> Meeting {
        let (wide_left, wide_right) = (of_any_member(left.pattern), of_any_member(right.pattern));
        let Some(word) = wide_left.meets(&wide_right) else {
            return Meeting::Apart;
        };
        let varies = |side: &Side<'_>| side.members.is_some() && has_letters(side.pattern);
        // What no member is asked about meets nothing.
        let is_nobody = |side: &Side<'_>| matches!(side.members.map(|members| &members.rows), Some(Rows::These(rows)) if rows.is_empty());
        if is_nobody(&left) || is_nobody(&right) {
            return Meeting::Apart;
        }
        if self.never_spells(left, right) || self.never_spells(right, left) {
            return Meeting::Apart;
        }
        let is_open = matches!(unlike, Unlike::Any);
        if is_open && !varies(&left) && !varies(&right) {
            let only = |side: &Side<'_>| match side.members.map(|members| &members.rows) {
                Some(Rows::These(rows)) if rows.len() == 1 => rows.first().copied(),
                Some(Rows::All | Rows::In(_) | Rows::These(_)) | None => None,
            };
            return Meeting::Meet {
                word,
                left: only(&left),
                right: only(&right),
            };
        }
        if self.are_apart_by_level(left, right, unlike) {
            return Meeting::Apart;
        }
        self.spelt_out(left, right, unlike)
    }

    /// Whether a letter of somebody who has no row stands twice, and no value of it spells the one word of the other side.
    fn never_spells(&self, side: Side<'_>, other: Side<'_>) -> bool {
        if side.members.is_some() {
            return false;
        }
        let mut seen = BTreeSet::new();
        let mut letters = side.pattern.unknowns();
        let Some(twice) = letters.find(|letter| !seen.insert(*letter)) else {
            return false;
        };
        let word = other.pattern.word();
        let Some(text) = word.as_ref().and_then(Word::as_text) else {
            return false;
        };
        let spells = |value: &str| {
            let literal = Pattern::literal(value);
            let told = side
                .pattern
                .map_letters(&mut |letter| literal.clone().filter(|_| letter == twice));
            of_any_member(&told).meets(other.pattern).is_some()
        };
        let ends: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let mut values = ends.iter().flat_map(|from| {
            let ends = ends.iter().filter(move |to| *to >= from);
            ends.filter_map(|to| text.get(*from..*to))
        });
        !values.any(spells)
    }

    /// Whether each word of the inner side is one that some member of the outer side has.
    #[must_use]
    pub fn holds(&self, outer: Side<'_>, inner: Side<'_>) -> bool {
        if !of_any_member(outer.pattern).covers(&of_any_member(inner.pattern)) {
            return false;
        }
        if !has_letters(outer.pattern) {
            return true;
        }
        let Some(members) = outer.members else {
            return false;
        };
        if has_letters(inner.pattern) {
            // One member on both sides has its own values on both.
            let is_same = inner.members.is_some_and(|inner| {
                inner.class == members.class && (members.rows == Rows::All || members.rows == inner.rows)
            });
            if is_same
                && self
                    .of_themselves(outer.pattern)
                    .covers(&self.of_themselves(inner.pattern))
            {
                return true;
            }
            // Else each row of the inner side has to be one of the outer side's, whichever that is.
            let Some(own) = inner.members.filter(|own| self.rows(own).len() <= HELD_MAX) else {
                return false;
            };
            let mut all = true;
            self.each_row(inner.pattern, own, &mut |_, pattern| {
                let members = None;
                all = self.holds(outer, Side { pattern, members });
                if all {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            });
            return all;
        }
        if inner.pattern.is_literal() {
            return matches!(self.meet(outer, inner, Unlike::Any), Meeting::Meet { .. });
        }
        let mut is_held = false;
        self.each_row(outer.pattern, members, &mut |_, pattern| {
            is_held = pattern.covers(inner.pattern);
            if is_held {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        is_held
    }

    /// A pattern with a member's own letters for those of a member that is reached.
    #[must_use]
    pub fn of_themselves(&self, pattern: &Pattern) -> Pattern {
        let variables = &self.graph.addresses.variables;
        pattern.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => {
                let own = variables.find(self.key(id).strip_prefix("of:")?)?;
                Builder::new().variable(own.index() as u32).finish()
            }
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
    }
}

/// Whether a pattern holds letters of a member.
#[must_use]
pub fn has_letters(pattern: &Pattern) -> bool {
    pattern
        .unknowns()
        .any(|letter| matches!(letter, Letter::Variable(_)))
}
