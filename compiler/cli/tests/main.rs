//! The tests of this crate in one process, a module for each subject: a binary for each would be linked each time.

mod action;
mod agree;
mod bad_input;
mod cli;
mod completions;
mod editor;
mod fixes;
mod guide;
mod interrupted;
mod library;
mod mistakes;
mod pipelines;
mod plan;
mod progress;
mod schemas;
mod watch;
