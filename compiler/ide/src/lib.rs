//! What an editor asks about a spec, as functions over one immutable [`snapshot::Snapshot`].
//!
//! Places go in and come out as byte spans. Nothing here reads a file, knows a protocol, or resolves a name a second time:
//! what a place takes and names is what the resolver noted ([`resolve::heard`]). All of it works on broken files.

pub mod actions;
pub mod complete;
pub mod edit;
pub mod gives;
pub mod hints;
pub mod hover;
pub mod layout;
pub mod learned;
pub mod names;
pub mod outline;
pub mod question;
pub mod rename;
pub mod snapshot;
pub mod tokens;
pub mod tree;
pub mod who;
