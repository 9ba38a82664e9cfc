//! `compile --locked`: nothing is built on a standard library, facts, limits or inventories other than `leastwise.lock` says.

use std::path::Path;

use driver::lock::Change;

/// The lock's name in the folder of a project.
pub(crate) const NAME: &str = "leastwise.lock";

/// How the lock of a project differs from the one that would be written, in words; `None` if it does not.
pub(crate) fn changes(folder: &Path, lock: &[u8]) -> Option<String> {
    let there = match std::fs::read(folder.join(NAME)) {
        Ok(there) if there == lock => return None,
        Ok(there) => there,
        Err(_) => return Some("missing".to_owned()),
    };
    Some(match driver::lock::changes(&there, lock) {
        None => "edited by hand: it is no lock of this version".to_owned(),
        // The same digests in other bytes.
        Some(changes) if changes.is_empty() => "edited by hand: it is not written so".to_owned(),
        Some(changes) => told(&changes),
    })
}

fn told(changes: &[Change]) -> String {
    let words: Vec<String> = changes
        .iter()
        .map(|one| match (&one.before, &one.after) {
            (None, _) => format!("{} is new", one.input),
            (_, None) => format!("{} is gone", one.input),
            (Some(_), Some(_)) => format!("{} is another", one.input),
        })
        .collect();
    words.join(", ")
}
