//! How targets refer to what the provider assigns.

use arena::Name;
use model::thing::ThingId;

use crate::context::Context;
use crate::deployment::stack::{Lookup, Origin};
use crate::name::label;

/// What each symbol of the graph is called, in order of the symbols.
pub(crate) fn origins(cx: &Context<'_>) -> Vec<Origin> {
    let objects = &cx.graph.addresses.objects;
    let by_address: std::collections::BTreeMap<&str, ThingId> = objects
        .iter()
        .map(|(thing, address)| (address.as_str(), *thing))
        .collect();
    (0..cx.graph.addresses.symbols.len())
        .filter_map(|index| {
            let key = cx
                .graph
                .addresses
                .symbols
                .text(Name::new(u32::try_from(index).ok()?));
            let (address, attribute) = key.rsplit_once('#')?;
            let id = by_address.get(address)?;
            of_thing(cx, *id, key, attribute)
        })
        .collect()
}

/// What a symbol of a thing is called: by its service, or as an attribute of the first block of its kind.
fn of_thing(cx: &Context<'_>, id: ThingId, key: &str, attribute: &str) -> Option<Origin> {
    let thing = cx.thing(id)?;
    let kind = cx.model.kinds.get(thing.kind)?;
    let physical = cx.physical(thing);
    let label = label(cx.text(thing.name));
    let stack = if thing.existing.is_some() {
        None
    } else {
        cx.stacks.of_thing(id)
    };
    let service = kind.words.service.map_or("", |service| cx.text(service));
    let (resource_type, value, data) = match (service, attribute) {
        ("kms", "key-id") => (
            "aws_kms_key".to_owned(),
            "key_id",
            Some((
                "aws_kms_alias",
                "name",
                format!("alias/{}", graph::address::alias(physical).unwrap_or(physical)),
                "target_key_id",
            )),
        ),
        // The six letters are the end of the whole address: a target cuts them off, or refers to the address.
        ("secretsmanager", "suffix") => (
            "aws_secretsmanager_secret".to_owned(),
            "arn",
            Some(("aws_secretsmanager_secret", "name", physical.to_owned(), "arn")),
        ),
        _ => (
            cx.text(kind.means.first()?.resource_type).to_owned(),
            attribute,
            None,
        ),
    };
    let account = cx.account_of(id);
    Some(Origin {
        key: key.to_owned(),
        name: cx.text(thing.name).to_owned(),
        account: account.map_or("", |account| cx.text(account.name)).to_owned(),
        region: account.map_or("", |account| cx.text(account.region)).to_owned(),
        stack,
        resource_type,
        label: label.clone(),
        attribute: value.to_owned(),
        data: data.map(|(data_type, argument, text, attribute)| Lookup {
            data_type: data_type.to_owned(),
            label,
            arguments: vec![(argument.to_owned(), text)],
            attribute: attribute.to_owned(),
        }),
    })
}
