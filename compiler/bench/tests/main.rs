//! The tests of this crate in one process.

mod counts;
