//! Flows that a wider trust gives without the limits of a narrower one.

use std::collections::{BTreeMap, BTreeSet};

use model::thing::ThingId;
use model::trust::End;
use model::value::Ports;

use super::{Void, holds};
use crate::access::Pairs;
use crate::flow::{Endpoint, Flow};
use crate::question::Index;

impl Index<'_> {
    /// Flows that another one gives, wider: from more addresses, on more ports, between more members.
    pub(super) fn void_flows(&self, found: &mut BTreeSet<Void>) {
        let mut by_ends: BTreeMap<(Endpoint, Sender), Vec<&Flow>> = BTreeMap::new();
        for flow in &self.graph.flows {
            for sender in self.senders(flow) {
                by_ends.entry((flow.to, sender)).or_default().push(flow);
            }
        }
        for flow in &self.graph.flows {
            if self.narrowing(flow.because).is_none() {
                continue;
            }
            for sender in self.senders(flow).into_iter().chain([Sender::Everybody]) {
                let wider = by_ends.get(&(flow.to, sender)).into_iter().flatten();
                for wider in wider.filter(|wider| self.is_wider_flow(wider, flow)) {
                    if let (Some(trust), Some(wider)) =
                        (self.narrowing(flow.because), self.directly(wider.because))
                        && trust != wider
                    {
                        found.insert(Void { trust, wider });
                    }
                }
            }
        }
    }

    /// Who opens a flow. Of two groups of people at one address, what the one may is no word about the other.
    fn senders(&self, flow: &Flow) -> Vec<Sender> {
        match flow.from {
            Endpoint::Thing(thing) => vec![Sender::Thing(thing)],
            Endpoint::Internet => vec![Sender::Everybody],
            Endpoint::Service(_) => Vec::new(),
            Endpoint::Addresses(_) => {
                let trust = self.directly(flow.because);
                let trust = trust.and_then(|trust| self.model.trusts.get(trust));
                let subjects = trust.into_iter().flat_map(|trust| &trust.subjects);
                subjects
                    .filter_map(|subject| match subject.end {
                        End::Thing(people) => Some(Sender::Thing(people)),
                        End::Part(_) | End::Account(_) | End::Internet => None,
                    })
                    .collect()
            }
        }
    }

    fn is_wider_flow(&self, wider: &Flow, flow: &Flow) -> bool {
        let graph = self.graph;
        let ends = |flow: &Flow| (flow.from, flow.ports, flow.pairs, flow.when);
        if ends(wider) == ends(flow) {
            return false;
        }
        let (Some(more), Some(less)) = (graph.ports.get(wider.ports), graph.ports.get(flow.ports)) else {
            return false;
        };
        let (Some(many), Some(few)) = (graph.pairs.get(wider.pairs), graph.pairs.get(flow.pairs)) else {
            return false;
        };
        let (Some(often), Some(seldom)) = (graph.regions.get(wider.when), graph.regions.get(flow.when))
        else {
            return false;
        };
        let from = match (wider.from, flow.from) {
            (Endpoint::Internet, _) => true,
            (Endpoint::Addresses(many), Endpoint::Addresses(few)) => {
                let of = |blocks| {
                    let blocks = graph.blocks.get(blocks).into_iter().flatten();
                    blocks
                        .map(|block| (u8::from(block.six), block.first, block.last()))
                        .collect()
                };
                covers(of(many), &of(few))
            }
            (wide, narrow) => wide == narrow,
        };
        let of = |ports: &[Ports]| -> Vec<Run> {
            let ports = ports.iter();
            ports
                .map(|ports| (ports.protocol, ports.first.into(), ports.last.into()))
                .collect()
        };
        from && covers(of(more), &of(less)) && members(many, few) && seldom.is_subset(often)
    }
}

/// Whether every two members that meet by `few` meet by `many`. What a member sends to itself never leaves it.
fn members(many: &Pairs, few: &Pairs) -> bool {
    matches!(
        (many, few),
        (Pairs::Others, Pairs::All | Pairs::Own | Pairs::Equal(_))
    ) || holds(many, few)
}

/// Who opens a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Thing(ThingId),
    Everybody,
}

/// Numbers of one sort, first and last.
type Run = (u8, u128, u128);

/// Whether some runs together hold each of others.
fn covers(mut many: Vec<Run>, few: &[Run]) -> bool {
    many.sort_unstable();
    few.iter().all(|(sort, first, last)| {
        let mut next = Some(*first);
        for (_, from, to) in many.iter().filter(|(own, ..)| own == sort) {
            next = match next {
                Some(open) if *from <= open && open <= *to => to.checked_add(1),
                open => open,
            };
        }
        next.is_none_or(|next| next > *last)
    })
}
