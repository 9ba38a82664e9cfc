//! Facts as text: for golden files, and to compare two readings whatever the order and the places of things.

use std::fmt::Write;

use arena::Name;
use pattern::word::Letter;

use crate::facts::device::Provisioning;
use crate::facts::document::{Document, Effect, Guard, PrincipalName, Principals, Statement};
use crate::facts::network::{Block, GatewaySort, Network, Peer, Ports};
use crate::facts::object::{Object, Setting};
use crate::facts::registry::Registered;
use crate::facts::{Facts, Place};

/// What of the facts is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Everything.
    All,
    /// What the bytes mean: no places, no sizes, no counts of leaves. Equal texts are equal meaning.
    Meaning,
}

/// The facts as lines, sorted.
#[must_use]
pub fn text(facts: &Facts, show: Show) -> String {
    let mut dump = Dump {
        facts,
        show,
        lines: Vec::new(),
    };
    for document in &facts.documents {
        dump.document(document);
    }
    dump.network(&facts.network);
    for host in &facts.hosts {
        for accept in &host.accepts {
            let way = if accept.egress { "out" } else { "in" };
            let line = format!(
                "host {} {way} {} {}",
                host.class,
                ports(accept.ports),
                block(accept.peer)
            );
            dump.line(&accept.place, line);
        }
    }
    for one in &facts.provisioning {
        dump.provisioning(one);
    }
    for one in &facts.registered {
        dump.registered(one);
    }
    for object in &facts.objects {
        dump.object(object);
    }
    for relied in &facts.relied_on {
        dump.line(&relied.place, format!("relied-on {}", relied.what));
    }
    for unread in &facts.unread {
        dump.line(&unread.place, format!("unread {}", unread.what));
    }
    if show == Show::All {
        for measure in &facts.measures {
            dump.line(
                &measure.place,
                format!("measure {} {} {}", measure.limit, measure.of, measure.value),
            );
        }
        let leaves = facts.leaves;
        dump.lines.push(format!(
            "leaves enforcing={} setting={} name={} reference={} inert={} frozen={}",
            leaves.enforcing, leaves.setting, leaves.name, leaves.reference, leaves.inert, leaves.frozen
        ));
    }
    dump.lines.sort_unstable();
    let mut out = String::new();
    for line in &dump.lines {
        out.push_str(line);
        out.push('\n');
    }
    out
}

struct Dump<'a> {
    facts: &'a Facts,
    show: Show,
    lines: Vec<String>,
}

impl Dump<'_> {
    fn line(&mut self, place: &Place, line: String) {
        self.lines.push(match self.show {
            Show::All => format!("{line}  @ {}#{}", place.path, place.pointer),
            Show::Meaning => line,
        });
    }

    fn name(&self, letter: Letter) -> String {
        match letter {
            Letter::Scalar(c) => c.to_string(),
            Letter::Symbol(id) => format!("<{}>", self.facts.symbols.text(Name::new(id))),
            Letter::Variable(id) => format!("{{{}}}", self.facts.variables.text(Name::new(id))),
        }
    }

    fn document(&mut self, document: &Document) {
        let guard = match &document.guard {
            Guard::Identity(of) => format!("identity {of}"),
            Guard::Trust(of) => format!("trust {of}"),
            Guard::Boundary(of) => format!("boundary {of}"),
            Guard::Resource(of) => format!("resource {of}"),
            Guard::Endpoint(of) => format!("endpoint {of}"),
            Guard::Device(of) => format!("device {of}"),
            Guard::Rule(of) => format!("rule {of}"),
        };
        self.line(&document.place, format!("document {guard}"));
        for statement in &document.statements {
            let line = self.statement(statement);
            self.line(&statement.place, format!("document {guard} | {line}"));
        }
    }

    fn statement(&self, statement: &Statement) -> String {
        let list = |patterns: &[pattern::pattern::Pattern]| {
            let mut texts: Vec<String> = patterns
                .iter()
                .map(|pattern| pattern.display(&|letter| self.name(letter)))
                .collect();
            texts.sort_unstable();
            texts.join(" ")
        };
        let effect = match statement.effect {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
        };
        let principals = match &statement.principals {
            None => String::new(),
            Some(Principals::Anyone) => " by anyone".to_owned(),
            Some(Principals::These(names)) => {
                let names: Vec<String> = names.iter().map(principal).collect();
                format!(" by {}", names.join(" "))
            }
        };
        let mut line = format!(
            "{effect}{principals} to {} on {}",
            list(&statement.actions),
            list(&statement.resources)
        );
        if !statement.when.is_everything() {
            let when = self.spelt(&statement.when.to_string());
            let _ = write!(line, " when {when}");
        }
        line
    }

    /// A text in which the set algebra wrote letters by number, with their names.
    fn spelt(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let letter = after.split_once('>').and_then(|(inside, behind)| {
                let (sort, id) = inside.split_once(' ')?;
                let id = id.parse().ok()?;
                let letter = match sort {
                    "symbol" => Letter::Symbol(id),
                    "variable" => Letter::Variable(id),
                    _ => return None,
                };
                Some((self.name(letter), behind))
            });
            match letter {
                Some((name, behind)) => {
                    out.push_str(&name);
                    rest = behind;
                }
                None => {
                    out.push('<');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn network(&mut self, network: &Network) {
        for vpc in &network.networks {
            let line = format!(
                "network {} {} {} dns={}/{}{}",
                vpc.address,
                optional(vpc.cidr),
                optional(vpc.cidr6),
                vpc.dns.0,
                vpc.dns.1,
                existing(vpc.existing)
            );
            self.line(&vpc.place, line);
        }
        for subnet in &network.subnets {
            let line = format!(
                "subnet {} of {} {} {} zone={} public={}{}",
                subnet.address,
                subnet.network,
                optional(subnet.cidr),
                optional(subnet.cidr6),
                subnet.zone,
                subnet.public_addresses,
                existing(subnet.existing)
            );
            self.line(&subnet.place, line);
        }
        for table in &network.tables {
            let name = format!("table of {} for {}", table.network, table.subnets.join(" "));
            self.line(
                &table.place,
                format!("{name} propagates {}", table.propagating.join(" ")),
            );
            for route in &table.routes {
                self.line(
                    &route.place,
                    format!("{name} | {} via {}", block(route.to), route.via),
                );
            }
        }
        for acl in &network.acls {
            let name = format!("acl of {} for {}", acl.network, acl.subnets.join(" "));
            self.line(&acl.place, name.clone());
            for entry in &acl.entries {
                let (way, verb) = (
                    if entry.egress { "out" } else { "in" },
                    if entry.allow { "allow" } else { "deny" },
                );
                let line = format!(
                    "{name} | {way} {:05} {verb} {} {}",
                    entry.number,
                    ports(entry.ports),
                    block(entry.block)
                );
                self.line(&entry.place, line);
            }
        }
        for group in &network.groups {
            self.line(
                &group.place,
                format!("group {} of {}", group.address, group.network),
            );
            for rule in &group.rules {
                let way = if rule.egress { "out" } else { "in" };
                let peer = match &rule.peer {
                    Peer::Group(address) => address.clone(),
                    Peer::Block(addresses) => block(*addresses),
                    Peer::PrefixList(name) => format!("prefix-list {name}"),
                };
                self.line(
                    &rule.place,
                    format!("group {} | {way} {} {peer}", group.address, ports(rule.ports)),
                );
            }
        }
        for gateway in &network.gateways {
            let sort = match gateway.sort {
                GatewaySort::Internet => "internet",
                GatewaySort::EgressOnly => "egress-only",
                GatewaySort::Translation => "translation",
                GatewaySort::Site => "site",
            };
            self.line(
                &gateway.place,
                format!("gateway {} of {} {sort}", gateway.address, gateway.network),
            );
        }
        for attachment in &network.attachments {
            let line = format!("attachment {} to {}", attachment.gateway, attachment.network);
            self.line(&attachment.place, line);
        }
        for endpoint in &network.endpoints {
            let line = format!(
                "endpoint {} of {} to {} interface={} subnets={} groups={} names={}",
                endpoint.address,
                endpoint.network,
                endpoint.service,
                endpoint.interface,
                endpoint.subnets.join(","),
                endpoint.groups.join(","),
                endpoint.private_names
            );
            self.line(&endpoint.place, line);
        }
        for zone in &network.zones {
            let line = format!(
                "zone {} of {} in {}",
                zone.address,
                zone.name,
                zone.networks.join(",")
            );
            self.line(&zone.place, line);
        }
        for name in &network.names {
            let line = format!(
                "name {} {} in {} leads to {}",
                name.name,
                name.sort,
                name.zone,
                name.targets.join(",")
            );
            self.line(&name.place, line);
        }
        for interface in &network.interfaces {
            let line = format!(
                "interface {} groups={} subnets={} public={}",
                interface.address,
                interface.groups.join(","),
                interface.subnets.join(","),
                interface.public
            );
            self.line(&interface.place, line);
        }
    }

    fn provisioning(&mut self, one: &Provisioning) {
        let class = &one.class;
        let line = format!(
            "class {class} project={} environment={:?} hardware={} members={} inventory={:?} thing-type={:?} request={}",
            one.project,
            one.environment,
            one.hardware,
            one.members,
            one.inventory,
            one.thing_type,
            one.has_request
        );
        self.line(&one.place, line);
        for identity in &one.identities {
            self.line(&one.place, format!("class {class} | {identity:?}"));
        }
        for service in &one.services {
            self.line(&one.place, format!("class {class} | {service:?}"));
        }
    }

    /// The same lines, however the rows are spread over files.
    fn registered(&mut self, one: &Registered) {
        for row in 0..one.len() {
            let mut line = format!("thing {} of {}", one.name(row), one.thing_type);
            for (number, attribute) in one.attributes.iter().enumerate() {
                let value = one.value(row, number);
                if !value.is_empty() {
                    let _ = write!(line, " {attribute}={value:?}");
                }
            }
            self.line(&one.place, line);
        }
    }

    fn object(&mut self, object: &Object) {
        let kept = if object.kept { " kept" } else { "" };
        let region = if object.region.is_empty() {
            String::new()
        } else {
            format!(" {}", object.region)
        };
        let line = format!(
            "object {} {} in {}{region}{kept}",
            object.sort, object.address, object.account
        );
        self.line(&object.place, line);
        for (name, value) in &object.settings {
            self.line(
                &object.place,
                format!("object {} | {} = {value}", object.address, setting(*name)),
            );
        }
        for (argument, value) in &object.choices {
            self.line(
                &object.place,
                format!("object {} | {argument} = {value}", object.address),
            );
        }
        for other in &object.refers {
            self.line(
                &object.place,
                format!("object {} | refers {other}", object.address),
            );
        }
    }
}

fn existing(is_existing: bool) -> &'static str {
    if is_existing { " existing" } else { "" }
}

fn principal(name: &PrincipalName) -> String {
    match name {
        PrincipalName::Role(address) => format!("role:{address}"),
        PrincipalName::Account(number) => format!("account:{number}"),
        PrincipalName::Service(service) => format!("service:{service}"),
        PrincipalName::Federated(provider) => format!("federated:{provider}"),
    }
}

fn optional(addresses: Option<Block>) -> String {
    addresses.map_or_else(|| "-".to_owned(), block)
}

fn block(addresses: Block) -> String {
    let show = |address: u128| -> String {
        if addresses.six {
            std::net::Ipv6Addr::from_bits(address).to_string()
        } else {
            u32::try_from(address).map_or_else(
                |_| address.to_string(),
                |v4| std::net::Ipv4Addr::from_bits(v4).to_string(),
            )
        }
    };
    format!("{}..{}", show(addresses.first), show(addresses.last))
}

fn ports(ports: Ports) -> String {
    if ports.any_protocol {
        return "any".to_owned();
    }
    format!("{}:{}-{}", ports.protocol, ports.first, ports.last)
}

fn setting(setting: Setting) -> &'static str {
    match setting {
        Setting::EncryptionKey => "encryption-key",
        Setting::RetainSeconds => "retain-seconds",
        Setting::Versioned => "versioned",
        Setting::LockSeconds => "lock-seconds",
        Setting::PublicAccessBlocked => "public-access-blocked",
        Setting::OwnerEnforced => "owner-enforced",
        Setting::KeyRotation => "key-rotation",
        Setting::DeletionProtected => "deletion-protected",
        Setting::PointInTimeRecovery => "point-in-time-recovery",
        Setting::TlsRequired => "tls-required",
        Setting::Unreachable => "unreachable",
        Setting::SessionSeconds => "session-seconds",
        Setting::TlsFloor => "tls-floor",
    }
}
