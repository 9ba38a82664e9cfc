//! Facts against the trust graph: the theorem, clause by clause.
//!
//! `prove` shares the graph and its addresses with lowering, and nothing else: what a document *means* was read from its
//! bytes by `read`, which knows no intent. Only `prove` makes a [`verified::Verified`].

mod because;
mod identity;
mod letters;
pub mod verified;
pub mod witness;
