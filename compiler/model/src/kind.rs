//! Kinds: the words (meaning) and the means (Terraform) of a sort of thing; and baselines.

use arena::{Id, Name};
use source::{Origin, Span};

use crate::template::Template;
use crate::value::{Ports, Value};

/// The id of a kind.
pub type KindId = Id<Kind>;
/// The id of a baseline entry.
pub type BaselineId = Id<Baseline>;

/// `kind NAME service=… { … }`.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name: the node word.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// Ours or the project's own.
    pub origin: Origin,
    /// What it means: used by questions, promises and proof.
    pub words: Words,
    /// How it is made: only emitted, and what that does is read back.
    pub means: Vec<Means>,
}

/// The meaning of a kind.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The provider's service prefix, `s3`; `None` for a kind without a service of its own.
    pub service: Option<Name>,
    /// Its properties.
    pub properties: Vec<PropertyType>,
    /// Its address: what `{arn}` stands for.
    pub arn: Option<Template>,
    /// Further addresses that are its own, each an `arn` line after the first: a topic's filters.
    pub more_arns: Vec<Template>,
    /// By which service and port it is reached.
    pub reach: Option<ServiceReach>,
    /// What may be done to it.
    pub capabilities: Vec<Capability>,
    /// The service principal under which it acts.
    pub acts: Option<Name>,
    /// Whether its name must be unique in the world, so that a declaration needs a `physical`.
    pub global_name: bool,
    /// Whether it holds data: protected from deletion.
    pub holds_data: bool,
}

/// `reach service=s3 tcp=443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceReach {
    /// The provider's endpoint service, `s3`, `kinesis-streams`, `iot.data`.
    pub service: Name,
    /// Ports.
    pub ports: Vec<Ports>,
}

/// `property NAME type=… kind=… required=#true from=… to=… { values … }`.
#[derive(Clone, Debug)]
pub struct PropertyType {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub sort: PropertySort,
    /// For a reference: the kind that it names.
    pub kind: Option<Name>,
    /// Whether every declaration needs it.
    pub required: bool,
    /// Its value where a declaration is silent.
    pub default: Option<Value>,
    /// The values that the provider takes.
    pub takes: Takes,
    /// `of=listeners`: no declaration says it, what its listeners speak does.
    pub of_listeners: bool,
    /// Where.
    pub span: Span,
}

/// Which values of its type a property takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// From the first to the last, both included; `None` is no bound.
    Between(Option<Value>, Option<Value>),
    /// One of these, ascending.
    OneOf(Vec<Value>),
}

impl Default for Takes {
    /// Any value of the type.
    fn default() -> Self {
        Self::Between(None, None)
    }
}

/// The type of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertySort {
    /// A bare name.
    Name,
    /// Text; may hold placeholders of a family's member.
    Text,
    /// A whole number.
    Number,
    /// `#true`, `#false` or bare.
    Flag,
    /// `"90d"`.
    Duration,
    /// `"2027-06-30"`.
    Date,
    /// `"10.0.0.0/8"`.
    Cidr,
    /// `"2.4.0"`.
    Version,
    /// Another thing.
    Reference,
}

/// What chains of accesses follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Data flows from the object to the subject.
    Read,
    /// Data flows from the subject to the object.
    Write,
    /// The subject can become or command the object.
    Control,
    /// Neither.
    None,
}

/// `capability NAME effect=… { … }`.
#[derive(Clone, Debug)]
pub struct Capability {
    /// Its name.
    pub name: Name,
    /// What chains follow.
    pub effect: Effect,
    /// The provider's actions.
    pub actions: Vec<ActionUse>,
    /// `does write delete`: who may this does what those capabilities of the kind mean.
    pub does: Vec<(Name, Span)>,
    /// Further capabilities that it needs.
    pub via: Vec<Via>,
    /// Whether it opens a connection to the part's ports (`listener connect`).
    pub connects: bool,
    /// Where.
    pub span: Span,
}

/// `action NAME… on="…" { condition … }`.
#[derive(Clone, Debug)]
pub struct ActionUse {
    /// The actions, in canonical spelling.
    pub actions: Vec<Name>,
    /// The resource; `*` for an action without resources.
    pub on: Template,
    /// Conditions, all of which hold.
    pub conditions: Vec<ActionCondition>,
    /// A `helper` line: what callers need besides, and not what the capability means.
    pub helper: bool,
    /// `reaches KIND`: kinds whose things the resource may be, beyond this kind's own addresses.
    pub reaches: Vec<(Name, Span)>,
    /// Where.
    pub span: Span,
}

/// `condition StringLike s3:prefix "{part}"`.
#[derive(Clone, Debug)]
pub struct ActionCondition {
    /// The provider's operator.
    pub operator: Name,
    /// The provider's key.
    pub key: Name,
    /// The value.
    pub value: Template,
}

/// `via key decrypt`: the same capability of the thing that this thing's reference of that kind names.
#[derive(Clone, Copy, Debug)]
pub struct Via {
    /// The kind.
    pub kind: Name,
    /// The capability.
    pub capability: Name,
    /// Where.
    pub span: Span,
}

/// `if=PROPERTY`, `unless=PROPERTY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The property that is looked at; one that says `#false` is not said.
    pub property: Name,
    /// Whether it must be said, or must not.
    pub said: bool,
}

/// `terraform TYPE if=PROPERTY { … }`.
#[derive(Clone, Debug)]
pub struct Means {
    /// The provider's resource type, `aws_s3_bucket`.
    pub resource_type: Name,
    /// When it is emitted; always, if nothing stands here.
    pub condition: Option<Condition>,
    /// Its arguments.
    pub body: Vec<Argument>,
    /// Where.
    pub span: Span,
}

/// One argument or nested block of a Terraform block.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub value: ArgumentValue,
    /// When it is emitted; always, if nothing stands here.
    pub condition: Option<Condition>,
    /// Where.
    pub span: Span,
}

/// What an argument holds.
#[derive(Clone, Debug)]
pub enum ArgumentValue {
    /// Text with placeholders; a text that is one placeholder takes the property's own type.
    Text(Template),
    /// A number.
    Number(i64),
    /// A flag.
    Flag(bool),
    /// Several values.
    List(Vec<ArgumentValue>),
    /// A nested block; one that repeats is repeated.
    Block(Vec<Argument>),
}

/// One line of a baseline that the project uses.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The baseline's name.
    pub name: Name,
    /// Where the line stands.
    pub span: Span,
    /// What it does.
    pub rule: BaselineRule,
}

/// What a baseline line does.
#[derive(Clone, Debug)]
pub enum BaselineRule {
    /// `administer KIND { action … { condition … } }`: the account's steward gets these actions on every thing of the kind.
    Administer {
        /// The kind.
        kind: KindId,
        /// The actions, each on the whole thing.
        actions: Vec<ActionUse>,
    },
    /// `restrict KIND… { tls-only }`: narrows every access to the kind.
    Restrict {
        /// The kinds.
        kinds: Vec<KindId>,
        /// How.
        restriction: Restriction,
    },
}

/// How a baseline narrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// Only over TLS.
    TlsOnly,
}
