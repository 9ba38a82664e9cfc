//! Strings of Terraform are templates: what is meant as it stands is escaped, references are not.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws::deployment::Deployment;
use aws::deployment::stack::{Lookup, Origin};

use crate::document::{Render, given};

/// Appends text as it stands: a `{` behind `$` or `%` would start a template, wherever the `$` came from.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if c == '{'
            && let Some(opener) = out.chars().next_back().filter(|last| matches!(last, '$' | '%'))
        {
            out.push(opener);
        }
        out.push(c);
    }
}

/// A text on its own.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

/// Appends `${ADDRESS}`; false if a `$` right before it would make an escape of it.
pub(super) fn refer(address: &str, out: &mut String) -> bool {
    let clear = !out.ends_with('$');
    out.push_str("${");
    out.push_str(address);
    out.push('}');
    clear
}

/// Whether a finished string has a `$` or `%` before an escape, which has no agreed meaning.
pub(super) fn is_contested(text: &str) -> bool {
    text.contains("$$${") || text.contains("%%%{")
}

/// Texts of one module: symbols become references.
pub(super) struct Templates<'d> {
    deployment: &'d Deployment,
    stack: usize,
    origins: BTreeMap<&'d str, &'d Origin>,
    /// Lookups that were referred to.
    used: Mutex<BTreeMap<&'d str, &'d Lookup>>,
}

impl<'d> Templates<'d> {
    pub(super) fn new(deployment: &'d Deployment, stack: usize) -> Self {
        let origins = deployment
            .origins
            .iter()
            .map(|origin| (origin.key.as_str(), origin))
            .collect();
        Self {
            deployment,
            stack,
            origins,
            used: Mutex::new(BTreeMap::new()),
        }
    }

    /// Takes the lookups that were referred to so far.
    pub(super) fn take_used(&self) -> Vec<&'d Lookup> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *used).into_values().collect()
    }
}

impl Render for Templates<'_> {
    fn text(&self, text: &str, out: &mut String) {
        escape(text, out);
    }

    fn variable(&self, text: &str, out: &mut String) {
        escape(text, out);
    }

    fn symbol(&self, key: &str, out: &mut String) -> bool {
        let Some((key, origin)) = self.origins.get_key_value(key) else {
            return false;
        };
        // A module sees its own account and region.
        let is_near = self.deployment.stacks.get(self.stack).is_some_and(|stack| {
            let account = self.deployment.accounts.get(stack.account);
            account.is_some_and(|account| account.name == origin.account) && stack.region == origin.region
        });
        if !is_near {
            let mut value = String::new();
            let is_given = given(self.deployment, key, &mut value);
            escape(&value, out);
            return is_given;
        }
        // A reference gives the whole ARN: what stands before its assigned end is part of it.
        if origin.attribute == "arn"
            && let Some(start) = out.rfind("arn:")
        {
            out.truncate(start);
        }
        if origin.stack == Some(self.stack) {
            return refer(
                &format!("{}.{}.{}", origin.resource_type, origin.label, origin.attribute),
                out,
            );
        }
        let Some(lookup) = &origin.data else { return false };
        self.used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, lookup);
        refer(
            &format!("data.{}.{}.{}", lookup.data_type, lookup.label, lookup.attribute),
            out,
        )
    }

    fn remedy(&self) -> (&'static str, &'static str) {
        (
            "a module cannot look it up in another account or region, and `*` in its place would permit more",
            "once it is made, add a line to the project's `identifiers` file",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_escaped_across_pieces() {
        assert_eq!(escaped("${a} %{b} $5 {c} 100%"), "$${a} %%{b} $5 {c} 100%");
        let mut out = String::from("a$");
        escape("{b", &mut out);
        assert_eq!(out, "a$${b");
        assert!(is_contested(&escaped("$${a}")) && !is_contested(&escaped("${a}")));
        assert!(!refer("a.b.c", &mut "x$".to_owned()) && refer("a.b.c", &mut "x".to_owned()));
    }
}
