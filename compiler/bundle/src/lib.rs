//! The emitted files of a build.
