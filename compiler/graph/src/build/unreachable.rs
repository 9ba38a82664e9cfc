//! Connections that a trust declares and that no packet makes, whatever is emitted: they are refused where they are said.

use diagnostics::Diagnostic;
use model::actor::RunsOn;
use model::place::{Exposure, SegmentId, Within};
use model::thing::Detail;
use model::value::Block;
use source::Span;

use super::listener::Joined;
use super::{Build, Subject};
use crate::access::{Pairs, PairsId};
use crate::fault::{NO_PATH, UNENFORCEABLE_CONDITION};

impl<'m> Build<'m> {
    /// Whether every home of the listener's owner can be reached from the internet; reports if not.
    pub(super) fn exposed(&mut self, joined: &Joined<'m>) -> bool {
        let homes = self.home(joined.owner);
        if homes.is_empty() {
            self.no_place(joined.owner, joined.object.span);
            return false;
        }
        let hidden = homes.into_iter().find_map(|id| {
            let segment = self.model.segments.get(id)?;
            (segment.exposure != Exposure::Public).then_some(segment)
        });
        let Some(segment) = hidden else { return true };
        let message = format!(
            "`{}` cannot be reached from the internet: its segment `{}` is not public",
            self.text(joined.owner.name),
            self.text(segment.name)
        );
        self.report.push(
            Diagnostic::new(&NO_PATH, joined.object.span, message)
                .label(segment.span, "the segment")
                .help("put a balancer into a public segment, or say `exposure public` there"),
        );
        false
    }

    /// Whether every home of the subject may send to the internet; reports if not.
    pub(super) fn leaves(&mut self, subject: &Subject<'m>, homes: &[SegmentId], joined: &Joined<'m>) -> bool {
        let closed = homes.iter().find_map(|id| {
            let segment = self.model.segments.get(*id)?;
            (segment.exposure == Exposure::Isolated).then_some(segment)
        });
        let Some(segment) = closed else {
            let four = self.families(joined.owner).iter().any(|((four, _), _)| *four);
            let is_refused = self.refuse_untranslated(subject, homes, joined)
                || four && self.refuse_function_outside(subject, homes);
            return !is_refused;
        };
        let message = format!(
            "`{}` cannot reach `{}`: its segment `{}` has no route out",
            self.text(subject.thing.name),
            self.text(joined.owner.name),
            self.text(segment.name)
        );
        self.report.push(
            Diagnostic::new(&NO_PATH, subject.span, message)
                .label(segment.span, "isolated")
                .help("move it into a private segment"),
        );
        false
    }

    /// Says that nothing joins two places.
    pub(super) fn no_path(
        &mut self,
        subject: &Subject<'m>,
        from: SegmentId,
        to: SegmentId,
        joined: &Joined<'m>,
    ) {
        let (Some(from), Some(to)) = (self.model.segments.get(from), self.model.segments.get(to)) else {
            return;
        };
        let message = format!(
            "there is no path from `{}` to `{}`",
            self.text(subject.thing.name),
            self.text(joined.owner.name)
        );
        self.report.push(
            Diagnostic::new(&NO_PATH, subject.span, message)
                .label(from.span, "from here")
                .label(to.span, "to here")
                .note("different places are joined by `connects` only, and an isolated segment has no route to another place")
                .help("say `connects` in the site, or put both into one place"),
        );
    }

    /// Refuses sides without a common family. Of members that `same` keeps apart it is not asked: they never meet.
    pub(super) fn refuse_apart(
        &mut self,
        subject: &Subject<'m>,
        joined: &Joined<'m>,
        pairs: PairsId,
    ) -> bool {
        let is_by_value = matches!(self.graph.pairs.get(pairs), Some(Pairs::Equal(_)));
        let sides = (subject.thing, joined.owner);
        !is_by_value && self.refuse_without_family(sides, &joined.listener.ports, subject.span)
    }

    /// Who is in a private segment of a network leaves it through a gateway that translates addresses, which carries three protocols.
    /// Whether it was refused.
    ///
    /// Source: Amazon VPC user guide, "NAT gateways", read 2026-12-01.
    fn refuse_untranslated(
        &mut self,
        subject: &Subject<'m>,
        homes: &[SegmentId],
        joined: &Joined<'m>,
    ) -> bool {
        /// ICMP, TCP, UDP; ICMPv6 goes out without translation.
        const CARRIED: [u8; 4] = [1, 6, 17, 58];
        let ports = &joined.listener.ports;
        let Some(other) = ports.iter().find(|ports| !CARRIED.contains(&ports.protocol)) else {
            return false;
        };
        let four = self.families(joined.owner).iter().any(|((four, _), _)| *four);
        let private = homes.iter().find_map(|home| {
            let segment = self.model.segments.get(*home)?;
            let is_behind =
                segment.exposure == Exposure::Private && matches!(segment.within, Within::Network(_));
            is_behind.then_some(segment)
        });
        let Some(segment) = private.filter(|_| four) else {
            return false;
        };
        let message = format!("no NAT gateway carries the protocol {}", other.protocol);
        self.report.push(
            Diagnostic::new(&NO_PATH, subject.span, message)
                .label(segment.span, "a private segment: what leaves it is translated")
                .note("a NAT gateway carries TCP, UDP and ICMP")
                .help("move who sends into a public segment"),
        );
        true
    }

    /// A function's interface never has a public address, so that a public segment is none for it. Whether it was refused.
    ///
    /// Source: AWS Lambda developer guide, "Enable internet access for VPC-connected Lambda functions", read 2026-12-01.
    pub(crate) fn refuse_function_outside(&mut self, subject: &Subject<'m>, homes: &[SegmentId]) -> bool {
        let is_function = matches!(
            &subject.thing.detail,
            Detail::Workload(workload) if workload.runs_on == Some(RunsOn::Lambda)
        );
        let public = homes.iter().find_map(|home| {
            let segment = self.model.segments.get(*home)?;
            (segment.exposure == Exposure::Public).then_some(segment)
        });
        let Some(segment) = public.filter(|_| is_function) else {
            return false;
        };
        let name = self.text(subject.thing.name);
        let message = format!("`{name}` has no way to the internet: it is a function in a public segment");
        self.report.push(
            Diagnostic::new(&NO_PATH, subject.span, message)
                .label(segment.span, "the segment")
                .note("a function's interface gets no public address, and a public segment has no other way out")
                .help("move it into a private segment"),
        );
        true
    }

    /// Addresses of people that lie in a segment of a network that is made here: what stands there has to be declared, or no rule lets
    /// its packets out. Of another site, nothing leads here. Whether it was refused.
    pub(super) fn refuse_people_inside(&mut self, blocks: &[Block], span: Span, joined: &Joined<'m>) -> bool {
        let homes = self.home(joined.owner);
        let found = self.model.segments.iter().find_map(|(id, segment)| {
            let block = *blocks
                .iter()
                .find(|block| segment.cidr.holds(**block) || block.holds(segment.cidr))?;
            match segment.within {
                Within::Network(network) => {
                    let network = self.model.networks.get(network)?;
                    network.existing.is_none().then_some((block, segment, true))
                }
                Within::Site(_) => {
                    let is_joined = homes.iter().all(|home| self.connected(id, *home));
                    (!is_joined).then_some((block, segment, false))
                }
            }
        });
        let Some((block, segment, is_made)) = found else {
            return self.refuse_people_nowhere(blocks, span);
        };
        let (name, place) = (self.text(joined.owner.name), self.text(segment.name));
        let diagnostic = if is_made {
            let message = format!(
                "`{block}` lies in the segment `{place}`, which is made here, and nobody there may send"
            );
            Diagnostic::new(&UNENFORCEABLE_CONDITION, span, message)
                .note("the list of a segment lets out what is declared there")
                .help(format!(
                    "declare what people sit at, `workload NAME segment={place} runs-on=ec2`, and trust that"
                ))
        } else {
            let message = format!("nothing leads from `{block}` in the segment `{place}` to `{name}`");
            Diagnostic::new(&NO_PATH, span, message)
                .help("say `connects` in that site, or name addresses of a place that is connected")
        };
        self.report.push(diagnostic.label(segment.span, "the segment"));
        true
    }

    /// What is sent to the first or the last address of a segment reaches everybody there, unless it is of TCP, which no such packet
    /// opens. So whoever may send to a block that holds one of these may send to all. Whether it was refused.
    ///
    /// Source: RFC 919, RFC 1122, 3.2.1.3 and 3.3.6.
    pub(super) fn refuse_broadcast(
        &mut self,
        subject: &Subject<'m>,
        homes: &[SegmentId],
        joined: &Joined<'m>,
    ) -> bool {
        const TCP: u8 = 6;
        if joined.listener.ports.iter().all(|ports| ports.protocol == TCP) {
            return false;
        }
        let blocks: Vec<Block> = match &joined.owner.detail {
            Detail::Workload(workload) => workload.at.iter().map(|(block, _)| *block).collect(),
            Detail::Class(class) => class.at.iter().flat_map(|at| at.values.iter().copied()).collect(),
            Detail::People(_) | Detail::External(_) | Detail::Resource => Vec::new(),
        };
        let found = homes.iter().find_map(|home| {
            let segment = self.model.segments.get(*home)?;
            let (own, is_site) = (segment.cidr, matches!(segment.within, Within::Site(_)));
            let of_all = [own.first, own.last()];
            let holds = |block: &&Block| {
                let is_part = own.holds(**block) && **block != own && own.prefix_bits < 31;
                is_part
                    && of_all
                        .iter()
                        .any(|address| (block.first..=block.last()).contains(address))
            };
            let block = *blocks.iter().filter(|_| is_site).find(holds)?;
            let held = of_all
                .into_iter()
                .find(|address| (block.first..=block.last()).contains(address))?;
            Some((segment, block, held))
        });
        let Some((segment, block, held)) = found else {
            return false;
        };
        let single = Block {
            six: false,
            first: held,
            prefix_bits: 32,
        };
        let name = self.text(joined.owner.name);
        let message = format!(
            "`{name}` is at {block}, and what is sent to {single} of it reaches everybody in the segment"
        );
        self.report.push(
            Diagnostic::new(&NO_PATH, subject.span, message)
                .label(segment.span, "on this link")
                .note("the first and the last address of a segment are of no machine, and of all")
                .help(format!(
                    "say smaller blocks, or single addresses, in `at` of `{name}`"
                )),
        );
        true
    }

    /// Addresses of a network that is made here, and of none of its segments: nobody has them. Whether it was refused.
    fn refuse_people_nowhere(&mut self, blocks: &[Block], span: Span) -> bool {
        let found = self.model.networks.iter().find_map(|(_, network)| {
            let block = *blocks.iter().find(|block| network.cidr.holds(**block))?;
            network.existing.is_none().then_some((block, network))
        });
        let Some((block, network)) = found else {
            return false;
        };
        let name = self.text(network.name);
        let message = format!("nobody has an address of `{block}`: no segment of `{name}` holds it");
        self.report.push(
            Diagnostic::new(&UNENFORCEABLE_CONDITION, span, message)
                .label(network.span, "the network")
                .help("name addresses from which people come"),
        );
        true
    }
}
