//! Text with placeholders in braces.

use arena::Name;
use source::Span;

/// Text with placeholders, for example `dt/p1/{line}/vib/{name}/raw`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// In order; no two neighbouring texts.
    pub pieces: Vec<Piece>,
    /// Where it is written.
    pub span: Span,
}

/// One stretch of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Literal text.
    Text(Name),
    /// A placeholder.
    Placeholder(Placeholder),
}

/// What stands between braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// `{partition}` of the account.
    Partition,
    /// `{account}`: the number of the account.
    Account,
    /// `{region}` of the account.
    Region,
    /// `{environment}` that is being built; empty outside environments.
    Environment,
    /// `{physical}`: the name in the cloud.
    Physical,
    /// `{arn}` of the kind.
    Arn,
    /// `{part}`: what a trust narrows to.
    Part,
    /// `{name}`: of the declaration; in a family or a class's own facts, of the member.
    Name,
    /// A column of the inventory, or an attribute of a person: `{line}`.
    Attribute(Name),
    /// A property of the declaration: `{path}`.
    Property(Name),
    /// A property of type duration in a unit: `{retain:days}`. The declaration's value is a whole number of units.
    Measure(Name, Unit),
    /// `{TYPE.ATTRIBUTE}` in a `terraform` block: a sibling block's attribute.
    Sibling(Name, Name),
    /// `{PROPERTY.TYPE.ATTRIBUTE}` in a `terraform` block: an attribute of the block of the thing that a reference property names.
    Reference(Name, Name, Name),
}

/// The unit of a `{PROPERTY:UNIT}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// `seconds`
    Seconds,
    /// `minutes`
    Minutes,
    /// `hours`
    Hours,
    /// `days`
    Days,
}
