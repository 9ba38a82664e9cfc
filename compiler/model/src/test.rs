//! Tests that a spec carries.

use arena::{Id, Name};
use source::Span;

use crate::promise::Selector;
use crate::trust::Named;
use crate::value::Duration;

/// The id of a test.
pub type TestId = Id<Test>;

/// `test "…" { as … { can …; cannot … } }`.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its sentence.
    pub name: Name,
    /// The head line.
    pub span: Span,
    /// Who asks, and what.
    pub cases: Vec<Case>,
}

/// `as SUBJECT device=… line=… mfa-age=… { … }`.
#[derive(Clone, Debug)]
pub struct Case {
    /// The subject.
    pub subject: Named,
    /// What is fixed of it.
    pub fixed: Fixed,
    /// The questions.
    pub questions: Vec<Question>,
    /// The head line.
    pub span: Span,
}

/// Parts of the request that are fixed; what is not fixed is free.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// The row of the class.
    pub device: Option<(Name, Span)>,
    /// `mfa=#false` or `mfa=#true`.
    pub mfa: Option<bool>,
    /// `mfa-age="10m"`.
    pub mfa_age: Option<Duration>,
    /// `source="203.0.113.7"`, one address as a block.
    pub source: Option<crate::value::Block>,
    /// Attributes: (name, value).
    pub attributes: Vec<(Name, Name)>,
}

/// `can CAPABILITY OBJECT …` or `cannot CAPABILITY OBJECT …`.
#[derive(Clone, Debug)]
pub struct Question {
    /// True for `can`.
    pub can: bool,
    /// The capability.
    pub capability: (Name, Span),
    /// The object: a name for `can`, any selector for `cannot`.
    pub object: (Selector, Span),
    /// The row of the object's class or family.
    pub device: Option<(Name, Span)>,
    /// `under="gw-l1a/"` or `only="a"`: (under, text).
    pub part: Option<(bool, Name)>,
    /// Where.
    pub span: Span,
}
