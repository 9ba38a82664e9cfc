//! Places, listeners and addresses.

pub(crate) mod equal_addresses;
pub(crate) mod over_broad_ports;
pub(crate) mod plaintext_listener;
pub(crate) mod public_ingress;
pub(crate) mod shared_port;
pub(crate) mod without_reach;
