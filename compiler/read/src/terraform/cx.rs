//! What the readers of types work with, and what they give.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::args::Args;
use super::world::{Module, Part, World};
use crate::documents::Kind;
use crate::facts::Place;
use crate::facts::document::{Document, Guard};
use crate::facts::network::{
    Acl, AclEntry, Gateway, Group, GroupRule, Interface, Network, Route, RouteTable, ServiceEndpoint, Subnet,
    Vpc,
};
use crate::facts::object::{Object, ReliedOn, Setting, Unread};
use crate::letters::Letters;
use crate::sink::Sink;

/// Something was not read, and has been reported.
#[derive(Debug)]
pub(crate) struct Failed;

/// What reading gives, or that it failed and was reported.
pub(crate) type Read<T> = Result<T, Failed>;

/// A policy whose text is read when all blocks have been.
pub(crate) struct Job {
    pub(crate) guards: Guards,
    pub(crate) kind: Kind,
    /// The text, symbols standing as such.
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) measure: Measured,
}

/// What a policy is evaluated for.
pub(crate) enum Guards {
    /// One guard.
    One(Guard),
    /// Whatever it is attached to: a managed policy, by its address.
    Attached(String),
}

/// How a policy's size is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    /// By this limit; characters, white space left out.
    Dense(&'static str),
    /// By this limit; all characters.
    Characters(&'static str),
    /// As the policy of a resource of this service.
    Service(&'static str),
    /// As a part of the role's own policies together.
    Inline,
}

/// What has been read.
#[derive(Default)]
pub(crate) struct Out {
    pub(crate) network: Network,
    pub(crate) rules: Vec<(String, GroupRule)>,
    pub(crate) entries: Vec<(String, AclEntry)>,
    pub(crate) routes: Vec<(String, Route)>,
    pub(crate) propagations: Vec<(String, String)>,
    /// Subnets, groups and tables that are joined to an endpoint elsewhere than in its own block.
    pub(crate) endpoint_parts: Vec<(String, EndpointPart, Place)>,
    /// Endpoints whose policy is given, by address.
    pub(crate) endpoint_policies: BTreeSet<String>,
    pub(crate) key_policies: BTreeSet<String>,
    pub(crate) aliases: BTreeSet<String>,
    /// Profiles of instances: account and name.
    pub(crate) profiles: BTreeSet<(String, String)>,
    pub(crate) keys: Vec<(String, String, Place)>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) documents: Vec<Document>,
    /// Managed policies joined to roles: (policy, guard, where).
    pub(crate) attachments: Vec<(String, Guard, Place)>,
    /// Names of a role's own policies, and the lists that claim to be all of them.
    pub(crate) inline_names: BTreeSet<(String, String)>,
    pub(crate) exclusive: Vec<Exclusive>,
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) settings: BTreeMap<(String, Setting), (String, Place)>,
    /// How objects are made, by address: arguments that are held to their kind, and values.
    pub(crate) choices: BTreeMap<String, Vec<(String, String)>>,
    /// Choices that another block makes, too: the object's address, argument and value.
    pub(crate) implied: Vec<(String, &'static str, &'static str)>,
    pub(crate) refers: BTreeMap<String, BTreeSet<String>>,
    pub(crate) relied_on: BTreeSet<ReliedOn>,
    /// Addresses of interfaces that bear their network's default group, none being given.
    pub(crate) bears_default: Vec<String>,
    /// Settings of an object where no other resource says one.
    pub(crate) defaults: Vec<(String, Setting, &'static str)>,
    /// Seconds after which superseded versions of a bucket's objects go.
    pub(crate) superseded: BTreeMap<String, i64>,
    /// Route tables and lists, by address.
    pub(crate) tables: Vec<(String, RouteTable)>,
    pub(crate) acls: Vec<(String, Acl)>,
    pub(crate) associations: Vec<(String, String, Place)>,
    /// Subnets that a network ACL is associated with.
    pub(crate) listed: BTreeSet<String>,
    /// Gateways whose network is that of a subnet, or of a table.
    pub(crate) translations: Vec<(String, Gateway)>,
    pub(crate) sites: Vec<(String, Gateway)>,
    /// Lists of parts that an object says in its own block, empty ones too: the provider removes every other part.
    pub(crate) in_line: Vec<(String, Parts, Place)>,
    /// Objects some part of which a block of its own holds.
    pub(crate) apart: BTreeSet<(String, Parts)>,
    /// Resources whose own policy is given, by address.
    pub(crate) resource_policies: BTreeSet<String>,
}

/// Parts of an object that its own block may list, and blocks of their own may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Parts {
    /// Rules of a group for what comes in.
    Ingress,
    /// Rules of a group for what goes out.
    Egress,
    /// Subnets of a network ACL.
    AclSubnets,
    /// Gateways that tell a route table their routes.
    Propagations,
    /// Subnets of an endpoint.
    EndpointSubnets,
    /// Groups of an endpoint.
    EndpointGroups,
    /// Route tables of an endpoint.
    EndpointTables,
    /// A role's own policies.
    Policies,
    /// Managed policies of a role.
    Attachments,
}

/// A part of an endpoint.
pub(crate) enum EndpointPart {
    Subnet(String),
    Group(String),
    Table(String),
}

/// A list that claims to hold all policies of a role.
pub(crate) struct Exclusive {
    pub(crate) role: String,
    pub(crate) names: Vec<String>,
    pub(crate) is_inline: bool,
    pub(crate) place: Place,
}

/// What a reader of a type works with.
pub(crate) struct Cx<'w, 'a> {
    pub(crate) world: &'w World<'a>,
    pub(crate) letters: &'w Letters,
    pub(crate) sink: Sink,
    pub(crate) out: Out,
    /// Objects that the present block refers to.
    pub(crate) refers: BTreeSet<String>,
    /// Whether the present block is never deleted.
    pub(crate) kept: bool,
    /// Addresses of all objects that these files declare.
    emitted: BTreeSet<Arc<str>>,
}

impl<'w, 'a> Cx<'w, 'a> {
    pub(crate) fn new(world: &'w World<'a>, letters: &'w Letters) -> Self {
        Cx {
            world,
            letters,
            sink: Sink::default(),
            out: Out::default(),
            refers: BTreeSet::new(),
            kept: false,
            emitted: world.emitted(),
        }
    }

    /// The value of a template of a block; what it refers to is kept.
    pub(crate) fn resolve(&mut self, block: usize, text: &str) -> Result<Vec<Part>, String> {
        let Some(module) = self.world.blocks.get(block).map(|block| block.module) else {
            return Err(String::new());
        };
        let mut targets = Vec::new();
        let parts = self
            .world
            .resolve_with(module, text, &mut |target| targets.push(target));
        for target in targets {
            if let Some(address) = self.world.address(target)
                && !self.refers.contains(&*address)
            {
                self.refers.insert(address.to_string());
            }
        }
        parts
    }

    /// The root module of a block.
    pub(crate) fn module(&self, block: usize) -> Read<&'w Module> {
        self.world.module(block).ok_or(Failed)
    }

    /// Something outside the files that they rely on.
    pub(crate) fn rely(&mut self, what: &str, place: Place) {
        self.out.relied_on.insert(ReliedOn {
            what: what.to_owned(),
            place,
        });
    }

    /// A setting of an object.
    pub(crate) fn set(&mut self, address: &str, setting: Setting, value: impl Into<String>, place: Place) {
        let before = self
            .out
            .settings
            .insert((address.to_owned(), setting), (value.into(), place.clone()));
        if before.is_some() {
            self.unread(place, format!("a second say on the same setting of `{address}`"));
        }
    }

    /// Something that no rule reads.
    pub(crate) fn unread(&mut self, place: Place, what: impl Into<String>) {
        self.sink.unread.push(Unread {
            place,
            what: what.into(),
        });
    }

    /// A size.
    pub(crate) fn measure(&mut self, limit: &'static str, of: &str, value: usize, place: Place) {
        let value = u64::try_from(value).unwrap_or(u64::MAX);
        self.sink.measures.push(crate::facts::object::Measure {
            limit,
            of: of.to_owned(),
            value,
            place,
        });
    }

    /// A policy to be read.
    pub(crate) fn policy(&mut self, guard: Guard, kind: Kind, text: String, measure: Measured, place: Place) {
        self.out.jobs.push(Job {
            guards: Guards::One(guard),
            kind,
            text,
            place,
            measure,
        });
    }

    /// Notes that an object's own block lists its parts, if it does.
    pub(crate) fn in_line(&mut self, args: &Args<'_>, address: &str, name: &str, parts: Parts) {
        if args.is_said(name) {
            let place = args.place_of(name);
            self.out.in_line.push((address.to_owned(), parts, place));
        }
    }

    /// Notes that a block of its own holds a part of an object.
    pub(crate) fn apart(&mut self, address: &str, parts: Parts) {
        self.out.apart.insert((address.to_owned(), parts));
    }

    /// The policy of a resource, of which there is one.
    pub(crate) fn resource_policy(
        &mut self,
        of: &str,
        kind: Kind,
        text: String,
        measure: Measured,
        place: Place,
    ) {
        if !self.out.resource_policies.insert(of.to_owned()) {
            self.unread(place, format!("a second policy of `{of}`"));
            return;
        }
        self.policy(Guard::Resource(of.to_owned()), kind, text, measure, place);
    }

    /// A managed policy.
    pub(crate) fn managed_policy(&mut self, address: &str, text: String, place: Place) {
        let guards = Guards::Attached(address.to_owned());
        let measure = Measured::Dense("iam.managed-policy.document");
        self.out.jobs.push(Job {
            guards,
            kind: Kind::Identity,
            text,
            place,
            measure,
        });
    }

    /// An object refers to another one, or to a name that matters.
    pub(crate) fn refer(&mut self, from: &str, to: String) {
        self.out.refers.entry(from.to_owned()).or_default().insert(to);
    }

    /// Whether these files declare an object.
    pub(crate) fn emits(&self, address: &str) -> bool {
        self.emitted.contains(address)
    }

    /// A network that is found and not created; once, however often it is looked up.
    pub(crate) fn existing_network(&mut self, network: Vpc) {
        if !self
            .out
            .network
            .networks
            .iter()
            .any(|known| known.address == network.address)
        {
            self.out.network.networks.push(network);
        }
    }

    /// A subnet that is found and not created.
    pub(crate) fn existing_subnet(&mut self, subnet: Subnet) {
        match self
            .out
            .network
            .subnets
            .iter_mut()
            .find(|known| known.address == subnet.address)
        {
            // Found again by more than its id.
            Some(known) if known.existing && known.network.is_empty() => *known = subnet,
            Some(_) => {}
            None => self.out.network.subnets.push(subnet),
        }
    }

    pub(crate) fn group(&mut self, group: Group) {
        self.out.network.groups.push(group);
    }

    pub(crate) fn gateway(&mut self, gateway: Gateway) {
        if !self
            .out
            .network
            .gateways
            .iter()
            .any(|known| known.address == gateway.address)
        {
            self.out.network.gateways.push(gateway);
        }
    }

    pub(crate) fn endpoint(&mut self, endpoint: ServiceEndpoint) {
        self.out.network.endpoints.push(endpoint);
    }

    pub(crate) fn interface(&mut self, interface: Interface) {
        self.out.network.interfaces.push(interface);
    }
}
