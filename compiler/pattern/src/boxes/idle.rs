//! Rectangles that the others contain, among those of literal and prefix patterns.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::boxes::Rectangle;
use crate::region::Region;
use crate::words::stem;

/// The rectangles with literal or prefix patterns that the others of that sort contain.
///
/// One walk over the stems with the prefixes that are open. At each point where the open ones change, a rectangle that
/// has a context of its own there is needed.
pub(super) fn idle_in_fragment(set: &[Rectangle]) -> BTreeSet<usize> {
    struct Member<'a> {
        stem: Arc<str>,
        prefix: bool,
        region: &'a Region,
        index: usize,
    }
    let members = set.iter().enumerate().filter_map(|(index, (pattern, region))| {
        stem(pattern).map(|(stem, prefix)| Member {
            stem,
            prefix,
            region,
            index,
        })
    });
    let mut members: Vec<Member<'_>> = members.collect();
    members.sort_by(|a, b| (&a.stem, !a.prefix, a.index).cmp(&(&b.stem, !b.prefix, b.index)));
    let mut undecided: BTreeSet<usize> = members.iter().map(|member| member.index).collect();
    let mut open: Vec<&Member<'_>> = Vec::new();
    for group in members.chunk_by(|a, b| a.stem == b.stem) {
        let Some(first) = group.first() else { continue };
        while open
            .last()
            .is_some_and(|member| !first.stem.starts_with(&*member.stem))
        {
            open.pop();
        }
        open.extend(group.iter().filter(|member| member.prefix));
        let literals = || group.iter().filter(|member| !member.prefix);
        if group.iter().any(|member| member.prefix) {
            settle(
                &open
                    .iter()
                    .map(|member| (member.index, member.region))
                    .collect::<Vec<_>>(),
                &mut undecided,
            );
        }
        if literals().next().is_some() {
            let here = open
                .iter()
                .copied()
                .chain(literals())
                .map(|member| (member.index, member.region));
            settle(&here.collect::<Vec<_>>(), &mut undecided);
        }
    }
    undecided
}

/// Strikes off the members that have, at a point that all of these have, a context that no other has.
fn settle(here: &[(usize, &Region)], undecided: &mut BTreeSet<usize>) {
    let open = here
        .iter()
        .enumerate()
        .filter(|(_, (index, _))| undecided.contains(index));
    let needed = open.filter_map(|(at, (index, region))| {
        if region.is_nothing() {
            return None;
        }
        let others = here
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, (_, region))| *region);
        let mut left = (*region).clone();
        for other in others {
            left = left.minus(other);
            if left.is_nothing() {
                return None;
            }
        }
        Some(*index)
    });
    for index in needed.collect::<Vec<_>>() {
        undecided.remove(&index);
    }
}
