//! Baselines: what a steward administers, and what every access to a kind is narrowed by.

use model::kind::{ActionUse, BaselineId, BaselineRule, KindId, Restriction as Rule};
use model::thing::Thing;
use pattern::values::Values;

use super::Build;
use super::expand::{Filling, Whose};
use crate::access::{Access, Principal, Resource, Restriction};
use crate::reason::Reason;

impl<'m> Build<'m> {
    /// Adds what the baselines that the project uses say.
    pub(super) fn baselines(&mut self) {
        let model = self.model;
        for (id, baseline) in model.baselines.iter() {
            match &baseline.rule {
                BaselineRule::Administer { kind, actions } => self.administer(id, *kind, actions),
                BaselineRule::Restrict { kinds, restriction } => self.restrict(id, kinds, *restriction),
            }
        }
    }

    /// Whether we write the thing's own policy.
    fn is_ours(thing: &Thing) -> bool {
        thing.existing.is_none_or(|existing| existing.is_ours())
    }

    fn administer(&mut self, id: BaselineId, kind: KindId, actions: &[ActionUse]) {
        let model = self.model;
        let because = self.reason(Reason::Baseline(id));
        for (thing_id, thing) in model
            .things
            .iter()
            .filter(|(_, thing)| thing.kind == kind && Self::is_ours(thing))
        {
            let Some((account_id, account)) = self.account_of(thing) else {
                continue;
            };
            if account.steward.is_none() {
                continue;
            }
            let Some(within) = self.graph.addresses.things.get(&thing_id).cloned() else {
                continue;
            };
            let within = self.graph.patterns.intern(within);
            let filling = Filling {
                thing: thing_id,
                whose: Whose::Own,
                part: None,
            };
            for used in actions {
                let Some((when, _)) = self.word_conditions(used, filling) else {
                    continue;
                };
                let when = self.graph.regions.intern(when);
                for action in &used.actions {
                    let action = self.word(*action);
                    let principal = Principal::Steward(account_id);
                    self.access(Access {
                        principal,
                        action,
                        resource: Resource::Thing(thing_id),
                        within,
                        pairs: self.all,
                        when,
                        because,
                    });
                }
            }
        }
    }

    fn restrict(&mut self, id: BaselineId, kinds: &[KindId], restriction: Rule) {
        let model = self.model;
        let because = self.reason(Reason::Baseline(id));
        let when = match restriction {
            Rule::TlsOnly => self.only("aws:SecureTransport", Values::flag(true)),
        };
        for (resource, thing) in model.things.iter() {
            if kinds.contains(&thing.kind) && Self::is_ours(thing) {
                self.graph.restrictions.push(Restriction {
                    resource,
                    when,
                    because,
                });
            }
        }
    }
}
