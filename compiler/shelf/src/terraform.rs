//! What `for_each` of an emitted block makes of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A block for each row of the file that its `for_each` decodes, by the row's key; the block itself without one.
///
/// # Panics
///
/// Where `for_each` is not a decoded file beside the module.
#[must_use]
pub fn instances(
    body: &Map<String, Value>,
    folder: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<(String, Map<String, Value>)> {
    let mut body = body.clone();
    let Some(each) = body.remove("for_each") else {
        return vec![(String::new(), body)];
    };
    let file = each
        .as_str()
        .and_then(|text| text.strip_prefix("${jsondecode(file(\"${path.module}/"))
        .and_then(|text| text.strip_suffix("\"))}"));
    let rows = file.and_then(|file| files.get(&format!("{folder}/{file}")));
    let Some(rows) = rows.and_then(|rows| serde_json::from_slice::<BTreeMap<String, Value>>(rows).ok())
    else {
        panic!("{folder}: no file of rows is {each}");
    };
    let put = |key: &str, row: &Value, value: &Value| match value.as_str() {
        Some("${each.key}") => key.into(),
        Some("${each.value}") => row.clone(),
        _ => value.clone(),
    };
    rows.iter()
        .map(|(key, row)| {
            let said = body
                .iter()
                .map(|(name, value)| (name.clone(), put(key, row, value)));
            (format!("[{key}]"), said.collect())
        })
        .collect()
}
