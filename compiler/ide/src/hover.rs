//! What stands at a place, in a few lines of Markdown.

use model::Model;
use model::kind::Kind;
use model::thing::{Detail, Thing};
use model::trust::End;
use resolve::heard::Takes;
use source::{FileId, Span};

use crate::gives;
use crate::names::Symbol;
use crate::question::Reach;
use crate::snapshot::{Snapshot, View};
use crate::tree::{self, Slot};
use crate::who;

/// So many subjects are listed.
const SUBJECTS_MAX: usize = 12;

/// What is told of a place, and of how much of the text.
#[must_use]
pub fn hover(
    snapshot: &Snapshot,
    reaches: &[Reach<'_>],
    file: FileId,
    offset: u32,
) -> Option<(Span, String)> {
    let cursor = tree::cursor(snapshot.document(file)?, offset);
    let line = cursor.line()?;
    let at = cursor.at.unwrap_or_else(|| line.head_span());
    let is_trust = matches!(&*line.name(), "trust" | "apply");
    let text = snapshot.text(at);
    if is_trust && (cursor.slot == Slot::Word || cursor.slot == Slot::Gap || text == "->") {
        return Some((at, of_trust(snapshot, line.head_span())?));
    }
    let told = place(snapshot, at).or_else(|| {
        let symbol = snapshot.symbol(file, offset)?;
        of_symbol(snapshot, reaches, symbol)
    });
    let told = told.or_else(|| {
        (cursor.slot == Slot::Word)
            .then(|| of_word(snapshot, text))
            .flatten()
    });
    Some((at, told?))
}

/// What the resolver takes a place for, where that says more than a name.
fn place(snapshot: &Snapshot, at: Span) -> Option<String> {
    for view in &snapshot.views {
        let here = view.heard.places.iter().filter(|place| place.at == at);
        for place in here {
            let text = snapshot.text(at).trim_matches('"');
            let told = match place.takes {
                Takes::Capability => of_capability(view, text),
                Takes::Action => of_action(text),
                Takes::Kind => of_word(snapshot, text),
                Takes::Date => of_date(snapshot, text),
                Takes::Name(_)
                | Takes::End
                | Takes::Selector
                | Takes::Words(_)
                | Takes::Region
                | Takes::LibraryFile
                | Takes::File
                | Takes::Flag
                | Takes::Duration => None,
            };
            if told.is_some() {
                return told;
            }
        }
    }
    None
}

fn of_action(action: &str) -> Option<String> {
    let level = gives::level(action)?;
    Some(format!("`{action}`: {level}"))
}

fn of_date(snapshot: &Snapshot, text: &str) -> Option<String> {
    let date = model::value::Date::parse(text)?;
    Some(match date.0 - snapshot.today.0 {
        0 => "ends today".to_owned(),
        1 => "ends tomorrow".to_owned(),
        left if left > 0 => format!("ends in {left} days"),
        -1 => "ended yesterday".to_owned(),
        left => format!("ended {} days ago", -left),
    })
}

/// The actions of a capability, in each kind that has it.
fn of_capability(view: &View, text: &str) -> Option<String> {
    let model = &view.analysis.model;
    let mut lines = Vec::new();
    for (_, kind) in model.kinds.iter() {
        let own = kind.words.capabilities.iter();
        for capability in own.filter(|capability| model.names.text(capability.name) == text) {
            let is_used = model.things.iter().any(|(_, thing)| {
                model
                    .kinds
                    .get(thing.kind)
                    .is_some_and(|one| one.name == kind.name)
            });
            let has_parts = model.parts.iter().any(|(_, part)| {
                model
                    .kinds
                    .get(part.kind)
                    .is_some_and(|one| one.name == kind.name)
            });
            if !is_used && !has_parts {
                continue;
            }
            lines.push(format!("`{text}` of a `{}`", model.names.text(kind.name)));
            for action in capability.actions.iter().flat_map(|line| &line.actions) {
                let action = model.names.text(*action);
                let level = gives::level(action).map(|level| format!(": {level}"));
                lines.push(format!("- `{action}`{}", level.unwrap_or_default()));
            }
            for via in &capability.via {
                lines.push(format!(
                    "- and `{}` of its `{}`",
                    model.names.text(via.capability),
                    model.names.text(via.kind)
                ));
            }
            if capability.connects {
                lines.push("- opens connections to its ports".to_owned());
            }
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn of_trust(snapshot: &Snapshot, head: Span) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for view in &snapshot.views {
        let lines = gives::listed(view, head);
        if lines.is_empty() {
            continue;
        }
        let of = view.environment.as_ref().filter(|_| snapshot.views.len() > 1);
        let title = of.map_or_else(|| "gives".to_owned(), |name| format!("gives, in `{name}`"));
        let text = format!(
            "{title}\n{}",
            lines
                .iter()
                .map(|line| format!("- {line}"))
                .collect::<Vec<_>>()
                .join("\n")
        );
        if !told.contains(&text) {
            told.push(text);
        }
    }
    (!told.is_empty()).then(|| told.join("\n\n"))
}

/// What a kind is, by its word.
fn of_word(snapshot: &Snapshot, word: &str) -> Option<String> {
    snapshot.views.iter().find_map(|view| {
        let model = &view.analysis.model;
        let found = model
            .kinds
            .iter()
            .find(|(_, kind)| model.names.text(kind.name) == word);
        found.map(|(_, kind)| of_kind(model, kind))
    })
}

fn of_kind(model: &Model, kind: &Kind) -> String {
    let mut lines = vec![format!("kind `{}`", model.names.text(kind.name))];
    let capabilities: Vec<String> = kind
        .words
        .capabilities
        .iter()
        .map(|capability| format!("`{}`", model.names.text(capability.name)))
        .collect();
    if !capabilities.is_empty() {
        lines.push(format!("- may be done to it: {}", capabilities.join(", ")));
    }
    let facts: Vec<String> = kind
        .words
        .properties
        .iter()
        .map(|property| {
            let word = model.names.text(property.name);
            if property.required {
                format!("`{word}` (needed)")
            } else {
                format!("`{word}`")
            }
        })
        .collect();
    if !facts.is_empty() {
        lines.push(format!("- its facts: {}", facts.join(", ")));
    }
    lines.join("\n")
}

fn of_symbol(snapshot: &Snapshot, reaches: &[Reach<'_>], symbol: Symbol) -> Option<String> {
    let document = snapshot.document(symbol.at.file)?;
    let lines = tree::cursor(document, symbol.at.start).lines;
    let word = lines.last()?.name().into_owned();
    let name = snapshot.name(symbol);
    let mut told = vec![format!(
        "{word} `{name}`, {}",
        snapshot.spec.sources.place(symbol.at)
    )];
    let thing = snapshot
        .views
        .iter()
        .find_map(|view| match who::end_at(view, snapshot, symbol.at)? {
            End::Thing(id) => Some((view, view.analysis.model.things.get(id)?)),
            End::Part(_) | End::Account(_) | End::Internet => None,
        });
    if let Some((view, thing)) = thing {
        told.extend(of_thing(&view.analysis.model, thing));
    }
    let subjects = who::subjects(snapshot, reaches, symbol.at);
    if !subjects.is_empty() {
        told.push("- reached by:".to_owned());
        for one in subjects.iter().take(SUBJECTS_MAX) {
            told.push(format!("  - `{}`: {}", one.name, one.may.join(", ")));
        }
        if subjects.len() > SUBJECTS_MAX {
            told.push(format!("  - and {} more", subjects.len() - SUBJECTS_MAX));
        }
    }
    let reached = who::reached(snapshot, reaches, symbol.at);
    if !reached.is_empty() {
        told.push("- reaches:".to_owned());
        for one in reached.iter().take(SUBJECTS_MAX) {
            told.push(format!("  - `{}`: {}", one.name, one.may.join(", ")));
        }
        if reached.len() > SUBJECTS_MAX {
            told.push(format!("  - and {} more", reached.len() - SUBJECTS_MAX));
        }
    }
    Some(told.join("\n"))
}

fn of_thing(model: &Model, thing: &Thing) -> Vec<String> {
    let text = |name| model.names.text(name);
    let mut told = Vec::new();
    if let Some(account) = thing.account.and_then(|id| model.accounts.get(id)) {
        told.push(format!(
            "- account `{}`, {}",
            text(account.name),
            text(account.region)
        ));
    }
    if let Some(owner) = thing.owner.and_then(|id| model.teams.get(id)) {
        told.push(format!("- owner `{}`", text(owner.name)));
    }
    if text(thing.called()) != text(thing.name) {
        told.push(format!("- called `{}` in the cloud", text(thing.called())));
    }
    if let Detail::Class(class) = &thing.detail
        && let Some(fleet) = class.fleet.and_then(|id| model.fleets.get(id))
    {
        told.push(format!("- members: {}", fleet.len()));
    }
    told
}
