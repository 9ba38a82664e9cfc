//! The server, driven by clients.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test writes projects into folders and waits for answers"
)]

mod client;
mod diagnostics;
mod features;
mod format;
