//! Names that the provider does not take, and labels of Terraform blocks.
//!
//! What exists already has a name that the provider took.

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Report};
use model::thing::{Detail, Thing, ThingId};
use pattern::pattern::{Part, Pattern};
use source::Span;

use crate::context::Context;
use crate::fault::{TOPIC_TOO_DEEP, UNSUPPORTED_NAME};
use crate::quota;

/// What a name may be.
struct Shape {
    /// Of what, in a message.
    of: &'static str,
    chars_min: usize,
    chars_max: usize,
    /// What it may hold besides ASCII letters and digits.
    also: &'static str,
    /// The same in words.
    words: &'static str,
}

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const ROLE: Shape = Shape {
    of: "a role",
    chars_min: 1,
    chars_max: 64,
    also: "_+=,.@-",
    words: "letters, digits and `_+=,.@-`",
};

/// A thing type, and an IoT policy with room for `-10`.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThingType.html>, `API_CreatePolicy`
const CLASS: Shape = Shape {
    of: "a thing type",
    chars_min: 1,
    chars_max: 125,
    also: "_-",
    words: "letters, digits, `_` and `-`",
};

/// Per service prefix. Sources: the API reference of each service, read 2026-11-21.
const SHAPES: &[(&str, Shape)] = &[
    (
        "dynamodb",
        Shape {
            of: "a table",
            chars_min: 3,
            chars_max: 255,
            also: "_.-",
            words: "letters, digits and `_.-`",
        },
    ),
    (
        "iot",
        Shape {
            of: "a topic rule",
            chars_min: 1,
            chars_max: 128,
            also: "_",
            words: "letters, digits and `_`, no hyphen",
        },
    ),
    (
        "kinesis",
        Shape {
            of: "a stream",
            chars_min: 1,
            chars_max: 128,
            also: "_.-",
            words: "letters, digits and `_.-`",
        },
    ),
    (
        "kms",
        Shape {
            of: "a key's alias",
            chars_min: 1,
            chars_max: 250,
            also: "/_-",
            words: "letters, digits and `/_-`",
        },
    ),
    (
        "lambda",
        Shape {
            of: "a function",
            chars_min: 1,
            chars_max: 64,
            also: "_-",
            words: "letters, digits, `_` and `-`",
        },
    ),
    (
        "logs",
        Shape {
            of: "a log group",
            chars_min: 1,
            chars_max: 512,
            also: "_-/.#",
            words: "letters, digits and `_-/.#`",
        },
    ),
    (
        "s3",
        Shape {
            of: "a bucket",
            chars_min: 3,
            chars_max: 63,
            also: ".-",
            words: "lower-case letters, digits, `.` and `-`, a letter or digit at both ends",
        },
    ),
    (
        "secretsmanager",
        Shape {
            of: "a secret",
            chars_min: 1,
            chars_max: 512,
            also: "/_+=.@-",
            words: "letters, digits and `/_+=.@-`",
        },
    ),
    (
        "sqs",
        Shape {
            of: "a queue",
            chars_min: 1,
            chars_max: 80,
            also: "_-.",
            words: "letters, digits, `_` and `-`, and `.fifo` at the end of a queue that is one",
        },
    ),
    (
        "ssm",
        Shape {
            of: "a parameter",
            chars_min: 1,
            chars_max: 1011,
            also: "_.-/",
            words: "letters, digits and `_.-/`",
        },
    ),
    (
        "timestream",
        Shape {
            of: "a time series",
            chars_min: 3,
            chars_max: 256,
            also: "_.-",
            words: "letters, digits and `_.-`",
        },
    ),
];

/// Refuses names that the provider would refuse.
pub(crate) fn check(cx: &Context<'_>, report: &mut Report) {
    let mut said: BTreeMap<ThingId, ()> = BTreeMap::new();
    for ((id, _), role) in &cx.graph.addresses.roles {
        let Some(thing) = cx.thing(*id) else { continue };
        if thing.existing.is_none() && !fits(&role.name, &ROLE) && said.insert(*id, ()).is_none() {
            refuse(&role.name, &ROLE, thing.physical.span, report);
        }
    }
    for (id, thing) in cx.model.things.iter() {
        if thing.existing.is_some() || thing.family.is_some() {
            continue;
        }
        let name = cx.physical(thing);
        match thing.detail {
            Detail::Class(_) if cx.graph.addresses.device_policies.contains_key(&id) => {
                if !fits(name, &CLASS) {
                    refuse(name, &CLASS, thing.physical.span, report);
                }
            }
            Detail::Resource => resource(cx, thing, name, report),
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => {}
        }
    }
    topics(cx, report);
}

fn resource(cx: &Context<'_>, thing: &Thing, name: &str, report: &mut Report) {
    let Some(kind) = cx.model.kinds.get(thing.kind) else {
        return;
    };
    let service = kind.words.service.map_or("", |service| cx.text(service));
    // Of the IoT service only what acts has a name of its own: a topic is a path.
    if service == "iot" && kind.words.acts.is_none() {
        return;
    }
    let Some((_, shape)) = SHAPES.iter().find(|(of, _)| *of == service) else {
        return;
    };
    let is_taken = fits(name, shape)
        && match service {
            "s3" => is_bucket(name),
            "kms" => !name.starts_with("aws/"),
            "sqs" => is_queue(name, has(cx, thing, "fifo")),
            _ => true,
        };
    if !is_taken {
        refuse(name, shape, thing.physical.span, report);
    }
}

fn has(cx: &Context<'_>, thing: &Thing, property: &str) -> bool {
    thing.properties.iter().any(|said| {
        cx.text(said.name) == property
            && said
                .values
                .iter()
                .all(|value| *value != model::value::Value::Flag(false))
    })
}

fn fits(name: &str, shape: &Shape) -> bool {
    (shape.chars_min..=shape.chars_max).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || shape.also.contains(c))
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(name: &str) -> bool {
    const HEADS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const TAILS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_address = name.split('.').count() == 4 && name.parse::<std::net::Ipv4Addr>().is_ok();
    ends(name.chars().next())
        && ends(name.chars().last())
        && !name.contains(|c: char| c.is_ascii_uppercase())
        && !name.contains("..")
        && !is_address
        && !HEADS.iter().any(|head| name.starts_with(head))
        && !TAILS.iter().any(|tail| name.ends_with(tail))
}

fn is_queue(name: &str, fifo: bool) -> bool {
    let stem = name.strip_suffix(".fifo");
    stem.is_some() == fifo && !stem.unwrap_or(name).contains('.')
}

fn refuse(name: &str, shape: &Shape, span: Span, report: &mut Report) {
    let length = if name.chars().count() > shape.chars_max || name.chars().count() < shape.chars_min {
        format!(", {} to {} characters", shape.chars_min, shape.chars_max)
    } else {
        String::new()
    };
    report.push(
        Diagnostic::new(
            &UNSUPPORTED_NAME,
            span,
            format!("`{name}` cannot be the name of {}", shape.of),
        )
        .note(format!("the provider takes {}{length}", shape.words))
        .help("say another name in `physical`; the declared name may stay"),
    );
}

/// Refuses topics with more levels than the broker takes.
fn topics(cx: &Context<'_>, report: &mut Report) {
    let slashes_max = quota::limit("iot.topic.slashes");
    let Some(shape) = Pattern::glob("arn:*:iot:*:*:topic/*") else {
        return;
    };
    for (id, pattern) in &cx.graph.addresses.things {
        if !shape.covers(pattern) {
            continue;
        }
        let texts = pattern.parts().filter_map(|part| {
            if let Part::Text(text) = part {
                Some(text)
            } else {
                None
            }
        });
        // One slash stands before the path.
        let slashes: usize = texts
            .map(|text| text.matches('/').count())
            .sum::<usize>()
            .saturating_sub(1);
        let Some(thing) = cx.thing(*id) else { continue };
        if slashes > slashes_max {
            let message = format!("the path of `{}` has {slashes} slashes", cx.text(thing.name));
            report.push(
                Diagnostic::new(&TOPIC_TOO_DEEP, thing.span, message)
                    .note(format!("the broker takes {slashes_max}"))
                    .help("leave out a level that every path has"),
            );
        }
    }
}

/// The label of a Terraform block: the declared name; what may not start one gets a `_` before it.
pub(crate) fn label(name: &str) -> String {
    let mut label: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '_'
            }
        })
        .collect();
    if !label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        label.insert(0, '_');
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_names_of_their_own() {
        for name in ["a-1", "example-notes-111122223333", "a.b.c"] {
            assert!(is_bucket(name), "{name}");
        }
        for name in [
            "-a1",
            "a1-",
            "A-b",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "abc-s3alias",
        ] {
            assert!(!is_bucket(name), "{name}");
        }
    }

    #[test]
    fn queues_say_what_they_are() {
        assert!(is_queue("jobs", false) && is_queue("jobs.fifo", true));
        assert!(!is_queue("jobs.fifo", false) && !is_queue("jobs", true) && !is_queue("a.b", false));
    }

    #[test]
    fn labels_start_with_a_letter() {
        assert_eq!([label("notes-key"), label("1st")], ["notes-key", "_1st"]);
    }
}
