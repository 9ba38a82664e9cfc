//! Documents that grant nothing by themselves: denies, policies of endpoints, boundaries.

use std::collections::BTreeMap;

use super::words::requests;
use super::{Narrowing, Telling};
use crate::access::{Does, Piece};
use crate::letters::Letters;
use crate::spec::Reason;

/// What is looser and what is tighter, and why.
type Pieces = (Vec<Piece>, Vec<Piece>, Vec<Reason>);

/// By document: what it lets through or refuses otherwise.
pub(super) fn narrowing(
    telling: &Telling<'_>,
    more: Vec<Piece>,
    less: Vec<Piece>,
    letters: &Letters<'_>,
) -> Vec<Narrowing> {
    let mut by_guard: BTreeMap<String, Pieces> = BTreeMap::new();
    let mut add = |piece: Piece, was: bool| {
        let slot = by_guard.entry(piece.guard.clone()).or_default();
        slot.2.extend(telling.of_file(&piece.path, was));
        // A deny that is new stops more; what an endpoint lets through is new where it says so.
        let is_looser = (piece.does == Does::Denies) == was;
        let list = if is_looser { &mut slot.0 } else { &mut slot.1 };
        list.push(piece);
    };
    more.into_iter().for_each(|piece| add(piece, false));
    less.into_iter().for_each(|piece| add(piece, true));
    let told = by_guard.into_iter();
    told.map(|(guard, (looser, tighter, mut reasons))| {
        reasons.sort();
        reasons.dedup_by(|one, other| one.line == other.line);
        let of = match guard.strip_prefix("vpce:").and_then(|rest| rest.rsplit_once('/')) {
            Some((_, service)) => format!("the endpoint of {service}"),
            None => telling.new.short(&guard),
        };
        Narrowing {
            of,
            looser: requests(looser.iter(), letters),
            tighter: requests(tighter.iter(), letters),
            reasons,
        }
    })
    .collect()
}
