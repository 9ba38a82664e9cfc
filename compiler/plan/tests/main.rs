//! The tests of this crate in one process, a module for each subject: a binary for each would be linked each time.

mod drawn;
mod risk;
mod sides;
mod told;
