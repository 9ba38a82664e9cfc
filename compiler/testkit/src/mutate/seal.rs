//! After a change in a device bundle: its manifest, its digests and its archive are made anew, so that no digest catches
//! what the change means. What was itself changed stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use super::json::{self, Json, Style};
use crate::label::Files;

const MANIFEST: &str = "MANIFEST.json";
const SUMS: &str = "SHA256SUMS";
/// 1980-01-01.
const TIME_SECONDS: u64 = 315_532_800;
const UNKNOWN_SYSTEM: u8 = 255;

/// The files of one class, by path in its folder.
pub type Tree<'a> = BTreeMap<&'a str, &'a [u8]>;

/// Seals every bundle that differs.
pub(crate) fn seal(before: &Files, after: &mut Files) {
    let target = bundle::target::DEVICE_BUNDLES;
    let classes: BTreeSet<String> = after
        .iter()
        .filter(|(_, (of, _))| *of == target)
        .filter_map(|(path, _)| Some(path.strip_prefix("devices/")?.split_once('/')?.0.to_owned()))
        .collect();
    for class in classes {
        let root = format!("devices/{class}/tree/");
        let differs = |path: &str| before.get(path) != after.get(path);
        let (manifest, sums) = (format!("{root}{MANIFEST}"), format!("{root}{SUMS}"));
        let archive = format!("devices/{class}/{class}.tar.gz");
        let is_touched = [&manifest, &sums, &archive].map(|path| differs(path));
        if tree(before, &root) == tree(after, &root) {
            continue;
        }
        if !is_touched[0]
            && let Some(document) = after
                .get(&manifest)
                .and_then(|(_, bytes)| json::parse(bytes).ok())
        {
            let listed = listed(document, &tree(after, &root));
            after.insert(manifest, (target, listed.write(Style::Pretty)));
        }
        if !is_touched[1] && after.contains_key(&sums) {
            let bytes = digests(&tree(after, &root));
            after.insert(sums, (target, bytes));
        }
        if !is_touched[2] && after.contains_key(&archive) {
            let bytes = pack(&tree(after, &root)).unwrap_or_default();
            after.insert(archive, (target, bytes));
        }
    }
}

/// The files of a folder.
#[must_use]
pub fn tree<'a>(files: &'a Files, root: &str) -> Tree<'a> {
    files
        .iter()
        .filter_map(|(path, (_, bytes))| Some((path.strip_prefix(root)?, bytes.as_slice())))
        .collect()
}

/// What `SHA256SUMS` says of a folder.
#[must_use]
pub fn digests(tree: &Tree<'_>) -> Vec<u8> {
    tree.iter()
        .filter(|(path, _)| **path != SUMS)
        .map(|(path, bytes)| format!("{}  {path}\n", digest(bytes)))
        .collect::<String>()
        .into_bytes()
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A manifest whose list is that of a folder.
fn listed(mut document: Json, tree: &Tree<'_>) -> Json {
    let Json::Object(members) = &mut document else {
        return document;
    };
    for (_, value) in members.iter_mut().filter(|(name, _)| name == "files") {
        let purpose = |path: &str| {
            value
                .each()
                .iter()
                .find(|entry| entry.get("path").and_then(Json::as_text) == Some(path))
                .and_then(|entry| entry.get("purpose").cloned())
                .unwrap_or(Json::text("another file"))
        };
        let entries = tree.iter().filter(|(path, _)| !matches!(**path, MANIFEST | SUMS));
        let entries = entries.map(|(path, bytes)| {
            Json::Object(vec![
                ("path".to_owned(), Json::text(path)),
                ("sha256".to_owned(), Json::Text(digest(bytes))),
                ("mode".to_owned(), Json::text(mode(path).1)),
                ("purpose".to_owned(), purpose(path)),
            ])
        });
        *value = Json::List(entries.collect());
    }
    document
}

/// A file's mode, as a number and as text.
#[must_use]
pub fn mode(path: &str) -> (u32, &'static str) {
    if path.ends_with(".sh") {
        (0o755, "755")
    } else {
        (0o644, "644")
    }
}

/// The archive of a folder.
#[must_use]
pub fn pack(tree: &Tree<'_>) -> Option<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (path, bytes) in tree {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(mode(path).0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(TIME_SECONDS);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, path, *bytes).ok()?;
    }
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(UNKNOWN_SYSTEM)
        .write(Vec::new(), Compression::best());
    encoder.write_all(&builder.into_inner().ok()?).ok()?;
    encoder.finish().ok()
}
