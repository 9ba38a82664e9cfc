//! The table of formulas: whose documents together grant a request, before denies take away.
//!
//! | request | granted by |
//! |---|---|
//! | of a device, of a topic rule's statement, to connect to the broker | the caller's own documents |
//! | to become an actor | the trust policy of its role |
//! | of a service, a federation, a steward, everybody | the document of what is reached |
//! | on nothing in particular | the caller's documents |
//! | on a thing of the caller's account | either |
//! | on a key of the caller's account | the key's policy, or through the account the caller's |
//! | on a thing of another account | both |
//!
//! Where a thing exists already and its policy is its owner's, only the caller's half is ours: the other is an assumption.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use graph::TrustGraph;
use graph::access::{Access, Principal, Resource, Sides};
use model::Model;
use model::project::AccountId;
use model::thing::ThingId;

use crate::guard::is_of_device;

/// Whose documents grant a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Those of who acts.
    Caller,
    /// That of what is reached.
    Reached,
    /// One of the two.
    Either,
    /// Both together.
    Both,
    /// None of ours: it is its owner's to write.
    Nobody,
}

/// What becomes of a request that some sides grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It is granted, and each side is needed.
    Exactly,
    /// It is not granted.
    Not,
    /// It is granted, and a side could go: then neither can be withdrawn by itself.
    Twice,
}

fn is_across(model: &Model, one: AccountId, other: AccountId) -> bool {
    let home = |account| model::project::home_of(&model.accounts, account);
    home(one) != home(other)
}

impl Formula {
    /// For the role of an actor in this account, at a thing.
    #[must_use]
    pub fn of_role(model: &Model, thing: ThingId, home: AccountId) -> Self {
        let Some(declared) = model.things.get(thing) else {
            return Self::Either;
        };
        let account = declared.account.or(model.project.default_account);
        if declared.existing.is_some_and(|existing| !existing.is_ours()) {
            Self::Caller
        } else if account.is_some_and(|account| is_across(model, account, home)) {
            Self::Both
        } else if is_key(model, thing) {
            Self::Reached
        } else {
            Self::Either
        }
    }

    /// For a declared access.
    #[must_use]
    pub fn of_access(model: &Model, graph: &TrustGraph, access: &Access) -> Self {
        let action = graph.words.text(access.action);
        match access.principal {
            Principal::Class(_) if is_of_device(action) => Self::Caller,
            Principal::Acting(_) if matches!(action, "iot:Subscribe" | "iot:Receive") => Self::Caller,
            Principal::Workload(actor)
            | Principal::Class(actor)
            | Principal::People(actor)
            | Principal::Acting(actor)
            | Principal::External(actor) => match access.resource {
                // A client has no policy of its own.
                Resource::Identity(_) if action == "iot:Connect" => Self::Caller,
                Resource::Identity(_) => Self::Reached,
                Resource::Part(_) | Resource::Unscoped => Self::Caller,
                Resource::Thing(thing) => {
                    let account = |thing| model.things.get(thing).and_then(|declared| declared.account);
                    // An external acts through a role of ours in the account of what it reaches.
                    let home = match access.principal {
                        Principal::External(_) => {
                            account(thing).map(|account| model::project::home_of(&model.accounts, account))
                        }
                        _ => account(actor),
                    };
                    home.map_or(Self::Both, |home| Self::of_role(model, thing, home))
                }
            },
            Principal::Service(_) | Principal::Federation(..) | Principal::Steward(_) | Principal::Anyone => {
                match access.resource {
                    Resource::Thing(thing) if is_theirs(model, thing) => Self::Nobody,
                    Resource::Thing(_) | Resource::Identity(_) | Resource::Part(_) | Resource::Unscoped => {
                        Self::Reached
                    }
                }
            }
        }
    }

    /// What becomes of a request that these sides grant.
    #[must_use]
    pub fn met(self, sides: Sides) -> Met {
        let (caller, reached) = (sides.caller, sides.reached);
        let (is_granted, is_twice) = match self {
            Self::Caller => (caller, reached),
            Self::Reached => (reached, caller),
            Self::Either => (caller || reached, caller && reached),
            Self::Both => (caller && reached, false),
            Self::Nobody => (true, caller || reached),
        };
        if !is_granted {
            Met::Not
        } else if is_twice {
            Met::Twice
        } else {
            Met::Exactly
        }
    }
}

/// Whether a thing's policy is its owner's to write.
fn is_theirs(model: &Model, thing: ThingId) -> bool {
    let declared = model.things.get(thing);
    declared
        .and_then(|declared| declared.existing)
        .is_some_and(|existing| !existing.is_ours())
}

/// A key answers nobody whom its own policy does not let in, in whatever way.
fn is_key(model: &Model, thing: ThingId) -> bool {
    let kind = model
        .things
        .get(thing)
        .and_then(|thing| model.kinds.get(thing.kind));
    kind.and_then(|kind| kind.words.service)
        .is_some_and(|service| model.names.text(service) == "kms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_suffice_or_not_and_none_is_there_for_nothing() {
        let sides = [(false, false), (true, false), (false, true), (true, true)];
        let table = [
            (Formula::Caller, [Met::Not, Met::Exactly, Met::Not, Met::Twice]),
            (Formula::Reached, [Met::Not, Met::Not, Met::Exactly, Met::Twice]),
            (
                Formula::Either,
                [Met::Not, Met::Exactly, Met::Exactly, Met::Twice],
            ),
            (Formula::Both, [Met::Not, Met::Not, Met::Not, Met::Exactly]),
            (
                Formula::Nobody,
                [Met::Exactly, Met::Twice, Met::Twice, Met::Twice],
            ),
        ];
        for (formula, expected) in table {
            for ((caller, reached), expected) in sides.into_iter().zip(expected) {
                let met = formula.met(Sides { caller, reached });
                assert_eq!(met, expected, "{formula:?} {caller} {reached}");
            }
        }
    }
}
