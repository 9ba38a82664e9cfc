//! Host firewalls of device classes, from their bundles.

use std::collections::BTreeSet;

use super::Place;
use super::network::{Block, Ports};

/// Whose hosts a firewall guards, as its folder says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guards {
    /// All of the class.
    Class,
    /// Those that live in the segment of this name.
    Segment(String),
    /// The one of this name.
    Member(String),
}

/// The firewall of hosts of one class.
#[derive(Clone, Debug)]
pub struct HostFirewall {
    /// The class, as the bundle's folder names it.
    pub class: String,
    /// Which of its hosts.
    pub guards: Guards,
    /// What it accepts, both directions; everything else is dropped.
    pub accepts: Vec<Accept>,
    /// Rules that no packet reaches: an earlier verdict has each.
    pub unreached: Vec<Place>,
    /// Whether it lets router and neighbour messages of IPv6, and its errors, in and out.
    pub six: bool,
    /// What it lets in and out of what is said on the own link to get an address.
    pub leases: BTreeSet<Lease>,
    /// Whose packets pass through as the host's own; nothing else passes through.
    pub containers: Vec<Containers>,
    /// Where.
    pub place: Place,
}

impl HostFirewall {
    /// By what people know it: `gateway`, `gateway/segment/cell-1`, `gateway/member/gw-7`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}", self.class, self.part())
    }

    /// What of its class it guards: nothing for all of it, `/segment/cell-1`, `/member/gw-7`.
    #[must_use]
    pub fn part(&self) -> String {
        match &self.guards {
            Guards::Class => String::new(),
            Guards::Segment(name) => format!("/segment/{name}"),
            Guards::Member(name) => format!("/member/{name}"),
        }
    }
}

/// One set of packets that open a connection and are accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accept {
    /// Out of the host if true.
    pub egress: bool,
    /// Destination ports.
    pub ports: Ports,
    /// The other side.
    pub peer: Block,
    /// Where.
    pub place: Place,
}

/// A side of DHCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease {
    /// Of IPv6, else of IPv4.
    pub six: bool,
    /// It gives addresses, else it asks for one.
    pub gives: bool,
}

/// Addresses behind a bridge of the host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Containers {
    /// The name of the bridge.
    pub interface: String,
    /// Their addresses.
    pub block: Block,
    /// The protocols in which what is sent to a port of the host reaches them, if a trust opens that port.
    pub published: BTreeSet<u8>,
    /// Where.
    pub place: Place,
}
