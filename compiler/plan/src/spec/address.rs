//! Addresses of a spec, and what they are called for people.

use std::collections::{BTreeMap, BTreeSet};

use graph::question::overlap::{Patterns, of_any_member};
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;

use super::Known;
use crate::letters::Letters;

impl Known<'_> {
    /// Learns every address by which files know something of the spec.
    pub(super) fn addresses(&mut self) {
        let (model, addresses) = (self.spec.model, &self.spec.graph.addresses);
        let mut canonical: BTreeMap<String, String> = BTreeMap::new();
        let mut things: BTreeMap<String, ThingId> = BTreeMap::new();
        let account = |id| {
            let account = model.accounts.get(id);
            account.map_or("", |account| model.names.text(account.name))
        };
        for ((thing, holder), role) in &addresses.roles {
            things.insert(role.arn.clone(), *thing);
            canonical.insert(
                format!("@{}/role/{}", account(*holder), role.name),
                role.arn.clone(),
            );
            // A role that exists is looked up by its name: bytes do not tell its path.
            if let Some((head, _)) = role.arn.split_once(":role/") {
                let plain = format!("{head}:role/{}", role.name);
                if plain != role.arn {
                    canonical.insert(plain, role.arn.clone());
                }
            }
        }
        let now: BTreeSet<&str> = model
            .things
            .iter()
            .map(|(_, thing)| model.names.text(thing.name))
            .collect();
        for (id, thing) in model.things.iter() {
            let own = model.names.text(thing.name);
            let old = thing.renamed_from.map(|(old, _)| model.names.text(old));
            // A name that another thing has now is that one's.
            let old = old.filter(|old| !now.contains(old));
            let names = [Some(own), old];
            let names = names.into_iter().flatten();
            if let Some(address) = addresses.objects.get(&id) {
                things.insert(address.clone(), id);
                if let Some(holder) = thing.account {
                    for name in names.clone() {
                        canonical.insert(format!("@{}/resource/{name}", account(holder)), address.clone());
                    }
                }
            }
            if let Some(address) = addresses.device_policies.get(&id) {
                things.insert(address.clone(), id);
                for name in names.clone() {
                    canonical.insert(format!("@devices/{name}"), address.clone());
                }
            }
            match &thing.detail {
                Detail::Class(_) => {
                    let host = format!("host {}", self.renamed.get(own).map_or(own, String::as_str));
                    things.insert(host.clone(), id);
                    for name in names {
                        canonical.insert(format!("host {name}"), host.clone());
                    }
                }
                Detail::External(external) => {
                    if let Some((role, _)) = external.role {
                        things.entry(model.names.text(role).to_owned()).or_insert(id);
                    }
                    if let Some((number, _)) = external.account {
                        things
                            .entry(format!("account {}", model.names.text(number)))
                            .or_insert(id);
                    }
                }
                Detail::Workload(_) | Detail::People(_) | Detail::Resource => {}
            }
        }
        for (thing, group) in &addresses.groups {
            things.insert(group.clone(), *thing);
        }
        (self.canonical, self.things) = (canonical, things);
    }

    /// What both sides call an address.
    pub(crate) fn canonical(&self, address: &str) -> String {
        if let Some(known) = self.canonical.get(address) {
            return known.clone();
        }
        // A role that is gone from the spec still has its account.
        if let Some((account, name)) = address
            .strip_prefix('@')
            .and_then(|rest| rest.split_once("/role/"))
        {
            let model = self.spec.model;
            let own = model
                .accounts
                .iter()
                .find(|(_, own)| model.names.text(own.name) == account);
            if let Some((_, own)) = own {
                let (partition, number) = (model.names.text(own.partition), model.names.text(own.number));
                return format!("arn:{partition}:iam::{number}:role/{name}");
            }
        }
        // Documents of one class beyond the first are called NAME-2, NAME-3 …: they are evaluated together.
        if address.contains(":policy/")
            && let Some((whole, number)) = address.rsplit_once('-')
            && number.parse::<u8>().is_ok()
            && self.things.contains_key(whole)
        {
            return whole.to_owned();
        }
        address.to_owned()
    }

    /// Whether an address is one of a thing under the name that it had before.
    pub(crate) fn is_former(&self, address: &str) -> Option<ThingId> {
        let model = self.spec.model;
        let canonical = self.canonical.get(address)?;
        let thing = *self.things.get(canonical)?;
        let (old, _) = model.things.get(thing)?.renamed_from?;
        let last = address.rsplit(['/', ' ']).next()?;
        (last == model.names.text(old)).then_some(thing)
    }

    /// The thing that an address is of.
    pub(crate) fn of_address(&self, address: &str) -> Option<ThingId> {
        let class = address.split_once('/').map_or(address, |(class, _)| class);
        let of_part = || self.things.get(class).filter(|_| class.starts_with("host "));
        self.things.get(address).or_else(of_part).copied()
    }

    /// Things by what their addresses hold: whole names, and what lies below.
    pub(super) fn objects(&self, letters: &Letters<'_>) -> &Patterns<ThingId> {
        self.objects.get_or_init(|| {
            let below = ["/*", ":*"].map(Pattern::glob);
            let things = self.spec.graph.addresses.things.iter();
            let mut all: Vec<(Pattern, ThingId)> = Vec::new();
            for (thing, arn) in things {
                let wide = of_any_member(&letters.declared(&self.spec.graph.addresses, arn));
                all.extend(below.iter().flatten().map(|below| (wide.concat(below), *thing)));
                all.push((wide, *thing));
            }
            Patterns::new(all)
        })
    }

    /// What people call an address: the declared name with what lies below it, else its last part.
    pub(crate) fn short(&self, address: &str) -> String {
        if let Some(thing) = self.things.get(address) {
            return self.name(*thing).to_owned();
        }
        // A part of a thing: its address, then `/` or `:`.
        let cuts: Vec<(usize, &str)> = address.match_indices(['/', ':']).collect();
        for (at, _) in cuts.into_iter().rev() {
            let (Some(whole), Some(part)) = (address.get(..at), address.get(at..)) else {
                continue;
            };
            if let Some(thing) = self.things.get(whole) {
                return format!("{}{part}", self.name(*thing));
            }
        }
        short(address)
    }
}

/// What people call an address that nobody declared: its last part, where it has one that tells.
pub(crate) fn short(address: &str) -> String {
    let is_place = address.contains("://")
        || address
            .split('/')
            .next()
            .is_some_and(|start| start.parse::<std::net::IpAddr>().is_ok());
    let last = address.rsplit(['/', ':']).next().unwrap_or(address);
    match address.strip_prefix("arn:") {
        // arn:PARTITION:SERVICE:REGION:ACCOUNT:REST
        Some(arn) if !address.contains(":iam::") => arn.splitn(5, ':').last().unwrap_or(address).to_owned(),
        Some(_) => last.to_owned(),
        None if is_place || last.is_empty() || last == "*" => address.to_owned(),
        None => last.to_owned(),
    }
}
