//! The files of `device-bundles`: a folder for each class, and an archive of the same files.
//!
//! | path in `devices/CLASS/tree/` | read as |
//! |---|---|
//! | `etc/nftables.d/leastwise.nft` | the host firewall of the class |
//! | `etc/nftables.d/segment/NAME/leastwise.nft` | that of its members in a segment |
//! | `etc/nftables.d/member/NAME/leastwise.nft` | that of one member |
//! | `policy/expected-iot-policy.json`, `…-2.json` … | IoT policies of `@devices/CLASS`, evaluated together |
//! | `MANIFEST.json`, `SHA256SUMS` | digests of the other files, which must be right |
//! | `identity/…`, `network/endpoints.json` | names and settings, of a fixed form |
//! | `verify.sh` | frozen: one constant text |
//! | `README.txt` | prose |
//!
//! `devices/CLASS/CLASS.tar.gz` must hold exactly these files. Another file, or a text that looks like a key, is unread.

mod archive;
mod digests;
mod forms;
mod nftables;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::at::At;
use crate::documents::{self, Kind, size};
use crate::facts::device::Provisioning;
use crate::facts::document::{Document, Guard};
use crate::facts::host::{Guards, HostFirewall};
use crate::facts::object::Unread;
use crate::facts::{Facts, Place};
use crate::json::{self, Fold, Json};
use crate::letters::{Found, Letters};
use crate::sink::{Class, Sink};
use crate::{Files, Reader, line_of};

/// Reads `device-bundles`.
pub(crate) const READER: Reader = Reader {
    target: bundle::target::DEVICE_BUNDLES,
    read,
};

/// What stands before the name of a key's sort, and no file may hold.
const KEY_HEADER: &[u8] = b"PRIVATE KEY";

/// The digest of the one script, which is tested by execution.
const VERIFY_SHA256: &str = "1565158ea24268b963748ac56518d6f1e9c343988ba81f86c57261e19816026f";

/// The files of one class.
#[derive(Default)]
struct Folder<'f> {
    /// By path in `tree/`.
    tree: BTreeMap<&'f str, &'f [u8]>,
    archive: Option<(&'f str, &'f [u8])>,
}

fn read(files: &Files<'_>) -> Facts {
    let mut facts = Facts::nothing(READER.target);
    let mut sink = Sink::default();
    let mut found = Found::default();
    let mut folders: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
    for (path, bytes) in files {
        if path.contains("/policy/")
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            found.scan_document(text);
        }
        match named(path) {
            Some((class, Part::Tree(name))) => {
                folders.entry(class).or_default().tree.insert(name, bytes);
            }
            Some((class, Part::Archive)) => folders.entry(class).or_default().archive = Some((path, bytes)),
            None => unread(&mut sink, path, "a file that no rule reads"),
        }
    }
    let letters = found.number();
    let read: Vec<One> = folders
        .par_iter()
        .map(|(class, folder)| one(class, folder, &letters))
        .collect();
    for one in read {
        facts.documents.extend(one.documents);
        facts.hosts.extend(one.hosts);
        facts.provisioning.extend(one.provisioning);
        sink.absorb(one.sink);
    }
    facts.leaves = sink.leaves;
    facts.unread = sink.unread;
    facts.measures = sink.measures;
    facts.symbols = letters.symbols;
    facts.variables = letters.variables;
    facts
}

/// Where a file belongs.
enum Part<'f> {
    Tree(&'f str),
    Archive,
}

/// The class of a path, and what it is there.
fn named(path: &str) -> Option<(&str, Part<'_>)> {
    let (class, rest) = path.strip_prefix("devices/")?.split_once('/')?;
    let is_name = !class.is_empty()
        && class
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_name {
        return None;
    }
    match rest.strip_prefix("tree/") {
        Some(name) => Some((class, Part::Tree(name))),
        None => (rest.strip_suffix(".tar.gz") == Some(class)).then_some((class, Part::Archive)),
    }
}

/// What the bundle of one class gives.
#[derive(Default)]
struct One {
    documents: Vec<Document>,
    hosts: Vec<HostFirewall>,
    provisioning: Option<Provisioning>,
    sink: Sink,
}

fn one(class: &str, folder: &Folder<'_>, letters: &Letters) -> One {
    let mut one = One::default();
    let root = format!("devices/{class}/tree/");
    let mut said = forms::said(class, &root);
    for (name, bytes) in &folder.tree {
        let path = format!("{root}{name}");
        if bytes.windows(KEY_HEADER.len()).any(|window| window == KEY_HEADER) {
            unread(&mut one.sink, &path, "a text that looks like a key");
        }
        file(class, name, &path, bytes, letters, &mut said, &mut one);
    }
    for missing in [
        "MANIFEST.json",
        "README.txt",
        "SHA256SUMS",
        "verify.sh",
        "identity/identity.json",
        "network/endpoints.json",
    ] {
        if !folder.tree.contains_key(missing) {
            unread(
                &mut one.sink,
                &format!("{root}{missing}"),
                "a file that every bundle holds is missing",
            );
        }
    }
    digests::sums(&folder.tree, &root, &mut one.sink);
    digests::manifest(&folder.tree, &root, &mut said, &mut one.sink);
    match folder.archive {
        Some((path, bytes)) => match archive::compare(bytes, &folder.tree) {
            Ok(()) => one.sink.leaves.frozen += 1,
            Err(what) => unread(&mut one.sink, path, &what),
        },
        None => unread(&mut one.sink, &root, "a bundle without its archive"),
    }
    said.identities.sort_unstable();
    said.services.sort_unstable();
    one.provisioning = Some(said);
    one
}

/// One file by its name. What has a digest alone is read with it.
fn file(
    class: &str,
    name: &str,
    path: &str,
    bytes: &[u8],
    letters: &Letters,
    said: &mut Provisioning,
    one: &mut One,
) {
    if let Some(guards) = guarded(name) {
        let read = nftables::read((class, guards), path, bytes, &mut one.sink);
        one.hosts.extend(read);
        return;
    }
    match name {
        "verify.sh" => {
            if digests::sha256(bytes) == VERIFY_SHA256 {
                one.sink.leaves.frozen += 1;
            } else {
                unread(&mut one.sink, path, "another text than the one that is tested");
            }
        }
        "README.txt" => one.sink.count(Class::Inert, 1),
        "MANIFEST.json" | "SHA256SUMS" => {}
        "identity/csr.cnf" => {
            said.has_request = true;
            forms::request(path, bytes, &mut one.sink);
        }
        "identity/identity.json" => {
            if let Some(value) = parsed(path, bytes, &mut one.sink) {
                forms::identity(path, &value, said, &mut one.sink);
            }
        }
        "network/endpoints.json" => {
            if let Some(value) = parsed(path, bytes, &mut one.sink) {
                forms::endpoints(path, &value, said, &mut one.sink);
            }
        }
        _ if is_policy(name) => one
            .documents
            .extend(policy(class, path, bytes, letters, &mut one.sink)),
        _ => unread(&mut one.sink, path, "a file that no rule reads"),
    }
}

/// Whose hosts a table guards, by where it is.
fn guarded(name: &str) -> Option<Guards> {
    let at = name
        .strip_prefix("etc/nftables.d/")?
        .strip_suffix("leastwise.nft")?;
    let of = |folder: &str| {
        let name = at.strip_prefix(folder)?.strip_suffix('/')?;
        (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
    };
    if at.is_empty() {
        return Some(Guards::Class);
    }
    of("segment/")
        .map(Guards::Segment)
        .or_else(|| of("member/").map(Guards::Member))
}

/// `policy/expected-iot-policy.json`, or a further one from 2 on.
fn is_policy(name: &str) -> bool {
    let stem = name
        .strip_prefix("policy/expected-iot-policy")
        .and_then(|rest| rest.strip_suffix(".json"));
    let is_further = |number: &str| {
        let is_plain =
            !number.starts_with('0') && number.len() <= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_plain && number.parse::<u32>().is_ok_and(|number| number >= 2)
    };
    match stem {
        Some("") => true,
        Some(rest) => rest.strip_prefix('-').is_some_and(is_further),
        None => false,
    }
}

fn policy(class: &str, path: &str, bytes: &[u8], letters: &Letters, sink: &mut Sink) -> Option<Document> {
    let value = parsed(path, bytes, sink)?;
    let path: Arc<str> = path.into();
    let root = At::Root {
        path: &path,
        base: "",
    };
    if !documents::is_clean(&value, &root, sink) {
        return None;
    }
    let statements = documents::read(&value, Kind::Iot, letters, &root, sink);
    let guard = format!("@devices/{class}");
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    sink.measure(
        &root,
        "iot.policy.document",
        &guard,
        size::of(text, size::Unit::Dense, letters),
    );
    Some(Document {
        guard: Guard::Device(guard),
        statements,
        place: root.place(),
    })
}

fn parsed<'a>(path: &str, bytes: &'a [u8], sink: &mut Sink) -> Option<Json<'a>> {
    match json::parse(bytes, Fold::Case) {
        Ok(value) => Some(value),
        Err(fault) => {
            unread_at(
                sink,
                path,
                format!("line {}", line_of(bytes, fault.offset)),
                fault.what,
            );
            None
        }
    }
}

/// Something of a file that no rule reads.
fn unread(sink: &mut Sink, path: &str, what: &str) {
    unread_at(sink, path, String::new(), what.to_owned());
}

fn unread_at(sink: &mut Sink, path: &str, pointer: String, what: String) {
    sink.unread.push(Unread {
        place: Place {
            path: path.into(),
            pointer,
        },
        what,
    });
}
