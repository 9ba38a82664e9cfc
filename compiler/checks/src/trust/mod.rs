//! Trusts that are void, late or unexplained.

pub(crate) mod expired;
pub(crate) mod past_until;
pub(crate) mod void;
pub(crate) mod without_because;
