//! Policy documents: grants merged into statements, conditions in the provider's operators, names of statements.

pub(crate) mod condition;
mod name;
pub(crate) mod pack;
pub(crate) mod size;
