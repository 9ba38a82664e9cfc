//! The tests of this crate in one process, a module for each subject: a binary for each would be linked each time.

mod agree;
mod bad_input;
mod cli;
mod editor;
mod guide;
mod interrupted;
mod library;
mod mistakes;
mod plan;
mod progress;
mod schemas;
