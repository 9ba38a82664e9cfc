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
    let mut stores = Vec::new();
    for (id, thing) in cx.model.things.iter() {
        if thing.existing.is_some() || !matches!(thing.detail, Detail::Resource) {
            continue;
        }
        let Some(kind) = cx
            .model
            .kinds
            .get(thing.kind)
            .filter(|kind| !kind.means.is_empty())
        else {
            continue;
        };
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
            continue;
        }
        let (Some(account), Some(stack)) = (cx.account_of(id), cx.stacks.of_thing(id)) else {
            report.compiler_bug(format!("`{name}` is made in no account"));
            continue;
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
            blocks.extend(made.listeners(&forwards, report));
        }
        stores.push(Store {
            thing: name.to_owned(),
            kind: cx.text(kind.name).to_owned(),
            account: cx.text(account.name).to_owned(),
            stack,
            blocks,
            holds_data: kind.words.holds_data,
            because: cx.declared(thing.span, ""),
        });
    }
    stores.sort_by(|a, b| (&a.account, &a.thing).cmp(&(&b.account, &b.thing)));
    stores
}
