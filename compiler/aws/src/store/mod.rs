//! Stores: what a kind's means create.

mod balancer;
mod block;
mod fault;
mod fill;
mod key;
mod placed;
mod refer;

use diagnostics::{Diagnostic, Report};
use model::thing::{Detail, Thing, ThingId};
use rayon::prelude::*;

use crate::context::Context;
use crate::deployment::store::Store;
use crate::name::label;

pub(crate) use fault::CODES;

/// A thing that is being lowered, with what every part of that needs.
struct Made<'c, 'a> {
    cx: &'c Context<'a>,
    id: ThingId,
    thing: &'a Thing,
    kind: &'a model::kind::Kind,
    account: &'a model::project::Account,
    /// Its root module.
    stack: usize,
    label: String,
}

/// Stores, sorted by account and declared name.
///
/// - Shape: one for each declared thing whose kind has means, and which does not exist already.
/// - Reports: the codes of this folder; a block that cannot be written whole is not written.
pub(crate) fn lower(cx: &Context<'_>, report: &mut Report) -> Vec<Store> {
    key::check(cx, report);
    let forwards = balancer::Forwards::of(cx);
    forwards.refuse_unasked(cx, report);
    let things: Vec<(ThingId, &Thing)> = cx.model.things.iter().collect();
    let lowered: Vec<(Option<Store>, Report)> = things
        .into_par_iter()
        .map(|(id, thing)| {
            let mut report = Report::default();
            let store = store(cx, id, thing, &forwards, &mut report);
            (store, report)
        })
        .collect();
    let mut stores = Vec::new();
    for (store, found) in lowered {
        stores.extend(store);
        report.append(found);
    }
    stores.sort_by(|a, b| (&a.account, &a.thing).cmp(&(&b.account, &b.thing)));
    stores
}

fn store(
    cx: &Context<'_>,
    id: ThingId,
    thing: &Thing,
    forwards: &balancer::Forwards,
    report: &mut Report,
) -> Option<Store> {
    if thing.existing.is_some() || !matches!(thing.detail, Detail::Resource) {
        return None;
    }
    let kind = cx.model.kinds.get(thing.kind)?;
    if kind.means.is_empty() {
        return None;
    }
    let name = cx.text(thing.name);
    if let Some(class) = thing.family {
        report.push(
            Diagnostic::new(
                &fault::MEMBER_MEANS,
                thing.span,
                format!(
                    "`{name}` would have to be made once for each `{}`",
                    cx.name_of(class)
                ),
            )
            .help("declare one, and give each device its own part of it: `only \"{name}\"`"),
        );
        return None;
    }
    let (Some(account), Some(stack)) = (cx.account_of(id), cx.stacks.of_thing(id)) else {
        report.compiler_bug(format!("`{name}` is made in no account"));
        return None;
    };
    let made = Made {
        cx,
        id,
        thing,
        kind,
        account,
        stack,
        label: label(name),
    };
    let mut blocks = made.blocks(report);
    if blocks.iter().any(|block| block.resource_type == balancer::TYPE) {
        blocks.extend(made.listeners(forwards, report));
    }
    Some(Store {
        thing: name.to_owned(),
        kind: cx.text(kind.name).to_owned(),
        account: cx.text(account.name).to_owned(),
        stack,
        blocks,
        holds_data: kind.words.holds_data,
        because: cx.declared(thing.span, ""),
    })
}
