//! The reader against the official suite, against the `kdl` crate, against hostile input, and against golden files.

#[cfg(test)]
mod canonical;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod format;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
#[cfg(test)]
#[path = "../../../../fuzz/src/mutate.rs"]
mod mutate;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod suite;
#[cfg(test)]
#[path = "../../../../fuzz/src/target.rs"]
mod target;
