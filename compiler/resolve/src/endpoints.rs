//! Private endpoints in networks: where ours stand, and whose name they take.

use std::borrow::Cow;

use arena::Name;
use diagnostics::Diagnostic;
use model::place::{ExistingEndpoint, Within};
use source::Span;

use crate::actors::UNACCEPTED_SUBSTITUTE;
use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::existing::{check_id, existing_one};
use crate::line::Line;

/// `endpoints`, in a network that exists `endpoints accept=takes-over-name`; where that is accepted.
///
/// An endpoint with private names answers for its service in the whole network, whoever asks.
///
/// Source: AWS PrivateLink guide, "Access an AWS service using an interface VPC endpoint", private DNS; read 2026-11-30.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, within: Within) -> Option<Span> {
    let mut entries = Entries::of(cx, line);
    let network = match within {
        Within::Network(network) => cx.model.networks.get(network),
        Within::Site(_) => None,
    };
    let existing = network.and_then(|network| network.existing);
    // In a network that we create there is nobody else, and nothing to accept.
    let accepted = existing.is_some() && cx.accepts(&mut entries, "takes-over-name");
    entries.finish_leaf(cx);
    if let Some((id, span)) = existing.filter(|_| !accepted) {
        let message = format!(
            "private endpoints take over the names of their services for everybody in `{}`",
            cx.text_of(id)
        );
        cx.push(
            Diagnostic::new(&UNACCEPTED_SUBSTITUTE, line.head(), message)
                .label(span, "this network exists, and others may live in it")
                .note("whoever in it asks for such a service is led to our endpoint, which lets through what this project declares")
                .help(
                    "accept it on this very fact, `endpoints accept=takes-over-name`, or name the endpoints that it has: `endpoint s3 { existing \"vpce-…\"; wears \"sg-…\" }` in the network's block",
                ),
        );
    }
    accepted.then(|| line.head())
}

/// `endpoint s3 { existing "vpce-…"; wears "sg-…" }`, once for each service of a network that exists.
pub(crate) fn existing<'a>(
    cx: &mut Cx<'a, '_>,
    body: &mut Body<'a>,
    what: &str,
    network: Option<(Name, Span)>,
) -> Vec<ExistingEndpoint> {
    let mut found = Vec::new();
    for line in body.several(cx, "endpoint") {
        let mut entries = Entries::of(cx, &line);
        let service = entries.need(cx, "a service, `s3`");
        entries.finish(cx);
        cx.fact(line.head());
        let mut facts = Body::of(Cow::Borrowed("endpoint"), std::slice::from_ref(&line));
        let id = facts.one(cx, "existing");
        let id = id.and_then(|line| existing_one(cx, &line, "the id of the endpoint"));
        let worn = wears(cx, &mut facts);
        facts.finish(cx);
        if network.is_none() {
            let message = format!("{what} is created, and has no endpoints before that");
            cx.push(
                Diagnostic::new(&body::UNKNOWN_FACT, line.head(), message)
                    .help("say `endpoints` in one of its segments: those that are needed are created there"),
            );
            continue;
        }
        if id.is_none() {
            let help =
                "an endpoint of its own is made by `endpoints` in a segment: write `existing \"vpce-…\"`";
            body::missing(cx, "`endpoint`", "existing", line.head(), help);
        }
        if worn.is_none() {
            let help = "rules name it by its group: write `wears \"sg-…\"`";
            body::missing(cx, "`endpoint`", "wears", line.head(), help);
        }
        if let Some((id, span)) = id {
            check_id(cx, (id, span), ("vpce-", "an endpoint"), u8::is_ascii_hexdigit);
        }
        if let (Some(service), Some(existing), Some(wears)) = (service, id, worn) {
            let text = cx.text(&service);
            found.push(ExistingEndpoint {
                service: cx.intern(&text),
                existing,
                wears,
                span: line.head(),
            });
        }
    }
    found
}

/// `wears "sg-…"`
pub(crate) fn wears<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Option<(Name, Span)> {
    let line = body.one(cx, "wears")?;
    let worn = existing_one(cx, &line, "the id of a group");
    cx.fact(line.head());
    let worn = worn?;
    check_id(cx, worn, ("sg-", "a security group"), u8::is_ascii_hexdigit);
    Some(worn)
}
