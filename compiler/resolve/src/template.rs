//! Text with placeholders in braces.

use diagnostics::{Code, Diagnostic, Severity};
use model::template::{Piece, Placeholder, Template};
use model::thing::ThingId;
use source::Span;

use crate::cx::Cx;

pub(crate) static UNKNOWN_PLACEHOLDER: Code = Code {
    name: "unknown-placeholder",
    severity: Severity::Error,
    summary: "a text has braces around something that its place does not know",
    docs: include_str!("pages/unknown_placeholder.md"),
};

/// What a pair of braces becomes.
#[derive(Debug)]
pub(crate) enum Filled {
    Placeholder(Placeholder),
    Text(String),
    /// Unknown: this is what may stand there.
    Unknown(Vec<String>),
}

/// Reads a text; `fill` says what stands for the words between braces.
pub(crate) fn read(
    cx: &mut Cx<'_, '_>,
    text: &str,
    span: Span,
    mut fill: impl FnMut(&mut Cx<'_, '_>, &str) -> Filled,
) -> Template {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        plain.push_str(before);
        if before.ends_with('$') && brace.starts_with('{') {
            let message = "a `$` stands before a placeholder";
            let word = brace.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let word = word.map_or("name", |(word, _)| word);
            cx.push(
                Diagnostic::new(&UNKNOWN_PLACEHOLDER, span, message)
                    .note("it would be a part of the text")
                    .help(format!("write `{{{word}}}` without it")),
            );
        }
        let inner = brace.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let Some((word, after)) = inner.filter(|(word, _)| !word.contains('{')) else {
            let message = "a brace stands alone in a text with placeholders";
            cx.push(
                Diagnostic::new(&UNKNOWN_PLACEHOLDER, span, message)
                    .help("braces stand around a placeholder only"),
            );
            rest = brace.get(1..).unwrap_or_default();
            continue;
        };
        match fill(cx, word) {
            Filled::Text(text) => plain.push_str(&text),
            Filled::Placeholder(placeholder) => {
                if !plain.is_empty() {
                    let text = cx.intern(&plain);
                    pieces.push(Piece::Text(text));
                    plain.clear();
                }
                pieces.push(Piece::Placeholder(placeholder));
            }
            Filled::Unknown(known) => unknown(cx, word, span, &known),
        }
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        let text = cx.intern(&plain);
        pieces.push(Piece::Text(text));
    }
    Template { pieces, span }
}

fn unknown(cx: &mut Cx<'_, '_>, word: &str, span: Span, known: &[String]) {
    let is_address = word == "arn" && known.iter().any(|word| word == "partition");
    let mut diagnostic = Diagnostic::new(
        &UNKNOWN_PLACEHOLDER,
        span,
        format!("`{{{word}}}` is no placeholder of this text"),
    );
    diagnostic = match cx.near.find(word, known.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{{{near}}}`?")),
        None if matches!(word, "device" | "thing" | "member") && known.iter().any(|known| known == "name") => {
            diagnostic.help("did you mean `{name}`?")
        }
        None if matches!(word, "resource" | "id" | "resource-name") && known.iter().any(|known| known == "physical") => {
            diagnostic.help("did you mean `{physical}`?")
        }
        None if is_address => diagnostic.help(
            "add a line to the kind, `arn \"arn:{partition}:SERVICE:{region}:{account}:…{physical}\"`: it is what `{arn}` stands for",
        ),
        None if known.iter().all(|known| matches!(&**known, "name" | "environment")) && !known.is_empty() => {
            diagnostic.help("leave it out; a column stands in the file of a fleet, `fleet \"FILE.csv\"`, and a fleet by `count` or `name` has none")
        }
        None if known.is_empty() => diagnostic.help("no placeholder may stand here"),
        None => {
            let all: Vec<String> = known.iter().map(|word| format!("`{{{word}}}`")).collect();
            diagnostic.help(format!("it may hold {}", all.join(", ")))
        }
    };
    cx.push(diagnostic);
}

/// Whose `{name}` and `{COLUMN}` a text of a declaration has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Members {
    /// The declaration's own name, no attributes.
    Own,
    /// The device's of this class.
    Of(ThingId),
}

/// Reads a text of a declaration: `{environment}` is expanded, `{name}` and columns stay for the member.
pub(crate) fn of_declaration(cx: &mut Cx<'_, '_>, text: &str, span: Span, members: Members) -> Template {
    read(cx, text, span, |cx, word| match word {
        "name" => Filled::Placeholder(Placeholder::Name),
        "environment" => match cx.environment {
            Some(environment) => Filled::Text(environment.to_owned()),
            None => Filled::Unknown(known(cx, members)),
        },
        column => match members {
            Members::Own => Filled::Unknown(known(cx, members)),
            Members::Of(class) => attribute(cx, class, column, span),
        },
    })
}

/// Reads a text whose values over the rows are read as a whole (an address): they may hold separators.
///
/// `None` if it has a placeholder that the class does not know.
pub(crate) fn of_values(cx: &mut Cx<'_, '_>, text: &str, span: Span, class: ThingId) -> Option<Template> {
    let mut is_known = true;
    let template = read(cx, text, span, |cx, word| {
        let name = cx.intern(word);
        let fleet = cx
            .fleets
            .get(&class)
            .and_then(|fleet| cx.model.fleets.get(*fleet));
        match (word, cx.environment) {
            ("name", _) => Filled::Placeholder(Placeholder::Name),
            ("environment", Some(environment)) => Filled::Text(environment.to_owned()),
            _ if fleet.is_none_or(|fleet| fleet.column(name).is_some()) => {
                Filled::Placeholder(Placeholder::Attribute(name))
            }
            _ => {
                is_known = false;
                Filled::Unknown(known(cx, Members::Of(class)))
            }
        }
    });
    is_known.then_some(template)
}

fn attribute(cx: &mut Cx<'_, '_>, class: ThingId, column: &str, span: Span) -> Filled {
    let name = cx.intern(column);
    let fleet = cx
        .fleets
        .get(&class)
        .and_then(|fleet| cx.model.fleets.get(*fleet));
    match fleet {
        Some(fleet) if fleet.column(name).is_some() => {
            cx.uses.entry((class, name)).or_insert(span);
            Filled::Placeholder(Placeholder::Attribute(name))
        }
        // The class has no readable fleet, which was reported: nothing is known about its columns.
        None => Filled::Placeholder(Placeholder::Attribute(name)),
        Some(_) => Filled::Unknown(known(cx, Members::Of(class))),
    }
}

fn known(cx: &Cx<'_, '_>, members: Members) -> Vec<String> {
    let mut words = vec!["name".to_owned()];
    if cx.environment.is_some() {
        words.push("environment".to_owned());
    }
    if let Members::Of(class) = members
        && let Some(fleet) = cx
            .fleets
            .get(&class)
            .and_then(|fleet| cx.model.fleets.get(*fleet))
    {
        words.extend(
            fleet
                .columns
                .iter()
                .map(|column| cx.text_of(column.name).to_owned()),
        );
    }
    words
}

/// The text of a template without placeholders.
pub(crate) fn plain(template: &Template) -> Option<Option<arena::Name>> {
    match template.pieces.as_slice() {
        [] => Some(None),
        [Piece::Text(text)] => Some(Some(*text)),
        [Piece::Placeholder(_)] | [_, _, ..] => None,
    }
}

/// The text of a template; what stays a placeholder stays in braces.
pub(crate) fn flat(cx: &Cx<'_, '_>, template: &model::template::Template) -> String {
    use model::template::{Piece, Placeholder};
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(name) => text.push_str(cx.text_of(*name)),
            Piece::Placeholder(Placeholder::Name) => text.push_str("{name}"),
            Piece::Placeholder(Placeholder::Attribute(name)) => {
                text.push('{');
                text.push_str(cx.text_of(*name));
                text.push('}');
            }
            // No other placeholder is read from a declaration's own text.
            Piece::Placeholder(_) => {}
        }
    }
    text
}
