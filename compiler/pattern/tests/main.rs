//! The tests of this crate in one process, a module for each subject: a binary for each would be linked each time.

mod addresses_and_dates;
mod alphabet;
mod boxes;
mod globs;
mod regions;
mod unions;
mod words;
