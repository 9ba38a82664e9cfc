//! Host firewalls of device classes, from their bundles.

use super::Place;
use super::network::{Block, Ports};

/// The firewall of one class's hosts.
#[derive(Clone, Debug)]
pub struct HostFirewall {
    /// The class, as the bundle's folder names it.
    pub class: String,
    /// What it accepts, both directions; everything else is dropped.
    pub accepts: Vec<Accept>,
    /// Where.
    pub place: Place,
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
