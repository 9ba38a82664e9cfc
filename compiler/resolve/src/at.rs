//! `at`: an actor's own addresses, inside those of its segment.

use std::collections::BTreeMap;

use diagnostics::Diagnostic;
use model::actor::{ClassSegment, RowAddresses, RunsOn};
use model::fleet::Fleet;
use model::place::{SegmentId, Within};
use model::template::{Piece, Placeholder, Template};
use model::thing::ThingId;
use model::value::Block;
use source::Span;

use crate::actors::CONTRADICTORY_ACTOR;
use crate::address::{self, NoBlock};
use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Decl;
use crate::geometry::ESCAPING_CIDR;
use crate::line::{Arg, Line};
use crate::template;

/// How many values that are wrong are shown for one text.
const PROBLEMS_MAX: usize = 20;

/// Where a workload lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its segment.
    pub(crate) segment: Option<SegmentId>,
    /// What its code runs on.
    pub(crate) runs_on: Option<RunsOn>,
}

/// `at "192.168.10.32/28"` of a workload.
pub(crate) fn workload<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    place: Place,
    body: &mut Body<'a>,
) -> Vec<(Block, Span)> {
    let Some(line) = body.one(cx, "at") else {
        return Vec::new();
    };
    let name = &decl.name.text;
    let written = written(cx, &line);
    let network = place.segment.and_then(|segment| within_network(cx, segment));
    let wrong = match (place.runs_on, place.segment, network) {
        (Some(RunsOn::Device(_)), ..) => Some((
            "it has those of the device that it runs on".to_owned(),
            "say `at` of the device class",
        )),
        (_, None, _) => Some((
            "it has no place".to_owned(),
            "leave `at` out, or write `segment=NAME`",
        )),
        (_, Some(_), Some(network)) => Some((
            format!("the network `{network}` gives it one"),
            "leave `at` out: in a network, its group tells it from its neighbours",
        )),
        (_, Some(_), None) => None,
    };
    if let Some((why, help)) = wrong {
        let message = format!("`{name}` says its own addresses: {why}");
        cx.push(Diagnostic::new(&CONTRADICTORY_ACTOR, line.head(), message).help(help));
        return Vec::new();
    }
    let Some(segment) = place.segment else {
        return Vec::new();
    };
    let mut found = Vec::with_capacity(written.len());
    for arg in &written {
        let text = cx.text(arg);
        let block = match address::single(&text) {
            Some(single) => Some(single),
            None => cx.any_block(arg),
        };
        let Some(block) = block else { continue };
        if let Some(problem) = escaping(cx, name, block, segment, arg.span) {
            cx.push(problem);
        }
        found.push((block, arg.span));
    }
    found
}

/// `at "{address}"` of a class: worked out once for each different value, and looked at once for each row.
pub(crate) fn class<'a>(
    cx: &mut Cx<'a, '_>,
    id: ThingId,
    decl: &Decl<'a>,
    (segments, placed): (&[ClassSegment], Option<&Template>),
    body: &mut Body<'a>,
) -> Vec<RowAddresses> {
    let Some(line) = body.one(cx, "at") else {
        return Vec::new();
    };
    let written = written(cx, &line);
    let Some(placed) = placed else {
        let message = format!("`{}` says its own addresses: it has no place", decl.name.text);
        cx.push(
            Diagnostic::new(&CONTRADICTORY_ACTOR, line.head(), message)
                .help("leave `at` out, or write `segment=NAME`"),
        );
        return Vec::new();
    };
    let mut found = Vec::with_capacity(written.len());
    for arg in &written {
        let text = cx.text(arg);
        // A text with an unknown placeholder was reported.
        let Some(template) = template::of_values(cx, &text, arg.span, id) else {
            continue;
        };
        let (rows, problems) = of_rows(cx, id, (segments, placed), template);
        for problem in problems {
            cx.push(problem);
        }
        found.extend(rows);
    }
    found
}

fn written<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Vec<Arg<'a>> {
    let mut entries = Entries::of(cx, line);
    let written = entries.need_rest(cx, "an address or a block: `\"192.168.10.32/28\"`");
    entries.finish_leaf(cx);
    written
}

fn within_network<'m>(cx: &'m Cx<'_, '_>, segment: SegmentId) -> Option<&'m str> {
    match cx.model.segments.get(segment)?.within {
        Within::Network(network) => Some(cx.text_of(cx.model.networks.get(network)?.name)),
        Within::Site(_) => None,
    }
}

/// What is wrong with an address that lies outside its segment's.
fn escaping(cx: &Cx<'_, '_>, who: &str, block: Block, segment: SegmentId, at: Span) -> Option<Diagnostic> {
    let segment = cx.model.segments.get(segment)?;
    let own = if block.six {
        segment.cidr6
    } else {
        Some(segment.cidr)
    };
    // What could not be read was reported with the segment.
    if own.is_some_and(|own| own.holds(block) || own == crate::places::NOWHERE) {
        return None;
    }
    let name = cx.text_of(segment.name);
    let (message, label) = match own {
        Some(own) => (
            format!("`{who}` is at {block}, which lies outside {own} of its segment `{name}`"),
            format!("this has {own}"),
        ),
        None => (
            format!("`{who}` is at {block}, and its segment `{name}` has no IPv6"),
            "IPv6 is closed here".to_owned(),
        ),
    };
    Some(
        Diagnostic::new(&ESCAPING_CIDR, at, message)
            .label(segment.span, label)
            .help("an actor's own addresses are a part of its segment's"),
    )
}

/// A template over the rows of a fleet: each different text once, and per row which one.
struct Spelled {
    texts: Vec<String>,
    rows: Vec<u32>,
}

impl Spelled {
    fn of(cx: &Cx<'_, '_>, fleet: &Fleet, template: &Template) -> Self {
        let mut placeholders = template.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(*placeholder),
            Piece::Text(_) => None,
        });
        let text_of = |row: usize| {
            let mut text = String::new();
            for piece in &template.pieces {
                match piece {
                    Piece::Text(name) => text.push_str(cx.text_of(*name)),
                    Piece::Placeholder(Placeholder::Name) => text.push_str(fleet.member(row)),
                    Piece::Placeholder(Placeholder::Attribute(name)) => {
                        text.push_str(fleet.column(*name).map_or("", |column| column.value(row)));
                    }
                    Piece::Placeholder(_) => {}
                }
            }
            text
        };
        match (placeholders.next(), placeholders.next()) {
            (None, _) => Self {
                texts: vec![text_of(0)],
                rows: vec![0; fleet.len()],
            },
            (Some(Placeholder::Attribute(name)), None) if fleet.column(name).is_some() => {
                let column = fleet.column(name);
                let rows = column.map_or_else(Vec::new, |column| column.rows.clone());
                let mut first: Vec<Option<usize>> =
                    vec![None; column.map_or(0, |column| column.values.len())];
                for (row, value) in rows.iter().enumerate() {
                    if let Some(first) = first.get_mut(*value as usize) {
                        first.get_or_insert(row);
                    }
                }
                let texts = first
                    .into_iter()
                    .map(|row| row.map(text_of).unwrap_or_default())
                    .collect();
                Self { texts, rows }
            }
            (Some(_), _) => {
                let mut known: BTreeMap<String, u32> = BTreeMap::new();
                let mut spelled = Self {
                    texts: Vec::new(),
                    rows: Vec::with_capacity(fleet.len()),
                };
                for row in 0..fleet.len() {
                    let text = text_of(row);
                    let next = known.len() as u32;
                    let slot = *known.entry(text.clone()).or_insert(next);
                    if slot == next {
                        spelled.texts.push(text);
                    }
                    spelled.rows.push(slot);
                }
                spelled
            }
        }
    }
}

/// The address of each row, and what is wrong with some.
fn of_rows(
    cx: &Cx<'_, '_>,
    class: ThingId,
    (segments, placed): (&[ClassSegment], &Template),
    written: Template,
) -> (Option<RowAddresses>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let fleet = cx
        .fleets
        .get(&class)
        .and_then(|fleet| cx.model.fleets.get(*fleet));
    // A class without a readable fleet was reported.
    let Some(fleet) = fleet else {
        return (None, problems);
    };
    let span = written.span;
    let by_name: BTreeMap<&str, SegmentId> = segments
        .iter()
        .filter_map(|placed| {
            let segment = cx.model.segments.get(placed.segment)?;
            Some((cx.text_of(segment.name), placed.segment))
        })
        .collect();
    let at = Spelled::of(cx, fleet, &written);
    let homes = Spelled::of(cx, fleet, placed);
    let blocks: Vec<Result<Block, NoBlock>> = at.texts.iter().map(|text| read(text)).collect();
    let homes_of: Vec<Option<SegmentId>> = homes
        .texts
        .iter()
        .map(|text| by_name.get(text.as_str()).copied())
        .collect();
    // Per value, whether it was looked at; per value and segment, the first device by name that cannot have it.
    let mut seen: Vec<Option<u32>> = vec![None; at.texts.len()];
    let mut refused = Refused {
        fleet,
        rows: BTreeMap::new(),
    };
    let mut found = RowAddresses {
        written,
        values: Vec::new(),
        rows: Vec::with_capacity(fleet.len()),
        span,
    };
    let mut slots: BTreeMap<Block, u32> = BTreeMap::new();
    for row in 0..fleet.len() {
        let slot = at.rows.get(row).copied().unwrap_or(0);
        let block = match blocks.get(slot as usize) {
            Some(Ok(block)) => *block,
            Some(Err(_)) => {
                refused.note((slot, None), row);
                found.rows.push(0);
                continue;
            }
            None => continue,
        };
        let own = match seen.get(slot as usize).copied().flatten() {
            Some(own) => own,
            None => {
                let next = found.values.len() as u32;
                let own = *slots.entry(block).or_insert(next);
                if own == next {
                    found.values.push(block);
                }
                if let Some(seen) = seen.get_mut(slot as usize) {
                    *seen = Some(own);
                }
                own
            }
        };
        found.rows.push(own);
        let home = homes.rows.get(row).copied().unwrap_or(0);
        // A row without a segment was reported.
        let Some(segment) = homes_of.get(home as usize).copied().flatten() else {
            continue;
        };
        if escaping(cx, "", block, segment, span).is_some() {
            refused.note((slot, Some(segment)), row);
        }
    }
    let text = |slot: u32| at.texts.get(slot as usize).map_or("", String::as_str);
    let mut all: Vec<_> = refused.rows.into_iter().collect();
    all.sort_by_key(|((slot, segment), _)| (text(*slot), *segment));
    for ((slot, segment), row) in all.iter().take(PROBLEMS_MAX) {
        let member = fleet.member(*row);
        problems.extend(match (blocks.get(*slot as usize), segment) {
            (Some(Err(why)), _) => Some(unreadable(member, text(*slot), why, span)),
            (Some(Ok(block)), Some(segment)) => escaping(cx, member, *block, *segment, span)
                .map(|problem| problem.label(fleet.span, "its inventory")),
            (Some(Ok(_)) | None, _) => None,
        });
    }
    if all.len() > PROBLEMS_MAX {
        let message = format!(
            "{} more values of `at` are no address of their segment",
            all.len() - PROBLEMS_MAX
        );
        problems.push(Diagnostic::new(&ESCAPING_CIDR, span, message));
    }
    (Some(found), problems)
}

/// What is refused of an inventory, by value and segment, with the first device by name that has it.
struct Refused<'m> {
    fleet: &'m Fleet,
    rows: BTreeMap<(u32, Option<SegmentId>), usize>,
}

impl Refused<'_> {
    fn note(&mut self, key: (u32, Option<SegmentId>), row: usize) {
        let fleet = self.fleet;
        let known = self.rows.entry(key).or_insert(row);
        if fleet.member(row) < fleet.member(*known) {
            *known = row;
        }
    }
}

fn read(text: &str) -> Result<Block, NoBlock> {
    match address::single(text) {
        Some(single) => Ok(single),
        None => address::block(text),
    }
}

fn unreadable(member: &str, text: &str, why: &NoBlock, span: Span) -> Diagnostic {
    let (message, help) = match why {
        NoBlock::HostBits(meant) => (
            format!("the address of `{member}` is `{text}`: bits behind its prefix are set"),
            format!("did you mean `{meant}`?"),
        ),
        NoBlock::Malformed if text.is_empty() => (
            format!("`{member}` has no address"),
            "every row has one, if the class says `at`; rows may share a block".to_owned(),
        ),
        NoBlock::Malformed => (
            format!("the address of `{member}` is `{text}`, which is no address and no block"),
            "write `192.168.10.32`, or `192.168.10.32/28`".to_owned(),
        ),
    };
    Diagnostic::new(&WRONG_TYPE, span, message).help(help)
}
