//! Promises.

pub(crate) mod names_nothing;
pub(crate) mod require;
