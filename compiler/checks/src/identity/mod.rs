//! Who acts, and how they prove who they are.

pub(crate) mod any_pull_request;
pub(crate) mod people_without_mfa;
