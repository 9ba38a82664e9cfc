//! Policy documents, before they are text.

use pattern::pattern::Pattern;

use super::Because;

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Statements in canonical order; ids unique.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Letters and digits, unique in the document, stable: from the service and what it does.
    pub id: String,
    /// True for `Deny`, which only baselines write.
    pub deny: bool,
    /// Who; `None` where the document's own principal is meant.
    pub principals: Option<Principals>,
    /// Actions in canonical spelling, sorted.
    pub actions: Vec<String>,
    /// Resources, sorted; empty where the document has none (a trust policy).
    pub resources: Vec<Pattern>,
    /// Conditions, sorted by operator and key; all must hold, any value suffices.
    pub conditions: Vec<Condition>,
    /// Why.
    pub because: Because,
}

/// Whom a statement names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// `"*"`.
    Anyone,
    /// These, sorted.
    These(Vec<PrincipalName>),
}

/// A principal as the provider names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalName {
    /// An ARN of a role or of a user, or an account's root. One that this deployment makes is a reference by symbol-free name.
    Aws(String),
    /// A service.
    Service(String),
    /// The ARN of a federation.
    Federated(String),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// `StringEquals`, `ArnLike`, `Bool` …
    pub operator: String,
    /// The key in canonical spelling.
    pub key: String,
    /// Values, sorted.
    pub values: Vec<Pattern>,
}

/// Who evaluates a document, and so which variables it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// IAM and the services that share its language.
    Iam,
    /// AWS IoT Core.
    Iot,
}

impl Engine {
    /// What stands in a document for a variable of the graph, by its key (`name`, `attr:line`).
    ///
    /// `None` for one that no engine substitutes (a reached member's).
    #[must_use]
    pub fn variable(self, key: &str) -> Option<String> {
        match (self, key.strip_prefix("attr:")) {
            (Self::Iam, None) => (key == "name").then(|| "${credentials-iot:ThingName}".to_owned()),
            (Self::Iam, Some(attribute)) => Some(format!("${{aws:PrincipalTag/{attribute}}}")),
            (Self::Iot, None) => (key == "name").then(|| "${iot:Connection.Thing.ThingName}".to_owned()),
            (Self::Iot, Some(attribute)) => {
                Some(format!("${{iot:Connection.Thing.Attributes[{attribute}]}}"))
            }
        }
    }

    /// Whether statements carry their ids: where every character counts they do not.
    #[must_use]
    pub fn has_ids(self) -> bool {
        match self {
            Self::Iam => true,
            Self::Iot => false,
        }
    }
}
