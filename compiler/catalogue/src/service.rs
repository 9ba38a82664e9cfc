//! What belongs to a service: its resource types and condition keys.

use crate::key;

/// A service, by the prefix of its actions.
#[derive(Debug)]
pub struct Service {
    /// `s3`.
    pub prefix: &'static str,
    /// `Amazon S3`; empty if the source names none.
    pub name: &'static str,
    /// By name, ignoring case.
    pub(crate) keys: Vec<ConditionKey>,
    /// Some types have several templates: one entry each, one after the other.
    pub(crate) resources: Vec<ResourceType>,
    /// By name, ignoring case.
    pub(crate) actions: Vec<ActionRow>,
}

/// A resource type: the shape of its ARNs.
#[derive(Debug)]
pub struct ResourceType {
    /// `bucket`, as its service calls it.
    pub name: &'static str,
    /// `arn:${Partition}:s3:::${BucketName}`; a `*` in it varies like a placeholder.
    pub arn: &'static str,
    /// The characters `/` and `:` that a placeholder of this type may hold; others hold neither.
    pub characters: &'static str,
    /// The list of condition keys that an action has through this type.
    pub(crate) list: usize,
}

/// A condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// In the service's spelling; what varies is `${…}`, as in `aws:ResourceTag/${TagKey}`.
    pub name: &'static str,
    /// What its values are.
    pub value: Value,
    /// A request gives it a list: `ForAllValues` or `ForAnyValue` belongs before its operator.
    pub is_multi_valued: bool,
    /// Where a global key is filled in; a service's own key always where listed.
    pub reach: Reach,
}

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A point in time.
    Date,
    /// An address or a CIDR block.
    IpAddress,
}

/// Where a condition key is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// An action has it whether it lists it or not. That does not mean that every request fills it in.
    Everywhere,
    /// Only an action that lists it has it.
    Listed,
}

/// One action, as packed.
#[derive(Debug)]
pub(crate) struct ActionRow {
    /// `s3:GetObject`.
    pub(crate) name: &'static str,
    /// A letter for each access level.
    pub(crate) levels: &'static str,
    pub(crate) list: usize,
    pub(crate) links: Vec<LinkRow>,
    pub(crate) scope: Option<crate::action::Scope>,
}

/// One resource type of one action, as packed.
#[derive(Debug)]
pub(crate) struct LinkRow {
    pub(crate) resource: &'static str,
    pub(crate) is_required: bool,
    pub(crate) list: Option<usize>,
}

impl Service {
    /// Every resource type, in the order of the source; a type with several templates comes once for each.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceType> {
        self.resources.iter()
    }

    /// The templates of a resource type, ignoring case.
    pub fn resource<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s ResourceType> {
        self.resources
            .iter()
            .filter(move |resource| resource.name.eq_ignore_ascii_case(name))
    }

    /// Every condition key that some action of the service lists.
    pub fn condition_keys(&self) -> impl Iterator<Item = &ConditionKey> {
        self.keys.iter()
    }

    /// A condition key of the service, ignoring case; what varies may be filled in.
    #[must_use]
    pub fn condition_key(&self, name: &str) -> Option<&ConditionKey> {
        key::find(&self.keys, name)
    }
}

impl ResourceType {
    /// Whether some ARN of this type fits `written`, an ARN with `*`, `?` and `{…}` or `${…}`.
    #[must_use]
    pub fn matches(&self, written: &str) -> bool {
        crate::arn::overlap(written, self.arn, self.characters)
    }
}

impl ConditionKey {
    /// Whether `name` is this key, ignoring case, with something for what varies.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        key::matches(self.name, name)
    }
}
