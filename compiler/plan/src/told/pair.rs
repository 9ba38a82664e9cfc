//! Pieces by who and to what: each piece is of exactly one change.

use std::collections::{BTreeMap, BTreeSet};

use pattern::boxes::Rectangle;
use rayon::prelude::*;

use super::why::reasons;
use super::words::{action, by_part, flows, part, requests};
use super::{Change, Kind, Telling, risk};
use crate::access::Piece;
use crate::flow;
use crate::letters::Letters;
use crate::spec::{Claim, Known};

/// What is gained and lost, not yet told.
pub(super) struct Grants {
    pub(super) more: Vec<Piece>,
    pub(super) less: Vec<Piece>,
    pub(super) opened: Vec<flow::Piece>,
    pub(super) closed: Vec<flow::Piece>,
}

/// Who, and to what.
type Ends = (String, String);

/// A piece with what it comes from.
pub(super) struct Of<P> {
    pub(super) piece: P,
    pub(super) claims: Vec<Claim>,
}

/// The pieces of one change.
#[derive(Default)]
pub(super) struct Pair {
    pub(super) more: Vec<Of<Piece>>,
    pub(super) less: Vec<Of<Piece>>,
    pub(super) opened: Vec<Of<flow::Piece>>,
    pub(super) closed: Vec<Of<flow::Piece>>,
}

/// Every change of access.
pub(super) fn changes(telling: &Telling<'_>, grants: Grants, letters: &Letters<'_>) -> Vec<Change> {
    let (old, new) = (telling.old, telling.new);
    let request = |piece: Piece, was: bool| {
        let own = if was { old } else { Some(new) };
        let mut claims = own.map_or_else(Vec::new, |known| known.claims(&piece, letters));
        if claims.is_empty() {
            claims = own.unwrap_or(new).by_address(&piece, letters);
        }
        Of { piece, claims }
    };
    let more: Vec<Of<Piece>> = grants
        .more
        .into_par_iter()
        .map(|piece| request(piece, false))
        .collect();
    let less: Vec<Of<Piece>> = grants
        .less
        .into_par_iter()
        .map(|piece| request(piece, true))
        .collect();
    let mut less = less;
    if old.is_none() {
        tell_together(new, &mut less);
    }
    let connection = |piece: flow::Piece, was: bool| {
        let own = if was { old } else { Some(new) };
        let mut claims = own.map_or_else(Vec::new, |known| known.connections(&piece));
        if claims.is_empty() {
            claims.push(own.unwrap_or(new).connection_by_address(&piece));
        }
        Of { piece, claims }
    };
    let opened: Vec<_> = grants
        .opened
        .into_par_iter()
        .map(|piece| connection(piece, false))
        .collect();
    let closed: Vec<_> = grants
        .closed
        .into_par_iter()
        .map(|piece| connection(piece, true))
        .collect();
    // What is only needed goes with what it is needed for.
    let mut meant: BTreeSet<Ends> = BTreeSet::new();
    let mut mean = |claims: &[Claim]| {
        let own = claims.iter().filter(|claim| !claim.words.is_empty());
        meant.extend(own.map(ends));
    };
    more.iter().chain(&less).for_each(|of| mean(&of.claims));
    opened.iter().chain(&closed).for_each(|of| mean(&of.claims));
    let mut pairs: BTreeMap<Ends, Pair> = BTreeMap::new();
    for of in more {
        pairs.entry(home(&of.claims, &meant)).or_default().more.push(of);
    }
    for of in less {
        pairs.entry(home(&of.claims, &meant)).or_default().less.push(of);
    }
    for of in opened {
        pairs.entry(home(&of.claims, &meant)).or_default().opened.push(of);
    }
    for of in closed {
        pairs.entry(home(&of.claims, &meant)).or_default().closed.push(of);
    }
    let pairs: Vec<(Ends, Pair)> = pairs.into_iter().collect();
    let told = pairs.into_par_iter();
    told.map(|(ends, pair)| change(telling, ends, &pair, letters))
        .collect()
}

/// What only addresses tell is told by all that somebody loses of a thing, and not action by action.
fn tell_together(known: &Known<'_>, pieces: &mut [Of<Piece>]) {
    let mut actions: BTreeMap<Ends, BTreeSet<String>> = BTreeMap::new();
    for of in pieces.iter() {
        for claim in &of.claims {
            actions
                .entry(ends(claim))
                .or_default()
                .insert(of.piece.action.clone());
        }
    }
    let mut chosen: BTreeMap<Ends, BTreeSet<String>> = BTreeMap::new();
    for of in pieces {
        for claim in of.claims.iter_mut().filter(|claim| !claim.words.is_empty()) {
            let (Some(target), ends) = (claim.target, ends(claim)) else {
                continue;
            };
            let words = chosen.entry(ends.clone()).or_insert_with(|| {
                let all = actions.get(&ends);
                all.map_or_else(BTreeSet::new, |all| known.words_of_actions(target, all))
            });
            if words.is_empty() {
                continue;
            }
            let own = words
                .iter()
                .filter(|word| known.is_meant(target, word, &of.piece.action));
            claim.words = own.cloned().collect();
        }
    }
}

fn ends(claim: &Claim) -> Ends {
    (claim.subject.clone(), claim.object.clone())
}

/// The change that a piece is told in.
fn home(claims: &[Claim], meant: &BTreeSet<Ends>) -> Ends {
    let own = claims.iter().find(|claim| !claim.words.is_empty());
    let with = || claims.iter().find(|claim| meant.contains(&ends(claim)));
    own.or_else(with)
        .or(claims.first())
        .map_or_else(Ends::default, ends)
}

fn change(telling: &Telling<'_>, (subject, object): Ends, pair: &Pair, letters: &Letters<'_>) -> Change {
    let is_of = |claim: &&Claim| claim.subject == subject && claim.object == object;
    let (old, new) = (telling.old, telling.new);
    let said_was = old.and_then(|old| old.said(&subject, &object));
    let said_is = new.said(&subject, &object);
    let gains = !pair.more.is_empty() || !pair.opened.is_empty();
    let loses = !pair.less.is_empty() || !pair.closed.is_empty();
    let hit: BTreeSet<u32> = pair
        .more
        .iter()
        .flat_map(|of| of.claims.iter().filter_map(|claim| claim.position))
        .collect();
    let kept: Vec<u32> = match old {
        Some(_) => Vec::new(),
        None => {
            let own = new.between(&subject, &object).into_iter();
            own.filter(|position| !hit.contains(position)).collect()
        }
    };
    // What trusts say of the two is so, since it is proved; where they say nothing, the bytes tell.
    let is_told = old.is_some() && (said_was.is_some() || said_is.is_some());
    let was_there = said_was.is_some()
        || !is_told
            && (!kept.is_empty()
                || pair.more.iter().any(|of| of.piece.is_partial())
                || pair
                    .opened
                    .iter()
                    .any(|of| of.piece.is_partial && !is_shared(&of.claims)));
    let is_there = said_is.is_some()
        || !is_told
            && (pair.less.iter().any(|of| of.piece.is_partial())
                || pair
                    .closed
                    .iter()
                    .any(|of| of.piece.is_partial && !is_shared(&of.claims)));
    let kind = match (gains, loses) {
        (true, true) => Kind::Both,
        (true, false) if was_there => Kind::Widened,
        (true, false) => Kind::Gained,
        (false, _) if is_there => Kind::Narrowed,
        (false, _) => Kind::Lost,
    };
    let mut risks = BTreeSet::new();
    for of in &pair.more {
        let own = of.claims.iter().filter(is_of);
        own.for_each(|claim| risk::of_request(new, &of.piece, claim, &mut risks));
    }
    for of in &pair.opened {
        let own = of.claims.iter().filter(is_of);
        own.for_each(|claim| risk::of_flow(new, &of.piece, claim, &mut risks));
    }
    let gained = words(
        pair.more.iter().map(|of| &of.claims),
        pair.opened.iter().map(|of| &of.claims),
    );
    let lost = words(
        pair.less.iter().map(|of| &of.claims),
        pair.closed.iter().map(|of| &of.claims),
    );
    let mut gained = told_words(&gained, &pair.more, &pair.opened);
    let mut lost = told_words(&lost, &pair.less, &pair.closed);
    if kind == Kind::Gained
        && let Some(said) = &said_is
    {
        gained.clone_from(said);
    }
    if kind == Kind::Lost
        && let Some(said) = &said_was
    {
        lost.clone_from(said);
    }
    if !gains {
        gained.clear();
    }
    if !loses {
        lost.clear();
    }
    let (mut was, mut is) = match kind {
        Kind::Gained | Kind::Lost => (None, None),
        Kind::Widened | Kind::Both | Kind::Narrowed | Kind::Moved | Kind::Renamed => {
            let was = match old {
                Some(_) => said_was,
                None => by_bytes(new, pair, &kept, letters),
            };
            (was, said_is)
        }
    };
    // The words are the same, and what they mean is not: then the difference is told by the provider's words.
    if was == is && was.is_some() || was.is_none() && is.is_some() {
        (was, is) = (None, None);
        gained = told_words(&BTreeSet::new(), &pair.more, &pair.opened);
        lost = told_words(&BTreeSet::new(), &pair.less, &pair.closed);
        if !gains {
            gained.clear();
        }
        if !loses {
            lost.clear();
        }
    }
    Change {
        kind,
        reasons: reasons(telling, (&subject, &object), pair),
        gains: gained,
        loses: lost,
        was,
        is,
        more: requests(pair.more.iter().map(|of| &of.piece), letters),
        less: requests(pair.less.iter().map(|of| &of.piece), letters),
        opened: flows(pair.opened.iter().map(|of| &of.piece)),
        closed: flows(pair.closed.iter().map(|of| &of.piece)),
        risks,
        is_declared: false,
        follows: Vec::new(),
        subject,
        object,
    }
}

/// Whether a flow is of more than these two: that something passes between its ends says nothing about them.
fn is_shared(claims: &[Claim]) -> bool {
    claims.iter().all(|claim| claim.words.is_empty())
}

/// Capabilities that pieces mean; those of the network count where no request tells any.
fn words<'c>(
    requests: impl Iterator<Item = &'c Vec<Claim>>,
    flows: impl Iterator<Item = &'c Vec<Claim>>,
) -> BTreeSet<String> {
    let of = |claims: &'c Vec<Claim>| claims.iter().flat_map(|claim| claim.words.iter().cloned());
    let words: BTreeSet<String> = requests.flat_map(of).collect();
    if words.is_empty() {
        return flows.flat_map(of).collect();
    }
    words
}

/// Capabilities, or where there is none what is done and over what.
fn told_words(words: &BTreeSet<String>, requests: &[Of<Piece>], flows: &[Of<flow::Piece>]) -> String {
    if !words.is_empty() {
        return words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    }
    let actions: BTreeSet<String> = requests.iter().map(|of| action(&of.piece.action)).collect();
    let ports: BTreeSet<String> = flows.iter().map(|of| flow::show(of.piece.ports)).collect();
    let all: Vec<String> = actions.into_iter().chain(ports).collect();
    all.join(" ")
}

/// What there was between two, by the bytes: what is kept, what is lost, and of what is gained what was there already.
fn by_bytes(new: &Known<'_>, pair: &Pair, kept: &[u32], letters: &Letters<'_>) -> Option<String> {
    let graph = new.spec.graph;
    let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |rectangle: &Rectangle, claims: &[Claim], letters: &Letters<'_>| {
        for claim in claims.iter().filter(|claim| !claim.words.is_empty()) {
            let arn = claim.target.and_then(|thing| graph.addresses.things.get(&thing));
            let arn = arn.map(|arn| {
                let arn = letters.declared(&graph.addresses, arn);
                letters.show(&arn)
            });
            let part = part(rectangle, arn.as_deref(), letters);
            parts.entry(part).or_default().extend(claim.words.iter().cloned());
        }
    };
    for position in kept {
        let Some(access) = graph.accesses.get(*position as usize) else {
            continue;
        };
        let (Some(within), Some(when)) = (graph.patterns.get(access.within), graph.regions.get(access.when))
        else {
            continue;
        };
        let claims: Vec<Claim> = new
            .index
            .reasons(*position)
            .map(|because| new.claim(*position, access, because))
            .collect();
        let within = letters.declared(&graph.addresses, within);
        add(&(within, when.clone()), &claims, letters);
    }
    for of in &pair.less {
        add(
            &(of.piece.within.clone(), of.piece.when.clone()),
            &of.claims,
            letters,
        );
    }
    for of in &pair.more {
        for rectangle in &of.piece.meeting {
            add(rectangle, &of.claims, letters);
        }
    }
    (!parts.is_empty()).then(|| by_part(&parts))
}
