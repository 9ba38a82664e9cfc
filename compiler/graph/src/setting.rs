//! Settings: what must hold of an object besides who reaches it.

use model::place::NetworkId;
use model::thing::ThingId;

use crate::reason::ReasonId;

/// What has a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// A declared thing.
    Thing(ThingId),
    /// The role of an actor.
    Identity(ThingId),
    /// A network.
    Network(NetworkId),
}

/// Which setting. Neutral words; what a provider's argument means for them stands in `read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// The key that encrypts it at rest.
    EncryptionKey,
    /// Encrypted at rest with the provider's own key, where no key is declared.
    Encrypted,
    /// How long it keeps data, in seconds.
    RetainSeconds,
    /// Keeps every version.
    Versioned,
    /// For how long nobody can delete what was written, in seconds.
    LockSeconds,
    /// Never public, whatever a policy says.
    PublicAccessBlocked,
    /// Ownership of objects by the account, no access lists.
    OwnerEnforced,
    /// The key's material is rotated every year.
    KeyRotation,
    /// Protected from deletion.
    DeletionProtected,
    /// Backed up continuously.
    PointInTimeRecovery,
    /// Refuses connections without TLS.
    TlsRequired,
    /// Has no public address.
    Unreachable,
    /// The longest session, in seconds.
    SessionSeconds,
    /// The listener's certificate and TLS floor.
    TlsFloor,
}

/// The value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A count, in the unit of the property.
    Number(u64),
    /// A word of the graph.
    Word(crate::Word),
    /// Another thing.
    Thing(ThingId),
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setting {
    /// Of what.
    pub object: Object,
    /// Which.
    pub property: Property,
    /// What it must be.
    pub value: Value,
    /// Why.
    pub because: ReasonId,
}
