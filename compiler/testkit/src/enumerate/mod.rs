//! The meaning of a small spec, listed one device at a time.
//!
//! Written from the language reference, not from the graph: no letters, no patterns, no regions. Every member of every
//! fleet is taken by name, every template is filled with text, every condition is tested against one concrete value.
//! What the graph of the same spec permits must be the same, request by request and packet by packet.

pub mod compare;
pub mod packet;
pub mod request;
pub mod spec;
pub mod text;
