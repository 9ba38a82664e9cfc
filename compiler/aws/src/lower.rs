//! The spine: a checked graph to a Deployment.

use checks::Checked;
use diagnostics::Report;

use crate::context::Context;
use crate::deployment::{Account, Deployment};
use crate::{device, grant, identity, name, network, stack, store, tag};

/// Decides everything that the provider needs for one environment.
///
/// - Shape: `None` if something is refused; nothing is ever dropped.
/// - Reports: names that the provider does not take, conditions that it cannot say, documents above a quota, and what
///   networks and stores refuse.
#[must_use]
pub fn lower(checked: &Checked<'_>, report: &mut Report) -> Option<Deployment> {
    let (model, graph) = (checked.model(), checked.graph());
    let found = report.diagnostics().len();
    let stacks = stack::assign(checked, report);
    let cx = Context::new(checked, stacks);
    name::check(&cx, report);
    device::topic::check(&cx, report);
    tag::check(&cx, report);
    let stores = store::lower(&cx, report);
    let networks = network::lower(&cx, report);
    let (grants, sides) = grant::group(&cx, report);
    let (identity, requests) = identity::lower(&cx, &grants, &stores, report);
    let (classes, rules) = device::lower(&cx, &grants, &identity, report);
    let refused = report
        .diagnostics()
        .iter()
        .skip(found)
        .any(|diagnostic| diagnostic.code.severity == diagnostics::Severity::Error);
    if refused {
        return None;
    }
    let text = |name| model.names.text(name).to_owned();
    Some(Deployment {
        project: text(model.project.name),
        environment: model.project.environment.map(text),
        tags: model
            .project
            .tags
            .iter()
            .map(|(key, value)| (text(*key), text(*value)))
            .collect(),
        accounts: accounts(&cx),
        symbols: graph.addresses.symbols.clone(),
        variables: cx.variables.clone(),
        origins: stack::origins(&cx),
        identifiers: graph.addresses.assigned.clone(),
        identity,
        networks,
        stores,
        classes,
        rules,
        requests,
        sides,
        stacks: cx.stacks.into_list(),
    })
}

fn accounts(cx: &Context<'_>) -> Vec<Account> {
    let text = |name| cx.text(name).to_owned();
    cx.stacks
        .accounts()
        .iter()
        .filter_map(|id| cx.account(*id))
        .map(|account| Account {
            name: text(account.name),
            number: text(account.number),
            region: text(account.region),
            partition: text(account.partition),
        })
        .collect()
}
