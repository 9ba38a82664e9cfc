//! The files of `aws-iam`: documents of roles and resources, a folder an account.
//!
//! | path | read as |
//! |---|---|
//! | `aws/ACCOUNT/iam/ROLE.trust.json` | the trust policy of `@ACCOUNT/role/ROLE` |
//! | `aws/ACCOUNT/iam/ROLE.identity.json`, `ROLE.identity-2.json` … | identity policies of that role, evaluated together |
//! | `aws/ACCOUNT/iam/ROLE.boundary.json` | the permissions boundary of that role |
//! | `aws/ACCOUNT/resources/NAME.policy.json` | the policy of `@ACCOUNT/resource/NAME` |

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::at::At;
use crate::documents::{self, Kind, honoured, size};
use crate::facts::document::{Document, Guard};
use crate::facts::object::{Measure, Object, Unread};
use crate::facts::{Facts, Place};
use crate::json::{self, Fold};
use crate::letters::{Found, Letters};
use crate::sink::Sink;
use crate::{Files, Reader, line_of};

/// Reads `aws-iam`.
pub(crate) const READER: Reader = Reader {
    target: bundle::target::AWS_IAM,
    read,
};

/// What a path says.
struct Named {
    guard: Guard,
    kind: Kind,
    account: String,
}

fn read(files: &Files<'_>) -> Facts {
    let mut facts = Facts::nothing(READER.target);
    // A variable is the same text in every file: no document needs to be read for its number.
    let found = files
        .par_iter()
        .map(|(_, bytes)| {
            let mut found = Found::default();
            if let Ok(text) = std::str::from_utf8(bytes) {
                found.scan_document(text);
            }
            found
        })
        .reduce(Found::default, |mut all, found| {
            all.absorb(found);
            all
        });
    let letters = found.number();
    let read: Vec<One> = files
        .par_iter()
        .map(|(path, bytes)| one(path, bytes, &letters))
        .collect();
    let mut sink = Sink::default();
    let mut inline: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    let mut roles: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    for one in read {
        if let Some(document) = one.document {
            match &document.guard {
                Guard::Identity(role) => {
                    let sum = inline
                        .entry(role.clone())
                        .or_insert_with(|| (0, document.place.clone()));
                    sum.0 += one.dense;
                }
                Guard::Trust(role) => {
                    let of = format!("@{}", one.account);
                    roles.entry(of).or_insert_with(|| (0, document.place.clone())).0 += 1;
                    facts.objects.push(Object {
                        sort: "role".to_owned(),
                        address: role.clone(),
                        account: format!("@{}", one.account),
                        region: String::new(),
                        settings: Vec::new(),
                        choices: Vec::new(),
                        kept: false,
                        refers: Vec::new(),
                        place: document.place.clone(),
                    });
                }
                Guard::Boundary(_)
                | Guard::Resource(_)
                | Guard::Endpoint(_)
                | Guard::Device(_)
                | Guard::Rule(_) => {}
            }
            facts.documents.push(document);
        }
        sink.absorb(one.sink);
    }
    for (limit, sums) in [("iam.role.inline", inline), ("iam.account.roles", roles)] {
        let measures = sums.into_iter().map(|(of, (value, place))| Measure {
            limit,
            of,
            value,
            place,
        });
        sink.measures.extend(measures);
    }
    facts.leaves = sink.leaves;
    facts.unread = sink.unread;
    facts.measures = sink.measures;
    facts.symbols = letters.symbols;
    facts.variables = letters.variables;
    facts
}

/// What one file gives.
struct One {
    document: Option<Document>,
    account: String,
    /// Its characters, white space left out.
    dense: u64,
    sink: Sink,
}

fn one(path: &str, bytes: &[u8], letters: &Letters) -> One {
    let path: Arc<str> = path.into();
    let root = At::Root {
        path: &path,
        base: "",
    };
    let mut sink = Sink::default();
    let nothing = |sink: Sink| One {
        document: None,
        account: String::new(),
        dense: 0,
        sink,
    };
    let Some(named) = named(&path) else {
        sink.unread(&root, "a file that no rule reads");
        return nothing(sink);
    };
    let document = match json::parse(bytes, Fold::Case) {
        Ok(document) => document,
        Err(fault) => {
            let line = line_of(bytes, fault.offset);
            sink.unread.push(Unread {
                place: Place {
                    path: Arc::clone(&path),
                    pointer: format!("line {line}"),
                },
                what: fault.what,
            });
            return nothing(sink);
        }
    };
    if !documents::is_clean(&document, &root, &mut sink) {
        return nothing(sink);
    }
    let statements = documents::read(&document, named.kind, letters, &root, &mut sink);
    // A whole value was read, so that the bytes are UTF-8.
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let dense = size::of(text, size::Unit::Dense, letters);
    match &named.guard {
        Guard::Trust(role) => {
            sink.measure(&root, "iam.role.trust", role, dense);
            let name = role.rsplit('/').next().unwrap_or_default();
            sink.measure(
                &root,
                "iam.name.role",
                role,
                size::of(name, size::Unit::Characters, letters),
            );
        }
        Guard::Boundary(role) => sink.measure(&root, "iam.managed-policy.document", role, dense),
        Guard::Resource(resource) => {
            if let Some(service) = size::service(&statements) {
                size::measure_resource(&service, text, &statements, resource, letters, &root, &mut sink);
                honoured::check(&service, &statements, &mut sink);
            }
        }
        Guard::Identity(_) | Guard::Endpoint(_) | Guard::Device(_) | Guard::Rule(_) => {}
    }
    let place = root.place();
    One {
        document: Some(Document {
            guard: named.guard,
            statements,
            place,
        }),
        account: named.account,
        dense,
        sink,
    }
}

fn named(path: &str) -> Option<Named> {
    let mut parts = path.split('/');
    let (top, account, folder, file) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if top != "aws" || account.is_empty() || parts.next().is_some() {
        return None;
    }
    let stem = file.strip_suffix(".json")?;
    let (name, sort) = stem.rsplit_once('.')?;
    if name.is_empty() {
        return None;
    }
    let role = || format!("@{account}/role/{name}");
    let (guard, kind) = match (folder, sort) {
        ("iam", "trust") => (Guard::Trust(role()), Kind::Trust),
        ("iam", "identity") => (Guard::Identity(role()), Kind::Identity),
        ("iam", "boundary") => (Guard::Boundary(role()), Kind::Identity),
        ("iam", further) if further.strip_prefix("identity-").is_some_and(is_further) => {
            (Guard::Identity(role()), Kind::Identity)
        }
        ("resources", "policy") => (
            Guard::Resource(format!("@{account}/resource/{name}")),
            Kind::Resource,
        ),
        _ => return None,
    };
    Some(Named {
        guard,
        kind,
        account: account.to_owned(),
    })
}

/// The number of a further document: 2 or more, as `2` is spelt.
fn is_further(number: &str) -> bool {
    let is_plain =
        number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0') && number.len() <= 4;
    is_plain && number.parse::<u32>().is_ok_and(|number| number >= 2)
}
