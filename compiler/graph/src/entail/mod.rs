//! Nobody declared it, yet it is needed: one file for each rule of the language that entails.

mod become_role;
mod claims;
pub(crate) mod client;
mod creation;
mod error_delivery;
mod github;
mod interfaces;
mod lease;
mod principals;
mod service_flow;
mod service_key;
pub(crate) mod session;
mod via;
