//! Root modules, and how they call what the provider assigns.

/// A Terraform root module: an account, a region, and a network or an owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stack {
    /// Index into `Deployment::accounts`.
    pub account: usize,
    /// Region.
    pub region: String,
    /// The network's or the owning team's declared name; `main` for what has no owner.
    pub name: String,
    /// Names of stacks of the same account and region that must be applied before, sorted.
    pub after: Vec<String>,
}

/// How a symbol is referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The symbol's key, `ADDRESS#ATTRIBUTE`.
    pub key: String,
    /// The object's declared name.
    pub name: String,
    /// Declared name of the account in which the object is: no other account's module can look it up.
    pub account: String,
    /// Its region, likewise.
    pub region: String,
    /// Index into `Deployment::stacks` of the module that makes the object; `None` if it exists already.
    pub stack: Option<usize>,
    /// Terraform type, `aws_kms_key`.
    pub resource_type: String,
    /// Terraform label.
    pub label: String,
    /// The attribute that holds the value.
    pub attribute: String,
    /// For another module: the `data` source that finds it by exact name.
    pub data: Option<Lookup>,
}

/// A `data` source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// Data source type, `aws_kms_alias`.
    pub data_type: String,
    /// Label.
    pub label: String,
    /// Arguments: (name, exact text).
    pub arguments: Vec<(String, String)>,
    /// The attribute that holds the value.
    pub attribute: String,
}
