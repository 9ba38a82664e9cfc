//! Security groups as data, and a constant script that brings an account to it: for networks that Terraform does not keep.

mod emit;
mod format;

use crate::Target;

/// The target.
pub(crate) static TARGET: Target = Target {
    name: bundle::target::SECURITY_GROUPS,
    summary: "security groups as data, with a script that brings an account to it",
    emit: emit::emit,
};

/// The script: the same text for every project. What varies lies in the files beside it.
pub const SCRIPT: &str = include_str!("apply.sh");
