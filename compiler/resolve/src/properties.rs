//! Facts that a kind defines for its things, typed.

use diagnostics::Diagnostic;
use model::kind::{KindId, PropertySort, PropertyType};
use model::value::{Property, Value};

use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Decl;
use crate::line::{Arg, Line};
use crate::takes;
use crate::template::{self, Members};

/// Facts that the kind defines.
pub(crate) fn read<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    body: &mut Body<'a>,
    kind: KindId,
    members: Members,
) -> Vec<Property> {
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(property) = property_type(cx, kind, index) {
        index += 1;
        if property.of_listeners {
            found.push(of_listeners(cx, decl, &property));
            continue;
        }
        match body.one_named(cx, property.name) {
            Some(line) => found.push(said(cx, &property, &line, members)),
            None => match &property.default {
                Some(value) => {
                    found.push(Property {
                        name: property.name,
                        values: vec![value.clone()],
                        span: property.span,
                    });
                }
                None if property.required => {
                    let what = format!("{} `{}`", decl.word, decl.name.text);
                    let word = cx.text_of(property.name).to_owned();
                    body::missing(cx, &what, &word, decl.head(), &example(cx, &property, &word));
                }
                None => {}
            },
        }
    }
    found
}

/// The words by which a listener is said to speak HTTP: whatever stands between sees requests. Any other is a stream of bytes to it.
const HTTP: [&str; 2] = ["http", "https"];

/// What the listeners of a thing speak: `application` and true where they speak HTTP, or where there are none; else `network`.
fn of_listeners<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>, property: &PropertyType) -> Property {
    let mut is_http = true;
    for line in decl.lines.iter().flat_map(Line::children) {
        if line.word() == "listens"
            && let Some(name) = line.first()
        {
            is_http &= HTTP.contains(&&*name.text);
        }
    }
    let value = match property.sort {
        PropertySort::Flag => Value::Flag(is_http),
        _ => Value::Name(cx.intern(if is_http { "application" } else { "network" })),
    };
    Property {
        name: property.name,
        values: vec![value],
        span: property.span,
    }
}

fn property_type(cx: &Cx<'_, '_>, kind: KindId, index: usize) -> Option<PropertyType> {
    cx.model.kinds.get(kind)?.words.properties.get(index).cloned()
}

fn example(cx: &Cx<'_, '_>, property: &PropertyType, word: &str) -> String {
    let kind = property.kind.map(|kind| cx.text_of(kind).to_owned());
    match property.sort {
        PropertySort::Reference => format!("write `{word} {}=NAME`", kind.as_deref().unwrap_or("thing")),
        PropertySort::Name => format!("write `{word} NAME`"),
        PropertySort::Text => format!("write `{word} \"…\"`"),
        PropertySort::Number => format!("write `{word} 1`"),
        PropertySort::Flag => format!("write `{word}`"),
        PropertySort::Duration => format!("write `{word} \"90d\"`"),
        PropertySort::Date => format!("write `{word} \"2027-06-30\"`"),
        PropertySort::Cidr => format!("write `{word} \"10.0.0.0/8\"`"),
        PropertySort::Version => format!("write `{word} \"2.4.0\"`"),
    }
}

fn said<'a>(cx: &mut Cx<'a, '_>, property: &PropertyType, line: &Line<'a>, members: Members) -> Property {
    let mut entries = Entries::of(cx, line);
    cx.fact(line.head());
    let mut args = entries.rest();
    let kind = property.kind.map(|kind| cx.text_of(kind).to_owned());
    if let Some(kind) = &kind {
        // `encrypted key=shop-key`: the kind that it refers to names the property.
        args.extend(entries.take(kind));
    }
    entries.finish_leaf(cx);
    if args.is_empty() && property.sort != PropertySort::Flag {
        let word = cx.text_of(property.name).to_owned();
        let help = example(cx, property, &word);
        let message = format!("`{word}` lacks a value");
        cx.push(Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message).help(help));
    }
    let mut values: Vec<Value> = Vec::with_capacity(args.len());
    for arg in &args {
        let Some(value) = value(cx, property.sort, kind.as_deref(), arg, members) else {
            continue;
        };
        let word = cx.text_of(property.name).to_owned();
        takes::check(cx, &property.takes, &word, &value, arg);
        values.push(value);
    }
    if values.is_empty() && property.sort == PropertySort::Flag {
        values.push(Value::Flag(true));
    }
    Property {
        name: property.name,
        values,
        span: line.head(),
    }
}

/// A value of a property, typed.
pub(crate) fn value<'a>(
    cx: &mut Cx<'a, '_>,
    sort: PropertySort,
    kind: Option<&str>,
    arg: &Arg<'a>,
    members: Members,
) -> Option<Value> {
    Some(match sort {
        PropertySort::Name => {
            let text = cx.text(arg);
            crate::spelling::check_text(cx, &text, arg.span);
            Value::Name(cx.intern(&text))
        }
        PropertySort::Text => {
            let text = cx.text(arg);
            let template = template::of_declaration(cx, &text, arg.span, members);
            match template::plain(&template) {
                Some(text) => Value::Text(text.unwrap_or_else(|| cx.intern(""))),
                None => Value::Template(template),
            }
        }
        PropertySort::Number => Value::Number(cx.number(arg)?),
        PropertySort::Flag => Value::Flag(cx.flag(arg)?),
        PropertySort::Duration => Value::Duration(cx.duration(arg)?),
        PropertySort::Date => Value::Date(cx.date(arg)?),
        PropertySort::Cidr => Value::Block(cx.any_block(arg)?),
        PropertySort::Version => {
            let text = cx.version(arg)?;
            Value::Version(cx.intern(&text))
        }
        PropertySort::Reference => Value::Thing(cx.thing(arg, kind)?),
    })
}
