//! What an editor asks about a spec, as functions over one immutable [`snapshot::Snapshot`].
//!
//! Places go in and come out as byte spans. Nothing here reads a file, knows a protocol, or resolves a name a second time:
//! what a place takes and names is what the resolver noted ([`resolve::heard`]). All of it works on broken files.

pub mod layout;
pub mod outline;
pub mod question;
pub mod snapshot;
pub mod tree;
