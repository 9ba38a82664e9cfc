//! What we may ship: licences and sources of what is from elsewhere.

use super::metadata::Metadata;

/// Licences that ask for no more than a notice, or touch only their own files.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];
/// Additions to a licence that only permit more.
const EXCEPTIONS: &[&str] = &["LLVM-exception"];

/// Packages whose licence or source is not allowed.
#[must_use]
pub fn problems(metadata: &Metadata) -> Vec<String> {
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let name = format!("{} {}", package.name, package.version);
        match &package.license {
            Some(expression) if is_allowed(expression) => {}
            Some(expression) => problems.push(format!("{name}: `{expression}` is not allowed")),
            None => problems.push(format!("{name}: no licence is stated")),
        }
        match package.source.as_deref() {
            None if package.name.starts_with("leastwise-") => {}
            Some(source) if source.starts_with("registry+") => {}
            source => problems.push(format!("{name}: comes from {}", source.unwrap_or("a folder"))),
        }
    }
    problems
}

/// Whether an SPDX expression lets us choose allowed licences only.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    alternatives(&mut rest) == Some(true) && rest.is_empty()
}

/// Terms with `OR` between them; nothing if the expression is malformed.
fn alternatives(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = all(rest)?;
    while let [word, after @ ..] = *rest
        && *word == "OR"
    {
        *rest = after;
        allowed |= all(rest)?;
    }
    Some(allowed)
}

/// Terms with `AND` between them.
fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = term(rest)?;
    while let [word, after @ ..] = *rest
        && *word == "AND"
    {
        *rest = after;
        allowed &= term(rest)?;
    }
    Some(allowed)
}

fn term(rest: &mut &[&str]) -> Option<bool> {
    let [word, after @ ..] = *rest else { return None };
    *rest = after;
    if *word == "(" {
        let allowed = alternatives(rest)?;
        let [")", after @ ..] = *rest else { return None };
        *rest = after;
        return Some(allowed);
    }
    let mut allowed = ALLOWED.contains(word);
    if let ["WITH", exception, after @ ..] = *rest {
        allowed &= EXCEPTIONS.contains(exception);
        *rest = after;
    }
    Some(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several_is_enough_and_all_of_several_are_needed() {
        assert!(is_allowed("MIT OR GPL-3.0"));
        assert!(is_allowed("MIT/Apache-2.0"));
        assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception OR MIT"));
        assert!(!is_allowed("MIT AND GPL-3.0"));
        assert!(!is_allowed("AGPL-3.0-or-later"));
        assert!(!is_allowed("(MIT OR"));
        assert!(!is_allowed(""));
    }
}
