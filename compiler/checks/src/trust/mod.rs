//! Trusts that are void, late or unexplained.

pub(crate) mod expired;
pub(crate) mod late_expiry;
pub(crate) mod meets_nobody;
pub(crate) mod past_until;
pub(crate) mod void;
pub(crate) mod without_because;
