//! Where everything is, as the table of [`crate::address`] has it.

use std::collections::BTreeMap;

use arena::Name;
use diagnostics::Diagnostic;
use model::actor::RunsOn;
use model::place::{Network, NetworkId, Segment, Within};
use model::project::Account;
use model::thing::{Detail, Thing, ThingId};
use model::value::Block;
use pattern::word::Letter;

use super::Build;
use super::expand::{Filling, Whose};
use crate::address::Role;
use crate::fault::SAME_ADDRESS;

impl<'m> Build<'m> {
    /// Fills the table of addresses and refuses two things that the provider could not tell apart.
    pub(super) fn addresses(&mut self) {
        let model = self.model;
        for (id, network) in model.networks.iter() {
            if let Some(address) = self.network_address(network) {
                self.graph.addresses.networks.insert(id, address);
            }
        }
        for (id, segment) in model.segments.iter() {
            if let Within::Network(network) = segment.within {
                let subnets = self.subnet_addresses(network, segment);
                self.graph.addresses.subnets.insert(id, subnets);
            }
        }
        for (id, thing) in model.things.iter() {
            self.thing_addresses(id, thing);
        }
        self.refuse_same_addresses();
        self.graph.addresses.assigned = super::assigned::assigned(model, &self.graph.addresses.objects);
    }

    fn thing_addresses(&mut self, id: ThingId, thing: &'m Thing) {
        let Some(kind) = self.model.kinds.get(thing.kind) else {
            return;
        };
        let is_key = kind
            .words
            .service
            .is_some_and(|service| self.text(service) == "kms");
        if kind.words.arn.is_some() || is_key {
            let arn = model::template::Template {
                pieces: vec![model::template::Piece::Placeholder(
                    model::template::Placeholder::Arn,
                )],
                span: thing.span,
            };
            let filled = self.fill(
                &arn,
                Filling {
                    thing: id,
                    whose: Whose::Reached,
                    part: None,
                },
            );
            if let Some(filled) = filled {
                // The end of a balancer's ARN is the provider's, whether a kind says so by a symbol or by `*`.
                let is_balancer = kind
                    .words
                    .service
                    .is_some_and(|service| self.text(service) == "elasticloadbalancing");
                let assigned = is_balancer
                    || filled
                        .pattern
                        .unknowns()
                        .any(|letter| matches!(letter, Letter::Symbol(_)));
                let address = if assigned {
                    self.assigned_address(thing)
                } else {
                    Some(self.shown(&filled.pattern))
                };
                if let Some(address) = address {
                    self.graph.addresses.objects.insert(id, address);
                }
                self.graph.addresses.things.insert(id, filled.pattern);
            }
        } else if matches!(thing.detail, Detail::Resource)
            && let Some(address) = self.assigned_address(thing)
        {
            self.graph.addresses.objects.insert(id, address);
        }
        if self.has_own_role(thing)
            && let Some((account_id, account)) = self.account_of(thing)
        {
            let role = self.role(thing, account);
            self.graph.addresses.roles.insert((id, account_id), role);
        }
        if let Detail::Class(class) = &thing.detail
            && class
                .identities
                .iter()
                .any(|identity| identity.word == model::actor::IdentityWord::X509)
            && let Some((_, account)) = self.account_of(thing)
        {
            let [partition, region, number] =
                [account.partition, account.region, account.number].map(|name| self.text(name));
            let address = format!(
                "arn:{partition}:iot:{region}:{number}:policy/{}",
                self.physical(thing)
            );
            self.graph.addresses.device_policies.insert(id, address);
        }
        let network =
            self.home(thing)
                .into_iter()
                .find_map(|segment| match self.model.segments.get(segment)?.within {
                    Within::Network(network) => self.graph.addresses.networks.get(&network),
                    Within::Site(_) => None,
                });
        if let Some(network) = network {
            let worn = thing.existing.and_then(|existing| existing.wears);
            let address = match worn {
                Some((group, _)) => self.text(group).to_owned(),
                None => format!("sg:{network}/{}", self.physical(thing)),
            };
            self.graph.addresses.groups.insert(id, address);
        }
    }

    /// Whether the actor has a role whatever it may reach: people and externals get theirs with the first access.
    fn has_own_role(&self, thing: &Thing) -> bool {
        match &thing.detail {
            Detail::Workload(workload) => match workload.runs_on {
                None
                | Some(
                    RunsOn::Lambda | RunsOn::Ecs | RunsOn::Ec2 | RunsOn::Eks | RunsOn::Ci | RunsOn::IotOta,
                ) => true,
                Some(RunsOn::Onprem | RunsOn::Device(_)) => false,
            },
            Detail::Resource => self.acts(thing).is_some(),
            Detail::Class(_) | Detail::People(_) | Detail::External(_) => false,
        }
    }

    /// The service principal under which a resource acts.
    pub(crate) fn acts(&self, thing: &Thing) -> Option<Name> {
        self.model.kinds.get(thing.kind)?.words.acts
    }

    /// Its name in the cloud. What exists of a workload is its role: whatever else it has bears its declared name.
    pub(crate) fn physical(&self, thing: &Thing) -> &'m str {
        self.text(thing.called())
    }

    /// The role of an actor in an account. An existing actor's role is the one that it names.
    pub(crate) fn role(&self, thing: &Thing, account: &Account) -> Role {
        let existing = thing.existing.map(|existing| existing.name);
        let physical = self.text(existing.unwrap_or(thing.physical.name));
        if let Some((_, name)) = physical
            .split_once(":role/")
            .filter(|_| physical.starts_with("arn:"))
        {
            return Role {
                // The provider knows a role by its name; the path is of its address only.
                name: name.rsplit('/').next().unwrap_or(name).to_owned(),
                arn: physical.to_owned(),
            };
        }
        let [partition, number] = [account.partition, account.number].map(|name| self.text(name));
        Role {
            name: physical.to_owned(),
            arn: format!("arn:{partition}:iam::{number}:role/{physical}"),
        }
    }

    /// The address of a thing whose ARN holds what the provider assigns, or that has none.
    pub(crate) fn assigned_address(&self, thing: &Thing) -> Option<String> {
        let (_, account) = self.account_of(thing)?;
        let [region, number] = [account.region, account.number].map(|name| self.text(name));
        let kind = self.model.kinds.get(thing.kind)?;
        let name = self.physical(thing);
        Some(
            match kind.words.service.map_or("", |service| self.text(service)) {
                // An alias that exists may be said with its sort.
                "kms" => format!(
                    "kms:{number}:{region}:alias/{}",
                    crate::address::alias(name).unwrap_or(name)
                ),
                "secretsmanager" => format!("secretsmanager:{number}:{region}:{name}"),
                "elasticloadbalancing" => format!("lb:{number}:{region}:{name}"),
                _ => format!("{}:{number}:{region}:{name}", self.text(kind.name)),
            },
        )
    }

    /// A pattern as a text: letters by their keys, in braces.
    pub(crate) fn shown(&self, pattern: &pattern::pattern::Pattern) -> String {
        self.graph.shown(pattern)
    }

    fn network_address(&self, network: &Network) -> Option<String> {
        let account = self.model.accounts.get(network.account)?;
        let name = match network.existing {
            Some((existing, _)) => self.text(existing).to_owned(),
            None => network.cidr.to_string(),
        };
        Some(format!(
            "vpc:{}:{}:{name}",
            self.text(account.number),
            self.text(account.region)
        ))
    }

    fn subnet_addresses(&self, network: NetworkId, segment: &Segment) -> Vec<String> {
        if !segment.existing.is_empty() {
            return segment
                .existing
                .iter()
                .map(|(id, _)| self.text(*id).to_owned())
                .collect();
        }
        let Some(network) = self.model.networks.get(network) else {
            return Vec::new();
        };
        let Some(account) = self.model.accounts.get(network.account) else {
            return Vec::new();
        };
        let (number, region) = (self.text(account.number), self.text(account.region));
        (0..network.zones.len())
            .filter_map(|zone| {
                Some(format!(
                    "subnet:{number}:{region}:{}",
                    carved(segment.cidr, network.carve, zone)?
                ))
            })
            .collect()
    }

    /// Policies and groups are told apart without regard to case; so are things that are named by their `physical`. Roles
    /// are told apart by who has them, see [`super::identity`].
    fn refuse_same_addresses(&mut self) {
        if !self.is_whole {
            return;
        }
        let mut seen: BTreeMap<String, ThingId> = BTreeMap::new();
        let addresses = &self.graph.addresses;
        let policies = addresses
            .device_policies
            .iter()
            .map(|(thing, address)| (*thing, address.as_str()));
        let groups = addresses
            .groups
            .iter()
            .map(|(thing, address)| (*thing, address.as_str()));
        let objects = addresses
            .objects
            .iter()
            .filter(|(thing, _)| self.is_named(**thing))
            .map(|(thing, address)| (*thing, address.as_str()));
        let mut same = Vec::new();
        for (thing, address) in policies.chain(groups).chain(objects) {
            match seen.insert(crate::address::canonical(address).to_ascii_lowercase(), thing) {
                Some(other) if other != thing => same.push((other, thing)),
                Some(_) | None => {}
            }
        }
        for (first, second) in same {
            let (Some(first), Some(second)) = (self.model.things.get(first), self.model.things.get(second))
            else {
                continue;
            };
            let message = format!(
                "`{}` and `{}` have the same name in the cloud, `{}`",
                self.text(first.name),
                self.text(second.name),
                self.physical(second)
            );
            let place = |thing: &Thing| {
                thing
                    .existing
                    .map_or(thing.physical.span, |existing| existing.span)
            };
            let mut diagnostic =
                Diagnostic::new(&SAME_ADDRESS, place(second), message).label(place(first), "the other one");
            let (one, other) = (self.physical(first), self.physical(second));
            if one != other && one.eq_ignore_ascii_case(other) {
                diagnostic = diagnostic.note("the provider does not tell names apart by case");
            }
            diagnostic = diagnostic.help(match first.existing.or(second.existing) {
                Some(_) => "declare it once, and name that everywhere",
                None => "give one of them another `physical`",
            });
            self.report.push(diagnostic);
        }
    }

    /// Whether a thing's address comes from its `physical`: a topic's does not, and two topics may overlap.
    fn is_named(&self, thing: ThingId) -> bool {
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
            .is_none_or(|arn| arn.pieces.contains(&physical))
    }
}

/// The part `index` of a block that is cut into `parts` equal ones, a power of two.
fn carved(block: Block, parts: u32, index: usize) -> Option<Block> {
    let bits = u8::try_from(parts.max(1).next_power_of_two().trailing_zeros()).ok()?;
    let prefix_bits = block.prefix_bits.checked_add(bits)?;
    let width: u32 = if block.six { 128 } else { 32 };
    let free = width.checked_sub(u32::from(prefix_bits))?;
    let offset = (index as u128).checked_shl(free)?;
    Some(Block {
        six: block.six,
        first: block.first | offset,
        prefix_bits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_cut_into_equal_parts() {
        let block = Block {
            six: false,
            first: 0x0a28_0000,
            prefix_bits: 22,
        };
        let parts: Vec<String> = (0..2)
            .filter_map(|index| carved(block, 2, index))
            .map(|part| part.to_string())
            .collect();
        assert_eq!(parts, ["10.40.0.0/23", "10.40.2.0/23"]);
        assert_eq!(carved(block, 4, 3).unwrap().to_string(), "10.40.3.0/24");
        assert_eq!(carved(block, 1, 0).unwrap(), block);
    }
}
