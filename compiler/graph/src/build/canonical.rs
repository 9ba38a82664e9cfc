//! The lists of the graph in order and without repetitions, and the residuals that declarations accept.

use model::thing::{Detail, PartDetail};
use rayon::prelude::*;

use super::Build;
use crate::TrustGraph;
use crate::access::Access;
use crate::fault::UNENFORCEABLE_CONDITION;
use crate::reason::Residual;

impl Build<'_> {
    /// What a declaration accepts: the second factor of people, and who may log in to a listener.
    pub(super) fn declared_residuals(&mut self) {
        let model = self.model;
        for (_, thing) in model.things.iter() {
            let Detail::People(people) = &thing.detail else {
                continue;
            };
            let Some(mfa) = people.mfa else { continue };
            let name = self.text(thing.name);
            if mfa.accept_idp {
                self.residuals.insert(Residual {
                    span: mfa.span,
                    substitute: "idp-mfa".to_owned(),
                    what: format!("the identity provider of `{name}` sees to the second factor; no layer of the cloud does"),
                });
            } else if people.from.is_some() && self.is_whole {
                self.refuse_condition(
                    thing,
                    "mfa",
                    mfa.span,
                    "what the provider sends does not say whether a second factor was given",
                    "write `accept=idp-mfa` to rely on the identity provider for it",
                );
            }
        }
        for (_, part) in model.parts.iter() {
            let PartDetail::Listener(listener) = &part.detail else {
                continue;
            };
            let (Some(login), Some(owner)) = (listener.login, model.things.get(part.of)) else {
                continue;
            };
            let (name, provider) = (
                self.text(owner.name),
                model
                    .providers
                    .get(login.provider)
                    .map_or("", |provider| self.text(provider.name)),
            );
            if login.accept_assignment {
                self.residuals.insert(Residual {
                    span: login.span,
                    substitute: "idp-assignment".to_owned(),
                    what: format!("`{provider}` decides who may log in to `{name}`; no layer of the cloud tells one group from another"),
                });
            } else if self.is_whole {
                self.report.push(
                    diagnostics::Diagnostic::new(&UNENFORCEABLE_CONDITION, login.span, format!("who may log in to `{name}` cannot be enforced"))
                        .note(format!("whoever `{provider}` assigns to the application gets in, whatever group a trust names"))
                        .help("write `accept=idp-assignment` to rely on the identity provider for it"),
                );
            }
        }
    }

    /// Sorts, joins what differs in its reason alone, and hands the graph over.
    pub(super) fn finish(mut self) -> TrustGraph {
        self.graph.residuals = self.residuals.into_iter().collect();
        let mut graph = self.graph;
        graph.accesses.par_sort_unstable();
        let mut also = Vec::new();
        let mut kept: Vec<Access> = Vec::with_capacity(graph.accesses.len());
        for access in graph.accesses {
            match kept.last() {
                Some(last)
                    if (Access {
                        because: access.because,
                        ..*last
                    }) == access =>
                {
                    if last.because != access.because {
                        also.push((kept.len() as u32 - 1, access.because));
                    }
                }
                Some(_) | None => kept.push(access),
            }
        }
        also.sort_unstable();
        also.dedup();
        graph.accesses = kept;
        graph.also = also;
        graph.flows.sort_unstable();
        graph.flows.dedup_by(|later, earlier| {
            (crate::flow::Flow {
                because: later.because,
                ..*earlier
            }) == *later
        });
        graph.settings.sort_unstable();
        graph.settings.dedup();
        graph.restrictions.sort_unstable();
        graph
            .restrictions
            .dedup_by(|later, earlier| (later.resource, later.when) == (earlier.resource, earlier.when));
        graph
    }
}
