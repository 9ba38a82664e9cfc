//! `via KIND CAPABILITY`: reading an encrypted store needs its key.
//!
//! A capability that says `via key decrypt` gives, besides its own actions, the capability `decrypt` of the thing that
//! the object's reference of kind `key` names. An object without such a reference needs nothing. The rule follows
//! itself, and a circle of references ends where it began.
//!
//! A key is used through the store only: `kms:ViaService` is the store's service in its region. What the trust narrows
//! to does not narrow the key: the store's service uses it for the object that the caller may reach. The address from
//! which the caller speaks is not asked again, since the service's call does not carry it; the caller's attributes and
//! the time are.

use arena::Name;
use model::kind::Capability;
use model::thing::ThingId;
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;

use crate::access::RegionId;
use crate::build::{Build, Grant, Whose};

impl Build<'_> {
    /// Adds what a capability needs of what its object refers to.
    pub(crate) fn entail_via(
        &mut self,
        object: ThingId,
        capability: &Capability,
        whose: Whose,
        seen: &mut Vec<(ThingId, Name)>,
        grants: &mut Vec<Grant>,
    ) {
        for via in &capability.via {
            for target in self.references(object, via.kind) {
                if seen.contains(&(target, via.capability)) {
                    continue;
                }
                let Some(needed) = self.capability(target, via.capability) else {
                    continue;
                };
                seen.push((target, via.capability));
                let limit = self.via_service(object, target);
                let first = grants.len();
                for action in &needed.actions {
                    self.action_grants(target, action, &[], whose, grants);
                }
                for index in first..grants.len() {
                    let Some(when) = grants.get(index).map(|grant| grant.when) else {
                        continue;
                    };
                    let when = match limit {
                        Some(limit) => self.both(when, limit),
                        None => when,
                    };
                    if let Some(grant) = grants.get_mut(index) {
                        grant.when = when;
                        grant.via = true;
                        grant.has_part = false;
                    }
                }
                self.entail_via(target, needed, whose, seen, grants);
                seen.pop();
            }
        }
    }

    /// For a key: only through the service of the thing that it encrypts.
    fn via_service(&mut self, object: ThingId, target: ThingId) -> Option<RegionId> {
        let (object, target) = (self.model.things.get(object)?, self.model.things.get(target)?);
        let target_service = self.model.kinds.get(target.kind)?.words.service?;
        if self.text(target_service) != "kms" {
            return None;
        }
        let service = self.text(self.model.kinds.get(object.kind)?.words.service?);
        let (_, account) = self.account_of(object)?;
        let host = Word::text(&format!(
            "{service}.{}.{}",
            self.text(account.region),
            self.suffix(account)
        ))?;
        let region = Region::only(Key::new("kms:ViaService"), Values::text(Words::just(&host)));
        Some(self.graph.regions.intern(region))
    }
}
