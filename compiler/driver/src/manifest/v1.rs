//! Version 1 of the manifest. Its schema is `schemas/manifest-v1.json`.

use std::collections::BTreeMap;

use serde::Serialize;

/// The name of the format.
pub const FORMAT: &str = "leastwise-manifest/1";

/// The whole manifest.
#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    /// [`FORMAT`].
    pub format: &'static str,
    /// Version of the compiler.
    pub compiler: &'static str,
    /// Declared name of the project.
    pub project: &'a str,
    /// The environment, if there are any.
    pub environment: Option<&'a str>,
    /// SHA-256 over every file of the spec and every inventory.
    pub spec_sha256: &'a str,
    /// Every emitted file but this one, by path.
    pub files: Vec<File<'a>>,
    /// The theorem, clause by clause and target by target.
    pub proved: Vec<Clause>,
    /// Each promise but `require`, in source order.
    pub promises: Vec<Promise<'a>>,
    /// What the theorem assumes.
    pub assumed: Vec<Assumption>,
    /// Declared conditions that no layer enforces, each accepted by name.
    pub residuals: Vec<Residual<'a>>,
    /// Guards that may permit more than their share.
    pub coarse_guards: Vec<Coarse<'a>>,
    /// Flows of which no claimed guard sees either end.
    pub not_claimed: &'a [String],
    /// What the provider cannot block.
    pub holes: &'a [&'static str],
    /// The tightest sizes against their limits.
    pub headroom: Vec<Headroom<'a>>,
    /// Terraform root modules in the order in which they are applied.
    pub apply_in_order: Vec<String>,
    /// Pairs of targets of which one is applied, never both.
    pub alternatives: Vec<[&'static str; 2]>,
    /// What only the owner of an existing thing can write.
    pub requests: Vec<Request<'a>>,
}

/// One file.
#[derive(Debug, Serialize)]
pub struct File<'a> {
    /// Relative to the output folder.
    pub path: &'a str,
    /// Of its bytes.
    pub sha256: String,
    /// Who wrote it.
    pub target: &'static str,
    /// Lines of the spec for which it exists.
    pub because: Vec<String>,
}

/// One promise that holds.
#[derive(Debug, Serialize)]
pub struct Promise<'a> {
    /// Where it stands.
    pub place: String,
    /// `never`, `isolate` or `limit`.
    pub promise: &'static str,
    /// Its name, if it has one.
    pub name: Option<&'a str>,
    /// `read` if all that answers it was read from the emitted files, else `declared`.
    pub verdict: &'static str,
    /// The layers that are taken as declared.
    pub declared: &'a [&'static str],
}

/// One clause for one target.
#[derive(Debug, Serialize)]
pub struct Clause {
    /// Its number in the theorem.
    pub clause: u8,
    /// The target.
    pub target: &'static str,
    /// `exact`, `guards only`, `not claimed`.
    pub status: &'static str,
    /// What was counted.
    pub counts: BTreeMap<&'static str, u64>,
}

/// One assumption.
#[derive(Debug, Serialize)]
pub struct Assumption {
    /// `A1` ….
    pub id: &'static str,
    /// The sentence.
    pub assumed: &'static str,
    /// What it applies to here.
    pub data: Vec<String>,
}

/// One residual.
#[derive(Debug, Serialize)]
pub struct Residual<'a> {
    /// Where `accept=` stands.
    pub place: String,
    /// The accepted substitute.
    pub substitute: &'a str,
    /// What is not enforced.
    pub not_enforced: &'a str,
}

/// One coarse guard.
#[derive(Debug, Serialize)]
pub struct Coarse<'a> {
    /// Its address.
    pub guard: &'a str,
    /// Why it is coarse.
    pub why: &'static str,
}

/// One size.
#[derive(Debug, Serialize)]
pub struct Headroom<'a> {
    /// The limit's id.
    pub limit: &'a str,
    /// Of what.
    pub of: &'a str,
    /// Used.
    pub used: u64,
    /// At most.
    pub most: u64,
}

/// One request to the owner of an existing thing.
#[derive(Debug, Serialize)]
pub struct Request<'a> {
    /// Its declared name.
    pub thing: &'a str,
    /// Its name in the cloud.
    pub existing: &'a str,
    /// What its policy has to allow; `<KEY>` stands for a value that the provider assigned.
    pub document: &'a serde_json::Value,
    /// Lines of the spec.
    pub because: Vec<String>,
}
