//! The map of the compiler.
