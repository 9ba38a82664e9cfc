//! The resolved spec, as data.
