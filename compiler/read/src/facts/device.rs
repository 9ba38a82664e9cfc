//! What a class's provisioning bundle says besides its policy and its host firewall.

use super::Place;

/// The data of one class's bundle.
#[derive(Clone, Debug)]
pub struct Provisioning {
    /// The class, as the bundle's folder names it.
    pub class: String,
    /// The project of its manifest.
    pub project: String,
    /// The environment of its manifest.
    pub environment: Option<String>,
    /// `expresslink`, `embedded`, `linux`, `network`, or empty.
    pub hardware: String,
    /// How many members the class has, decimal.
    pub members: String,
    /// SHA-256 of the inventory, hexadecimal.
    pub inventory: Option<String>,
    /// The thing type of its members in the cloud.
    pub thing_type: Option<String>,
    /// The identities of a member, sorted.
    pub identities: Vec<Identity>,
    /// Whether a request for a certificate is with them.
    pub has_request: bool,
    /// The provider's services that a member connects to, sorted.
    pub services: Vec<Service>,
    /// Where: the folder of its files.
    pub place: Place,
}

/// One identity of every member.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// `x509`, `roles-anywhere`, `ssm`, `dot1x`, `ssh-host`.
    pub word: String,
    /// Who issues it.
    pub authority: Option<String>,
    /// Where its key lives: `secure-element`, `tpm`, `pkcs11`, `file`.
    pub key: Option<String>,
    /// Renewal in seconds, decimal.
    pub rotate_seconds: Option<String>,
    /// Further properties, sorted.
    pub more: Vec<(String, String)>,
}

/// One service that members connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// The service (`iot.data`).
    pub service: String,
    /// `mqtt` or `https`.
    pub protocol: String,
    /// The region.
    pub region: String,
    /// Ports, preferred first.
    pub ports: Vec<u16>,
    /// What the client says in TLS, by port, sorted.
    pub alpn: Vec<(u16, String)>,
}
