//! `leastwise.lock`: digests of everything besides the spec on which output depends.
//!
//! `plan` tells a change of the spec from a change of these.

pub mod v1;

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use catalogue::limits::Limits;
use catalogue::terraform::TerraformSchema;
use resolve::Library;
use serde_json::Value;

/// The lock of a project, as bytes: pretty JSON with a final newline.
///
/// - Shape: `files` are those that the spec names in any environment, by path, with the SHA-256 of each.
#[must_use]
pub fn lock(files: &BTreeMap<String, String>, limits: &Limits, library: &Library) -> Vec<u8> {
    let stdlib = library.digest();
    let lock = v1::Lock {
        format: v1::FORMAT,
        compiler: env!("CARGO_PKG_VERSION"),
        stdlib: &stdlib,
        catalogue: Catalogue::embedded().digest(),
        limits: limits.digest(),
        provider_schema: TerraformSchema::embedded().digest(),
        inventories: files
            .iter()
            .map(|(path, sha256)| v1::Inventory { path, sha256 })
            .collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&lock).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Something besides the spec that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `compiler`, `stdlib`, `catalogue`, `limits`, `provider-schema`, or the path of a file that the spec names.
    pub input: String,
    /// Its digest (of the compiler: its version) before; `None` if it was not there.
    pub before: Option<String>,
    /// And now.
    pub after: Option<String>,
}

/// What differs between two locks, in order of the lock, then by path.
///
/// `None` if `before` is no lock of this version.
#[must_use]
pub fn changes(before: &[u8], after: &[u8]) -> Option<Vec<Change>> {
    let (before, after) = (inputs(before)?, inputs(after)?);
    let names: BTreeSet<&(usize, String)> = before.keys().chain(after.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|name| before.get(name) != after.get(name))
        .map(|name| Change {
            input: name.1.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        });
    Some(changed.collect())
}

/// Digests by rank and name.
fn inputs(lock: &[u8]) -> Option<BTreeMap<(usize, String), String>> {
    let lock: Value = serde_json::from_slice(lock).ok()?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if text(&lock, "format")? != v1::FORMAT {
        return None;
    }
    let mut found = BTreeMap::new();
    for (rank, key) in ["compiler", "stdlib", "catalogue", "limits", "provider_schema"]
        .into_iter()
        .enumerate()
    {
        found.insert((rank, key.replace('_', "-")), text(&lock, key)?);
    }
    for file in lock
        .get("inventories")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        found.insert((usize::MAX, text(file, "path")?), text(file, "sha256")?);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_new_and_a_removed_file_are_told_apart() {
        let of = |files: &[(&str, &str)]| {
            let files = files
                .iter()
                .map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned()))
                .collect();
            lock(&files, Limits::embedded(), &Library::new([]))
        };
        let (before, after) = (
            of(&[("a.csv", "1"), ("b.csv", "2")]),
            of(&[("b.csv", "3"), ("c.csv", "4")]),
        );
        let found: Vec<_> = changes(&before, &after)
            .unwrap()
            .into_iter()
            .map(|one| (one.input, one.before, one.after))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("a.csv".to_owned(), some("1"), None),
                ("b.csv".to_owned(), some("2"), some("3")),
                ("c.csv".to_owned(), None, some("4"))
            ]
        );
        assert_eq!(changes(&before, &before), Some(Vec::new()));
        assert_eq!(changes(b"{}", &before), None);
    }
}
