//! Why an entry of the graph exists.

use arena::Id;
use model::Fact;
use model::kind::BaselineId;
use model::trust::TrustId;
use source::Span;

/// The id of a reason.
pub type ReasonId = Id<Reason>;

/// The origin of an access, a flow or a setting. There is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A trust says so.
    Trust(TrustId),
    /// A declaration states it: a setting, or a device's own channel.
    Declared(Id<Fact>),
    /// Nobody declared it, yet it is needed.
    Entailed {
        /// By what.
        of: Id<Reason>,
        /// By which rule of the language.
        rule: Rule,
    },
    /// A baseline that the project uses.
    Baseline(BaselineId),
}

/// The rules that entail; each is documented in its own file under `entail/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// `via KIND CAPABILITY`: reading an encrypted store needs its key.
    Via,
    /// An actor runs with its role: the runtime, the federation or the service becomes it.
    Become,
    /// A device connects as itself before it publishes or subscribes.
    Session,
    /// Who speaks MQTT by a role connects under a name of its own first.
    Client,
    /// An access of a placed principal needs a flow to the service.
    ServiceFlow,
    /// A resource that acts delivers what failed to its `errors`.
    ErrorDelivery,
    /// A store that a service writes to under a key needs that service to use the key.
    ServiceKey,
    /// Who applies uses the key of what is created under it.
    Creation,
    /// A function in a segment needs its runtime to attach it to the network.
    Interfaces,
    /// A DHCP server answers on the client's port.
    Lease,
}

/// A condition that no layer enforces, accepted by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Residual {
    /// Where `accept=` stands.
    pub span: Span,
    /// The substitute that was accepted.
    pub substitute: String,
    /// What is not enforced, one sentence for people.
    pub what: String,
}
