//! The seeded generator and whole-process figures.
