//! Trusts on listeners: flows.

use diagnostics::Diagnostic;
use model::actor::{Address, External, RunsOn};
use model::thing::{Detail, Listener, Part, Thing, ThingId};
use model::trust::{Condition, Named, Trust};
use model::value::Block;
use source::Span;

use super::member::Members;
use super::{Build, Subject};
use crate::access::PairsId;
use crate::fault::{NO_PLACE, UNENFORCEABLE_ADDRESS, UNENFORCEABLE_CONDITION, VOID_SELF};
use crate::flow::{Endpoint, Flow, Reach};
use crate::reason::ReasonId;

/// What a trust on a listener joins.
pub(super) struct Joined<'m> {
    pub(super) owner_id: ThingId,
    pub(super) owner: &'m Thing,
    pub(super) listener: &'m Listener,
    pub(super) object: Named,
}

impl<'m> Build<'m> {
    /// Adds the flows of one subject to one listener.
    pub(super) fn listener_trust(
        &mut self,
        trust: &'m Trust,
        reason: ReasonId,
        subject: Option<&Subject<'m>>,
        part: &'m Part,
        listener: &'m Listener,
        object: Named,
    ) {
        let Some(owner) = self.thing(part.of) else { return };
        let joined = Joined {
            owner_id: part.of,
            owner,
            listener,
            object,
        };
        let Some(kind) = self.model.kinds.get(part.kind) else {
            return;
        };
        for (name, span) in &trust.allow {
            let connects = kind
                .words
                .capabilities
                .iter()
                .any(|capability| capability.name == *name && capability.connects);
            if !connects {
                self.not_lowered(
                    *span,
                    part.span,
                    "reaching a listener through a session on its host",
                );
                return;
            }
        }
        let Some(pairs) = self.flow_pairs(trust, subject, &joined) else {
            return;
        };
        match subject.map(|subject| (subject, &subject.thing.detail)) {
            None => self.open_to_anyone(trust, reason, &joined, pairs),
            Some((subject, Detail::People(_))) => self.open_to_people(trust, reason, subject, &joined, pairs),
            Some((subject, Detail::External(external))) => {
                self.open_to_external(trust, reason, subject, external, &joined, pairs)
            }
            Some((subject, Detail::Workload(_) | Detail::Class(_) | Detail::Resource)) => {
                self.open_to_placed(trust, reason, subject, &joined, pairs)
            }
        }
    }

    /// Which members meet; `None` if refused.
    fn flow_pairs(
        &mut self,
        trust: &'m Trust,
        subject: Option<&Subject<'m>>,
        joined: &Joined<'m>,
    ) -> Option<PairsId> {
        let acting = subject.map_or(Members::One, |subject| subject.members);
        let reached = self.members(joined.owner_id, joined.owner);
        if let (Members::People(_), Some((_, span)), Some(subject)) = (acting, trust.same.first(), subject) {
            self.refuse_condition(
                subject.thing,
                "same",
                *span,
                "a connection does not say whose it is",
                "leave it out, or put a login in front",
            );
            return None;
        }
        if !trust.narrow.is_empty() {
            self.impossible("a listener is narrowed");
            return None;
        }
        let relations = self.relations(trust, acting, reached);
        // A device that connects to itself needs no flow; `others` leaves the pairs of two.
        let between = relations.iter().rev().find(|relation| relation.pairs != self.own);
        if between.is_none() && !relations.is_empty() {
            self.report.push(
                Diagnostic::new(
                    &VOID_SELF,
                    trust.span,
                    "this trust joins each device with itself only",
                )
                .label(joined.object.span, "the class of the subject")
                .note("a device needs no trust to connect to itself")
                .help(
                    "write `others` if the devices of the class connect to each other, or take the trust out",
                ),
            );
        }
        between.map(|relation| relation.pairs)
    }

    /// Conditions that no packet carries are refused; the blocks of `source` are returned.
    fn packet_conditions(
        &mut self,
        trust: &'m Trust,
        who: &str,
        login: bool,
    ) -> Option<Vec<(Vec<Block>, Span)>> {
        let mut sources = Vec::new();
        let mut refused = false;
        for condition in &trust.when {
            let (what, span) = match condition {
                Condition::Source { blocks, span } => {
                    let nowhere = |block: &&Block| block.is_private() && !self.is_declared_place(**block);
                    if let Some(block) = blocks.iter().find(nowhere).copied() {
                        self.refuse_nowhere(block, *span);
                        refused = true;
                    }
                    sources.push((blocks.clone(), *span));
                    continue;
                }
                // The provider of the login sees to it: the residual is printed with the login.
                Condition::MfaAge { accept_idp: true, .. } if login => continue,
                Condition::MfaAge { span, .. } => ("mfa-age", *span),
                Condition::Attribute { span, .. } => ("attribute", *span),
                Condition::Until { span, .. } => ("until", *span),
            };
            refused = true;
            self.report.push(
                Diagnostic::new(
                    &UNENFORCEABLE_CONDITION,
                    span,
                    format!("`{what}` cannot be enforced for a connection of `{who}`"),
                )
                .note("no packet carries it")
                .help("leave it out, or name the addresses by `source`"),
            );
        }
        (!refused).then_some(sources)
    }

    /// No packet comes from a private address that no declared place holds: such a source would never hold.
    fn refuse_nowhere(&mut self, block: Block, span: Span) {
        let message =
            format!("nothing ever comes from `{block}`: it is private, and no declared place holds it");
        self.report.push(
            Diagnostic::new(&UNENFORCEABLE_CONDITION, span, message)
                .note("on the internet nobody has a private address, and what is inside lies in a network or a site")
                .help("name addresses of a declared site or network, or the public addresses by which they come"),
        );
    }

    fn open_to_anyone(&mut self, trust: &'m Trust, reason: ReasonId, joined: &Joined<'m>, pairs: PairsId) {
        let Some(sources) = self.packet_conditions(trust, "internet", false) else {
            return;
        };
        if sources.is_empty() {
            let exposed = self.exposed(joined);
            if exposed {
                self.flow(Endpoint::Internet, Reach::Public, joined, pairs, reason);
            }
        } else {
            self.open_to_addresses(&sources, reason, joined, pairs);
        }
    }

    fn open_to_people(
        &mut self,
        trust: &'m Trust,
        reason: ReasonId,
        subject: &Subject<'m>,
        joined: &Joined<'m>,
        pairs: PairsId,
    ) {
        let name = self.text(subject.thing.name);
        let Some(sources) = self.packet_conditions(trust, name, joined.listener.login.is_some()) else {
            return;
        };
        if sources.is_empty() {
            self.impossible("people connect from nowhere said");
            return;
        }
        self.open_to_addresses(&sources, reason, joined, pairs);
    }

    fn open_to_addresses(
        &mut self,
        sources: &[(Vec<Block>, Span)],
        reason: ReasonId,
        joined: &Joined<'m>,
        pairs: PairsId,
    ) {
        let mut blocks = sources.iter().map(|(blocks, _)| blocks.clone());
        let Some(first) = blocks.next() else { return };
        let common = blocks.fold(first, |common, next| intersection(&common, &next));
        let (private, public): (Vec<Block>, Vec<Block>) = common
            .into_iter()
            .partition(|block| self.is_declared_place(*block));
        for (blocks, reach) in [(private, Reach::Private), (public, Reach::Public)] {
            if blocks.is_empty() || (reach == Reach::Public && !self.exposed(joined)) {
                continue;
            }
            let span = sources.first().map_or(joined.object.span, |(_, span)| *span);
            if reach == Reach::Private && self.refuse_people_inside(&blocks, span, joined) {
                continue;
            }
            let blocks = self.graph.blocks.intern(disjoint(blocks));
            self.flow(Endpoint::Addresses(blocks), reach, joined, pairs, reason);
        }
    }

    fn open_to_external(
        &mut self,
        trust: &'m Trust,
        reason: ReasonId,
        subject: &Subject<'m>,
        external: &'m External,
        joined: &Joined<'m>,
        pairs: PairsId,
    ) {
        let name = self.text(subject.thing.name);
        let Some(sources) = self.packet_conditions(trust, name, false) else {
            return;
        };
        if let Some((_, span)) = sources.first() {
            self.refuse_condition(
                subject.thing,
                "source",
                *span,
                "its addresses stand in its declaration",
                "leave it out",
            );
            return;
        }
        if self.has_addresses(external, subject.thing, subject.span)
            && self.exposed(joined)
            && !self.refuse_apart(subject, joined, pairs)
        {
            self.flow(Endpoint::Thing(subject.id), Reach::Public, joined, pairs, reason);
        }
    }

    fn open_to_placed(
        &mut self,
        trust: &'m Trust,
        reason: ReasonId,
        subject: &Subject<'m>,
        joined: &Joined<'m>,
        pairs: PairsId,
    ) {
        let name = self.text(subject.thing.name);
        let Some(sources) = self.packet_conditions(trust, name, false) else {
            return;
        };
        if let Some((_, span)) = sources.first() {
            self.refuse_condition(
                subject.thing,
                "source",
                *span,
                "its segment says from where it speaks",
                "leave it out",
            );
            return;
        }
        let homes = self.home(subject.thing);
        if homes.is_empty() {
            self.no_place(subject.thing, subject.span);
            return;
        }
        let from = Endpoint::Thing(subject.id);
        if let Detail::External(external) = &joined.owner.detail {
            if self.has_addresses(external, joined.owner, joined.object.span)
                && self.leaves(subject, &homes, joined)
                && !self.refuse_apart(subject, joined, pairs)
            {
                self.flow(from, Reach::Public, joined, pairs, reason);
            }
            return;
        }
        let to = self.home(joined.owner);
        if to.is_empty() {
            self.no_place(joined.owner, joined.object.span);
            return;
        }
        let broken = homes
            .iter()
            .flat_map(|from| to.iter().map(move |to| (*from, *to)))
            .find(|(from, to)| !self.connected(*from, *to));
        if let Some((from, to)) = broken {
            self.no_path(subject, from, to, joined);
            return;
        }
        if self.refuse_apart(subject, joined, pairs) || self.refuse_broadcast(subject, &homes, joined) {
            return;
        }
        self.flow(from, Reach::Private, joined, pairs, reason);
        self.entail_lease([&homes, &to]);
    }

    fn flow(&mut self, from: Endpoint, reach: Reach, joined: &Joined<'m>, pairs: PairsId, because: ReasonId) {
        let ports = self.port_set(joined.listener.ports.clone());
        let when = self.everything;
        self.graph.flows.push(Flow {
            from,
            to: Endpoint::Thing(joined.owner_id),
            ports,
            reach,
            pairs,
            when,
            because,
        });
    }

    fn has_addresses(&mut self, external: &External, thing: &Thing, span: Span) -> bool {
        let name = self.text(thing.name);
        let host = external.at.iter().find_map(|(address, at)| match address {
            Address::Host(host) => Some((*host, *at)),
            Address::Block(_) => None,
        });
        if let Some((host, at)) = host {
            let host = self.text(host);
            self.report.push(
                Diagnostic::new(
                    &UNENFORCEABLE_ADDRESS,
                    at,
                    format!("`{host}` is a name, and no layer that is emitted decides by name"),
                )
                .label(span, "the trust that needs it")
                .note("addresses behind a name change without notice")
                .help("name the blocks of addresses: `at \"203.0.113.0/24\"`"),
            );
            return false;
        }
        if external.at.is_empty() {
            self.report.push(
                Diagnostic::new(
                    &NO_PLACE,
                    span,
                    format!("`{name}` has no address, so no connection can be opened or admitted"),
                )
                .label(thing.span, "declared here")
                .help("say where it is: `at \"203.0.113.0/24\"`"),
            );
            return false;
        }
        true
    }

    pub(super) fn no_place(&mut self, thing: &Thing, span: Span) {
        let name = self.text(thing.name);
        self.report.push(
            Diagnostic::new(
                &NO_PLACE,
                span,
                format!("`{name}` has no segment, so no connection can be opened or admitted"),
            )
            .label(thing.span, "declared here")
            .help(match &thing.detail {
                Detail::Workload(workload) if workload.runs_on == Some(RunsOn::Ci) => {
                    "a job stands in no network of yours: let a workload of a segment connect, or take the trust out"
                }
                _ => "say `segment=` where it is declared",
            }),
        );
    }
}

fn intersection(left: &[Block], right: &[Block]) -> Vec<Block> {
    let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b)));
    pairs
        .filter_map(|(a, b)| {
            if a.holds(b) {
                Some(b)
            } else {
                b.holds(a).then_some(a)
            }
        })
        .collect()
}

/// Sorted, and without blocks that lie in others.
fn disjoint(mut blocks: Vec<Block>) -> Vec<Block> {
    blocks.sort_unstable_by_key(|block| (block.six, block.first, block.prefix_bits));
    blocks.dedup_by(|later, earlier| earlier.holds(*later));
    blocks
}
