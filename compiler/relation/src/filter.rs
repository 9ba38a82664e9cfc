//! What of the topics that a guard lets through a filter brings, level by level.
//!
//! A `*` of a guard may hold several levels, a `+` of a filter holds one. Where the number of levels tells how many a `*`
//! holds, what both have in common is a pattern again.

use std::collections::BTreeMap;

use pattern::pattern::{Builder, Part, Pattern};

use crate::topic::Stars;

/// What two patterns of topics have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Common {
    /// No topic.
    Nothing,
    /// No topic but of these.
    These(Shared),
    /// Levels do not tell.
    Untold,
}

/// Topics of both, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shared {
    /// The topics.
    pub(crate) topics: Pattern,
    /// What their `*` stand for.
    pub(crate) stars: Stars,
    /// Letters that stand where the other side has a text: these topics are of members with these values only.
    pub(crate) told: BTreeMap<u32, String>,
}

impl Shared {
    /// Of every member.
    pub(crate) fn of_all(topics: Pattern, stars: Stars) -> Self {
        Self {
            topics,
            stars,
            told: BTreeMap::new(),
        }
    }
}

/// Something of a level that is no wildcard.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Symbol(u32),
    Variable(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Own(Vec<Piece>),
    /// `*`, as IAM has it: one level or several.
    Run,
    /// One level: `+`.
    One,
    /// At the end: one level or several.
    Rest,
}

/// What a guard lets through of what a filter brings.
pub(crate) fn common(received: &Pattern, (topics, stars): (&Pattern, Stars)) -> Common {
    let (Some(guard), Some(brought)) = (levels(received), levels(topics)) else {
        return Common::Untold;
    };
    let is_inner_run = |level: &&Level| **level == Level::Run;
    if stars == Stars::Any && brought.contains(&Level::Run) {
        return Common::Untold;
    }
    let brought: Vec<Level> = brought
        .into_iter()
        .map(|level| match level {
            Level::Run => Level::One,
            Level::Rest if stars == Stars::Levels => Level::One,
            level => level,
        })
        .collect();
    let runs = guard.iter().filter(is_inner_run).count();
    if runs == 0 {
        return zipped(&guard, &brought);
    }
    let has_rest = |levels: &[Level]| levels.last() == Some(&Level::Rest);
    match (has_rest(&guard), has_rest(&brought)) {
        (_, false) if brought.len() == guard.len() => zipped(&with_runs(&guard, 1), &brought),
        (_, false) if brought.len() < guard.len() => Common::Nothing,
        (false, false) if runs == 1 => zipped(&with_runs(&guard, brought.len() - guard.len() + 1), &brought),
        (false, true) => ends(&guard, &brought),
        (_, _) => Common::Untold,
    }
}

/// Levels with so many in the place of each run.
fn with_runs(levels: &[Level], count: usize) -> Vec<Level> {
    let each = levels.iter().flat_map(|level| match level {
        Level::Run => vec![Level::One; count],
        level => vec![level.clone()],
    });
    each.collect()
}

fn zipped(guard: &[Level], brought: &[Level]) -> Common {
    let mut both = Vec::new();
    let mut told = BTreeMap::new();
    let mut at = 0;
    loop {
        match (guard.get(at), brought.get(at)) {
            (None, None) => break,
            // The provider's own topics begin with `$`, and a wildcard in the first place brings none of them.
            (Some(Level::Own(own)), Some(Level::One | Level::Rest)) if at == 1 && begins_with_dollar(own) => {
                return Common::Nothing;
            }
            (None, Some(_)) | (Some(_), None) => return Common::Nothing,
            (Some(Level::Rest), Some(_)) => {
                both.extend(brought.iter().skip(at).cloned());
                break;
            }
            (Some(_), Some(Level::Rest)) => {
                both.extend(guard.iter().skip(at).cloned());
                break;
            }
            (Some(one), Some(other)) => {
                let Some(level) = level(one, other) else {
                    return Common::Nothing;
                };
                both.push(level);
                if let Some((letter, text)) = value(one, other)
                    && told
                        .insert(letter, text.clone())
                        .is_some_and(|known| known != text)
                {
                    return Common::Nothing;
                }
            }
        }
        at += 1;
    }
    written(&both, told)
}

fn begins_with_dollar(level: &[Piece]) -> bool {
    matches!(level.first(), Some(Piece::Text(text)) if text.starts_with('$'))
}

/// A level of both.
fn level(one: &Level, other: &Level) -> Option<Level> {
    match (one, other) {
        (Level::Own(a), Level::Own(b)) => match (a.as_slice(), b.as_slice()) {
            ([Piece::Text(a)], [Piece::Text(b)]) if a != b => None,
            // Somebody's name may be this text, and is then this text.
            (_, [Piece::Text(_)]) => Some(other.clone()),
            (_, _) => Some(one.clone()),
        },
        (Level::Own(_), _) => Some(one.clone()),
        (_, _) => Some(other.clone()),
    }
}

/// The letter of one side that is the text of the other.
fn value(one: &Level, other: &Level) -> Option<(u32, String)> {
    let (Level::Own(one), Level::Own(other)) = (one, other) else {
        return None;
    };
    match (one.as_slice(), other.as_slice()) {
        ([Piece::Variable(letter)], [Piece::Text(text)])
        | ([Piece::Text(text)], [Piece::Variable(letter)]) => Some((*letter, text.clone())),
        (_, _) => None,
    }
}

/// What begins as a filter says and ends as a guard says.
fn ends(guard: &[Level], brought: &[Level]) -> Common {
    let behind = guard.iter().rposition(|level| *level == Level::Run);
    let Some(behind) = behind.and_then(|at| guard.get(at + 1..)) else {
        return Common::Untold;
    };
    let mut builder = Builder::new();
    let stars = write(&mut builder, brought);
    write(&mut builder, behind);
    let shared = |topics| Common::These(Shared::of_all(topics, stars));
    builder.finish().map_or(Common::Untold, shared)
}

fn written(levels: &[Level], told: BTreeMap<u32, String>) -> Common {
    let mut builder = Builder::new();
    let stars = write(&mut builder, levels);
    builder.finish().map_or(Common::Untold, |topics| {
        Common::These(Shared { topics, stars, told })
    })
}

fn write(builder: &mut Builder, levels: &[Level]) -> Stars {
    let (mut singles, mut rest) = (false, false);
    for (at, level) in levels.iter().enumerate() {
        if at > 0 {
            builder.text("/");
        }
        match level {
            Level::Own(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => builder.text(text),
                        Piece::Symbol(id) => builder.symbol(*id),
                        Piece::Variable(id) => builder.variable(*id),
                    };
                }
            }
            Level::Run | Level::One => {
                singles = true;
                builder.any();
            }
            Level::Rest => {
                rest = true;
                builder.any();
            }
        }
    }
    match (singles, rest) {
        (true, true) => Stars::LevelsAndRest,
        (true, false) => Stars::Levels,
        (false, _) => Stars::Any,
    }
}

/// The levels of a pattern; `None` where a wildcard is part of a level.
fn levels(pattern: &Pattern) -> Option<Vec<Level>> {
    let mut all: Vec<Vec<Option<Piece>>> = vec![Vec::new()];
    for part in pattern.parts() {
        let last = all.last_mut()?;
        match part {
            Part::Text(text) => {
                let mut levels = text.split('/');
                last.extend(own(levels.next().unwrap_or("")));
                all.extend(levels.map(|level| own(level).into_iter().collect()));
            }
            Part::Symbol(id) => last.push(Some(Piece::Symbol(id))),
            Part::Variable(id) => last.push(Some(Piece::Variable(id))),
            Part::Any => last.push(None),
            Part::One => return None,
        }
    }
    let end = all.len().saturating_sub(1);
    let mut levels = Vec::with_capacity(all.len());
    for (at, pieces) in all.into_iter().enumerate() {
        levels.push(match pieces.as_slice() {
            [None] if at == end => Level::Rest,
            [None] => Level::Run,
            _ => Level::Own(pieces.into_iter().collect::<Option<Vec<Piece>>>()?),
        });
    }
    Some(levels)
}

fn own(text: &str) -> Option<Option<Piece>> {
    (!text.is_empty()).then(|| Some(Piece::Text(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(path: &str) -> Pattern {
        Pattern::glob(&format!("arn:aws:iot:r:1:topic/{path}")).unwrap()
    }

    fn of(received: &str, topics: &str, stars: Stars) -> Common {
        common(&pattern(received), (&pattern(topics), stars))
    }

    fn these(path: &str, stars: Stars) -> Common {
        Common::These(Shared::of_all(pattern(path), stars))
    }

    #[test]
    fn levels_of_both_are_told() {
        assert_eq!(of("c/g1/*", "c/*/x", Stars::Levels), these("c/g1/x", Stars::Any));
        assert_eq!(of("c/*/x", "c/a/*", Stars::Levels), these("c/a/x", Stars::Any));
        assert_eq!(of("c/*/x", "c/a/b", Stars::Any), Common::Nothing);
        assert_eq!(
            of("c/*/x", "c/a/*/*", Stars::Levels),
            these("c/a/*/x", Stars::Levels)
        );
        assert_eq!(of("c/*/x/y", "c/*", Stars::Levels), Common::Nothing);
        assert_eq!(
            of("c/g1/*", "c/*/x/*", Stars::LevelsAndRest),
            these("c/g1/x/*", Stars::Any)
        );
    }

    #[test]
    fn a_letter_that_is_a_text_of_the_other_side_is_told() {
        let path = |line: &dyn Fn(&mut Builder)| {
            let mut builder = Builder::new();
            builder.text("arn:aws:iot:r:1:topic/c/");
            line(&mut builder);
            builder.text("/").variable(1).finish().unwrap()
        };
        let own = path(&|builder| {
            builder.variable(0);
        });
        let told = path(&|builder| {
            builder.text("g1");
        });
        let shared = Shared {
            topics: told,
            stars: Stars::Any,
            told: BTreeMap::from([(0, "g1".to_owned())]),
        };
        assert_eq!(
            common(&pattern("c/g1/*"), (&own, Stars::Any)),
            Common::These(shared)
        );
    }

    #[test]
    fn a_run_over_an_open_end_is_held_by_both_ends() {
        assert_eq!(of("c/*/x", "c/a/*", Stars::Any), these("c/a/*x", Stars::Any));
        assert_eq!(of("c/*/*/x", "c/a/b/d/e", Stars::Any), Common::Untold);
        assert_eq!(of("c/*/x/*", "c/a/*", Stars::Any), Common::Untold);
    }
}
