//! Topics that the broker does not take: too many slashes, too many bytes.
//!
//! A topic has letters where members differ; what stands there is read in the inventories, row by row only where the longest
//! values together would be too long. Of Basic Ingest the three levels that lead to the rule do not count.
//!
//! Source: <https://docs.aws.amazon.com/general/latest/gr/iot-core.html>, "AWS IoT Core message broker and protocol limits and
//! quotas", and the SDK's `AwsIotCoreDefaults` ("maximum of 7 slashes, not counting any AWS rules prefix", "Topics must be <= 256
//! bytes"), read 2026-11-30.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use catalogue::limits::Limits;
use diagnostics::{Diagnostic, Report};
use graph::access::{Access, Principal, Resource};
use model::fleet::{Column, Fleet};
use model::thing::{Detail, ThingId};
use pattern::pattern::{Part, Pattern};
use source::Span;

use crate::context::Context;
use crate::fault::{TOPIC_TOO_DEEP, TOPIC_TOO_LONG};

const SLASHES: &str = "iot.topic.slashes";
const BYTES: &str = "iot.topic.bytes";
/// `#` in a filter, or at least one letter in a topic.
const WILDCARD_BYTES: usize = 1;

/// Keys of a reached member's letters start so.
const REACHED: &str = "of:";

/// What is said of one topic or filter.
struct Path<'a> {
    text: Vec<&'a str>,
    wildcards: usize,
    /// Keys of letters, each as often as it stands.
    letters: Vec<&'a str>,
}

/// Where a path was said.
struct Said<'a> {
    what: String,
    span: Span,
    help: &'static str,
    path: Path<'a>,
    /// Whose rows the acting member's letters and the reached member's letters are of.
    acting: Option<ThingId>,
    reached: Option<ThingId>,
}

/// Refuses topics that the broker would refuse: as they are declared, and as trusts narrow them.
pub(crate) fn check(cx: &Context<'_>, report: &mut Report) {
    let mut refused: BTreeSet<ThingId> = BTreeSet::new();
    for (id, pattern) in &cx.graph.addresses.things {
        let (Some(path), Some(thing)) = (path(cx, pattern), cx.thing(*id)) else {
            continue;
        };
        let said = Said {
            what: format!("the path of `{}`", cx.text(thing.name)),
            span: thing.span,
            help: "leave out a level that every path has",
            path,
            acting: thing.family,
            reached: thing.family,
        };
        if is_refused(cx, &said, report) {
            refused.insert(*id);
        }
    }
    // One diagnostic for a line and a path, whoever it is for.
    let mut known: BTreeMap<(Span, &Pattern), ()> = BTreeMap::new();
    for (index, access) in cx.graph.accesses.iter().enumerate() {
        let Resource::Thing(thing) = access.resource else {
            continue;
        };
        let Some(pattern) = cx.graph.patterns.get(access.within) else {
            continue;
        };
        if refused.contains(&thing) || cx.graph.addresses.things.get(&thing) == Some(pattern) {
            continue;
        }
        let Some(path) = path(cx, pattern) else { continue };
        let because = cx.because_all(cx.reasons_of(index));
        let Some(span) = because.first().map(|cause| cause.span) else {
            continue;
        };
        if known.insert((span, pattern), ()).is_some() {
            continue;
        }
        let said = Said {
            what: format!("what this trust reaches of `{}`", cx.name_of(thing)),
            span,
            help: "narrow it to something shorter, or leave out a level that every path has",
            path,
            acting: acting(access),
            reached: cx.thing(thing).and_then(|thing| thing.family),
        };
        is_refused(cx, &said, report);
    }
}

fn acting(access: &Access) -> Option<ThingId> {
    match access.principal {
        Principal::Class(class) => Some(class),
        Principal::Workload(_)
        | Principal::People(_)
        | Principal::Acting(_)
        | Principal::External(_)
        | Principal::Service(_)
        | Principal::Federation(..)
        | Principal::Steward(_)
        | Principal::Anyone => None,
    }
}

/// The path behind the address of a topic; `None` for everything else.
fn path<'a>(cx: &Context<'a>, pattern: &'a Pattern) -> Option<Path<'a>> {
    let mut path = Path {
        text: Vec::new(),
        wildcards: 0,
        letters: Vec::new(),
    };
    for (position, part) in pattern.parts().enumerate() {
        match part {
            Part::Text(text) if position == 0 => path.text.push(behind_the_address(text)?),
            _ if position == 0 => return None,
            Part::Text(text) => path.text.push(text),
            Part::Any | Part::One => path.wildcards += 1,
            Part::Variable(id) => path
                .letters
                .push(cx.graph.addresses.variables.text(Name::new(id))),
            Part::Symbol(_) => {}
        }
    }
    Some(path)
}

fn behind_the_address(text: &str) -> Option<&str> {
    let mut fields = text.splitn(6, ':');
    let service = fields.nth(2)?;
    let rest = fields.nth(2)?;
    let path = rest
        .strip_prefix("topic/")
        .or_else(|| rest.strip_prefix("topicfilter/"))?;
    if service != "iot" {
        return None;
    }
    let rule = path.strip_prefix("$aws/rules/");
    Some(rule.map_or(path, |rule| rule.split_once('/').map_or("", |(_, path)| path)))
}

fn is_refused(cx: &Context<'_>, said: &Said<'_>, report: &mut Report) -> bool {
    let (Some(slashes_max), Some(bytes_max)) =
        (Limits::embedded().get(SLASHES), Limits::embedded().get(BYTES))
    else {
        report.compiler_bug("the limits of topics are missing");
        return true;
    };
    let slashes: usize = said.path.text.iter().map(|text| text.matches('/').count()).sum();
    if slashes as u64 > slashes_max.value {
        let message = format!("{} has {slashes} slashes", said.what);
        report.push(
            Diagnostic::new(&TOPIC_TOO_DEEP, said.span, message)
                .note(format!("the broker takes {}", slashes_max.value))
                .help(said.help),
        );
        return true;
    }
    let text: usize = said.path.text.iter().map(|text| text.len()).sum();
    let fixed = text + said.path.wildcards * WILDCARD_BYTES;
    let (letters, shown) = longest(cx, said, bytes_max.value.saturating_sub(fixed as u64) as usize);
    if (fixed + letters) as u64 <= bytes_max.value {
        return false;
    }
    let message = format!("{} may have {} bytes", said.what, fixed + letters);
    report.push(
        Diagnostic::new(&TOPIC_TOO_LONG, said.span, message)
            .note(format!(
                "{fixed} as it stands{shown}; the broker takes {} ({}, {})",
                bytes_max.value, bytes_max.source, bytes_max.date
            ))
            .help("say it shorter: the path, the names of devices or the values of the inventory"),
    );
    true
}

/// How many bytes the letters of a path are at most, with the members for whom they are; no more is looked at than there is room.
fn longest(cx: &Context<'_>, said: &Said<'_>, room: usize) -> (usize, String) {
    let fleet = |class: Option<ThingId>| match &cx.thing(class?)?.detail {
        Detail::Class(class) => cx.model.fleets.get(class.fleet?),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    };
    let keys = said.path.letters.iter().copied();
    let (reached, own): (Vec<&str>, Vec<&str>) = keys.partition(|key| key.starts_with(REACHED));
    // A person's attribute is in no inventory.
    let groups = [(own, said.acting), (reached, said.reached)].map(|(keys, class)| {
        let fleet = fleet(class).filter(|_| !keys.is_empty())?;
        let letters: Vec<Letter<'_>> = keys.iter().filter_map(|key| letter(cx, fleet, key)).collect();
        Some((fleet, letters))
    });
    let groups: Vec<(&Fleet, Vec<Letter<'_>>)> = groups.into_iter().flatten().collect();
    let at_most = groups
        .iter()
        .flat_map(|(_, letters)| letters)
        .map(Letter::bytes_max);
    let at_most: usize = at_most.sum();
    if at_most <= room {
        return (at_most, String::new());
    }
    let mut bytes = 0;
    let mut shown = String::new();
    for (fleet, letters) in groups {
        let of = |row: usize| letters.iter().map(|letter| letter.bytes(row)).sum::<usize>();
        // The first by name of the longest.
        let row = (0..fleet.len()).max_by_key(|row| (of(*row), std::cmp::Reverse(fleet.member(*row))));
        let row = row.unwrap_or(0);
        bytes += of(row);
        shown.push_str(&format!(" and {} for `{}`", of(row), fleet.member(row)));
    }
    (bytes, shown)
}

/// What stands where members differ.
enum Letter<'a> {
    Name(&'a Fleet),
    Value(&'a Column),
}

fn letter<'a>(cx: &Context<'_>, fleet: &'a Fleet, key: &str) -> Option<Letter<'a>> {
    let key = key.strip_prefix(REACHED).unwrap_or(key);
    match key.strip_prefix("attr:") {
        None => Some(Letter::Name(fleet)),
        Some(attribute) => fleet.column(cx.model.names.find(attribute)?).map(Letter::Value),
    }
}

impl Letter<'_> {
    fn bytes(&self, row: usize) -> usize {
        match self {
            Letter::Name(fleet) => fleet.member(row).len(),
            Letter::Value(column) => column.value(row).len(),
        }
    }

    fn bytes_max(&self) -> usize {
        let longest = match self {
            Letter::Name(fleet) => (0..fleet.len()).map(|row| fleet.member(row).len()).max(),
            Letter::Value(column) => column.values.iter().map(|value| value.len()).max(),
        };
        longest.unwrap_or(0)
    }
}
