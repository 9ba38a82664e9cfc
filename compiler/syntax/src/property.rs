//! Properties that a node gives twice.

use std::borrow::Cow;
use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Severity};

use crate::document::{EntryData, NONE};
use crate::fault::{Faults, clip};
use crate::string;
use crate::token::Token;

pub(crate) static DUPLICATE_PROPERTY: Code = Code {
    name: "duplicate-property",
    severity: Severity::Error,
    summary: "a node gives a property twice",
    docs: include_str!("pages/duplicate_property.md"),
};

/// Up to here, comparing each with each is cheaper than a map.
const FEW: usize = 8;

/// Reports every property that an earlier one of the same node has the name of. KDL would let the last one win.
pub(crate) fn check(text: &str, tokens: &[Token], entries: &[EntryData], faults: &mut Faults<'_>) {
    let is_property = |entry: &&EntryData| entry.name != NONE && !entry.is_commented;
    let count = entries.iter().filter(is_property).count();
    if count < 2 {
        return;
    }
    let named = entries.iter().filter(is_property).filter_map(|entry| {
        let token = tokens.get(entry.name as usize)?;
        Some((
            string::value(token.kind, text.get(token.start as usize..token.end as usize)?),
            token,
        ))
    });
    if count <= FEW {
        for (index, (name, token)) in named.clone().enumerate() {
            if let Some((_, first)) = named.clone().take(index).find(|(earlier, _)| *earlier == name) {
                report(&name, first, token, faults);
            }
        }
        return;
    }
    let mut seen: BTreeMap<Cow<'_, str>, &Token> = BTreeMap::new();
    for (name, token) in named {
        match seen.get(&name) {
            Some(first) => report(&name, first, token, faults),
            None => {
                seen.insert(name, token);
            }
        }
    }
}

fn report(name: &str, first: &Token, again: &Token, faults: &mut Faults<'_>) {
    let first = faults.span(first.start as usize, first.end as usize);
    faults.trap(faults.span(again.start as usize, again.end as usize), |span| {
        Diagnostic::new(
            &DUPLICATE_PROPERTY,
            span,
            format!("the property `{}` is given twice", clip(name)),
        )
        .label(first, "first given here")
        .help("keep one of them; several values are several arguments of a child node")
    });
}
