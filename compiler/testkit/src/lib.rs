//! What tests share: goldens, generators, the enumerator of the language and the labelling evaluator.

pub mod confirm;
pub mod enumerate;
pub mod golden;
pub mod label;
pub mod mutate;
pub mod naive;
pub mod page;
pub mod project;
pub mod schema;
pub mod shuffle;
