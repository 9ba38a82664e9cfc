//! Names that the provider does not take, and labels of Terraform blocks.
//!
//! What exists already bears a name that the provider took: another one is a slip, and would be looked for in vain.

mod shape;

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Report};
use model::thing::{Detail, Thing, ThingId};
use source::Origin;

use crate::context::Context;
use crate::fault::UNSUPPORTED_NAME;
pub(crate) use shape::has_no_hyphen_at_an_end;
use shape::{CLASS, ROLE, Shape, fits};

/// Refuses names that the provider would refuse.
pub(crate) fn check(cx: &Context<'_>, report: &mut Report) {
    let mut said: BTreeMap<ThingId, ()> = BTreeMap::new();
    for ((id, _), role) in &cx.graph.addresses.roles {
        let Some(thing) = cx.thing(*id) else { continue };
        if !fits(&role.name, &ROLE) && said.insert(*id, ()).is_none() {
            refuse(&role.name, &ROLE, None, thing, report);
        }
    }
    for (id, thing) in cx.model.things.iter() {
        if let Some(existing) = thing.existing {
            let name = cx.text(existing.name);
            match name.strip_prefix("arn:") {
                Some(rest) if matches!(thing.detail, Detail::Workload(_)) => {
                    role_address(cx, id, thing, rest, report);
                }
                _ if !matches!(thing.detail, Detail::Resource) => {}
                Some(rest) => address(cx, id, thing, rest, report),
                None => resource(cx, thing, name, report),
            }
            continue;
        }
        if thing.family.is_some() {
            continue;
        }
        let name = cx.physical(thing);
        match thing.detail {
            Detail::Class(_) if cx.graph.addresses.device_policies.contains_key(&id) => {
                if !fits(name, &CLASS) {
                    refuse(name, &CLASS, None, thing, report);
                }
            }
            Detail::Resource => resource(cx, thing, name, report),
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => {}
        }
    }
}

/// Refuses an ARN that is of another account or region than the declaration says, or of another service, or of several things: what
/// is said of it would be asked of the wrong owner.
fn address(cx: &Context<'_>, id: ThingId, thing: &Thing, rest: &str, report: &mut Report) {
    let (Some(account), Some(kind)) = (cx.account_of(id), cx.model.kinds.get(thing.kind)) else {
        return;
    };
    let [partition, region, number] =
        [account.partition, account.region, account.number].map(|name| cx.text(name));
    let service = kind.words.service.map_or("", |service| cx.text(service));
    let fields: Vec<&str> = rest.splitn(5, ':').collect();
    let [of, own, place, owner, name] = fields.as_slice() else {
        return refuse_address(thing, "an ARN has six fields", report);
    };
    // Names of buckets are of the world, and some services have no regions.
    let is_here = (place.is_empty() || *place == region) && (owner.is_empty() || *owner == number);
    if *of != partition || !is_here {
        refuse_address(
            thing,
            "declare it in its own account and region: `account=NAME`",
            report,
        );
    } else if !service.is_empty() && *own != service {
        refuse_address(thing, "it is of another service than the kind", report);
    } else if name.contains(['*', '?']) || name.is_empty() {
        refuse_address(thing, "name one thing, without a wildcard", report);
    }
}

/// Refuses an ARN that is no role of the workload's own account.
fn role_address(cx: &Context<'_>, id: ThingId, thing: &Thing, rest: &str, report: &mut Report) {
    let Some(account) = cx.account_of(id) else { return };
    let [partition, number] = [account.partition, account.number].map(|name| cx.text(name));
    let head = format!("{partition}:iam::{number}:role/");
    let Some(path) = rest.strip_prefix(&head) else {
        return refuse_address(
            thing,
            "write the name of a role of the workload's own account, or its ARN",
            report,
        );
    };
    // Source: IAM API reference, `CreateRole`, `Path`.
    let is_plain = |c: char| c.is_ascii_graphic() && c != '*' && c != '?';
    if path.starts_with('/') || path.contains("//") || !path.chars().all(is_plain) {
        refuse_address(thing, "write its path as the provider shows it", report);
    }
}

fn refuse_address(thing: &Thing, help: &str, report: &mut Report) {
    let span = thing.existing.map_or(thing.span, |existing| existing.span);
    let message = "this is no address of what is declared here";
    report.push(Diagnostic::new(&UNSUPPORTED_NAME, span, message).help(help));
}

fn resource(cx: &Context<'_>, thing: &Thing, name: &str, report: &mut Report) {
    let Some(kind) = cx.model.kinds.get(thing.kind) else {
        return;
    };
    let service = kind.words.service.map_or("", |service| cx.text(service));
    // What a kind of the project's own calls existing may be something else of the service.
    if kind.origin != Origin::Library && thing.existing.is_some() {
        return;
    }
    // A key is found by an id, an address or an alias, which is looked at where it is read.
    if service == "kms" && thing.existing.is_some() {
        return;
    }
    // Of the IoT service only what acts has a name of its own: a topic is a path.
    if service == "iot" && kind.words.acts.is_none() {
        return;
    }
    let Some(shape) = shape::of(service) else {
        return;
    };
    // Of what exists the name itself says whether it is one.
    let is_fifo = match thing.existing {
        Some(_) => name.ends_with(".fifo"),
        None => has(cx, thing, "fifo"),
    };
    // A function that exists may be named by one of its versions or aliases.
    let name = match (service, thing.existing) {
        ("lambda", Some(_)) => name.split_once(':').map_or(name, |(name, _)| name),
        _ => name,
    };
    if !shape::takes(service, shape, name, is_fifo) {
        let plain: String = name
            .chars()
            .map(|c| {
                if c == '_' || c == ' ' {
                    '-'
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect();
        let mut near = vec![plain.clone()];
        if is_fifo {
            near.extend([format!("{name}.fifo"), format!("{plain}.fifo")]);
        }
        let near = near
            .into_iter()
            .find(|near| near != name && shape::takes(service, shape, near, is_fifo));
        refuse(name, shape, near, thing, report);
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

fn refuse(name: &str, shape: &Shape, near: Option<String>, thing: &Thing, report: &mut Report) {
    let (span, help) = match (thing.existing, near) {
        (Some(existing), _) => (
            existing.span,
            "write the name as it stands in the cloud, or its ARN".to_owned(),
        ),
        (None, Some(near)) => (
            thing.physical.span,
            format!("write `physical \"{near}\"`; the declared name may stay"),
        ),
        (None, None) => (
            thing.physical.span,
            "say another name in `physical`; the declared name may stay".to_owned(),
        ),
    };
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
        .note(match name.parse::<std::net::Ipv4Addr>() {
            Ok(_) => "it looks like an IP address, which the provider does not take".to_owned(),
            Err(_) => format!("the provider takes {}{length}", shape.words),
        })
        .help(help),
    );
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
    fn labels_start_with_a_letter() {
        assert_eq!([label("notes-key"), label("1st")], ["notes-key", "_1st"]);
    }
}
