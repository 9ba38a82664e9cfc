//! The plan for machines.

pub mod v2;
