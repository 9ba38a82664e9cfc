//! Diagnostics as text: for people, and for machines.

pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod sanitise;
mod snippet;
