//! The reader against the official suite, against the `kdl` crate, against hostile input, and against golden files.

mod canonical;
mod suite;
