//! What the bytes grant: one relation, composed of the guards that were read, which answers every question.

pub mod claims;
pub mod guard;
pub mod letters;
pub mod statement;
pub mod packet;
pub mod place;
pub mod request;
pub mod rows;
pub mod sets;
pub mod reach;
pub mod effect;
pub mod promise;
pub mod topic;
