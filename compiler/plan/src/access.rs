//! Requests that one side permits and the other does not: sets, whatever the statements into which they are cut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arena::{Name, Names};
use pattern::boxes::{Cover, Rectangle};
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::union::Budget;
use read::facts::Facts;
use read::facts::document::{Document, Effect, Guard, PrincipalName, Principals};

use crate::file::Changed;
use crate::letters::Letters;

/// The interner of principals, guards and actions.
enum OfTexts {}

type Text = Name<OfTexts>;

/// Sets of more rectangles are not gone through one by one.
const MANY: usize = 256;

/// Of what the other side has besides, as much as anybody reads.
const MEETING_MAX: usize = 8;

/// What a statement does with the requests that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Does {
    /// It gives access.
    Grants,
    /// It takes access away, or a document without it gives none: a deny, an endpoint's policy, a boundary.
    Denies,
    /// It lets through what another document grants.
    Limits,
}

/// Which sort of document says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// The policies of a role.
    Identity,
    /// Who may become a role.
    Trust,
    /// The policy of a thing.
    Resource,
    /// The policies of a device.
    Device,
    /// The statement of a topic rule.
    Rule,
    /// The policy of a private endpoint, or a boundary.
    Limit,
}

/// Requests of one principal by one action that one side has and the other lacks.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// The principal's address, or a name for everybody.
    pub(crate) who: String,
    /// In lower case; a pattern only where the bytes say so.
    pub(crate) action: String,
    pub(crate) within: Pattern,
    pub(crate) when: Region,
    pub(crate) does: Does,
    pub(crate) sort: Sort,
    /// The address of the guard.
    pub(crate) guard: String,
    /// The file that says so.
    pub(crate) path: Arc<str>,
    /// What the other side has that meets it, as far as it is looked at.
    pub(crate) meeting: Vec<Rectangle>,
}

/// One side of a comparison: what was read, and what an address is called on both sides.
#[derive(Clone, Copy)]
pub(crate) struct Half<'a> {
    pub(crate) facts: Option<&'a Facts>,
    pub(crate) canonical: &'a (dyn Fn(&str) -> String + Sync),
}

struct Origin {
    sort: Sort,
    guard: Text,
    path: Arc<str>,
}

#[derive(Default)]
struct Set {
    rectangles: Vec<Rectangle>,
    origins: Vec<Origin>,
}

/// What statements do, the guard of those that only narrow, the principal, the action.
type Key = (Does, Option<Text>, Text, Text);
type Sets = BTreeMap<Key, Set>;

/// What is gained and lost from one side to another.
pub(crate) fn both(
    old: Half<'_>,
    new: Half<'_>,
    changed: &Changed<'_>,
    letters: &Letters<'_>,
) -> (Vec<Piece>, Vec<Piece>) {
    let mut texts: Names<OfTexts> = Names::default();
    // What a document says on both sides alike is gained by nobody. It counts for what another one says.
    let is_changed = |document: &Document| changed.has(&document.place.path);
    let mut sets =
        |half: Half<'_>, is_meant: &dyn Fn(&Document) -> bool, only: Option<&Sets>| match half.facts {
            Some(facts) => Reading {
                facts,
                canonical: half.canonical,
                letters,
                texts: &mut texts,
            }
            .sets(is_meant, only),
            None => Sets::new(),
        };
    let (ours, theirs) = (sets(new, &is_changed, None), sets(old, &is_changed, None));
    let (all_theirs, all_ours) = (
        sets(old, &|_| true, Some(&ours)),
        sets(new, &|_| true, Some(&theirs)),
    );
    (
        beyond(ours, &all_theirs, &texts),
        beyond(theirs, &all_ours, &texts),
    )
}

/// What `left` permits beyond `right`.
fn beyond(left: Sets, right: &Sets, texts: &Names<OfTexts>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for ((does, guard, who, action), set) in left {
        let against = right
            .get(&(does, guard, who, action))
            .map_or(&[][..], |set| set.rectangles.as_slice());
        let is_known: BTreeSet<&Rectangle> = against.iter().collect();
        let mut seen: BTreeSet<Rectangle> = BTreeSet::new();
        let cover = Cover::of(against);
        let mut budget = Budget::of_guard();
        for (rectangle, origin) in set.rectangles.into_iter().zip(set.origins) {
            if is_known.contains(&rectangle) || seen.contains(&rectangle) {
                continue;
            }
            // What cannot be decided is shown: a plan errs to the side of saying so.
            let is_covered = match &cover {
                Ok(cover) => matches!(
                    cover.covers(std::slice::from_ref(&rectangle), &mut budget),
                    Ok(None)
                ),
                Err(_) => false,
            };
            if is_covered {
                continue;
            }
            seen.insert(rectangle.clone());
            let (within, when) = rectangle;
            let meets = |(other, region): &Rectangle| other.meets(&within).is_some() && region.meets(&when);
            let meeting = if against.len() > MANY {
                let alike = against.iter().filter(|(other, _)| *other == within);
                alike.take(MEETING_MAX).cloned().collect()
            } else {
                let met = against.iter().filter(|other| meets(other));
                met.take(MEETING_MAX).cloned().collect()
            };
            pieces.push(Piece {
                who: texts.text(who).to_owned(),
                action: texts.text(action).to_owned(),
                within,
                when,
                does,
                sort: origin.sort,
                guard: texts.text(origin.guard).to_owned(),
                path: origin.path,
                meeting,
            });
        }
    }
    pieces
}

struct Reading<'r> {
    facts: &'r Facts,
    canonical: &'r dyn Fn(&str) -> String,
    letters: &'r Letters<'r>,
    texts: &'r mut Names<OfTexts>,
}

impl Reading<'_> {
    /// What some documents say; of the keys of another side, if they are given.
    fn sets(mut self, is_meant: &dyn Fn(&Document) -> bool, only: Option<&Sets>) -> Sets {
        let mut sets = Sets::new();
        if only.is_some_and(BTreeMap::is_empty) {
            return sets;
        }
        let wanted: Option<BTreeSet<Text>> =
            only.map(|only| only.keys().map(|(_, _, who, _)| *who).collect());
        let facts = self.facts;
        for document in facts.documents.iter().filter(|document| is_meant(document)) {
            self.document(document, only, wanted.as_ref(), &mut sets);
        }
        sets
    }

    fn document(
        &mut self,
        document: &Document,
        only: Option<&Sets>,
        wanted: Option<&BTreeSet<Text>>,
        sets: &mut Sets,
    ) {
        let (own, sort) = match &document.guard {
            Guard::Identity(address) => (address, Sort::Identity),
            Guard::Device(address) => (address, Sort::Device),
            Guard::Rule(address) => (address, Sort::Rule),
            Guard::Trust(address) => (address, Sort::Trust),
            Guard::Resource(address) => (address, Sort::Resource),
            Guard::Boundary(address) | Guard::Endpoint(address) => (address, Sort::Limit),
        };
        let own = (self.canonical)(own);
        let is_self = matches!(sort, Sort::Identity | Sort::Device | Sort::Rule);
        let guard = self.texts.intern(&own);
        for statement in &document.statements {
            let does = match (statement.effect, sort) {
                (Effect::Deny, _) => Does::Denies,
                (Effect::Allow, Sort::Limit) => Does::Limits,
                (Effect::Allow, _) => Does::Grants,
            };
            let of = (does != Does::Grants).then_some(guard);
            let mut principals: Vec<Text> = match &statement.principals {
                None if sort == Sort::Limit => vec![self.texts.intern(EVERYBODY)],
                None => vec![guard],
                Some(Principals::Anyone) => vec![self.texts.intern(EVERYBODY)],
                Some(Principals::These(names)) => names
                    .iter()
                    .map(|named| {
                        let named = (self.canonical)(&name(named));
                        self.texts.intern(&named)
                    })
                    .collect(),
            };
            principals.retain(|who| wanted.is_none_or(|wanted| wanted.contains(who)));
            if principals.is_empty() {
                continue;
            }
            // Outside the decided fragment: every context where it is asked about, none where it would excuse another.
            let when = match (self.letters.region(self.facts, &statement.when), only) {
                (Some(when), _) => when,
                (None, None) => Region::everything(),
                (None, Some(_)) => continue,
            };
            let everything = Pattern::everything();
            let thing = Pattern::literal(&own);
            let resources: Vec<Pattern> = if is_self || !statement.resources.is_empty() {
                let resources = statement.resources.iter().map(|pattern| {
                    // `*` in a thing's own policy is that thing.
                    if !is_self && sort != Sort::Limit && *pattern == everything {
                        thing.clone().unwrap_or_else(Pattern::everything)
                    } else {
                        self.letters.pattern(self.facts, pattern)
                    }
                });
                resources.collect()
            } else {
                thing.into_iter().collect()
            };
            for action in &statement.actions {
                let action = self.letters.show(action);
                let action = self.texts.intern(&action);
                for who in &principals {
                    let key = (does, of, *who, action);
                    if only.is_some_and(|only| !only.contains_key(&key)) {
                        continue;
                    }
                    let into = sets.entry(key).or_default();
                    for pattern in &resources {
                        into.rectangles.push((pattern.clone(), when.clone()));
                        if only.is_none() {
                            into.origins.push(Origin {
                                sort,
                                guard,
                                path: Arc::clone(&document.place.path),
                            });
                        }
                    }
                }
            }
        }
    }
}

/// Whoever there is.
pub(crate) const EVERYBODY: &str = "everybody";

fn name(name: &PrincipalName) -> String {
    match name {
        PrincipalName::Role(arn) | PrincipalName::Federated(arn) => arn.clone(),
        PrincipalName::Account(number) => format!("account {number}"),
        PrincipalName::Service(service) => service.clone(),
    }
}

/// What several targets say alike, once.
pub(crate) fn once(pieces: &mut Vec<Piece>) {
    let key = |piece: &Piece| {
        (
            piece.does,
            piece.guard_of_narrowing().to_owned(),
            piece.who.clone(),
            piece.action.clone(),
            piece.within.clone(),
            piece.when.clone(),
        )
    };
    pieces.sort_by_cached_key(key);
    pieces.dedup_by(|one, other| {
        (one.does, &one.who, &one.action, &one.within, &one.when)
            == (other.does, &other.who, &other.action, &other.within, &other.when)
            && one.guard_of_narrowing() == other.guard_of_narrowing()
    });
}

impl Piece {
    /// The guard, where it only narrows: elsewhere it does not matter which document grants.
    fn guard_of_narrowing(&self) -> &str {
        if self.does == Does::Grants {
            ""
        } else {
            &self.guard
        }
    }

    /// Whether the other side has a part of it.
    pub(crate) fn is_partial(&self) -> bool {
        !self.meeting.is_empty()
    }
}
