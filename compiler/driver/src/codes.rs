//! Every code that a build can raise: for `explain`, and for the list that never shrinks.

use diagnostics::Code;

/// Every code, sorted by name.
#[must_use]
pub fn all() -> Vec<&'static Code> {
    let mut codes: Vec<&'static Code> = diagnostics::CODES
        .iter()
        .chain(syntax::CODES)
        .chain(resolve::CODES)
        .chain(graph::fault::CODES)
        .chain(aws::CODES)
        .chain(targets::CODES)
        .chain(read::CODES)
        .chain(relation::promise::CODES)
        .chain(prove::witness::CODES)
        .chain(crate::environments::CODES)
        .copied()
        .chain(checks::codes())
        .collect();
    codes.sort_by_key(|code| code.name);
    codes
}

/// The code of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    all().into_iter().find(|code| code.name == name)
}
