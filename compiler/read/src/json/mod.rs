//! A strict reader of JSON: one value, nothing behind it, no key twice, no surrogate alone, no depth without end.
//!
//! Object members keep their order; places are JSON pointers, kept by whoever walks the value.

mod reader;
mod value;

pub(crate) use reader::{Fault, parse};
pub(crate) use value::{Fold, Json};
