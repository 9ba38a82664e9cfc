//! Newline-delimited JSON: an object of strings a line. The keys of the first line are the header.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Table;
use crate::json::Cursor;

/// Reads a whole inventory into `table`.
pub(super) fn read(text: &str, table: &mut Table) {
    let mut keys: Vec<Cow<'_, str>> = Vec::new();
    let mut places: BTreeMap<Cow<'_, str>, usize> = BTreeMap::new();
    let mut cells: Vec<Option<Cow<'_, str>>> = Vec::new();
    let mut row: Vec<Cow<'_, str>> = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if content.trim().is_empty() {
            continue;
        }
        let is_header = keys.is_empty();
        cells.iter_mut().for_each(|cell| *cell = None);
        let mut cursor = Cursor::new(content);
        let mut at = 0;
        let outcome = cursor.object(|key, cursor| {
            let value = cursor.string()?;
            if is_header {
                if places.insert(key.clone(), keys.len()).is_some() {
                    return Err(format!("the key `{}` stands twice", super::shown(&key)));
                }
                keys.push(key);
                cells.push(Some(value));
                return Ok(());
            }
            // Nearly always in the order of the header.
            let place = if keys.get(at) == Some(&key) {
                Some(at)
            } else {
                places.get(&key).copied()
            };
            at += 1;
            let Some(cell) = place.and_then(|place| cells.get_mut(place)) else {
                return Err(format!("the first line has no key `{}`", super::shown(&key)));
            };
            if cell.replace(value).is_some() {
                return Err(format!("the key `{}` stands twice", super::shown(&key)));
            }
            Ok(())
        });
        if let Err(why) = outcome.and_then(|()| {
            if cursor.is_done() {
                Ok(())
            } else {
                Err("more stands behind it".into())
            }
        }) {
            table.broken(line, &why);
            if is_header {
                return;
            }
            continue;
        }
        if is_header && !table.header(line, keys.iter().map(|key| &**key)) {
            return;
        }
        if let Some(missing) = cells.iter().position(Option::is_none) {
            let key = keys.get(missing).map_or("", |key| key);
            table.broken(line, &format!("the key `{}` is missing", super::shown(key)));
            continue;
        }
        row.clear();
        row.extend(cells.iter_mut().filter_map(Option::take));
        if !table.row(line, &row) {
            return;
        }
    }
    if keys.is_empty() {
        table.broken(1, "there is no row: nothing says what the columns are");
    }
}
