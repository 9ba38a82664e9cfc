//! What narrows a trust: `same`, `under`, `only`.

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::template::{Piece, Placeholder, Template};
use model::thing::Detail;
use model::trust::{End, Named, Narrow};
use model::value::Value;
use source::Span;

use crate::attributes::{UNKNOWN_ATTRIBUTE, actor_has, class_has, classes, host, people_have};
use crate::body::Body;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::line::Arg;
use crate::template::{self, Filled};
use crate::trusts::kind_of;

pub(crate) static MEANINGLESS_LIMIT: Code = Code {
    name: "meaningless-limit",
    severity: Severity::Error,
    summary: "a trust is narrowed by something that its ends do not have",
    docs: include_str!("pages/meaningless_limit.md"),
};

/// `same ATTRIBUTE…`
pub(crate) fn same<'a>(
    cx: &mut Cx<'a, '_>,
    body: &mut Body<'a>,
    subjects: &[Named],
    objects: &[Named],
) -> Vec<(Name, Span)> {
    let Some(line) = body.one(cx, "same") else {
        return Vec::new();
    };
    let mut entries = Entries::of(cx, &line);
    let mut found = Vec::new();
    for attribute in entries.need_rest(cx, "an attribute") {
        let text = cx.text(&attribute);
        let name = cx.intern(&text);
        compared(cx, name, &attribute, subjects, objects);
        found.push((name, attribute.span));
    }
    entries.finish_leaf(cx);
    found
}

/// Every device, person and family member that a comparison involves has the attribute, and there is something to compare.
fn compared(cx: &mut Cx<'_, '_>, name: Name, attribute: &Arg<'_>, subjects: &[Named], objects: &[Named]) {
    let text = &attribute.text;
    for (side, what) in [(subjects, "acts"), (objects, "is reached")] {
        for named in side {
            let involved = classes(cx, named.end);
            let people = people_have(cx, named.end, name);
            let is_class = involved.iter().any(|class| !class_has(cx, *class, name));
            if is_class || people == Some(false) {
                let message = format!("what {what} here has no attribute `{text}`");
                let help = if people.is_some() {
                    format!("declare it: `attributes {text}`")
                } else {
                    format!("add the column `{text}` to the inventory")
                };
                cx.push(
                    Diagnostic::new(&UNKNOWN_ATTRIBUTE, attribute.span, message)
                        .label(named.span, "of this")
                        .help(help),
                );
            } else if involved.is_empty() && people.is_none() {
                let message = format!("`same {text}` compares nothing: this has no attributes");
                cx.push(
                    Diagnostic::new(&MEANINGLESS_LIMIT, attribute.span, message).label(named.span, "this"),
                );
            }
            for class in involved {
                cx.compared.entry((class, name)).or_insert(attribute.span);
            }
        }
    }
}

/// `under` and `only`.
pub(crate) fn narrowing<'a>(
    cx: &mut Cx<'a, '_>,
    body: &mut Body<'a>,
    subjects: &[Named],
    objects: &[Named],
    allow: &[(Name, Span)],
) -> Vec<Narrow> {
    let under = body.one(cx, "under");
    let only = body.one(cx, "only");
    if let (Some(under), Some(only)) = (&under, &only) {
        cx.push(
            Diagnostic::new(
                &MEANINGLESS_LIMIT,
                only.head(),
                "`only` and `under` narrow one trust in two ways",
            )
            .label(under.head(), "the other one")
            .help("write two trusts"),
        );
    }
    let mut found = Vec::new();
    for (fact, is_under) in [(under, true), (only, false)] {
        let Some(fact) = fact else { continue };
        let mut entries = Entries::of(cx, &fact);
        for path in entries.need_rest(cx, "a part of the object, `\"a/\"`") {
            let template = narrow_template(cx, &path, subjects);
            check_path(cx, &path, is_under);
            found.push(Narrow {
                under: is_under,
                path: template,
                span: path.span,
            });
        }
        entries.finish_leaf(cx);
        check_narrowable(cx, fact.head(), objects, allow);
    }
    found
}

/// In a narrowing, `{name}` and `{ATTRIBUTE}` are the subject's: each must have them.
fn narrow_template<'a>(cx: &mut Cx<'a, '_>, path: &Arg<'a>, subjects: &[Named]) -> Template {
    let text = cx.text(path);
    let span = path.span;
    template::read(cx, &text, span, |cx, word| {
        if word == "environment"
            && let Some(environment) = cx.environment
        {
            return Filled::Text(environment.to_owned());
        }
        let attribute = cx.intern(word);
        for subject in subjects {
            let is_member =
                host(cx, subject.end).is_some() || people_have(cx, subject.end, attribute).is_some();
            let has = if word == "name" {
                is_member || matches!(subject.end, End::Thing(_))
            } else {
                actor_has(cx, subject.end, attribute)
            };
            if !has {
                let mut known = vec!["name".to_owned()];
                known.extend(attributes_of(cx, subject.end));
                return Filled::Unknown(known);
            }
            if let Some(class) = host(cx, subject.end)
                && word != "name"
            {
                cx.uses.entry((class, attribute)).or_insert(span);
            }
        }
        Filled::Placeholder(if word == "name" {
            Placeholder::Name
        } else {
            Placeholder::Attribute(attribute)
        })
    })
}

fn attributes_of(cx: &Cx<'_, '_>, end: End) -> Vec<String> {
    let text = |name: Name| cx.text_of(name).to_owned();
    if let Some(class) = host(cx, end) {
        let fleet = cx
            .fleets
            .get(&class)
            .and_then(|fleet| cx.model.fleets.get(*fleet));
        return fleet.map_or_else(Vec::new, |fleet| {
            fleet.columns.iter().map(|column| text(column.name)).collect()
        });
    }
    let End::Thing(thing) = end else { return Vec::new() };
    match cx.model.things.get(thing).map(|thing| &thing.detail) {
        Some(Detail::People(people)) => people.attributes.iter().map(|(name, _)| text(*name)).collect(),
        Some(Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource) | None => {
            Vec::new()
        }
    }
}

/// A narrowing is a plain path: a wildcard in it would widen it again.
pub(crate) fn check_path(cx: &mut Cx<'_, '_>, path: &Arg<'_>, is_under: bool) {
    if !path.is_text() {
        return;
    }
    let text = &path.text;
    let wrong = text
        .chars()
        .find(|letter| "*?+#$\\\"".contains(*letter) || letter.is_control());
    let (why, help) = if let Some(letter) = wrong {
        let help = match letter {
            '*' | '?' | '#' | '+' if is_under => "leave it out: `under \"a/\"` holds everything below `a/`",
            '*' | '?' | '#' | '+' => {
                "`only` is exactly one name: to hold everything below, write `under \"a/\"`"
            }
            _ => "write a plain path: letters, digits and `/`",
        };
        (format!("has `{}`", letter.escape_default()), help)
    } else if text.is_empty() {
        ("is empty".to_owned(), "leave it out for the whole object")
    } else if is_under && !text.ends_with('/') {
        (
            "does not end in `/`".to_owned(),
            "`under \"a/\"` holds everything below `a/`; `only \"a\"` holds exactly `a`",
        )
    } else if text.split('/').any(|part| part == ".." || part == ".")
        || text.contains("//")
        || text.starts_with('/')
    {
        (
            "has an empty part, a `.` or a `..`".to_owned(),
            "write it from the top of the object, as `\"a/b/\"`",
        )
    } else {
        return;
    };
    let shown: String = text.chars().filter(|letter| !letter.is_control()).collect();
    cx.push(
        Diagnostic::new(
            &crate::convert::WRONG_TYPE,
            path.span,
            format!("the part `{shown}` {why}"),
        )
        .help(help),
    );
}

/// Only an object whose capability knows parts can be narrowed; a topic only if its path ends in `/#`.
fn check_narrowable(cx: &mut Cx<'_, '_>, at: Span, objects: &[Named], allow: &[(Name, Span)]) {
    let mut problems = Vec::new();
    for object in objects {
        let Some(kind) = kind_of(cx, object.end).and_then(|kind| cx.model.kinds.get(kind)) else {
            continue;
        };
        let thing = match object.end {
            End::Thing(thing) => cx.model.things.get(thing),
            End::Part(_) | End::Account(_) | End::Internet => None,
        };
        let below = |property: &Name| {
            let values = thing
                .iter()
                .flat_map(|thing| &thing.properties)
                .filter(|own| own.name == *property);
            values.flat_map(|own| &own.values).any(|value| match value {
                Value::Text(text) => cx.text_of(*text).ends_with("/#"),
                Value::Template(template) => match template.pieces.last() {
                    Some(Piece::Text(text)) => cx.text_of(*text).ends_with("/#"),
                    Some(Piece::Placeholder(_)) | None => false,
                },
                Value::Name(_)
                | Value::Number(_)
                | Value::Flag(_)
                | Value::Duration(_)
                | Value::Date(_)
                | Value::Block(_)
                | Value::Version(_)
                | Value::Thing(_) => false,
            })
        };
        for (capability, _) in allow {
            let Some(capability) = kind.words.capabilities.iter().find(|own| own.name == *capability) else {
                continue;
            };
            // A part stands in the address, or in a condition alone: who lists a bucket says which names.
            let knows_parts = capability.actions.iter().any(|action| {
                let conditions = action.conditions.iter().map(|condition| &condition.value);
                let mut pieces = std::iter::once(&action.on)
                    .chain(conditions)
                    .flat_map(|template| &template.pieces);
                pieces.any(|piece| match piece {
                    Piece::Placeholder(Placeholder::Part) => true,
                    Piece::Placeholder(Placeholder::Property(property)) => below(property),
                    Piece::Placeholder(_) | Piece::Text(_) => false,
                })
            });
            if !knows_parts {
                let what = cx.text_of(kind.name);
                let message = format!(
                    "`{}` of this `{what}` cannot be narrowed",
                    cx.text_of(capability.name)
                );
                let mut diagnostic =
                    Diagnostic::new(&MEANINGLESS_LIMIT, at, message).label(object.span, "this has no parts");
                if kind
                    .words
                    .properties
                    .iter()
                    .any(|property| cx.text_of(property.name) == "path")
                {
                    diagnostic = diagnostic.help("a topic may be narrowed only if its path ends in `/#`");
                }
                problems.push(diagnostic);
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}
