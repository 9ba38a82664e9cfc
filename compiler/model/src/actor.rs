//! What is particular to workloads, device classes, people and externals.

use arena::{Id, Name};
use source::Span;

use crate::fleet::FleetId;
use crate::place::SegmentId;
use crate::template::Template;
use crate::thing::ThingId;
use crate::value::{Block, Duration};

/// The id of a certificate authority.
pub type AuthorityId = Id<Authority>;
/// The id of an identity provider.
pub type ProviderId = Id<Provider>;

/// `authority NAME { … }`: issues certificates.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// Who holds it (`held-by vendor`), if it is not ours.
    pub held_by: Option<Name>,
    /// Whether its root is kept offline.
    pub root_offline: bool,
    /// Whether it issues SSH certificates.
    pub ssh: bool,
}

/// `provider NAME { saml …; oidc … }`: vouches for people and jobs.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// `saml metadata="secret://…"`: the reference, never the document.
    pub saml: Option<(Name, Span)>,
    /// `oidc issuer="https://…" audience=…`.
    pub oidc: Option<Oidc>,
    /// `existing "…"…`: ARNs of what accounts know it by already, or the issuer's host for every account.
    pub existing: Vec<(Name, Span)>,
}

/// An OIDC issuer.
#[derive(Clone, Copy, Debug)]
pub struct Oidc {
    /// The issuer's URL.
    pub issuer: Name,
    /// The audience; `sts.amazonaws.com` if not said.
    pub audience: Name,
    /// Where.
    pub span: Span,
}

/// Where code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsOn {
    /// A Lambda function.
    Lambda,
    /// An ECS task.
    Ecs,
    /// An EC2 instance.
    Ec2,
    /// A pod on EKS.
    Eks,
    /// A server at a site, without a cloud identity.
    Onprem,
    /// A CI job, federated from a provider.
    Ci,
    /// The provider's over-the-air update service.
    IotOta,
    /// A device class: its place and identity.
    Device(ThingId),
}

/// `workload NAME segment=… runs-on=… from=… { … }`.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Where it lives; a workload on a device lives in the device's segment and has none of its own.
    pub segment: Option<SegmentId>,
    /// Where its code runs; `None` if not said: it then has a role that nothing may assume until it says so.
    pub runs_on: Option<RunsOn>,
    /// The provider that vouches for a CI job.
    pub from: Option<ProviderId>,
    /// Its own addresses, inside its segment's; none if it has all of the segment's.
    pub at: Vec<(Block, Span)>,
    /// Claims that must hold exactly: (claim, values).
    pub claims: Vec<(Name, Vec<Name>, Span)>,
}

/// How a device or a part of it proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityWord {
    /// An X.509 certificate, used with the IoT service.
    X509,
    /// An X.509 certificate, exchanged for credentials.
    RolesAnywhere,
    /// The management agent's own key.
    Ssm,
    /// A certificate for the switch port.
    Dot1x,
    /// An SSH host certificate.
    SshHost,
    /// None.
    None,
}

/// Where a private key lives, from strongest to weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyStore {
    /// In a secure element.
    SecureElement,
    /// In a TPM 2.0.
    Tpm,
    /// In a PKCS#11 token.
    Pkcs11,
    /// In a file.
    File,
}

/// `identity WORD ca=… key=… rotate=…`.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Which.
    pub word: IdentityWord,
    /// Who issues the certificate.
    pub ca: Option<AuthorityId>,
    /// Where the key lives.
    pub key: Option<KeyStore>,
    /// Renewal.
    pub rotate: Option<Duration>,
    /// Further properties (`handle`, `library`, `pin`): a `secret://` reference is never resolved.
    pub more: Vec<(Name, Name)>,
    /// Where.
    pub span: Span,
}

/// What a class is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardware {
    /// A microcontroller with an ExpressLink module.
    Expresslink,
    /// An embedded controller.
    Embedded,
    /// A Linux host.
    Linux,
    /// A network device: configured, not programmed.
    Network,
}

/// `speaks PROTOCOL PORT…`: preferred port first.
#[derive(Clone, Debug)]
pub struct Speaks {
    /// `mqtt` or `https`.
    pub protocol: Name,
    /// Ports, preferred first.
    pub ports: Vec<u16>,
    /// Where.
    pub span: Span,
}

/// `device NAME segment=… { … }`: a class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Per segment that a member lives in: the segment, and for `segment="cell-{line}"` the values that put a row there.
    pub segments: Vec<ClassSegment>,
    /// The `segment` text.
    pub segment: Option<Template>,
    /// The addresses of each row, inside its segment's; none if rows have all of their segment's.
    pub at: Vec<RowAddresses>,
    /// What it is made of.
    pub hardware: Option<(Hardware, Span)>,
    /// Its identities, at most one of each word.
    pub identities: Vec<Identity>,
    /// Its members.
    pub fleet: Option<FleetId>,
    /// What it speaks to the provider.
    pub speaks: Vec<Speaks>,
    /// How long cloud credentials live.
    pub credentials: Option<(Duration, Span)>,
    /// Containers whose packets are the host's own, at most one fact for each interface.
    pub containers: Vec<Containers>,
}

/// `containers docker0 cidr="172.17.0.0/16"`: a bridge of a Linux host with containers behind it.
#[derive(Clone, Debug)]
pub struct Containers {
    /// The name of the interface on the host.
    pub interface: Name,
    /// Their addresses, one block of a family.
    pub blocks: Vec<Block>,
    /// Where.
    pub span: Span,
}

/// One text of `at`, for each row: an address or a block.
#[derive(Clone, Debug)]
pub struct RowAddresses {
    /// As written, `{address}`.
    pub written: Template,
    /// Each different block once, in order of first use.
    pub values: Vec<Block>,
    /// Per row, the index into `values`.
    pub rows: Vec<u32>,
    /// Where.
    pub span: Span,
}

/// Rows of a class that live in one segment.
#[derive(Clone, Debug)]
pub struct ClassSegment {
    /// The segment.
    pub segment: SegmentId,
    /// How many rows.
    pub rows: u32,
}

/// `people NAME from=… { … }`.
#[derive(Clone, Debug)]
pub struct People {
    /// Who vouches for them.
    pub from: Option<ProviderId>,
    /// The group at the provider.
    pub group: Option<(Name, Span)>,
    /// `mfa`, with what substitute is accepted.
    pub mfa: Option<Mfa>,
    /// The longest session.
    pub session: Option<(Duration, Span)>,
    /// Session tags that the provider vouches for.
    pub attributes: Vec<(Name, Span)>,
}

/// `mfa accept=idp-mfa`.
#[derive(Clone, Copy, Debug)]
pub struct Mfa {
    /// Whether the identity provider's word is accepted.
    pub accept_idp: bool,
    /// Where.
    pub span: Span,
}

/// `external NAME { at … | role … | account … }`.
#[derive(Clone, Debug)]
pub struct External {
    /// Addresses.
    pub at: Vec<(Address, Span)>,
    /// The role that may assume ours, a full ARN.
    pub role: Option<(Name, Span)>,
    /// A whole foreign account (`account "…" whole=#true`).
    pub account: Option<(Name, Span)>,
    /// The external id that must be given.
    pub external_id: Option<(Name, Span)>,
}

/// Where an external is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// A block of addresses.
    Block(Block),
    /// A DNS name.
    Host(Name),
}
