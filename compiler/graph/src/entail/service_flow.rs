//! An access of a placed principal needs a flow to the service.
//!
//! A workload with a segment, and a class with one, opens connections to the service by which its objects are reached
//! (`reach` of their kind), on that service's ports; a device only on those that it `speaks`. The flow is private where
//! the place has endpoints to the provider's services, in its own network or in one that its site is connected to;
//! otherwise it goes over the internet. What has no segment has no flow: a function outside a network, a job, a person,
//! a resource that acts. A class without one may be anywhere; its bundle names the service all the same, and one with a host
//! firewall says where it lives. What one service calls on behalf of another (`via`) needs no flow of the caller.

use std::borrow::Cow;

use arena::Id;
use diagnostics::Diagnostic;
use model::actor::{Class, Hardware};
use model::place::{NetworkId, SegmentId, Within};
use model::thing::{Detail, Thing, ThingId};
use model::value::Ports;

use crate::address;
use crate::build::{Build, Subject};
use crate::fault::{MISSING_CELL, NO_COMMON_PORT, NO_PATH, NO_PLACE};
use crate::flow::{Endpoint, Flow, Reach};
use crate::reason::{ReasonId, Rule};

impl<'m> Build<'m> {
    /// Adds the flow that the subject needs to reach the object's service.
    pub(crate) fn entail_service_flow(
        &mut self,
        subject: &Subject<'m>,
        (id, object): (ThingId, &'m Thing),
        reason: ReasonId,
    ) -> Option<()> {
        let homes = self.home(subject.thing);
        let reach = self.model.kinds.get(object.kind)?.words.reach.as_ref()?;
        let mut ports = reach.ports.clone();
        if let Detail::Class(class) = &subject.thing.detail {
            ports = spoken(self.mqtt(class), &reach.ports);
            if ports.is_empty() {
                let message = format!(
                    "`{}` speaks none of the ports on which `{}` is reached",
                    self.text(subject.thing.name),
                    self.text(object.name)
                );
                self.report.push(
                    Diagnostic::new(&NO_COMMON_PORT, subject.span, message)
                        .label(subject.thing.span, "its class")
                        .help("say `speaks mqtt 8883` in the class"),
                );
                return None;
            }
            let has_firewall = class.hardware.is_some_and(|(word, _)| word == Hardware::Linux);
            if homes.is_empty() && has_firewall {
                let name = self.text(subject.thing.name);
                let message = format!("`{name}` has a host firewall and no segment");
                self.report.push(
                    Diagnostic::new(&NO_PLACE, subject.span, message)
                        .label(subject.thing.span, "its class")
                        .note("nothing says how it gets to the provider's services, so that its firewall would let nothing out")
                        .help("say `segment=` in the class"),
                );
                return None;
            }
        }
        if homes.is_empty() {
            return None;
        }
        let service = self.service_name(subject, id)?;
        let ports = self.port_set(ports);
        let because = self.entailed(reason, Rule::ServiceFlow);
        let mut paths = Vec::with_capacity(1);
        for home in homes {
            match self.service_reach(home, &service) {
                Some(Reach::Private)
                    if self.refuse_far_service(subject, home, object)
                        || self.refuse_without_four(subject.thing, object, subject.span) => {}
                Some(Reach::Public) if self.refuse_function_outside(subject, &[home]) => {}
                Some(path) => paths.push(path),
                None => {
                    let segment = self.model.segments.get(home)?;
                    let message = format!(
                        "`{}` cannot reach the service of `{}`: its segment `{}` has no route out",
                        self.text(subject.thing.name),
                        self.text(object.name),
                        self.text(segment.name)
                    );
                    self.report.push(
                        Diagnostic::new(&NO_PATH, subject.span, message)
                            .label(
                                segment.span,
                                "isolated, and no segment of its network has `endpoints`",
                            )
                            .help("say `endpoints` in a segment of its network"),
                    );
                }
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let service = self.graph.words.intern(&service);
        for reach in paths {
            let flow = Flow {
                from: Endpoint::Thing(subject.id),
                to: Endpoint::Service(service),
                ports,
                reach,
                pairs: self.all,
                when: self.everything,
                because,
            };
            self.graph.flows.push(flow);
        }
        Some(())
    }

    /// Refuses what lies in another region than the endpoints of a place: they take over the service's name there, and answer for their
    /// own region. Whether it did.
    ///
    /// Source: AWS PrivateLink guide, "Access AWS services", read 2026-12-01.
    fn refuse_far_service(&mut self, subject: &Subject<'m>, home: SegmentId, object: &'m Thing) -> bool {
        let there = self.account_of(object).map(|(_, account)| account.region);
        let Some(segment) = self.model.segments.get(home) else {
            return false;
        };
        let networks: Vec<NetworkId> = match segment.within {
            Within::Network(network) => vec![network],
            Within::Site(site) => {
                let site = self.model.sites.get(site);
                let ways = site.into_iter().flat_map(|site| &site.connects);
                ways.map(|connects| connects.network).collect()
            }
        };
        let mut here = networks.iter().filter_map(|network| {
            let network = self.model.networks.get(*network)?;
            Some(self.model.accounts.get(network.account)?.region)
        });
        let Some(there) = there.filter(|there| here.all(|here| here != *there)) else {
            return false;
        };
        let [name, of, region] = [subject.thing.name, object.name, there].map(|name| self.text(name));
        let message = format!("`{name}` cannot reach the service of `{of}`: it is in `{region}`");
        self.report.push(
            Diagnostic::new(&NO_PATH, subject.span, message)
                .label(segment.span, "served by endpoints of another region")
                .help("let something in that region do it, or a function without a segment"),
        );
        true
    }

    /// By which name the service of an object is reached; its account may have to say the cell.
    fn service_name(&mut self, subject: &Subject<'m>, object: ThingId) -> Option<Cow<'m, str>> {
        let found = address::service(self.model, object);
        if found.is_none()
            && let Some(thing) = self.thing(object)
        {
            let account = self
                .account_of(thing)
                .map_or(thing.span, |(_, account)| account.span);
            let message = format!(
                "`{}` reaches `{}` through a cell of its service, and the account does not say which",
                self.text(subject.thing.name),
                self.text(thing.name)
            );
            self.report.push(
                Diagnostic::new(&MISSING_CELL, subject.span, message)
                    .label(account, "its account")
                    .note("the provider gives each account a cell, and a private endpoint leads to one")
                    .help("say it in the account, `cell timestream \"cell2\"`: `aws timestream-write describe-endpoints` tells it"),
            );
        }
        found
    }

    /// Port ranges, ascending and disjoint.
    pub(crate) fn port_set(&mut self, mut ports: Vec<Ports>) -> Id<Vec<Ports>> {
        ports.sort_unstable();
        let mut joined: Vec<Ports> = Vec::with_capacity(ports.len());
        for range in ports {
            match joined.last_mut() {
                Some(open)
                    if open.protocol == range.protocol && range.first <= open.last.saturating_add(1) =>
                {
                    open.last = open.last.max(range.last);
                }
                Some(_) | None => joined.push(range),
            }
        }
        self.graph.ports.intern(joined)
    }

    /// The ports of `speaks mqtt`; `None` if the class does not say what it speaks.
    fn mqtt(&self, class: &'m Class) -> Option<&'m [u16]> {
        if class.speaks.is_empty() {
            return None;
        }
        let speaks = class
            .speaks
            .iter()
            .find(|speaks| self.text(speaks.protocol) == "mqtt");
        Some(speaks.map_or(&[], |speaks| &speaks.ports))
    }
}

/// The ports of the service that the class speaks.
fn spoken(mqtt: Option<&[u16]>, offered: &[Ports]) -> Vec<Ports> {
    const TCP: u8 = 6;
    let Some(mqtt) = mqtt else { return offered.to_vec() };
    let is_offered = |port: u16| {
        offered
            .iter()
            .any(|ports| ports.protocol == TCP && (ports.first..=ports.last).contains(&port))
    };
    let ports = mqtt.iter().filter(|port| is_offered(**port)).map(|port| Ports {
        protocol: TCP,
        first: *port,
        last: *port,
    });
    ports.collect()
}
