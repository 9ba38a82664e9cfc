//! Sizes of documents in the provider's unit: which limit is measured on which document, and how it counts.
//!
//! The numbers stand in the limits data; the ids here are its ids.

use catalogue::limits::{self, Counting, Limits};

use crate::at::At;
use crate::facts::document::{Principals, Statement};
use crate::letters::{self, Letters};
use crate::sink::Sink;

/// How a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Characters, white space left out.
    Dense,
    /// Characters, all of them.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
}

/// Longer than any value that the provider assigns and that we refer to by another attribute.
const LONGEST_ASSIGNED: u64 = 256;

/// The longest value of a symbol, by the shapes of the provider's manual.
fn longest(key: &str) -> u64 {
    let Some((address, attribute)) = key.rsplit_once('#') else {
        return LONGEST_ASSIGNED;
    };
    let length = |extra: usize| u64::try_from(address.len() + extra).unwrap_or(u64::MAX);
    match attribute {
        // `vpc-`, `vpce-`, `subnet-` and the like with 17 hexadecimal digits.
        "id" if !address.starts_with("zone:") => 32,
        "key_id" | "key-id" => 36,
        // The address holds number, region and name; the rest of the ARN is shorter than this.
        "arn" => length(64),
        _ => LONGEST_ASSIGNED,
    }
}

/// The size of a text, symbols at their longest.
pub(crate) fn of(text: &str, unit: Unit, letters: &Letters) -> u64 {
    let count = |c: char| match unit {
        Unit::Dense => u64::from(!c.is_whitespace()),
        Unit::Characters => 1,
        Unit::Bytes => c.len_utf8() as u64,
    };
    if text.is_ascii() {
        let bytes = text.bytes();
        let size = match unit {
            Unit::Dense => bytes
                .filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
                .count(),
            Unit::Characters | Unit::Bytes => bytes.len(),
        };
        return size as u64;
    }
    if !text.contains(letters::is_half) {
        return text.chars().map(count).sum();
    }
    let mut size = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((id, after)) = letters::leading_symbol(rest) {
            size += longest(letters.symbol_key(id));
            rest = after;
        } else {
            size += count(c);
            rest = rest.strip_prefix(c).unwrap_or_default();
        }
    }
    size
}

/// The limit of a resource's own policy by the service, and how it counts.
fn resource_policy(service: &str) -> Option<(&'static str, Unit)> {
    let limit = limits::resource_policy(service)?;
    let unit = match Limits::embedded().get(limit)?.counting {
        Counting::Bytes => Unit::Bytes,
        Counting::NonWhitespace => Unit::Dense,
        Counting::Characters | Counting::Count | Counting::Seconds => Unit::Characters,
    };
    Some((limit, unit))
}

/// The service that all actions of a resource's policy belong to.
pub(crate) fn service(statements: &[Statement]) -> Option<String> {
    let mut services = statements
        .iter()
        .flat_map(|statement| &statement.actions)
        .map(|action| {
            let text = action.to_string();
            text.split_once(':').map(|(service, _)| service.to_owned())
        });
    let first = services.next()??;
    services
        .all(|service| service.as_ref() == Some(&first))
        .then_some(first)
}

/// Measures a resource's own policy.
pub(crate) fn measure_resource(
    service: &str,
    text: &str,
    statements: &[Statement],
    of_whom: &str,
    letters: &Letters,
    at: &At<'_>,
    sink: &mut Sink,
) {
    let Some((limit, unit)) = resource_policy(service) else {
        return;
    };
    sink.measure(at, limit, of_whom, of(text, unit, letters));
    if service != "sqs" {
        return;
    }
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    sink.measure(
        at,
        "sqs.queue.policy.statements",
        of_whom,
        count(statements.len()),
    );
    let actions = statements
        .iter()
        .map(|statement| statement.actions.len())
        .max()
        .unwrap_or_default();
    sink.measure(
        at,
        "sqs.queue.policy.actions-per-statement",
        of_whom,
        count(actions),
    );
    let principals: usize = statements
        .iter()
        .map(|statement| match &statement.principals {
            Some(Principals::These(names)) => names.len(),
            Some(Principals::Anyone) => 1,
            None => 0,
        })
        .sum();
    sink.measure(at, "sqs.queue.policy.principals", of_whom, count(principals));
    let conditions: usize = statements
        .iter()
        .map(|statement| statement.when.keys().len())
        .sum();
    sink.measure(at, "sqs.queue.policy.conditions", of_whom, count(conditions));
}
