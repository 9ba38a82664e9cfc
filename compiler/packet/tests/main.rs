//! The tests of this crate in one process, a module for each subject: a binary for each would be linked each time.

mod bdd;
mod cidr;
mod edges;
mod shade;
mod truth_table;
mod wide_nodes;
