//! What the bytes grant: one relation, composed of the guards that were read, which answers every question.

pub mod claims;
pub mod effect;
mod filter;
pub mod formula;
pub mod guard;
pub mod letters;
pub mod packet;
pub mod place;
pub mod promise;
pub mod reach;
pub mod request;
pub mod rows;
pub mod sets;
pub mod statement;
pub mod topic;
