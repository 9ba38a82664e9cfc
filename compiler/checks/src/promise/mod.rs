//! Promises.

pub(crate) mod isolate;
pub(crate) mod limit;
pub(crate) mod names_nothing;
pub(crate) mod never;
pub(crate) mod require;
