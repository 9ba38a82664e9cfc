//! Whoever speaks MQTT by a role connects first, under a name of its own.
//!
//! A workload, people or an external that may publish or subscribe to a topic may connect as each client whose id begins with
//! the name of its role and a hyphen: the broker drops the older of two connections with one id, so each instance has one of
//! its own. Nobody else is called so: a device whose name begins like that, or another actor of the broker whose
//! ids would meet these, is refused. Subscribing needs a connection; publishing by HTTPS needs none, and connecting under its own
//! name lets who publishes do nothing else.
//!
//! A rule publishes from inside the broker, and connects to nothing. A device connects as itself, see `session.rs`.
//!
//! The connection is allowed when the trust holds. Of two trusts of one actor of which one holds whenever the other does, the wider
//! one decides.
//!
//! Sources, read 2026-11-30: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html> ("The iot:Connect
//! permission is checked every time a connect request is sent to the broker"; client ids are unique),
//! <https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html> (MQTT over WebSockets with Signature Version 4; HTTPS publishes
//! only).

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use diagnostics::Diagnostic;
use model::project::{Account, AccountId};
use model::thing::{Detail, ThingId};
use pattern::pattern::Builder;
use source::Span;

use super::session::is_device_action;
use crate::access::{Access, Principal, RegionId, Resource};
use crate::build::Build;
use crate::fault::SHARED_CLIENT_ID;
use crate::reason::{ReasonId, Rule};

/// Who connects to the broker of which account.
pub(crate) type Client = (ThingId, AccountId);

/// A broker: partition, account number and region.
type Broker<'m> = (&'m str, &'m str, &'m str);

/// An actor of a broker with what its client ids begin with.
struct Named<'m> {
    actor: ThingId,
    name: &'m str,
    prefix: String,
    /// Where its name is said.
    span: Span,
}

/// What stands behind the name of the role in a client id.
const JOINT: char = '-';

impl<'m> Build<'m> {
    /// Notes that an actor publishes or subscribes by its role.
    pub(crate) fn client(
        &mut self,
        principal: Principal,
        account: Option<AccountId>,
        action: &str,
        because: (RegionId, ReasonId),
    ) {
        let actor = match principal {
            Principal::Workload(actor) | Principal::People(actor) | Principal::External(actor) => actor,
            Principal::Class(_)
            | Principal::Acting(_)
            | Principal::Service(_)
            | Principal::Federation(..)
            | Principal::Steward(_)
            | Principal::Anyone => return,
        };
        if let Some(account) = account.filter(|_| is_device_action(action)) {
            self.clients.entry((actor, account)).or_default().insert(because);
        }
    }

    /// Lets each actor that reaches a topic by its role connect.
    pub(crate) fn entail_clients(&mut self) {
        let clients = std::mem::take(&mut self.clients);
        let mut brokers: BTreeMap<Broker<'m>, Vec<Named<'m>>> = BTreeMap::new();
        for ((actor, account), trusts) in &clients {
            if let Some((broker, named)) = self.named_client(*actor, *account) {
                self.connecting(broker, &named, trusts);
                brokers.entry(broker).or_default().push(named);
            }
        }
        for (broker, mut named) in brokers {
            named.sort_by(|one, other| (&one.prefix, one.name).cmp(&(&other.prefix, other.name)));
            self.refuse_nested(&named);
            self.refuse_devices(broker, &named);
        }
    }

    fn named_client(&self, actor: ThingId, account: AccountId) -> Option<(Broker<'m>, Named<'m>)> {
        let thing = self.model.things.get(actor)?;
        let role = self.graph.addresses.roles.get(&(actor, account))?;
        // A role that exists may stand below a path, which is no part of its name.
        let name = role.name.rsplit('/').next()?;
        let named = Named {
            actor,
            name: self.text(thing.name),
            prefix: format!("{name}{JOINT}"),
            span: thing
                .existing
                .map_or(thing.physical.span, |existing| existing.span),
        };
        Some((self.broker(self.model.accounts.get(account)?), named))
    }

    fn broker(&self, account: &Account) -> Broker<'m> {
        let [partition, number, region] =
            [account.partition, account.number, account.region].map(|name: Name| self.text(name));
        (partition, number, region)
    }

    fn connecting(
        &mut self,
        (partition, number, region): Broker<'m>,
        named: &Named<'m>,
        trusts: &BTreeSet<(RegionId, ReasonId)>,
    ) -> Option<()> {
        let principal = match self.model.things.get(named.actor)?.detail {
            Detail::Workload(_) => Principal::Workload(named.actor),
            Detail::People(_) => Principal::People(named.actor),
            Detail::External(_) => Principal::External(named.actor),
            Detail::Class(_) | Detail::Resource => return None,
        };
        let mut clients = Builder::new();
        clients
            .text(&format!(
                "arn:{partition}:iot:{region}:{number}:client/{}",
                named.prefix
            ))
            .any();
        let within = self.graph.patterns.intern(clients.finish()?);
        let action = self.graph.words.intern("iot:Connect");
        for (when, because) in trusts {
            let when = self.widest(*when, trusts);
            let because = self.entailed(*because, Rule::Client);
            self.access(Access {
                principal,
                action,
                resource: Resource::Identity(named.actor),
                within,
                pairs: self.all,
                when,
                because,
            });
        }
        Some(())
    }

    /// The widest of these conditions that holds whenever one does.
    fn widest(&self, own: RegionId, trusts: &BTreeSet<(RegionId, ReasonId)>) -> RegionId {
        let regions = &self.graph.regions;
        let mut widest = own;
        for (other, _) in trusts {
            if let (Some(less), Some(more)) = (regions.get(widest), regions.get(*other))
                && less.is_subset(more)
            {
                widest = *other;
            }
        }
        widest
    }

    /// Refuses two actors of which one's ids are among the other's. What begins alike stands together.
    fn refuse_nested(&mut self, named: &[Named<'m>]) {
        let mut open: Vec<&Named<'m>> = Vec::new();
        for inner in named {
            open.retain(|outer| inner.prefix.starts_with(&outer.prefix));
            if let Some(outer) = open.last() {
                let message = format!(
                    "clients of `{}` may have the ids of clients of `{}`",
                    outer.name, inner.name
                );
                let note = format!(
                    "those of `{}` begin with `{}`, those of `{}` with `{}`; the broker knows a client by its id, and drops the \
                     older of two",
                    outer.name, outer.prefix, inner.name, inner.prefix
                );
                let help = format!(
                    "give `{}` a `physical` that does not begin with `{}`",
                    inner.name, outer.prefix
                );
                self.report.push(
                    Diagnostic::new(&SHARED_CLIENT_ID, inner.span, message)
                        .label(outer.span, "the other one")
                        .note(note)
                        .help(help),
                );
            }
            open.push(inner);
        }
    }

    /// Refuses devices whose client id, which is their name, a client of an actor may have.
    fn refuse_devices(&mut self, broker: Broker<'m>, named: &[Named<'m>]) {
        let by_prefix: BTreeMap<&str, &Named<'m>> =
            named.iter().map(|one| (one.prefix.as_str(), one)).collect();
        let model = self.model;
        for (class, thing) in model.things.iter() {
            let is_here = self
                .account_of(thing)
                .is_some_and(|(_, account)| self.broker(account) == broker);
            let has_things = self.graph.addresses.device_policies.contains_key(&class);
            let Some(fleet) = self.fleet(class).filter(|_| is_here && has_things) else {
                continue;
            };
            // By actor: the row of the first name, and how many more.
            let mut shared: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
            for row in 0..fleet.len() {
                let member = fleet.member(row);
                let begins = member
                    .match_indices(JOINT)
                    .filter_map(|(at, _)| member.get(..=at))
                    .filter(|begin| by_prefix.contains_key(begin));
                for begin in begins {
                    shared
                        .entry(begin)
                        .and_modify(|(first, more)| {
                            *more += 1;
                            if member < fleet.member(*first) {
                                *first = row;
                            }
                        })
                        .or_insert((row, 0));
                }
            }
            for (prefix, (row, more)) in shared {
                let Some(actor) = by_prefix.get(prefix) else {
                    continue;
                };
                let place = match &fleet.file {
                    Some((file, _)) => format!("row {} of `{}`", row + 1, self.text(*file)),
                    None => format!("device {} of this fleet", row + 1),
                };
                let more = match more {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                let message = format!(
                    "clients of `{}` could connect as `{}` of `{}`{more}",
                    actor.name,
                    fleet.member(row),
                    self.text(thing.name)
                );
                let note = format!(
                    "the ids of its clients begin with `{prefix}`, and the id of a device is its name: who connects as \
                     a device drops it, and is taken for it"
                );
                let help = format!(
                    "give `{}` a `physical` with which no device's name begins",
                    actor.name
                );
                self.report.push(
                    Diagnostic::new(&SHARED_CLIENT_ID, actor.span, message)
                        .label(fleet.span, place)
                        .note(note)
                        .help(help),
                );
            }
        }
    }
}
