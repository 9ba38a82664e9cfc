//! Who asks for an address has none yet: a DHCP server answers it on the client's port.
//!
//! A trust to a listener `udp=67` on premises lets the server send to port 68 of the client: the client asks from no address, or by
//! broadcast, so that no firewall knows the answer by its question. What is said on the own link alone, by broadcast or between
//! link-local addresses (`udp=547`, answered on port 546), is no flow: it has no address of a declared place and is passed on by
//! nobody. The host firewalls of both sides open it. In a network of the provider its own service gives the addresses.
//!
//! Source: RFC 2131, section 4.1; RFC 8415, sections 7.1 and 7.2

use model::place::{SegmentId, Within};
use model::value::Ports;

use crate::build::Build;
use crate::flow::{Endpoint, Flow};
use crate::reason::Rule;

const UDP: u8 = 17;
/// Where a DHCP server listens, and where its client does.
const SERVER: u16 = 67;
const CLIENT: u16 = 68;

impl Build<'_> {
    /// Adds the answers to what was just opened, if it leads to a DHCP server.
    pub(crate) fn entail_lease(&mut self, homes: [&[SegmentId]; 2]) -> Option<()> {
        let opened = *self.graph.flows.last()?;
        let asked = self.graph.ports.get(opened.ports)?;
        let is_asked = asked.contains(&Ports {
            protocol: UDP,
            first: SERVER,
            last: SERVER,
        });
        let on_premises = homes.into_iter().flatten().all(|home| {
            let home = self.model.segments.get(*home);
            home.is_some_and(|home| matches!(home.within, Within::Site(_)))
        });
        if !is_asked || !on_premises || !matches!(opened.from, Endpoint::Thing(_)) {
            return None;
        }
        let ports = self.port_set(vec![Ports {
            protocol: UDP,
            first: CLIENT,
            last: CLIENT,
        }]);
        let because = self.entailed(opened.because, Rule::Lease);
        self.graph.flows.push(Flow {
            from: opened.to,
            to: opened.from,
            ports,
            because,
            ..opened
        });
        Some(())
    }
}
