//! What an emitted object does besides its settings: where it stands, what it listens on, where it passes things on, whom
//! it believes. Each is compared with the declaration, exactly.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use checks::Checked;
use model::actor::RunsOn;
use model::place::Within;
use model::project::AccountId;
use model::thing::{Detail, Health, Listener, Part, PartDetail, PartId, Thing, ThingId};
use model::trust::End;
use read::facts::Facts;
use read::facts::object::{Object as Emitted, Setting};

use crate::witness::{Refusal, Sort};
use relation::guard::federation;

/// The longest session of a role of which nothing is said, in seconds.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>, `MaxSessionDuration`, read 2026-11-21.
const SESSION_SECONDS: &str = "3600";

/// The one policy of TLS 1.2 or above with forward secrecy only that a listener with `tls=required` may have.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>, read 2026-11-21.
const TLS_FLOOR: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// By which a PostgreSQL server refuses connections without TLS; no other parameter is ever declared.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html>, read 2026-11-21.
const FORCE_SSL: &str = "parameter:rds.force_ssl=1";

const TCP: u8 = 6;

/// Compares the objects of one target that makes objects.
pub(crate) fn prove(checked: &Checked<'_>, facts: &Facts, refusals: &mut Vec<Refusal>) {
    let cx = Context::new(checked, facts);
    for object in &facts.objects {
        cx.undeclared(object, refusals);
        match object.sort.as_str() {
            "role" => cx.session(object, refusals),
            "identity-provider" => cx.provider(object, refusals),
            "listener" => cx.listener(object, refusals),
            "target-group" => cx.targets(object, refusals),
            "parameter-group" => cx.marks(
                object,
                &["parameter:"],
                &BTreeSet::from([FORCE_SSL.to_owned()]),
                refusals,
            ),
            _ => {}
        }
        if let Some((_, thing)) = cx.things.get(object.address.as_str()).copied() {
            cx.place(object, thing, refusals);
            if object.sort == "database" {
                cx.database(object, thing, refusals);
            }
        }
    }
}

struct Context<'a> {
    checked: &'a Checked<'a>,
    facts: &'a Facts,
    things: BTreeMap<&'a str, (ThingId, &'a Thing)>,
    /// Groups of targets, with the listeners that pass requests on to them.
    behind: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The listener that a trust lets each resource reach: the first, since two are refused before.
    reached: BTreeMap<ThingId, PartId>,
    /// Roles of which a session is declared: their settings are compared with the others.
    sessions: BTreeSet<&'a str>,
}

/// What stands behind a balancer, as its trusts say.
struct Behind {
    target: String,
    network: String,
    /// How it is asked whether it is well.
    health: String,
}

impl<'a> Context<'a> {
    fn new(checked: &'a Checked<'a>, facts: &'a Facts) -> Self {
        let (model, graph) = (checked.model(), checked.graph());
        let things = graph.addresses.objects.iter();
        let things = things
            .filter_map(|(id, address)| Some((address.as_str(), (*id, model.things.get(*id)?))))
            .collect();
        let mut behind: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for object in facts.objects.iter().filter(|object| object.sort == "listener") {
            for target in object.refers.iter().filter(|of| of.starts_with("target-group:")) {
                behind.entry(target).or_default().insert(&object.address);
            }
        }
        let mut reached = BTreeMap::new();
        for (_, trust) in model.trusts.iter() {
            for subject in &trust.subjects {
                let End::Thing(from) = subject.end else { continue };
                let parts = trust.objects.iter().filter_map(|object| match object.end {
                    End::Part(part) => Some(part),
                    End::Thing(_) | End::Account(_) | End::Internet => None,
                });
                for part in parts {
                    reached.entry(from).or_insert(part);
                }
            }
        }
        let is_said = |thing: ThingId| {
            let thing = model.things.get(thing);
            thing.is_some_and(
                |thing| matches!(&thing.detail, Detail::People(people) if people.session.is_some()),
            )
        };
        let roles = graph.addresses.roles.iter();
        let sessions = roles
            .filter(|((thing, _), _)| is_said(*thing))
            .map(|(_, role)| role.arn.as_str())
            .collect();
        Self {
            checked,
            facts,
            things,
            reached,
            sessions,
            behind,
        }
    }

    fn text(&self, name: Name) -> &'a str {
        self.checked.model().names.text(name)
    }

    fn refuse(&self, object: &Emitted, sort: Sort, what: String, refusals: &mut Vec<Refusal>) {
        refusals.push(Refusal::new(sort, self.facts.target, what).at(&object.place));
    }

    /// The marks of an object that begin with one of these words are exactly those that are wanted.
    fn marks(
        &self,
        object: &Emitted,
        words: &[&str],
        wanted: &BTreeSet<String>,
        refusals: &mut Vec<Refusal>,
    ) {
        let found: BTreeSet<&str> = object
            .refers
            .iter()
            .map(String::as_str)
            .filter(|mark| words.iter().any(|word| mark.starts_with(word)))
            .collect();
        for missing in wanted.iter().filter(|mark| !found.contains(mark.as_str())) {
            let what = format!(
                "{} `{}` lacks `{missing}`, which is declared",
                object.sort, object.address
            );
            self.refuse(object, Sort::FallsShort, what, refusals);
        }
        for extra in found.into_iter().filter(|mark| !wanted.contains(*mark)) {
            let what = format!(
                "{} `{}` has `{extra}`, which nothing declares",
                object.sort, object.address
            );
            self.refuse(object, Sort::Exceeds, what, refusals);
        }
    }

    /// What no declaration can ask for: copies of what passes, policies on groups of things, documents of identity providers.
    fn undeclared(&self, object: &Emitted, refusals: &mut Vec<Refusal>) {
        self.marks(
            object,
            &["copies-to:", "attached-to:", "metadata:"],
            &BTreeSet::new(),
            refusals,
        );
    }

    /// An address may name neither account nor region: both are those of the declaration.
    fn place(&self, object: &Emitted, thing: &Thing, refusals: &mut Vec<Refusal>) {
        let account = thing
            .account
            .and_then(|account| self.checked.model().accounts.get(account));
        let Some(account) = account else { return };
        let (number, region) = (self.text(account.number), self.text(account.region));
        if object.account != number || object.region != region {
            let what = format!(
                "`{}` is made in {} {}, and is declared in {number} {region}",
                object.address, object.account, object.region
            );
            self.refuse(object, Sort::FallsShort, what, refusals);
        }
    }

    /// A role of which no session is declared has the provider's default.
    fn session(&self, object: &Emitted, refusals: &mut Vec<Refusal>) {
        let read = value(object, Setting::SessionSeconds);
        if !self.sessions.contains(object.address.as_str())
            && read.is_some_and(|read| read != SESSION_SECONDS)
        {
            let what = format!(
                "sessions of `{}` last up to {} seconds, and nothing declares more or less than {SESSION_SECONDS}",
                object.address,
                read.unwrap_or_default()
            );
            self.refuse(object, Sort::Setting, what, refusals);
        }
    }

    /// An issuer vouches for its declared audience, and for no other.
    fn provider(&self, object: &Emitted, refusals: &mut Vec<Refusal>) {
        let model = self.checked.model();
        let mut wanted = BTreeSet::new();
        for (id, provider) in model.providers.iter() {
            let accounts = (0..model.accounts.len() as u32).map(AccountId::new);
            let is_this = |account| federation(model, id, account).is_some_and(|arn| arn == object.address);
            if let Some(oidc) = provider.oidc
                && accounts.into_iter().any(is_this)
            {
                wanted.insert(format!("audience:{}", self.text(oidc.audience)));
            }
        }
        self.marks(object, &["audience:"], &wanted, refusals);
    }

    /// A server listens where its declaration says.
    fn database(&self, object: &Emitted, thing: &Thing, refusals: &mut Vec<Refusal>) {
        let wanted: BTreeSet<String> = self
            .listeners(thing)
            .flat_map(|(_, listener)| &listener.ports)
            .map(|ports| format!("port:tcp/{}", ports.first))
            .collect();
        if !wanted.is_empty() {
            self.marks(object, &["port:"], &wanted, refusals);
        }
    }

    fn listeners(&self, thing: &'a Thing) -> impl Iterator<Item = (&'a Part, &'a Listener)> + use<'a> {
        let model = self.checked.model();
        thing.parts.iter().filter_map(|id| {
            let part = model.parts.get(*id)?;
            match &part.detail {
                PartDetail::Listener(listener) => Some((part, listener)),
                PartDetail::LocalTopic(_) => None,
            }
        })
    }

    /// What a declared balancer sees: requests, if every listener is said to speak HTTP.
    fn sort(&self, thing: &'a Thing) -> Sees {
        let mut listeners = self.listeners(thing);
        if listeners.all(|(part, _)| matches!(self.text(part.name), "http" | "https")) {
            Sees::Requests
        } else {
            Sees::Connections
        }
    }

    /// A listener has its port, its TLS and its certificate, and passes on to what its balancer may reach.
    fn listener(&self, object: &Emitted, refusals: &mut Vec<Refusal>) {
        let found = object.address.strip_prefix("listener:").and_then(|rest| {
            let (balancer, port) = rest.rsplit_once('/')?;
            let (_, thing) = self.things.get(balancer)?;
            let own = |(_, listener): &(&Part, &Listener)| {
                let ports = listener.ports.first();
                ports.is_some_and(|ports| ports.first.to_string() == port)
            };
            let (_, listener) = self.listeners(thing).find(own)?;
            Some((balancer, port, listener, self.sort(thing)))
        });
        // One that is not declared is idle, and refused as such.
        let Some((balancer, port, listener, sort)) = found else {
            return;
        };
        let tls = listener.tls.is_some_and(|(tls, _)| tls);
        let mut wanted = BTreeSet::from([
            format!("port:{}/{port}", protocol(sort, tls)),
            "action:forward".to_owned(),
            balancer.to_owned(),
        ]);
        let certificates = listener.more.iter();
        wanted.extend(
            certificates
                .filter(|(name, _)| tls && self.text(*name) == "certificate")
                .map(|(_, arn)| self.text(*arn).to_owned()),
        );
        // Which group of targets it is, its own comparison decides; a second one has nothing to stand for.
        let target = object.refers.iter().find(|of| of.starts_with("target-group:"));
        match target {
            Some(target) => {
                wanted.insert(target.clone());
            }
            None => {
                let what = format!("listener `{}` passes nothing on", object.address);
                self.refuse(object, Sort::FallsShort, what, refusals);
            }
        }
        self.marks(object, &[""], &wanted, refusals);
        let (floor, required) = (
            value(object, Setting::TlsFloor),
            value(object, Setting::TlsRequired),
        );
        if floor != tls.then_some(TLS_FLOOR) || required != Some(if tls { "true" } else { "false" }) {
            let what = format!(
                "listener `{}` has {} where {} is declared",
                object.address,
                floor.unwrap_or("no TLS"),
                if tls { TLS_FLOOR } else { "no TLS" }
            );
            self.refuse(object, Sort::Setting, what, refusals);
        }
    }

    /// A group of targets is of the sort, port and protocol of the one listener that its balancer may reach.
    fn targets(&self, object: &Emitted, refusals: &mut Vec<Refusal>) {
        let listeners = self.behind.get(object.address.as_str()).into_iter().flatten();
        let balancers: BTreeSet<&str> = listeners
            .filter_map(|address| address.strip_prefix("listener:")?.rsplit_once('/'))
            .map(|(balancer, _)| balancer)
            .collect();
        for balancer in balancers {
            let Some((id, _)) = self.things.get(balancer) else {
                continue;
            };
            let wanted: BTreeSet<String> = self
                .reached(*id)
                .into_iter()
                .flat_map(|behind| [behind.target, behind.network, behind.health])
                .collect();
            self.marks(object, &[""], &wanted, refusals);
        }
    }

    /// What the trusts of a balancer let it reach, as the provider names it.
    fn reached(&self, balancer: ThingId) -> Option<Behind> {
        let (model, graph) = (self.checked.model(), self.checked.graph());
        let part = model.parts.get(*self.reached.get(&balancer)?)?;
        let PartDetail::Listener(listener) = &part.detail else {
            return None;
        };
        let owner = model.things.get(part.of)?;
        let Detail::Workload(workload) = &owner.detail else {
            return None;
        };
        let sort = match workload.runs_on? {
            RunsOn::Ecs | RunsOn::Eks | RunsOn::Onprem => "ip",
            RunsOn::Ec2 => "instance",
            RunsOn::Lambda | RunsOn::Ci | RunsOn::IotOta | RunsOn::Device(_) => return None,
        };
        let port = listener
            .ports
            .first()
            .filter(|ports| ports.protocol == TCP)?
            .first;
        let tls = listener.tls.is_some_and(|(tls, _)| tls);
        let front = model.things.get(balancer)?;
        let (segment, serves) = (front.segment?, self.sort(front));
        let Within::Network(network) = model.segments.get(segment)?.within else {
            return None;
        };
        Some(Behind {
            target: format!("targets:{sort}:{}/{port}", protocol(serves, tls)),
            network: graph.addresses.networks.get(&network)?.clone(),
            health: {
                let said = |of: fn(&Health) -> Option<arena::Name>, default| {
                    let name = listener.health.as_ref().and_then(of);
                    name.map_or(default, |name| model.names.text(name))
                };
                let replies = match serves {
                    Sees::Requests => "200",
                    Sees::Connections => "200-399",
                };
                let (path, expect) = (
                    said(|health| health.path, "/"),
                    said(|health| health.expect, replies),
                );
                match (serves, &listener.health) {
                    (Sees::Connections, None) => "health:TCP".to_owned(),
                    (Sees::Connections | Sees::Requests, _) => {
                        format!("health:{}:{path}:{expect}", protocol(Sees::Requests, tls))
                    }
                }
            },
        })
    }
}

/// What a balancer sees of those who come.
#[derive(Clone, Copy)]
enum Sees {
    /// Requests of HTTP.
    Requests,
    /// Connections, whatever they carry.
    Connections,
}

/// The provider's word for what is spoken to a listener or a target.
fn protocol(sees: Sees, tls: bool) -> &'static str {
    match (sees, tls) {
        (Sees::Requests, false) => "HTTP",
        (Sees::Requests, true) => "HTTPS",
        (Sees::Connections, false) => "TCP",
        (Sees::Connections, true) => "TLS",
    }
}

fn value(object: &Emitted, setting: Setting) -> Option<&str> {
    let mut settings = object.settings.iter();
    settings
        .find(|(of, _)| *of == setting)
        .map(|(_, value)| value.as_str())
}
