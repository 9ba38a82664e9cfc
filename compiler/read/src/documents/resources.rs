//! Names of resources in statements: `*`, or six fields of which only the last may hold wildcards and variables.

use super::contested;
use super::text::{self, Refused, Text, Wild};
use super::variables::Engine;
use crate::letters::{self, Letters};

/// Reads one name.
pub(crate) fn read(name: &str, engine: Engine, letters: &Letters) -> Result<Text, Refused> {
    check(name, letters)?;
    text::with_variables(name, Wild::Glob, engine, letters)
}

/// Refuses a name whose meaning depends on how fields are compared.
fn check(name: &str, letters: &Letters) -> Result<(), Refused> {
    if name == "*" || is_assigned_name(name, letters) {
        return Ok(());
    }
    let Some(last) = last_field(name) else {
        return Err(if name.starts_with("arn:") || name.contains('*') {
            Refused::NotDecided(contested::SHORT_NAME.says())
        } else {
            Refused::Unread(format!("`{name}` names no resource"))
        });
    };
    let fields = name.strip_suffix(last).unwrap_or_default();
    if fields.contains(['*', '?']) {
        return Err(Refused::NotDecided(contested::WILDCARD_ACROSS_FIELDS.says()));
    }
    let mut parts = fields.split(':');
    let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
    let is_whole = arn == Some("arn")
        && partition.is_some_and(|partition| partition.starts_with("aws"))
        && service.is_some_and(|service| !service.is_empty())
        && !last.is_empty();
    if !is_whole || fields.contains("${") || fields.contains(letters::is_half) {
        return Err(Refused::Unread(format!("`{name}` names no resource")));
    }
    Ok(())
}

/// What stands behind the fifth colon.
pub(crate) fn last_field(name: &str) -> Option<&str> {
    name.splitn(6, ':').nth(5)
}

/// Whether a text starts with a whole name that the provider assigns.
pub(crate) fn is_assigned_name(text: &str, letters: &Letters) -> bool {
    let Some((id, rest)) = letters::leading_symbol(text) else {
        return false;
    };
    letters.symbol_key(id).ends_with("#arn") && (rest.is_empty() || rest.starts_with(['/', ':']))
}
