//! Policy documents: IAM, resource, key, trust and endpoint policies, IoT policies, a topic rule's SQL.

use pattern::pattern::Pattern;
use pattern::region::Region;

use super::Place;

/// One policy document, normalised: every list is a set.
#[derive(Clone, Debug)]
pub struct Document {
    /// What evaluates it.
    pub guard: Guard,
    /// Its statements, in order of the file.
    pub statements: Vec<Statement>,
    /// Where it starts.
    pub place: Place,
}

/// One unit that the provider evaluates. Documents of the same guard are evaluated together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Identity policies of a role, by the role's address.
    Identity(String),
    /// The trust policy of a role, by the role's address.
    Trust(String),
    /// A permissions boundary of a role.
    Boundary(String),
    /// The policy of a resource (bucket, queue, secret, key …), by the resource's address.
    Resource(String),
    /// The policy of a private endpoint, by its address.
    Endpoint(String),
    /// An IoT policy, by its address.
    Device(String),
    /// What a topic rule's statement selects, by the rule's address.
    Rule(String),
}

/// One statement. It matches a request if all of its parts do.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it names; `None` where the guard's own principal is meant.
    pub principals: Option<Principals>,
    /// Actions, lower-case patterns over the action's name with its service prefix (`s3:getobject`).
    pub actions: Vec<Pattern>,
    /// Resources, whole names with symbols and variables. In a resource's own policy, `*` reads as that resource.
    pub resources: Vec<Pattern>,
    /// When.
    pub when: Region,
    /// Where it stands.
    pub place: Place,
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies.
    Deny,
}

/// The principals of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// `"*"`: anybody.
    Anyone,
    /// These, sorted.
    These(Vec<PrincipalName>),
}

/// One named principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalName {
    /// A role, by its address.
    Role(String),
    /// A whole account, by its number (`root`).
    Account(String),
    /// A service of the provider.
    Service(String),
    /// A federation: the ARN of a SAML or OIDC provider.
    Federated(String),
}
