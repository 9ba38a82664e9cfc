//! What an access or a flow counts as, where a question names capabilities; and whose names may lie in another's.

use arena::Name;
use model::thing::{Detail, ThingId};
use model::trust::End;

use super::Index;
use crate::flow::{Endpoint, Flow};

impl<'a> Index<'a> {
    /// Whether names of this thing may lie in another's: its address comes from a path, not from its own name.
    #[must_use]
    pub fn may_overlap(&self, thing: ThingId) -> bool {
        let Some(thing) = self.model.things.get(thing) else {
            return false;
        };
        let Some(kind) = self.model.kinds.get(thing.kind) else {
            return false;
        };
        let physical = model::template::Piece::Placeholder(model::template::Placeholder::Physical);
        kind.words
            .arn
            .as_ref()
            .is_some_and(|arn| !arn.pieces.contains(&physical))
    }

    /// Whether an access belongs to one of these capabilities; any access if none is named.
    #[must_use]
    pub fn is_allowed(&self, access: &crate::access::Access, allow: &[Name]) -> bool {
        allow.is_empty()
            || self
                .capabilities(access)
                .iter()
                .any(|capable| allow.contains(&capable.capability))
    }

    /// Whether one of these capabilities opens connections; true if none is named.
    #[must_use]
    pub fn allows_connecting(&self, allow: &[Name]) -> bool {
        allow.is_empty()
            || self.model.kinds.iter().any(|(_, kind)| {
                kind.words
                    .capabilities
                    .iter()
                    .any(|capability| capability.connects && allow.contains(&capability.name))
            })
    }

    /// The flows by which people connect, from the addresses that their trusts name.
    pub fn people_flows(&self, people: Option<ThingId>) -> impl Iterator<Item = &'a Flow> + use<'a, '_> {
        let is_people = people.is_some_and(|people| {
            self.model
                .things
                .get(people)
                .is_some_and(|thing| matches!(thing.detail, Detail::People(_)))
        });
        let flows = if is_people { &self.graph.flows[..] } else { &[] };
        flows.iter().filter(move |flow| {
            matches!(flow.from, Endpoint::Addresses(_))
                && self
                    .trust_of(flow.because)
                    .and_then(|trust| self.model.trusts.get(trust))
                    .is_some_and(|trust| {
                        trust
                            .subjects
                            .iter()
                            .any(|subject| people.is_some_and(|people| subject.end == End::Thing(people)))
                    })
        })
    }
}
