//! What stands between the separators of a name: enough to say, without spelling, that no two members meet.

use arena::Name;
use model::actor::IdentityWord;
use model::thing::{Detail, ThingId};
use pattern::pattern::{Part, Pattern};

use super::{Fleets, Members, Side, Unlike};

/// What stands between two separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level<'p> {
    Text(&'p str),
    Name,
    Attribute(Name),
    /// `*` at the end.
    Rest,
}

impl<'a> Fleets<'a> {
    /// Whether some level shows that no pair meets. Names are whole levels, and no two members of the cloud share one.
    pub(super) fn are_apart_by_level(&self, left: Side<'_>, right: Side<'_>, unlike: Unlike<'_>) -> bool {
        let (Some(own), Some(other)) = (left.members, right.members) else {
            return false;
        };
        let are_two = if own.class == other.class {
            matches!(unlike, Unlike::Other)
        } else {
            self.has_things(own.class)
                && self.has_things(other.class)
                && self.registry(own.class) == self.registry(other.class)
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

    /// Where the things of a class are registered: an account in a region. Names are told apart within one.
    fn registry(&self, class: ThingId) -> Option<(Name, Name)> {
        let account = self.model.things.get(class)?.account;
        let account = account.or(self.model.project.default_account)?;
        let account = self.model.accounts.get(account)?;
        Some((account.number, account.region))
    }

    fn is_full(&self, members: &Members, attribute: Name) -> bool {
        let column = self.of(members.class).and_then(|fleet| fleet.column(attribute));
        column.is_some_and(|column| column.values.iter().all(|value| !value.is_empty()))
    }

    /// What stands between separators; `None` if a letter is not a whole level, or a wildcard stands before the end.
    pub(super) fn levels<'p>(&self, pattern: &'p Pattern) -> Option<Vec<Level<'p>>> {
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

    pub(super) fn level_of(&self, id: u32) -> Option<Level<'static>> {
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
}
