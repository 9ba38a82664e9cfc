//! What an editor asks, asked of small projects.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    reason = "a test stops at the first surprise"
)]

mod asking;
mod complete;
mod learned;
mod names;
mod shape;
