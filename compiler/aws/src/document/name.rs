//! Names of statements: letters and digits, readable, unique in the document.

use std::collections::BTreeMap;

use crate::deployment::document::Statement;

/// Names each statement after what it does: `S3GetObject`, `KmsDecrypt2`, `DenyS3`.
pub(super) fn name(statements: &mut [Statement]) {
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    for statement in statements {
        let stem = stem(statement);
        let count = used.entry(stem.clone()).or_default();
        *count += 1;
        statement.id = if *count == 1 {
            stem
        } else {
            format!("{stem}x{count}")
        };
    }
}

fn stem(statement: &Statement) -> String {
    let first = statement.actions.first().map_or("", String::as_str);
    let (service, action) = first.split_once(':').unwrap_or((first, ""));
    let mut stem = String::from(if statement.deny { "Deny" } else { "" });
    for word in [service, action] {
        let mut letters = word.chars().filter(char::is_ascii_alphanumeric);
        stem.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        stem.extend(letters);
    }
    stem
}
