//! `SHA256SUMS` and `MANIFEST.json`: what they say of the other files must be so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{parsed, unread, unread_at};
use crate::facts::device::Provisioning;
use crate::json::Json;
use crate::sink::{Class, Sink};

const SUMS: &str = "SHA256SUMS";
const MANIFEST: &str = "MANIFEST.json";
const FORMAT: &str = "leastwise-device-bundle/1";

/// In hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Every file but this one has its line, in order, and no other has.
pub(super) fn sums(tree: &BTreeMap<&str, &[u8]>, root: &str, sink: &mut Sink) {
    let Some(bytes) = tree.get(SUMS) else { return };
    let mut wanted = String::new();
    for (name, bytes) in tree.iter().filter(|(name, _)| **name != SUMS) {
        let _ = writeln!(wanted, "{}  {name}", sha256(bytes));
    }
    let path = format!("{root}{SUMS}");
    let Ok(text) = std::str::from_utf8(bytes) else {
        return unread(sink, &path, "no text");
    };
    if text == wanted {
        sink.count(Class::Setting, tree.len() as u64 - 1);
        return;
    }
    let differs = text
        .lines()
        .zip(wanted.lines())
        .take_while(|(one, other)| one == other)
        .count();
    unread_at(
        sink,
        &path,
        format!("line {}", differs + 1),
        "a digest that is not that of its file".to_owned(),
    );
}

/// The manifest lists every other file with its digest and its mode, and says whose bundle it is. Risks are for people.
pub(super) fn manifest(tree: &BTreeMap<&str, &[u8]>, root: &str, said: &mut Provisioning, sink: &mut Sink) {
    let Some(bytes) = tree.get(MANIFEST) else { return };
    let path = format!("{root}{MANIFEST}");
    let Some(Json::Object(members)) = parsed(&path, bytes, sink) else {
        return unread(sink, &path, "no object");
    };
    let mut seen = Vec::new();
    for (name, value) in &members {
        seen.push(name.as_ref());
        let is_right = match (name.as_ref(), value) {
            ("format", Json::Text(text)) => text == FORMAT,
            ("class", Json::Text(text)) => *text == said.class,
            ("project", Json::Text(text)) => put(&mut said.project, text),
            ("environment", Json::Text(text)) => {
                said.environment = Some(text.to_string());
                true
            }
            ("hardware", Json::Text(text)) => put(&mut said.hardware, text),
            ("members", Json::Number(number)) => put(&mut said.members, number),
            ("inventory-sha256", Json::Text(text)) => {
                said.inventory = Some(text.to_string());
                true
            }
            ("residual-risks", Json::List(items)) => items.iter().all(|item| item.text().is_some()),
            ("files", Json::List(items)) => lists(items, tree),
            _ => false,
        };
        if is_right {
            let sort = if name == "residual-risks" {
                Class::Inert
            } else {
                Class::Setting
            };
            sink.count(sort, value.leaves());
        } else {
            unread_at(
                sink,
                &path,
                format!("/{name}"),
                "an unknown entry, or one that is not so".to_owned(),
            );
        }
    }
    for missing in ["format", "class", "project", "hardware", "members", "files"]
        .iter()
        .filter(|name| !seen.contains(name))
    {
        unread(sink, &path, &format!("`{missing}` is missing"));
    }
}

/// Whether a list is that of all files but the two that are about files.
fn lists(items: &[Json<'_>], tree: &BTreeMap<&str, &[u8]>) -> bool {
    let mut files = tree.iter().filter(|(name, _)| !matches!(**name, MANIFEST | SUMS));
    let all = items.iter().all(|item| {
        let (Json::Object(members), Some((name, bytes))) = (item, files.next()) else {
            return false;
        };
        let mode = if name.ends_with(".sh") { "755" } else { "644" };
        let wanted = [("path", *name), ("sha256", &sha256(bytes)), ("mode", mode)];
        members.len() == wanted.len() + 1
            && wanted.iter().all(|(name, text)| {
                members
                    .iter()
                    .any(|(known, value)| known == name && value.text() == Some(*text))
            })
            && members
                .iter()
                .any(|(known, value)| known == "purpose" && value.text().is_some())
    });
    all && files.next().is_none()
}

fn put(into: &mut String, text: &str) -> bool {
    text.clone_into(into);
    true
}
