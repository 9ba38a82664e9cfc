//! The files of `security-groups`: a folder for each network, with a frozen script and two files of data.
//!
//! | path | read as |
//! |---|---|
//! | `aws/ACCOUNT/security-groups/NETWORK/apply.sh` | frozen: its meaning is what its tests by execution hold it to |
//! | `…/network.json` | which network of which account; nothing is said by the path |
//! | `…/groups.json` | the groups, by name |
//!
//! What the script does with the data: every listed group has exactly the listed rules afterwards, in both directions
//! and both families. So a list that is absent, or empty, is *nothing*, egress too, and a group that is not listed is
//! not touched.

mod groups;
mod place;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::at::At;
use crate::facts::Facts;
use crate::facts::network::Group;
use crate::facts::object::{Measure, ReliedOn, Unread};
use crate::json::{self, Fold, Json};
use crate::sink::Sink;
use crate::{Files, Reader, line_of};

/// Reads `security-groups`.
pub(crate) const READER: Reader = Reader {
    target: bundle::target::SECURITY_GROUPS,
    read,
};

/// SHA-256 of the one script whose meaning is known: a test compares it with what is emitted.
const SCRIPT_SHA256: &str = "2ac724d44936e003f2b1ffb38ced5a16e6be07cdf2c80bb19b384cb6d371492a";

/// The files of one network.
#[derive(Default)]
struct Folder<'a> {
    script: Option<(&'a str, &'a [u8])>,
    network: Option<(&'a str, &'a [u8])>,
    groups: Option<(&'a str, &'a [u8])>,
}

/// What one folder gives.
#[derive(Default)]
struct One {
    place: Option<place::Placed>,
    groups: Vec<Group>,
    sink: Sink,
    frozen: u64,
}

fn read(files: &Files<'_>) -> Facts {
    let mut facts = Facts::nothing(READER.target);
    let mut folders: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
    for (path, bytes) in files {
        let slot = folder_of(path).and_then(|(folder, file)| {
            let folder = folders.entry(folder).or_default();
            match file {
                "apply.sh" => Some(&mut folder.script),
                "network.json" => Some(&mut folder.network),
                "groups.json" => Some(&mut folder.groups),
                _ => None,
            }
        });
        match slot {
            Some(slot) => *slot = Some((path, bytes)),
            None => facts.unread.push(unread(path, "a file that no rule reads")),
        }
    }
    let folders: Vec<(&str, Folder<'_>)> = folders.into_iter().collect();
    let read: Vec<One> = folders
        .par_iter()
        .map(|(path, folder)| one(path, folder))
        .collect();
    let mut regions: BTreeMap<String, (u64, crate::facts::Place)> = BTreeMap::new();
    let mut sink = Sink::default();
    for one in read {
        if let Some(placed) = one.place {
            let region = regions
                .entry(placed.region)
                .or_insert_with(|| (0, placed.vpc.place.clone()));
            region.0 += one.groups.len() as u64;
            if let Some(what) = placed.relied_on {
                facts.relied_on.push(ReliedOn {
                    what,
                    place: placed.vpc.place.clone(),
                });
            }
            facts.network.networks.push(placed.vpc);
        }
        facts.network.groups.extend(one.groups);
        facts.leaves.frozen += one.frozen;
        sink.absorb(one.sink);
    }
    for (of, (value, place)) in regions {
        sink.measures.push(Measure {
            limit: "ec2.region.security-groups",
            of,
            value,
            place,
        });
    }
    let frozen = facts.leaves.frozen;
    facts.leaves = sink.leaves;
    facts.leaves.frozen += frozen;
    facts.unread.extend(sink.unread);
    facts.measures = sink.measures;
    facts
}

/// The folder and the file, if the path is one of ours.
fn folder_of(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    let mut parts = folder.split('/');
    let is_ours = parts.next() == Some("aws")
        && parts.next().is_some_and(|account| !account.is_empty())
        && parts.next() == Some("security-groups")
        && parts.next().is_some_and(|network| !network.is_empty())
        && parts.next().is_none();
    is_ours.then_some((folder, file))
}

fn unread(path: &str, what: impl Into<String>) -> Unread {
    let path: Arc<str> = path.into();
    Unread {
        place: At::Root {
            path: &path,
            base: "",
        }
        .place(),
        what: what.into(),
    }
}

fn one(path: &str, folder: &Folder<'_>) -> One {
    let mut one = One::default();
    match folder.script {
        Some((_, bytes)) if digest(bytes) == SCRIPT_SHA256 => one.frozen += 1,
        Some((path, _)) => one
            .sink
            .unread
            .push(unread(path, "the script is not the one that is tested")),
        None => one.sink.unread.push(unread(path, "the folder has no `apply.sh`")),
    }
    let Some((network, bytes)) = folder.network else {
        one.sink
            .unread
            .push(unread(path, "the folder has no `network.json`"));
        return one;
    };
    let name: Arc<str> = network.into();
    let root = At::Root {
        path: &name,
        base: "",
    };
    let Some(value) = parsed(&root, bytes, &mut one.sink) else {
        return one;
    };
    one.place = place::read(&value, &root, &mut one.sink);
    let Some(placed) = &one.place else { return one };
    let Some((groups, bytes)) = folder.groups else {
        one.sink
            .unread
            .push(unread(path, "the folder has no `groups.json`"));
        return one;
    };
    let name: Arc<str> = groups.into();
    let root = At::Root {
        path: &name,
        base: "",
    };
    let Some(value) = parsed(&root, bytes, &mut one.sink) else {
        return one;
    };
    one.groups = groups::read(&value, &placed.vpc.address, &root, &mut one.sink);
    one
}

fn parsed<'a>(root: &At<'_>, bytes: &'a [u8], sink: &mut Sink) -> Option<Json<'a>> {
    match json::parse(bytes, Fold::Exact) {
        Ok(value) => Some(value),
        Err(fault) => {
            let mut place = root.place();
            place.pointer = format!("line {}", line_of(bytes, fault.offset));
            sink.unread.push(Unread {
                place,
                what: fault.what,
            });
            None
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The members of an object; anything else is not read.
fn members<'a, 'j>(
    value: &'a Json<'j>,
    at: &At<'_>,
    sink: &mut Sink,
) -> Option<&'a [(std::borrow::Cow<'j, str>, Json<'j>)]> {
    match value {
        Json::Object(members) => Some(members),
        other => {
            sink.unread(
                at,
                format!("an object is expected, and {} stands here", other.sort()),
            );
            None
        }
    }
}

/// A text; anything else is not read.
fn text<'a>(value: &'a Json<'_>, at: &At<'_>, sink: &mut Sink) -> Option<&'a str> {
    let text = value.text();
    if text.is_none() {
        sink.unread(at, format!("text is expected, and {} stands here", value.sort()));
    }
    text
}
