//! Tags as the provider takes them: the least that every service does, since a tag of the project stands on everything.
//!
//! Source: <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>, "Tag naming limits and
//! requirements", read 2026-11-21.

use arena::Name;
use diagnostics::{Diagnostic, Report};
use model::thing::Detail;
use source::Span;

use crate::context::Context;
use crate::fault::UNSUPPORTED_TAG;

const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;
/// Besides letters, digits and spaces.
const MARKS: &str = "_.:/=+-@";
/// Keys that start so, in whatever case, are the provider's.
const RESERVED: &str = "aws:";

/// Refuses tags of the project and of things.
pub(crate) fn check(cx: &Context<'_>, report: &mut Report) {
    let project = &cx.model.project;
    all(cx, &project.tags, project.span, report);
    attributes(cx, report);
    for (_, thing) in cx.model.things.iter() {
        all(cx, &thing.tags, thing.span, report);
    }
}

/// A tag of the project stands on every role, and whoever takes the role has it as an attribute, as if the identity provider had said
/// so. The provider compares the names without case.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>, read 2026-11-29.
fn attributes(cx: &Context<'_>, report: &mut Report) {
    for (_, thing) in cx.model.things.iter() {
        let Detail::People(people) = &thing.detail else {
            continue;
        };
        for (attribute, span) in &people.attributes {
            let attribute = cx.text(*attribute);
            let tags = cx.model.project.tags.iter().map(|(key, _)| cx.text(*key));
            for key in tags.filter(|key| key.eq_ignore_ascii_case(attribute)) {
                let message = format!(
                    "the project's tag `{key}` is also an attribute of `{}`",
                    cx.text(thing.name)
                );
                report.push(
                    Diagnostic::new(&UNSUPPORTED_TAG, *span, message)
                        .label(cx.model.project.span, "the tags of the project")
                        .note("it stands on every role, and whoever takes a role has its tags as attributes")
                        .help("give the tag another key"),
                );
            }
        }
    }
}

fn all(cx: &Context<'_>, tags: &[(Name, Name)], span: Span, report: &mut Report) {
    for (key, value) in tags {
        let (key, value) = (cx.text(*key), cx.text(*value));
        let fault = fault(key, KEY_CHARS_MAX).or_else(|| fault(value, VALUE_CHARS_MAX));
        let is_reserved = key
            .get(..RESERVED.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(RESERVED));
        let (why, help) = match fault {
            Some(why) => (why, format!("use letters, digits, spaces and `{MARKS}`")),
            None if is_reserved => (
                format!("a key that starts with `{RESERVED}` is the provider's"),
                "use another key".to_owned(),
            ),
            None => continue,
        };
        report.push(
            Diagnostic::new(
                &UNSUPPORTED_TAG,
                span,
                format!("the provider does not take the tag `{key}={value}`"),
            )
            .note(why)
            .help(help),
        );
    }
}

/// Why a text cannot stand in a tag.
fn fault(text: &str, chars_max: usize) -> Option<String> {
    let length = text.chars().count();
    if length > chars_max {
        return Some(format!("{length} characters, and at most {chars_max} are taken"));
    }
    let takes = |c: char| c.is_alphanumeric() || c == ' ' || MARKS.contains(c);
    let odd = text.chars().find(|c| !takes(*c))?;
    Some(format!("`{odd}` cannot stand in a tag"))
}
