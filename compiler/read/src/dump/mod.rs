//! Facts as text: for golden files, and to compare two readings whatever the order and the places of things.

mod network;

use std::fmt::Write;

use arena::Name;
use pattern::word::{Letter, named};

use crate::facts::device::Provisioning;
use crate::facts::document::{Document, Effect, Guard, PrincipalName, Principals, Statement};
use crate::facts::network::{Block, Ports};
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
    /// Of the meaning what is neither a document nor a rule of a group or host.
    Beside,
}

/// What grants nothing and opens nothing by itself: everything but documents and the rules of groups and hosts. Lines, each with the
/// file that says so, of the files that are meant.
#[must_use]
pub fn beside(facts: &Facts, is_meant: &dyn Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut dump = Dump {
        facts,
        show: Show::Beside,
        lines: Vec::new(),
        paths: Vec::new(),
        is_meant: Some(is_meant),
    };
    dump.network(&facts.network);
    for host in &facts.hosts {
        let class = host.name();
        if host.six {
            dump.line(
                &host.place,
                format!("host {class} | lets errors and neighbour messages of IPv6 through"),
            );
        }
        for lease in &host.leases {
            dump.line(&host.place, format!("host {class} | {lease:?}"));
        }
        for containers in &host.containers {
            let line = format!(
                "host {class} | containers {} {} published={:?}",
                containers.interface,
                block(containers.block),
                containers.published
            );
            dump.line(&containers.place, line);
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
    dump.paths.into_iter().zip(dump.lines).collect()
}

/// The facts as lines, sorted.
#[must_use]
pub fn text(facts: &Facts, show: Show) -> String {
    let mut dump = Dump {
        facts,
        show,
        lines: Vec::new(),
        paths: Vec::new(),
        is_meant: None,
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
                host.name(),
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
    /// The file of each line, where they are asked for.
    paths: Vec<String>,
    /// Of which files; of all if nothing is said.
    is_meant: Option<&'a dyn Fn(&str) -> bool>,
}

impl Dump<'_> {
    fn line(&mut self, place: &Place, line: String) {
        self.lines.push(match self.show {
            Show::All => format!("{line}  @ {}#{}", place.path, place.pointer),
            Show::Meaning => line,
            Show::Beside => {
                if self.is_meant.is_some_and(|is_meant| !is_meant(&place.path)) {
                    return;
                }
                self.paths.push(place.path.to_string());
                line
            }
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
            let when = named(&statement.when.to_string(), &|letter| Some(self.name(letter)));
            let _ = write!(line, " when {when}");
        }
        line
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
