//! Files that differ.

use bundle::Bundle;

use crate::Files;

pub(crate) fn diff(before: &Bundle, after: &Bundle) -> Files {
    let mut files = Files::default();
    for (path, file) in after.iter() {
        match before.get(path) {
            None => files.created.push(path.to_owned()),
            Some(old) if old.bytes != file.bytes => files.updated.push(path.to_owned()),
            Some(_) => {}
        }
    }
    files.deleted = before
        .iter()
        .filter(|(path, _)| after.get(path).is_none())
        .map(|(path, _)| path.to_owned())
        .collect();
    files
}
