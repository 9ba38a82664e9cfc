//! What bytes permit, knowing no intent.
//!
//! `read` sees paths and bytes alone: no trust graph, no Deployment, no manifest, no standard library. Statement ids,
//! descriptions, tags and comments are read for quotas and never for meaning.

pub mod facts;
