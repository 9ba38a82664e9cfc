//! Which guards an access is granted by. On which side is what lowering says: nothing is taken from it but this, and it is
//! checked. Clause 2 is decided here, term by term: the table of formulas says whether the sides suffice, and whether one of
//! them could go; each guard is then held to exactly its share.

use checks::Checked;
use graph::access::{Access, Principal, Resource, Sides};
use model::project::AccountId;
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use pattern::word::Word;
use rayon::prelude::*;
use read::facts::document::PrincipalName;

use crate::because::span_of;
use crate::witness::{Refusal, Sort};
use relation::formula::{Formula, Met};
use relation::guard::{Guard, Who, federation, is_of_device};

/// The accesses of a graph by the guards that grant them.
#[derive(Clone, Copy)]
pub(crate) struct Split<'a> {
    pub(crate) checked: &'a Checked<'a>,
    /// In the order of the graph's accesses.
    pub(crate) sides: &'a [Sides],
}

/// On whose side a guard stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Of who acts: it names nobody.
    Caller,
    /// Of what is reached: it names who acts.
    Reached,
}

/// Accesses that the guards which hold them do not grant together, or that one of these guards would grant alone.
pub(crate) fn composed(split: Split<'_>) -> Vec<Refusal> {
    let graph = split.checked.graph();
    let accesses = graph.accesses.par_iter().enumerate();
    let wrong = accesses.filter_map(|(position, access)| {
        let (sort, what) = match split.met(position, access) {
            Met::Exactly => return None,
            Met::Not => (Sort::FallsShort, "is granted by no documents that suffice"),
            Met::Twice => (Sort::Idle, "is granted twice, where one document suffices"),
        };
        let message = format!("`{}` on what is declared {what}", graph.words.text(access.action));
        Some(Refusal::new(sort, "", message).declared(span_of(split.checked, access.because)))
    });
    wrong.collect()
}

impl<'a> Split<'a> {
    /// The sides of the access at this position: none, where nothing was said.
    fn said(&self, position: usize) -> Sides {
        self.sides.get(position).copied().unwrap_or_default()
    }

    /// Whether the sides together grant the access, and each of them is needed.
    fn met(&self, position: usize, access: &Access) -> Met {
        let (model, graph) = (self.checked.model(), self.checked.graph());
        Formula::of_access(model, graph, access).met(self.said(position))
    }

    /// The guards that grant an access.
    ///
    /// # Errors
    /// What has no guard on the side that is said.
    pub(crate) fn guards(&self, position: usize, access: &Access) -> Result<Vec<(Guard, Side)>, String> {
        let sides = self.said(position);
        let mut guards = Vec::new();
        if sides.caller {
            let caller = self.caller(position, access)?.into_iter();
            guards.extend(caller.map(|guard| (guard, Side::Caller)));
        }
        if sides.reached {
            self.reached(access, &mut guards)?;
        }
        Ok(guards)
    }

    /// The principal that a guard of an access names.
    ///
    /// # Errors
    /// An actor that nothing can name.
    pub(crate) fn who(&self, access: &Access, side: Side) -> Result<Who, String> {
        match side {
            Side::Caller => Ok(Who::Own),
            Side::Reached => self
                .named(access)
                .ok_or_else(|| "an actor without a name".to_owned()),
        }
    }

    /// The documents of who acts.
    fn caller(&self, position: usize, access: &Access) -> Result<Vec<Guard>, String> {
        let action = self.checked.graph().words.text(access.action);
        match access.principal {
            Principal::Class(thing) if is_of_device(action) => Ok(vec![Guard::Device(thing)]),
            // A rule's statement selects what the rule receives; it has no subscription apart from that.
            Principal::Acting(_) if action == "iot:Subscribe" => Ok(Vec::new()),
            Principal::Acting(thing) if action == "iot:Receive" => Ok(vec![Guard::Rule(thing)]),
            Principal::External(thing) if access.resource == Resource::Unscoped => {
                self.everywhere(position, thing)
            }
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => {
                let home = self.home(access, thing).ok_or("an actor without a role")?;
                Ok(vec![Guard::Identity(thing, home)])
            }
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
                Err("documents of somebody who has none".to_owned())
            }
        }
    }

    /// The document of what is reached, or of each role that is become.
    fn reached(&self, access: &Access, guards: &mut Vec<(Guard, Side)>) -> Result<(), String> {
        match access.resource {
            Resource::Thing(thing) => guards.push((Guard::Resource(thing), Side::Reached)),
            Resource::Identity(actor) => {
                let within = self.checked.graph().patterns.get(access.within);
                let is_meant = |arn: &str| {
                    let arn = Word::text(arn);
                    within.zip(arn).is_some_and(|(within, arn)| within.matches(&arn))
                };
                let roles = self.roles(actor).filter(|(_, arn)| is_meant(arn));
                guards.extend(roles.map(|(home, _)| (Guard::Trust(actor, home), Side::Reached)));
            }
            Resource::Part(_) | Resource::Unscoped => {
                return Err("an access to what has no document of its own".to_owned());
            }
        }
        Ok(())
    }

    /// The documents of an external's roles for what has no resource: one in the account of each object that needs it.
    fn everywhere(&self, position: usize, actor: ThingId) -> Result<Vec<Guard>, String> {
        let graph = self.checked.graph();
        let position = u32::try_from(position).map_err(|_| "an access out of reach")?;
        let homes = graph::unscoped::accounts(self.checked.model(), graph, position);
        let has_role = |home: &AccountId| graph.addresses.roles.contains_key(&(actor, *home));
        if homes.is_empty() || !homes.iter().all(has_role) {
            return Err("an actor without a role".to_owned());
        }
        let guards = homes.into_iter().map(|home| Guard::Identity(actor, home));
        Ok(guards.collect())
    }

    /// The account of the role by which an actor acts: an external has one in the account of what it reaches.
    fn home(&self, access: &Access, actor: ThingId) -> Option<AccountId> {
        let account = |thing| self.checked.model().things.get(thing)?.account;
        let home = match (access.principal, access.resource) {
            (Principal::External(_), Resource::Thing(thing)) => {
                let accounts = &self.checked.model().accounts;
                account(thing).map(|account| model::project::home_of(accounts, account))
            }
            (Principal::External(_), Resource::Identity(_)) => self.of_clients(access, actor),
            _ => account(actor),
        }?;
        let roles = &self.checked.graph().addresses.roles;
        roles.contains_key(&(actor, home)).then_some(home)
    }

    /// The account of the broker to whose clients an access speaks, among those in which the actor has a role.
    fn of_clients(&self, access: &Access, actor: ThingId) -> Option<AccountId> {
        let model = self.checked.model();
        let client = self.checked.graph().patterns.get(access.within)?.sample();
        let mut homes = self.roles(actor).map(|(home, _)| home);
        homes.find(|home| {
            let all = model.accounts.get(*home).and_then(|account| {
                let [region, number] = [account.region, account.number].map(|name| model.names.text(name));
                Pattern::glob(&format!("arn:*:iot:{region}:{number}:client/*"))
            });
            all.is_some_and(|all| all.matches(&client))
        })
    }

    fn roles(&self, actor: ThingId) -> impl Iterator<Item = (AccountId, &'a str)> {
        let roles = self
            .checked
            .graph()
            .addresses
            .roles
            .range((actor, AccountId::new(0))..);
        roles
            .take_while(move |((thing, _), _)| *thing == actor)
            .map(|((_, account), role)| (*account, role.arn.as_str()))
    }

    /// Who acts, as the documents of others name it.
    pub(crate) fn named(&self, access: &Access) -> Option<Who> {
        let (model, graph) = (self.checked.model(), self.checked.graph());
        let name = match access.principal {
            Principal::Workload(thing)
            | Principal::Class(thing)
            | Principal::People(thing)
            | Principal::Acting(thing)
            | Principal::External(thing) => {
                let comes = matches!(access.resource, Resource::Identity(_));
                match comes.then(|| self.foreign(thing)).flatten() {
                    Some(foreign) => foreign,
                    None => {
                        let home = self.home(access, thing)?;
                        let role = graph.addresses.roles.get(&(thing, home))?;
                        PrincipalName::Role(role.arn.clone())
                    }
                }
            }
            Principal::Service(service) => PrincipalName::Service(graph.words.text(service).to_owned()),
            Principal::Federation(provider, account) => {
                PrincipalName::Federated(federation(model, provider, account)?)
            }
            Principal::Steward(account) => {
                let account = model.accounts.get(account)?;
                let (role, _) = account.steward?;
                let [partition, number, role] =
                    [account.partition, account.number, role].map(|name| model.names.text(name));
                PrincipalName::Role(format!("arn:{partition}:iam::{number}:{role}"))
            }
            Principal::Anyone => return Some(Who::Anyone),
        };
        Some(Who::Named(name))
    }

    /// The foreign principal that an external is.
    fn foreign(&self, thing: ThingId) -> Option<PrincipalName> {
        let model = self.checked.model();
        let Detail::External(external) = &model.things.get(thing)?.detail else {
            return None;
        };
        let text = |(name, _)| model.names.text(name).to_owned();
        let role = external.role.map(|role| PrincipalName::Role(text(role)));
        role.or_else(|| {
            external
                .account
                .map(|account| PrincipalName::Account(text(account)))
        })
    }
}
