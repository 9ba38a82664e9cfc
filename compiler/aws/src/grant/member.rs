//! Members of a family that others reach: their letters become what stands in the inventory.

use std::collections::BTreeSet;

use arena::Name;
use graph::access::{Access, Pairs, Principal, Resource};
use graph::lonely::{Lonely, lonely};
use model::fleet::{Column, Fleet};
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use pattern::word::{Letter, Word};

use super::Refused;
use crate::context::Context;

/// A reached member's letters have keys that start so: `of:name`, `of:attr:line`.
const REACHED: &str = "of:";

/// More names than any document holds: the largest quota of a document is tens of thousands of characters.
const MEMBERS_MAX: usize = 20_000;

/// The patterns of one document: as it stands, or one for each member that is reached, sorted.
pub(super) fn patterns(
    cx: &Context<'_>,
    access: &Access,
    pattern: &Pattern,
) -> Result<Vec<Pattern>, Refused> {
    let reached = reached(cx, pattern);
    match cx.graph.pairs.get(access.pairs) {
        // Who meets whom counts also where the name does not tell the members apart.
        Some(Pairs::Equal(attributes)) => equal(cx, access, pattern, &reached, attributes),
        _ if reached.is_empty() => Ok(vec![pattern.clone()]),
        Some(Pairs::All) => every_member(cx, access, pattern, &reached),
        Some(Pairs::Own | Pairs::Others) | None => Err(inexpressible(
            cx,
            access,
            "a policy cannot tell the others of a class from the one that acts",
        )),
    }
}

fn inexpressible(cx: &Context<'_>, access: &Access, why: &str) -> Refused {
    let help = "name the members apart, or let them share an attribute";
    refused(cx, access, why.to_owned(), help.to_owned())
}

fn refused(cx: &Context<'_>, access: &Access, why: String, help: String) -> Refused {
    let what = match access.resource {
        Resource::Thing(thing) | Resource::Identity(thing) => format!("`{}`", cx.name_of(thing)),
        Resource::Part(_) | Resource::Unscoped => "this".to_owned(),
    };
    Refused::Inexpressible { what, why, help }
}

/// The letters of reached members, each once, with their keys.
fn reached<'a>(cx: &Context<'a>, pattern: &Pattern) -> Vec<(u32, &'a str)> {
    let mut reached: Vec<(u32, &str)> = pattern
        .unknowns()
        .filter_map(|letter| match letter {
            Letter::Variable(id) => {
                let key = cx.graph.addresses.variables.text(Name::new(id));
                Some((id, key.strip_prefix(REACHED)?))
            }
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })
        .collect();
    reached.sort_unstable();
    reached.dedup();
    reached
}

/// Where a letter's values stand.
enum Source<'a> {
    Name(&'a Fleet),
    Column(&'a Column),
}

impl<'a> Source<'a> {
    fn value(&self, row: usize) -> &'a str {
        match self {
            Source::Name(fleet) => fleet.member(row),
            Source::Column(column) => column.value(row),
        }
    }
}

fn every_member(
    cx: &Context<'_>,
    access: &Access,
    pattern: &Pattern,
    reached: &[(u32, &str)],
) -> Result<Vec<Pattern>, Refused> {
    let fleet = fleet(cx, access).ok_or(Refused::Contradiction("a family without an inventory"))?;
    let mut sources = Vec::with_capacity(reached.len());
    for (id, key) in reached {
        let source = match key.strip_prefix("attr:") {
            None => Source::Name(fleet),
            Some(attribute) => {
                let column = cx.model.names.find(attribute).and_then(|name| fleet.column(name));
                Source::Column(column.ok_or(Refused::Contradiction("an attribute that the inventory lacks"))?)
            }
        };
        sources.push((*id, source));
    }
    let mut seen: BTreeSet<Vec<&str>> = BTreeSet::new();
    for row in 0..fleet.len() {
        seen.insert(sources.iter().map(|(_, source)| source.value(row)).collect());
        if seen.len() > MEMBERS_MAX {
            return Err(inexpressible(
                cx,
                access,
                "no document holds the names of so many members",
            ));
        }
    }
    let mut patterns: Vec<Pattern> = seen
        .into_iter()
        .map(|values| {
            pattern.map_letters(&mut |letter| {
                let at = sources
                    .iter()
                    .position(|(id, _)| Letter::Variable(*id) == letter)?;
                Pattern::literal(values.get(at)?)
            })
        })
        .collect();
    patterns.sort();
    patterns.dedup();
    Ok(patterns)
}

/// The inventory of the class of what is reached.
fn fleet<'a>(cx: &Context<'a>, access: &Access) -> Option<&'a Fleet> {
    let Resource::Thing(thing) = access.resource else {
        return None;
    };
    let declared = cx.thing(thing)?;
    let class: ThingId = match &declared.detail {
        Detail::Class(_) => thing,
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => declared.family?,
    };
    match &cx.thing(class)?.detail {
        Detail::Class(class) => cx.model.fleets.get(class.fleet?),
        Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
    }
}

/// What must be equal is the acting member's own; nothing else of the reached member's may stand in the name, and each acting
/// member needs a partner: else its policy would name what is nobody's.
fn equal(
    cx: &Context<'_>,
    access: &Access,
    pattern: &Pattern,
    reached: &[(u32, &str)],
    attributes: &[graph::Word],
) -> Result<Vec<Pattern>, Refused> {
    if !matches!(access.principal, Principal::Class(_)) {
        let why = "no inventory says which values an identity provider gives to people, so that a policy would name what is nobody's";
        let help = "declare the topic once, without `of=` and with a path that ends in `/#`, and narrow by `under \"{ATTRIBUTE}/\"`, which is the person's own";
        return Err(refused(cx, access, why.to_owned(), help.to_owned()));
    }
    let (mut own, mut written) = (Vec::with_capacity(reached.len()), Vec::new());
    for (id, key) in reached {
        let attribute = key.strip_prefix("attr:");
        let equal =
            attribute.and_then(|attribute| attributes.iter().find(|name| cx.word(**name) == attribute));
        written.extend(equal);
        let letter = cx.variables.find(key).filter(|_| equal.is_some());
        let Some(letter) = letter else {
            return Err(inexpressible(
                cx,
                access,
                "`same` leaves a part of the name free, which no policy can say",
            ));
        };
        own.push((*id, u32::try_from(letter.index()).unwrap_or(u32::MAX)));
    }
    if let Some(lonely) = lonely(cx.model, cx.graph, access, attributes, &written) {
        return Err(without_partner(cx, access, lonely, &written));
    }
    Ok(vec![pattern.map_letters(&mut |letter| {
        let (_, own) = own.iter().find(|(id, _)| Letter::Variable(*id) == letter)?;
        Word::of([Letter::Variable(*own)]).map(|word| Pattern::exactly(&word))
    })])
}

fn without_partner(
    cx: &Context<'_>,
    access: &Access,
    lonely: Lonely<'_>,
    written: &[graph::Word],
) -> Refused {
    let (member, class) = (lonely.member, cx.name_of(lonely.class));
    let why =
        format!("no member of `{class}` equals `{member}`, whose policy would still name what is nobody's");
    let row = format!("add a member to `{class}` that equals `{member}`");
    let help = match written.first() {
        Some(attribute) => format!("{row}, or leave its `{}` empty", cx.word(*attribute)),
        None => format!("{row}, or let the name of the object hold the attribute"),
    };
    refused(cx, access, why, help)
}
