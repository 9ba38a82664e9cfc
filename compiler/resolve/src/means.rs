//! The means of a kind: its `terraform` blocks, held to the provider's schema.

use std::borrow::Cow;

use catalogue::terraform::{Block, TerraformSchema, ValueType};
use diagnostics::{Code, Diagnostic, Severity};
use model::kind::{Argument, ArgumentValue, Condition, Means, PropertySort, Words};
use model::template::{Piece, Placeholder};
use source::Span;
use syntax::document::ValueKind;

use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::{Entries, SURPLUS_VALUE};
use crate::gather::refuse;
use crate::kinds::{self, Where};
use crate::line::{Arg, Line};
use crate::names::UNDECLARED_NAME;
use crate::template::{self, Filled};

pub(crate) static UNKNOWN_ARGUMENT: Code = Code {
    name: "unknown-argument",
    severity: Severity::Error,
    summary: "the provider's schema has no such type or argument",
    docs: include_str!("pages/unknown_argument.md"),
};

/// Reads the blocks of a kind.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, blocks: &[Line<'a>], words: &Words) -> Vec<Means> {
    let siblings: Vec<Cow<'a, str>> = blocks
        .iter()
        .filter_map(Line::first)
        .map(|arg| arg.text)
        .collect();
    blocks
        .iter()
        .filter_map(|line| block(cx, line, words, &siblings))
        .collect()
}

fn block<'a>(
    cx: &mut Cx<'a, '_>,
    line: &Line<'a>,
    words: &Words,
    siblings: &[Cow<'a, str>],
) -> Option<Means> {
    let mut entries = Entries::of(cx, line);
    let resource_type = entries.need(cx, "a type, `aws_s3_bucket`")?;
    let condition = condition(cx, &mut entries, words);
    if cx.accepts(&mut entries, "unread") {
        refuse(cx, "what nobody reads back (`accept=unread`)", line.head());
    }
    entries.finish(cx);
    let text = cx.text(&resource_type);
    let schema = TerraformSchema::embedded().resource(&text);
    if schema.is_none() {
        let mut diagnostic = Diagnostic::new(
            &UNKNOWN_ARGUMENT,
            resource_type.span,
            format!("no reader knows the type `{text}`"),
        );
        let known = TerraformSchema::embedded().resources().map(|(name, _)| name);
        diagnostic = match cx.near.find(&text, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic
                .note("what cannot be read back cannot be proved")
                .help(
                    "leave the `terraform` block out: what is made elsewhere says `existing \"…\"`, and its rights are written and proved",
                ),
        };
        cx.push(diagnostic);
    }
    let context = Context { words, siblings };
    let body = arguments(cx, line, &context, schema);
    Some(Means {
        resource_type: cx.intern(&text),
        condition,
        body,
        span: line.head(),
    })
}

struct Context<'k, 'a> {
    words: &'k Words,
    siblings: &'k [Cow<'a, str>],
}

/// `if=PROPERTY` or `unless=PROPERTY`. What says both says nothing by either: an argument has one condition.
fn condition<'a>(cx: &mut Cx<'a, '_>, entries: &mut Entries<'a>, words: &Words) -> Option<Condition> {
    let (wanted, unwanted) = (entries.prop("if"), entries.prop("unless"));
    if let (Some(_), Some(other)) = (&wanted, &unwanted) {
        cx.push(
            Diagnostic::new(&SURPLUS_VALUE, other.span, "`if` and `unless` stand together")
                .help("write one of the two"),
        );
    }
    let said = wanted.is_some();
    let property = property_named(cx, &wanted.or(unwanted)?, words)?;
    Some(Condition { property, said })
}

fn property_named<'a>(cx: &mut Cx<'a, '_>, arg: &Arg<'a>, words: &Words) -> Option<arena::Name> {
    let text = cx.text(arg);
    let found = words
        .properties
        .iter()
        .find(|property| cx.text_of(property.name) == text);
    if let Some(property) = found {
        return Some(property.name);
    }
    let known: Vec<String> = words
        .properties
        .iter()
        .map(|property| cx.text_of(property.name).to_owned())
        .collect();
    let mut diagnostic = Diagnostic::new(
        &UNDECLARED_NAME,
        arg.span,
        format!("the kind has no property that is called `{text}`"),
    );
    if let Some(near) = cx.near.find(&text, known.iter().map(String::as_str)) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    cx.push(diagnostic);
    None
}

/// Arguments and nested blocks. Depth is bounded by the reader of the text.
fn arguments<'a>(
    cx: &mut Cx<'a, '_>,
    line: &Line<'a>,
    context: &Context<'_, 'a>,
    schema: Option<&Block>,
) -> Vec<Argument> {
    let mut found = Vec::new();
    for child in line.as_written() {
        let word = child.word();
        let mut entries = Entries::of(cx, &child);
        let condition = condition(cx, &mut entries, context.words);
        let values = entries.rest();
        entries.finish(cx);
        let is_block = child.node.has_children_block();
        let value = match (is_block, values.as_slice()) {
            (true, []) => {
                let nested = schema.and_then(|schema| schema.block(&word));
                if let Some(schema) = schema
                    && nested.is_none()
                {
                    unknown(cx, &word, child.word_span(), schema, "block");
                }
                ArgumentValue::Block(arguments(cx, &child, context, nested.map(|nested| &nested.block)))
            }
            (true, [first, ..]) => {
                let message = format!("`{word}` has a value and a block");
                cx.push(Diagnostic::new(&SURPLUS_VALUE, first.span, message));
                continue;
            }
            (false, []) => {
                let message = format!("`{word}` lacks a value");
                cx.push(Diagnostic::new(
                    &crate::entries::MISSING_VALUE,
                    child.head(),
                    message,
                ));
                continue;
            }
            (false, values) => {
                let argument = schema.and_then(|schema| schema.argument(&word));
                match (schema, argument) {
                    (Some(schema), None) => unknown(cx, &word, child.word_span(), schema, "argument"),
                    (Some(_), Some(argument)) if !argument.is_settable() => {
                        let message = format!("only the provider sets `{word}`");
                        cx.push(Diagnostic::new(&UNKNOWN_ARGUMENT, child.word_span(), message));
                    }
                    (Some(_), Some(_)) | (None, _) => {}
                }
                let read: Vec<ArgumentValue> = values
                    .iter()
                    .filter_map(|value| {
                        argument_value(cx, value, context, argument.map(|argument| &argument.value))
                    })
                    .collect();
                match <[ArgumentValue; 1]>::try_from(read) {
                    Ok([single]) => single,
                    Err(several) => ArgumentValue::List(several),
                }
            }
        };
        found.push(Argument {
            name: cx.intern(&word),
            value,
            condition,
            span: child.head(),
        });
    }
    found
}

fn unknown(cx: &mut Cx<'_, '_>, word: &str, span: Span, schema: &Block, what: &str) {
    let message = format!("the provider's schema has no {what} `{word}` here");
    let mut diagnostic = Diagnostic::new(&UNKNOWN_ARGUMENT, span, message);
    if let Some(near) = schema.near(word) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    cx.push(diagnostic);
}

fn argument_value<'a>(
    cx: &mut Cx<'a, '_>,
    arg: &Arg<'a>,
    context: &Context<'_, 'a>,
    wanted: Option<&ValueType>,
) -> Option<ArgumentValue> {
    let value = match arg.value.kind() {
        ValueKind::Bool => ArgumentValue::Flag(cx.flag(arg)?),
        ValueKind::Number => ArgumentValue::Number(cx.number(arg)?),
        ValueKind::Null => {
            cx.push(
                Diagnostic::new(&WRONG_TYPE, arg.span, "`#null` is no value of an argument")
                    .help("leave the argument out"),
            );
            return None;
        }
        ValueKind::String => {
            let text = cx.text(arg);
            let template = template::read(cx, &text, arg.span, |cx, word| fill(cx, word, context));
            ArgumentValue::Text(template)
        }
    };
    let element = match wanted {
        Some(ValueType::List(element) | ValueType::Set(element)) => Some(&**element),
        other => other,
    };
    let is_placeholder = |value: &ArgumentValue| match value {
        ArgumentValue::Text(template) => matches!(template.pieces.as_slice(), [Piece::Placeholder(_)]),
        ArgumentValue::Number(_)
        | ArgumentValue::Flag(_)
        | ArgumentValue::List(_)
        | ArgumentValue::Block(_) => false,
    };
    let fits = match element {
        None => true,
        Some(ValueType::Bool) => matches!(value, ArgumentValue::Flag(_)) || is_placeholder(&value),
        Some(ValueType::Number) => matches!(value, ArgumentValue::Number(_)) || is_placeholder(&value),
        Some(ValueType::String) => matches!(value, ArgumentValue::Text(_)),
        Some(ValueType::List(_) | ValueType::Set(_) | ValueType::Map(_) | ValueType::Object(_)) => false,
    };
    if !fits {
        let message = format!(
            "`{}` is not of the type that the provider's schema has here",
            arg.text
        );
        cx.push(Diagnostic::new(&WRONG_TYPE, arg.span, message));
    }
    Some(value)
}

/// What stands for a placeholder in a `terraform` block: also attributes of blocks beside it, and of what it refers to.
fn fill(cx: &mut Cx<'_, '_>, word: &str, context: &Context<'_, '_>) -> Filled {
    let schema = TerraformSchema::embedded();
    let fields: Vec<&str> = word.split('.').collect();
    let known = |kind: &str, attribute: &str| {
        schema
            .resource(kind)
            .is_none_or(|block| block.has_reference(attribute))
    };
    match fields.as_slice() {
        [kind, attribute]
            if context.siblings.iter().any(|sibling| sibling == kind) && known(kind, attribute) =>
        {
            let (kind, attribute) = (cx.intern(kind), cx.intern(attribute));
            Filled::Placeholder(Placeholder::Sibling(kind, attribute))
        }
        [property, kind, attribute] => {
            let refers = context
                .words
                .properties
                .iter()
                .any(|own| own.sort == PropertySort::Reference && cx.text_of(own.name) == *property);
            if !refers || schema.resource(kind).is_none() || !known(kind, attribute) {
                return Filled::Unknown(Vec::new());
            }
            let (property, kind, attribute) = (cx.intern(property), cx.intern(kind), cx.intern(attribute));
            Filled::Placeholder(Placeholder::Reference(property, kind, attribute))
        }
        [_, _] => Filled::Unknown(
            context
                .siblings
                .iter()
                .map(|sibling| format!("{sibling}.id"))
                .collect(),
        ),
        _ => kinds::fill(cx, word, context.words, Where::Word),
    }
}
