//! What `leastwise attest` says: an in-toto statement about the files of an output, unsigned, the same for the same input.

pub mod v1;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use source::{Origin, Sources};

use crate::manifest::sha256;

/// What a statement is made of.
#[derive(Debug)]
pub struct Told<'a> {
    /// The day with which dates were compared, as it is written in a spec.
    pub as_of: &'a str,
    /// The files of the spec.
    pub sources: &'a Sources,
    /// The digest over the spec, as manifests say it.
    pub spec_sha256: &'a str,
    /// SHA-256 of the files that the spec names, by path.
    pub inventories: &'a BTreeMap<String, String>,
    /// The bytes of the lock.
    pub lock: &'a [u8],
    /// The environments, each with the manifest of its output.
    pub environments: &'a [Written],
}

/// The output of one environment.
#[derive(Debug)]
pub struct Written {
    /// Its folder below the output folder; empty in a project without environments.
    pub folder: String,
    /// The bytes of its manifest.
    pub manifest: Vec<u8>,
}

/// The statement, as bytes: pretty JSON with a final newline.
///
/// `None` if a manifest or the lock is not what this version writes.
#[must_use]
pub fn statement(told: &Told<'_>) -> Option<Vec<u8>> {
    let lock: Value = serde_json::from_slice(told.lock).ok()?;
    let manifests: Option<Vec<Value>> = told
        .environments
        .iter()
        .map(|one| serde_json::from_slice(&one.manifest).ok())
        .collect();
    let manifests = manifests?;
    let mut subject = Vec::new();
    let mut environments = Vec::new();
    for (written, manifest) in told.environments.iter().zip(&manifests) {
        let below = |path: &str| match written.folder.as_str() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        let manifest_sha256 = sha256(&written.manifest);
        subject.push(of(below("manifest.json"), manifest_sha256.clone()));
        for file in manifest.get("files")?.as_array()? {
            let (path, digest) = (file.get("path")?.as_str()?, file.get("sha256")?.as_str()?);
            subject.push(of(below(path), digest.to_owned()));
        }
        environments.push(v1::Environment {
            environment: manifest.get("environment")?,
            targets: targets(manifest.get("proved")?)?,
            manifest_sha256,
            proved: manifest.get("proved")?,
            promises: manifest.get("promises")?,
            assumed: manifest.get("assumed")?,
            residuals: manifest.get("residuals")?,
            coarse_guards: manifest.get("coarse_guards")?,
            not_claimed: manifest.get("not_claimed")?,
            holes: manifest.get("holes")?,
        });
    }
    subject.sort_by(|one, other| one.name.cmp(&other.name));
    let own = told
        .sources
        .iter()
        .filter(|(_, file)| file.origin == Origin::Project);
    let statement = v1::Statement {
        sort: v1::STATEMENT,
        subject,
        predicate_type: v1::PREDICATE,
        predicate: v1::Predicate {
            format: v1::FORMAT,
            compiler: env!("CARGO_PKG_VERSION"),
            project: manifests.first()?.get("project")?.as_str()?,
            as_of: told.as_of,
            spec: v1::Inputs {
                sha256: told.spec_sha256,
                files: own
                    .map(|(_, file)| v1::Input {
                        path: &file.path,
                        sha256: sha256(file.text.as_bytes()),
                    })
                    .collect(),
            },
            inventories: told
                .inventories
                .iter()
                .map(|(path, digest)| v1::Input {
                    path,
                    sha256: digest.clone(),
                })
                .collect(),
            lock: v1::Lock {
                sha256: sha256(told.lock),
                stdlib: lock.get("stdlib")?,
                catalogue: lock.get("catalogue")?,
                limits: lock.get("limits")?,
                provider_schema: lock.get("provider_schema")?,
            },
            environments,
        },
    };
    let mut bytes = serde_json::to_vec_pretty(&statement).ok()?;
    bytes.push(b'\n');
    Some(bytes)
}

fn of(name: String, sha256: String) -> v1::Subject {
    v1::Subject {
        name,
        digest: v1::Digest { sha256 },
    }
}

/// The targets that clauses are about, by name.
fn targets(proved: &Value) -> Option<Vec<&str>> {
    let clauses = proved.as_array()?.iter();
    let names: BTreeSet<&str> = clauses
        .filter_map(|clause| clause.get("target")?.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    Some(names.into_iter().collect())
}
