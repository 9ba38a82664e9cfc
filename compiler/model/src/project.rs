//! The project, its accounts and teams.

use arena::{Arena, Id, Name};
use source::Span;

use crate::template::Template;
use crate::value::Date;

/// `project NAME edition=… { … }`, seen in one environment.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// The environment that is being built; `None` where the project declares none.
    pub environment: Option<Name>,
    /// The account of whatever names none; `None` if the project declares no default and has several.
    pub default_account: Option<AccountId>,
    /// Tags of everything emitted, by key.
    pub tags: Vec<(Name, Name)>,
    /// Declared data classes, from least to most protected as the author lists them.
    pub data_classes: Vec<(Name, Span)>,
    /// Targets that `compile` emits when it is not told; empty means all.
    pub targets: Vec<(Name, Span)>,
    /// Values that the provider assigned: (account name, object name, attribute) → value, from the `identifiers` file.
    pub identifiers: Vec<Identifier>,
    /// The date with which the build compares dates.
    pub as_of: Date,
}

/// One line of the `identifiers` file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    /// The declared name of the object.
    pub object: Name,
    /// Which of its values: `arn`, `id`.
    pub attribute: Name,
    /// The value.
    pub value: Name,
}

/// The id of an account.
pub type AccountId = Id<Account>;

/// Where the roles of an account are kept, of whatever region: the first declaration, by name, of the same number. A project declares
/// an account once for each region that it uses, and to the provider these are one.
#[must_use]
pub fn home_of(accounts: &Arena<Account>, account: AccountId) -> AccountId {
    let number = accounts.get(account).map(|account| account.number);
    let mut all = accounts.iter();
    all.find(|(_, other)| Some(other.number) == number)
        .map_or(account, |(first, _)| first)
}

/// `account NAME id="…" region=… { … }`: existing, named, never created.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its declared name: ACCOUNT in output paths.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// Twelve digits.
    pub number: Name,
    /// Its region, for example `eu-central-1`.
    pub region: Name,
    /// The provider's partition, derived from the region: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Name,
    /// The role that may administer (`role/ops/deploy`), with its place.
    pub steward: Option<(Name, Span)>,
    /// Quotas that the provider granted above its default.
    pub quotas: Vec<Quota>,
    /// The cells that services gave it: `cell timestream "cell2"`.
    pub cells: Vec<Cell>,
    /// Who owns the declaration.
    pub owner: Option<TeamId>,
}

/// `quota "ec2.security-group.rules" 120`
#[derive(Clone, Debug)]
pub struct Quota {
    /// The id of the limit.
    pub limit: Name,
    /// What was granted.
    pub value: u64,
    /// Where it is said.
    pub span: Span,
}

/// `cell timestream "cell2"`
#[derive(Clone, Debug)]
pub struct Cell {
    /// The service, as its kinds say it.
    pub service: Name,
    /// The cell.
    pub cell: Name,
    /// Where it is said.
    pub span: Span,
}

/// The id of a team.
pub type TeamId = Id<Team>;

/// `team NAME`: owner, signer of waivers.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
}

/// A text that is the thing's name in the cloud, with its place.
#[derive(Clone, Debug)]
pub struct Physical {
    /// As written, `{environment}` included.
    pub written: Template,
    /// As it stands in this environment.
    pub name: Name,
    /// Where it is written: the `physical` fact, or the declaration's name.
    pub span: Span,
    /// Whether a `physical` fact says it.
    pub declared: bool,
}
