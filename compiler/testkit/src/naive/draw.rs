//! Small specs, drawn from a seed.
