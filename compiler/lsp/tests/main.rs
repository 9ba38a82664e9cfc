//! The server, driven by clients.
#![expect(
    clippy::disallowed_methods,
    reason = "a test writes projects into folders and waits for answers"
)]

mod client;
mod diagnostics;
mod features;
mod format;
