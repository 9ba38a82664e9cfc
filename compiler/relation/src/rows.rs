//! Members of fleets: whether the names that two of them reach have a word in common.
//!
//! A letter of a pattern is the name or an attribute of a member. First each letter is any text: patterns that are apart
//! then are apart for every member. Then levels are compared: what stands between separators is a whole name or value.
//! Only what is still open is spelt out, row by row.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use arena::Name;
use graph::TrustGraph;
use graph::question::overlap::{Patterns, of_any_member};
use model::Model;
use model::actor::IdentityWord;
use model::fleet::{Column, Fleet};
use model::place::SegmentId;
use model::template::{Piece, Placeholder};
use model::thing::{Detail, ThingId};
use pattern::pattern::{Builder, Part, Pattern};
use pattern::word::{Letter, Word};

/// More words than this are not spelt out for one question.
const WORDS_MAX: usize = 20_000_000;

/// Of more rows than this it is not looked into whether each is one of another side's: then it is taken that some is not.
const HELD_MAX: usize = 1_000;

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

/// One way to spell a side.
struct Spelt {
    pattern: Pattern,
    row: Option<usize>,
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

    /// The text of an attribute of a row; `None` if the class has no such attribute or the row no value.
    #[must_use]
    pub fn value(&self, class: ThingId, row: usize, attribute: Name) -> Option<&'a str> {
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
    fn of_themselves(&self, pattern: &Pattern) -> Pattern {
        let variables = &self.graph.addresses.variables;
        pattern.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => {
                let own = variables.find(self.key(id).strip_prefix("of:")?)?;
                Builder::new().variable(own.index() as u32).finish()
            }
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
    }

    /// Whether some level shows that no pair meets. Names are whole levels, and no two members of the cloud share one.
    fn are_apart_by_level(&self, left: Side<'_>, right: Side<'_>, unlike: Unlike<'_>) -> bool {
        let (Some(own), Some(other)) = (left.members, right.members) else {
            return false;
        };
        let are_two = if own.class == other.class {
            matches!(unlike, Unlike::Other)
        } else {
            self.has_things(own.class) && self.has_things(other.class)
        };
        let (Some(own_levels), Some(other_levels)) = (self.levels(left.pattern), self.levels(right.pattern))
        else {
            return false;
        };
        for (a, b) in own_levels.iter().zip(&other_levels) {
            match (a, b) {
                (Level::Text(a), Level::Text(b)) if a != b => return true,
                (Level::Name, Level::Name) if are_two => return true,
                (Level::Attribute(a), Level::Attribute(b)) if a == b => {
                    if let Unlike::Differ([only]) = unlike
                        && *only == *a
                        && self.is_full(own, *a)
                        && self.is_full(other, *a)
                    {
                        return true;
                    }
                }
                (Level::Rest, _) | (_, Level::Rest) => return false,
                _ => {}
            }
        }
        let ends = |levels: &[Level<'_>]| !matches!(levels.last(), Some(Level::Rest));
        own_levels.len() != other_levels.len() && ends(&own_levels) && ends(&other_levels)
    }

    /// Whether members of a class are things of the cloud, whose names are told apart.
    #[must_use]
    pub fn has_things(&self, class: ThingId) -> bool {
        let detail = self.model.things.get(class).map(|thing| &thing.detail);
        matches!(detail, Some(Detail::Class(class)) if class.identities.iter().any(|identity| identity.word == IdentityWord::X509))
    }

    fn is_full(&self, members: &Members, attribute: Name) -> bool {
        let column = self.of(members.class).and_then(|fleet| fleet.column(attribute));
        column.is_some_and(|column| column.values.iter().all(|value| !value.is_empty()))
    }

    /// What stands between separators; `None` if a letter is not a whole level, or a wildcard stands before the end.
    fn levels<'p>(&self, pattern: &'p Pattern) -> Option<Vec<Level<'p>>> {
        let mut levels: Vec<Level<'p>> = Vec::new();
        // Whether the next part begins a level.
        let mut is_start = true;
        let mut parts = pattern.parts().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Text(text) => {
                    let mut pieces = text.split(['/', ':']).peekable();
                    let first = pieces.next()?;
                    if is_start {
                        levels.push(Level::Text(first));
                    } else if !first.is_empty() {
                        return None;
                    }
                    for piece in pieces {
                        levels.push(Level::Text(piece));
                    }
                    is_start = text.ends_with(['/', ':']);
                    if is_start {
                        levels.pop();
                    } else if parts.peek().is_some() {
                        return None;
                    }
                }
                Part::Variable(id) => {
                    if !is_start {
                        return None;
                    }
                    levels.push(self.level_of(id)?);
                    is_start = false;
                }
                Part::Any if parts.peek().is_none() && is_start => levels.push(Level::Rest),
                Part::Any | Part::One | Part::Symbol(_) => return None,
            }
        }
        Some(levels)
    }

    fn level_of(&self, id: u32) -> Option<Level<'static>> {
        let key = self.key(id);
        let key = key.strip_prefix("of:").unwrap_or(key);
        match key.strip_prefix("attr:") {
            Some(attribute) => self.model.names.find(attribute).map(Level::Attribute),
            None => Some(Level::Name),
        }
    }

    /// The key of a variable: `name`, `attr:line`, `of:name`.
    #[must_use]
    pub fn key(&self, id: u32) -> &'a str {
        self.graph.addresses.variables.text(arena::Id::new(id))
    }

    /// The row whose letters spell a text: each value is compared where it would stand, and nothing is built.
    /// `None` where the pattern has more than texts and letters of a member, or the other side is no single word.
    fn row_of_text(&self, side: Side<'_>, other: &Pattern) -> Option<Option<usize>> {
        let word = other.word()?;
        let Cow::Borrowed(text) = word.as_text()? else {
            return None;
        };
        let members = side.members?;
        let fleet = self.of(members.class)?;
        let mut pieces = Vec::new();
        for part in side.pattern.parts() {
            pieces.push(match part {
                Part::Text(own) => Piecewise::Text(own),
                Part::Variable(id) => match self.level_of(id)? {
                    Level::Name => Piecewise::Name,
                    Level::Attribute(attribute) => Piecewise::Column(fleet.column(attribute)?),
                    Level::Text(_) | Level::Rest => return None,
                },
                Part::Any | Part::One | Part::Symbol(_) => return None,
            });
        }
        let spells = |row: &usize| {
            let mut rest = text;
            pieces.iter().all(|piece| {
                let own = match piece {
                    Piecewise::Text(own) => own,
                    Piecewise::Name => fleet.member(*row),
                    Piecewise::Column(column) => column.value(*row),
                };
                rest.strip_prefix(own).is_some_and(|more| {
                    rest = more;
                    true
                })
            }) && rest.is_empty()
        };
        Some(self.rows(members).into_iter().find(spells))
    }

    fn spelt_out(&self, left: Side<'_>, right: Side<'_>, unlike: Unlike<'_>) -> Meeting {
        if matches!(unlike, Unlike::Any) {
            let found = |row: Option<usize>, other: &Pattern, is_left: bool| match (row, other.word()) {
                (Some(row), Some(word)) => Meeting::Meet {
                    word,
                    left: is_left.then_some(row),
                    right: (!is_left).then_some(row),
                },
                (_, _) => Meeting::Apart,
            };
            if let Some(row) = self.row_of_text(left, right.pattern) {
                return found(row, right.pattern, true);
            }
            if let Some(row) = self.row_of_text(right, left.pattern) {
                return found(row, left.pattern, false);
            }
        }
        let (Some(own), Some(others)) = (self.spell(left, unlike), self.spell(right, unlike)) else {
            return Meeting::Undecided;
        };
        let member = |side: &Side<'_>, row: Option<usize>| Some((side.members?.class, row?));
        let counts = |a: &Spelt, b: &Spelt| self.counts(unlike, member(&left, a.row), member(&right, b.row));
        let met = |a: &Spelt, b: &Spelt| {
            let word = a.pattern.meets(&b.pattern).filter(|_| counts(a, b))?;
            Some(Meeting::Meet {
                word,
                left: a.row,
                right: b.row,
            })
        };
        if let [one] = own.as_slice() {
            return others
                .iter()
                .find_map(|other| met(one, other))
                .unwrap_or(Meeting::Apart);
        }
        if let [one] = others.as_slice() {
            return own.iter().find_map(|own| met(own, one)).unwrap_or(Meeting::Apart);
        }
        let indexed = others.iter().map(|other| (other.pattern.clone(), other));
        let index = Patterns::new(indexed);
        let mut looked_at = 0usize;
        for one in &own {
            for other in index.meeting(&one.pattern) {
                looked_at += 1;
                if let Some(found) = met(one, other) {
                    return found;
                }
            }
            if looked_at > WORDS_MAX {
                return Meeting::Undecided;
            }
        }
        Meeting::Apart
    }

    /// Every way to spell a side, rows of equal values once; `None` if there are too many.
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
        let mut by_name = matches!(unlike, Unlike::Other);
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
        let mut seen: BTreeSet<Vec<u32>> = BTreeSet::new();
        let mut spelt = Vec::new();
        for row in rows {
            if !by_name {
                let key = columns
                    .iter()
                    .map(|column| column.rows.get(row).copied().unwrap_or(u32::MAX));
                if !seen.insert(key.collect()) {
                    continue;
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

/// What a row's word is made of.
enum Piecewise<'p> {
    Text(&'p str),
    Name,
    Column(&'p Column),
}

/// What stands between two separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level<'p> {
    Text(&'p str),
    Name,
    Attribute(Name),
    /// `*` at the end.
    Rest,
}

/// Whether a pattern holds letters of a member.
#[must_use]
pub fn has_letters(pattern: &Pattern) -> bool {
    pattern
        .unknowns()
        .any(|letter| matches!(letter, Letter::Variable(_)))
}
