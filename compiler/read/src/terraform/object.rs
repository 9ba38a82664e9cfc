//! Emitted objects.

use super::args::Args;
use super::cx::{Cx, Read};
use crate::facts::Place;
use crate::facts::object::Object;

/// Adds the object that a block declares.
pub(crate) fn declare(cx: &mut Cx<'_, '_>, args: &Args<'_>, sort: &str) -> Read<String> {
    let module = cx.module(args.block)?;
    let (account, region) = (module.account.clone(), module.region.clone());
    let Some(address) = cx.world.address(args.block) else {
        return nameless(cx, args, sort);
    };
    let object = Object {
        sort: sort.to_owned(),
        address: address.to_string(),
        account,
        region,
        settings: Vec::new(),
        choices: Vec::new(),
        kept: cx.kept,
        refers: Vec::new(),
        place: args.place(),
    };
    if cx.out.objects.insert(address.to_string(), object).is_some() {
        return args.fail_whole(cx, format!("`{address}` is declared twice"));
    }
    Ok(address.to_string())
}

/// An object that is not declared where it is made: nothing is known of it yet.
pub(crate) fn bare(sort: &str, address: String, account: String, place: Place) -> Object {
    Object {
        sort: sort.to_owned(),
        address,
        account,
        region: String::new(),
        settings: Vec::new(),
        choices: Vec::new(),
        kept: false,
        refers: Vec::new(),
        place,
    }
}

/// Says why an object has no name: a reference that leads nowhere, or a part that is missing.
fn nameless(cx: &mut Cx<'_, '_>, args: &Args<'_>, sort: &str) -> Read<String> {
    let members = cx
        .world
        .blocks
        .get(args.block)
        .map(|block| block.members)
        .unwrap_or_default();
    for (name, value) in members {
        if let Some(Err(what)) = value.text().map(|text| cx.resolve(args.block, text)) {
            return args.fail(cx, name, what);
        }
    }
    args.fail_whole(cx, format!("a {sort} whose name is not known"))
}

/// Says that the provider refuses to delete an object.
pub(crate) fn keep(cx: &mut Cx<'_, '_>, address: &str) {
    if let Some(object) = cx.out.objects.get_mut(address) {
        object.kept = true;
    }
}

/// The address of a block's own object, or of the one that it is a part of.
pub(crate) fn own(cx: &mut Cx<'_, '_>, args: &Args<'_>) -> Read<String> {
    match cx.world.address(args.block) {
        Some(address) => Ok(address.to_string()),
        None => args.fail_whole(cx, "a part of an object whose name is not known"),
    }
}
