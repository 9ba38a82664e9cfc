//! Roles, federations and the policies of resources.

use super::Because;
use super::document::Document;

/// Everything of the identity layer.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Roles, sorted by account and name.
    pub roles: Vec<Role>,
    /// Federations, sorted by account and name.
    pub federations: Vec<Federation>,
    /// Policies of resources, sorted by account and declared name.
    pub resources: Vec<ResourcePolicy>,
}

/// A role: an actor in an account.
#[derive(Clone, Debug)]
pub struct Role {
    /// The actor's declared name.
    pub actor: String,
    /// Declared name of the account.
    pub account: String,
    /// Index into `Deployment::stacks`.
    pub stack: usize,
    /// The role's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its Terraform label.
    pub label: String,
    /// Label before a renaming.
    pub renamed_from: Option<String>,
    /// Who may become it; `None` for a role that exists, to which only policies are added.
    pub trust: Option<Document>,
    /// What it may do: inline documents, packed under the quota; may be empty.
    pub identity: Vec<Document>,
    /// The longest session in seconds.
    pub session_seconds: u64,
    /// Whether an instance takes it: by a profile of the same name.
    pub has_profile: bool,
    /// Why it exists.
    pub because: Because,
}

/// An identity provider as an account knows it.
#[derive(Clone, Debug)]
pub struct Federation {
    /// Declared name of the provider.
    pub provider: String,
    /// Declared name of the account.
    pub account: String,
    /// Index into `Deployment::stacks`.
    pub stack: usize,
    /// Its ARN.
    pub arn: String,
    /// SAML (whose metadata is a late-bound reference) or OIDC.
    pub sort: FederationSort,
    /// Why.
    pub because: Because,
}

/// What sort of federation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FederationSort {
    /// SAML 2.0. It must exist already: its metadata is a `secret://` reference, which is never resolved.
    Saml {
        /// Its name in the account.
        name: String,
        /// The reference.
        metadata: String,
    },
    /// OpenID Connect, of which the account knows the provider already.
    Found,
    /// OpenID Connect.
    Oidc {
        /// The issuer's URL.
        issuer: String,
        /// Audiences.
        audiences: Vec<String>,
    },
}

/// The policy of one resource.
#[derive(Clone, Debug)]
pub struct ResourcePolicy {
    /// The resource's declared name.
    pub thing: String,
    /// Declared name of the account.
    pub account: String,
    /// Index into `Deployment::stacks`.
    pub stack: usize,
    /// The service: `s3`, `kms`, `sqs`, `secretsmanager` …
    pub service: String,
    /// The resource's address, as the graph has it.
    pub address: String,
    /// The Terraform block (index into `Deployment::stores`) that it attaches to; `None` for an existing resource.
    pub store: Option<usize>,
    /// The resource's name in the cloud.
    pub physical: String,
    /// Label of the policy's own block.
    pub label: String,
    /// The document.
    pub document: Document,
    /// Why it exists.
    pub because: Because,
}
