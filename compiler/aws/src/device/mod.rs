//! Device classes with their IoT policies, and topic rules.

mod bundle;
mod policy;
mod registry;
mod rule;
mod subscription;
pub(crate) mod topic;

use std::collections::BTreeMap;

use diagnostics::Report;
use model::thing::Detail;

use crate::context::Context;
use crate::deployment::device::{Class, TopicRule};
use crate::deployment::identity::Identity;
use crate::grant::{Grant, Place};
use crate::name::label;

/// Classes and rules, sorted by account and name.
pub(crate) fn lower(
    cx: &Context<'_>,
    grants: &BTreeMap<Place, Vec<Grant>>,
    identity: &Identity,
    report: &mut Report,
) -> (Vec<Class>, Vec<TopicRule>) {
    (
        classes(cx, grants, report),
        rule::rules(cx, grants, identity, report),
    )
}

fn classes(cx: &Context<'_>, grants: &BTreeMap<Place, Vec<Grant>>, report: &mut Report) -> Vec<Class> {
    let mut classes = Vec::new();
    for (id, thing) in cx.model.things.iter() {
        let Detail::Class(_) = thing.detail else { continue };
        let name = cx.text(thing.name);
        let has_policy = cx.graph.addresses.device_policies.contains_key(&id);
        let of_class = grants.get(&Place::Device(id)).map_or(&[][..], Vec::as_slice);
        if !has_policy && !of_class.is_empty() {
            report.compiler_bug(format!(
                "`{name}` reaches the IoT service without an identity there"
            ));
        }
        subscription::check(cx, thing, of_class, report);
        let named = registry::attributes(cx, thing, of_class, report);
        let account = cx.account_of(id).filter(|_| has_policy);
        let mut class = Class {
            name: name.to_owned(),
            physical: cx.physical(thing).to_owned(),
            account: account.map(|account| cx.text(account.name).to_owned()),
            stack: cx.stacks.of_thing(id),
            label: label(name),
            renamed_from: thing.renamed_from.map(|(name, _)| label(cx.text(name))),
            hardware: String::new(),
            attributes: Vec::new(),
            named,
            registry: None,
            members: 0,
            inventory_digest: String::new(),
            identities: Vec::new(),
            policies: policy::documents(cx, thing, of_class, report),
            endpoints: Vec::new(),
            firewalls: Vec::new(),
            residuals: Vec::new(),
            because: cx.declared(thing.span, "A class of devices"),
        };
        if class.stack.is_some() && !class.policies.is_empty() {
            class.registry = registry::things(cx, thing, &class.named, report);
        }
        bundle::complete(cx, id, &mut class, report);
        classes.push(class);
    }
    classes.sort_by(|a, b| (&a.account, &a.name).cmp(&(&b.account, &b.name)));
    classes
}
