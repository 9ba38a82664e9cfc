//! Emitted objects, their settings, sizes, and what could not be read.

use super::Place;

/// One emitted object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its sort, for people: `role`, `bucket`, `key`, `thing-type` …; `ignored-file` for a file that is there and makes nothing.
    pub sort: String,
    /// Its address.
    pub address: String,
    /// The account's number, or `@NAME` where only a folder says it.
    pub account: String,
    /// The region of the module that makes it; empty where nothing says one.
    pub region: String,
    /// Settings read from it: (setting, value), sorted. A value that names another object is its address; seconds and counts are decimal.
    pub settings: Vec<(Setting, String)>,
    /// How it is made, beyond what the settings say: arguments of its blocks from which no fact follows, and that differ from the
    /// provider's default. `TYPE.ARGUMENT` and value, sorted; a list is its items, a value that is assigned `ADDRESS.ATTRIBUTE`.
    pub choices: Vec<(String, String)>,
    /// Whether its deletion is prevented (`prevent_destroy`, deletion protection).
    pub kept: bool,
    /// Addresses of objects that it refers to, and marks of what it does besides, sorted. A mark is a word and a text:
    /// `port:PROTOCOL/PORT`, `targets:SORT:PROTOCOL/PORT`, `action:SORT`, `redirect:PROTOCOL/PORT`, `login:TEXT`,
    /// `audience:TEXT`, `metadata:TEXT`, `parameter:NAME=VALUE`, `copies-to:ADDRESS`, `attached-to:ADDRESS`.
    pub refers: Vec<String>,
    /// Where.
    pub place: Place,
}

/// Settings that the tables know. Absence of an argument is read as the provider's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Address of the key that encrypts at rest, or `provider` for the provider's own key.
    EncryptionKey,
    /// Retention in seconds.
    RetainSeconds,
    /// `true` if every version is kept.
    Versioned,
    /// For how many seconds nobody can delete what was written; in words if somebody can.
    LockSeconds,
    /// `true` if all four switches against public access are on.
    PublicAccessBlocked,
    /// `true` if access lists are off.
    OwnerEnforced,
    /// `true` if key material rotates.
    KeyRotation,
    /// `true` if the provider refuses deletion.
    DeletionProtected,
    /// `true` if backed up continuously.
    PointInTimeRecovery,
    /// `true` if connections without TLS are refused.
    TlsRequired,
    /// `true` if it has no public address.
    Unreachable,
    /// The longest session in seconds.
    SessionSeconds,
    /// The TLS policy of a listener.
    TlsFloor,
}

/// A size, in the provider's unit, of one unit that has a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Which quota: an id of the limits data (`iam.role.inline`, `iot.policy`).
    pub limit: &'static str,
    /// Of what, for people.
    pub of: String,
    /// How much.
    pub value: u64,
    /// Where.
    pub place: Place,
}

/// How many leaves were read, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaves {
    /// Decide who may do what.
    pub enforcing: u64,
    /// Settings.
    pub setting: u64,
    /// Names.
    pub name: u64,
    /// References to other objects.
    pub reference: u64,
    /// Mean nothing (descriptions, tags, ids of statements).
    pub inert: u64,
    /// Text that equals the one constant that is tested by execution.
    pub frozen: u64,
}

/// Something that no rule reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where.
    pub place: Place,
    /// What, in one line: `unknown argument`, `duplicate key "Action"`, `not JSON: …`.
    pub what: String,
}

/// Something outside the files that they rely on by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReliedOn {
    /// What: an id, a name, an address.
    pub what: String,
    /// Where.
    pub place: Place,
}
