//! Where a kind's actions may reach: inside the kind's own addresses, or another kind's that it names.
//!
//! Addresses are compared as patterns. Of the kind's own, each placeholder is a letter that equals only itself, so that
//! `role/*` is not inside `role/{physical}`; what an address continues with, behind `/` or `:`, is inside. Of a kind that
//! an action `reaches`, a placeholder may be anything.

use std::collections::BTreeMap;

use arena::Name;
use catalogue::Catalogue;
use catalogue::action::{Level, Scope};
use catalogue::iot::{self, IotResource};
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::{ActionUse, Kind};
use model::template::{Piece, Placeholder, Template};
use pattern::pattern::{Builder, Pattern};
use source::Origin;

use crate::cx::Cx;

pub(crate) static ACTION_OUTSIDE_KIND: Code = Code {
    name: "action-outside-kind",
    severity: Severity::Error,
    summary: "an action of a kind reaches more than the things of that kind",
    docs: include_str!("pages/action_outside_kind.md"),
};

/// What a placeholder stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hole {
    /// A value of its own, equal to itself only.
    Letter,
    /// Whatever it may be.
    Anything,
}

/// Reports one line of a capability that reaches outside.
pub(crate) fn check(cx: &Cx<'_, '_>, kind: &Kind, used: &ActionUse) -> Option<Diagnostic> {
    let mut letters = BTreeMap::new();
    let on = pattern(cx, kind, &used.on, Hole::Letter, &mut letters)?;
    if on.is_everything() {
        return used
            .actions
            .iter()
            .find(|action| !may_name_nothing(cx.text_of(**action)))
            .map(|action| everything(cx, *action, used));
    }
    let own = addresses(cx, kind, Hole::Letter, &mut letters);
    let mut reached = Vec::new();
    for (name, _) in &used.reaches {
        // An undeclared kind was reported where it is named.
        reached.extend(addresses(cx, kind_of(cx, *name)?, Hole::Anything, &mut letters));
    }
    if own.iter().chain(&reached).any(|address| holds(address, &on)) {
        return None;
    }
    Some(outside(cx, kind, used, &on, kind.words.arn.is_none()))
}

/// Whether an address, or one that continues it with `/` or `:`, covers all of a pattern.
fn holds(address: &Pattern, on: &Pattern) -> bool {
    let below = |separator: &str| {
        let mut below = Builder::new();
        below.pattern(address).text(separator).any();
        below.finish()
    };
    address.covers(on)
        || ["/", ":"]
            .iter()
            .filter_map(|separator| below(separator))
            .any(|below| below.covers(on))
}

fn kind_of<'k>(cx: &'k Cx<'_, '_>, name: Name) -> Option<&'k Kind> {
    let id = cx.kinds.get(cx.text_of(name))?;
    cx.model.kinds.get(*id)
}

/// The addresses of a kind's things.
fn addresses(
    cx: &Cx<'_, '_>,
    kind: &Kind,
    hole: Hole,
    letters: &mut BTreeMap<Placeholder, u32>,
) -> Vec<Pattern> {
    let written = kind.words.arn.iter().chain(&kind.words.more_arns);
    let mut found: Vec<Pattern> = written
        .filter_map(|address| pattern(cx, kind, address, hole, letters))
        .collect();
    if !found.is_empty() {
        return found;
    }
    let service = kind.words.service.map_or("", |service| cx.text_of(service));
    // Addresses that the provider makes of a name, or assigns. Source: service authorization reference.
    let assigned = match (hole, cx.text_of(kind.name)) {
        (Hole::Letter, _) => {
            let mut own = Builder::new();
            own.variable(letter(Placeholder::Arn, letters));
            own.finish()
        }
        (Hole::Anything, "workload" | "people" | "external") => Pattern::glob("arn:*:iam::*:role/*"),
        (Hole::Anything, "device") => Pattern::glob("arn:*:iot:*:*:thing/*"),
        (Hole::Anything, _) if service == "kms" => Pattern::glob("arn:*:kms:*:*:key/*"),
        (Hole::Anything, _) => None,
    };
    found.extend(assigned);
    found
}

fn letter(placeholder: Placeholder, letters: &mut BTreeMap<Placeholder, u32>) -> u32 {
    let next = u32::try_from(letters.len()).unwrap_or(u32::MAX);
    *letters.entry(placeholder).or_insert(next)
}

/// A template as a pattern; `None` if it holds what no address may, which is reported where it is filled.
fn pattern(
    cx: &Cx<'_, '_>,
    kind: &Kind,
    template: &Template,
    hole: Hole,
    letters: &mut BTreeMap<Placeholder, u32>,
) -> Option<Pattern> {
    let mut out = Builder::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => {
                out.pattern(&Pattern::glob(cx.text_of(*text))?);
            }
            Piece::Placeholder(Placeholder::Part) => {
                out.any();
            }
            Piece::Placeholder(Placeholder::Arn) => match &kind.words.arn {
                Some(address) => {
                    out.pattern(&pattern(cx, kind, address, hole, letters)?);
                }
                None => {
                    out.variable(letter(Placeholder::Arn, letters));
                }
            },
            Piece::Placeholder(placeholder) => match hole {
                Hole::Letter => {
                    out.variable(letter(*placeholder, letters));
                }
                Hole::Anything => {
                    out.any();
                }
            },
        }
    }
    out.finish()
}

/// Whether an action may stand on `*`: it takes no resource, and lists or reads only.
fn may_name_nothing(action: &str) -> bool {
    match Catalogue::embedded().action(action) {
        Some(known) => {
            known.scope() == Scope::StarOnly
                && known
                    .levels()
                    .all(|level| matches!(level, Level::List | Level::Read))
        }
        None => iot::action(action).is_none_or(|known| {
            let does = known.effects();
            known.resource == IotResource::StarOnly && !does.writes && !does.controls
        }),
    }
}

const WHY: &str = "a trust and a promise name things: what an action reaches beyond them, nobody would see";

fn everything(cx: &Cx<'_, '_>, action: Name, used: &ActionUse) -> Diagnostic {
    let name = cx.text_of(action);
    let takes_one = Catalogue::embedded()
        .action(name)
        .is_none_or(|known| known.scope() != Scope::StarOnly);
    if takes_one {
        let message = format!("`{name}` on `*` reaches every resource");
        return Diagnostic::new(&ACTION_OUTSIDE_KIND, used.span, message)
            .note(WHY)
            .help("name what it is for: `on=\"{arn}\"`");
    }
    let message = format!("`{name}` takes no resource, and does more than list or read");
    Diagnostic::new(&ACTION_OUTSIDE_KIND, used.span, message)
        .note(WHY)
        .help("leave it out: what it changes has no name in a spec")
}

fn outside(cx: &Cx<'_, '_>, kind: &Kind, used: &ActionUse, on: &Pattern, no_address: bool) -> Diagnostic {
    let (of, written) = (cx.text_of(kind.name), shown(cx, &used.on));
    let message = match used.actions.first() {
        Some(action) => format!(
            "`{}` may reach `{written}`, which is not inside the addresses of `{of}`",
            cx.text_of(*action)
        ),
        None => format!("`{written}` is not inside the addresses of `{of}`"),
    };
    let mut diagnostic = Diagnostic::new(&ACTION_OUTSIDE_KIND, used.span, message);
    if let Some(address) = &kind.words.arn {
        diagnostic = diagnostic.label(address.span, "their address");
    }
    let mut letters = BTreeMap::new();
    // The library's own first: they are what a project's kind most likely shares addresses with.
    let library = |wanted: bool| {
        let kinds = cx.model.kinds.iter().map(|(_, other)| other);
        kinds.filter(move |other| (other.origin == Origin::Library) == wanted)
    };
    let other = library(true).chain(library(false)).find(|other| {
        other.name != kind.name
            && !used.reaches.iter().any(|(name, _)| *name == other.name)
            && addresses(cx, other, Hole::Anything, &mut letters)
                .iter()
                .any(|address| holds(address, on))
    });
    let own = if no_address {
        "declare its address: `arn \"…\"`"
    } else {
        "write `on=\"{arn}\"`, or what continues it, `{arn}/…`"
    };
    let help = match other {
        Some(other) => format!(
            "{own}; if it has to reach what is another kind's, say so in its block: `reaches {}`",
            cx.text_of(other.name)
        ),
        None => {
            format!("{own}; if it has to reach what is another kind's, say so in its block: `reaches KIND`")
        }
    };
    diagnostic.note(WHY).help(help)
}

/// A template as it is written.
fn shown(cx: &Cx<'_, '_>, template: &Template) -> String {
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(name) => text.push_str(cx.text_of(*name)),
            Piece::Placeholder(placeholder) => {
                let word = match placeholder {
                    Placeholder::Partition => "partition",
                    Placeholder::Account => "account",
                    Placeholder::Region => "region",
                    Placeholder::Environment => "environment",
                    Placeholder::Physical => "physical",
                    Placeholder::Arn => "arn",
                    Placeholder::Part => "part",
                    Placeholder::Name => "name",
                    Placeholder::Attribute(name)
                    | Placeholder::Property(name)
                    | Placeholder::Measure(name, _)
                    | Placeholder::Sibling(_, name)
                    | Placeholder::Reference(name, _, _) => cx.text_of(*name),
                };
                text.push('{');
                text.push_str(word);
                text.push('}');
            }
        }
    }
    text
}
