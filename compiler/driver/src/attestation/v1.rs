//! Version 1 of the attestation: an in-toto statement with a predicate of our own. Its schema is `schemas/attestation-v1.json`.
//!
//! Source: in-toto Attestation Framework, "Statement layer specification", version 1; read 2026-12-01.

use serde::Serialize;
use serde_json::Value;

/// The type of a statement, as in-toto names it.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The type of our predicate.
pub const PREDICATE: &str = "urn:leastwise:attestation:v1";
/// The name of the format.
pub const FORMAT: &str = "leastwise-attestation/1";

/// The whole statement.
#[derive(Debug, Serialize)]
pub struct Statement<'a> {
    /// [`STATEMENT`].
    #[serde(rename = "_type")]
    pub sort: &'static str,
    /// Every file of the output, the manifests among them, by path.
    pub subject: Vec<Subject>,
    /// [`PREDICATE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: &'static str,
    /// What is said of them.
    pub predicate: Predicate<'a>,
}

/// One file of the output.
#[derive(Debug, Serialize)]
pub struct Subject {
    /// Relative to the output folder.
    pub name: String,
    /// Its digests.
    pub digest: Digest,
}

/// Digests by the name of their algorithm.
#[derive(Debug, Serialize)]
pub struct Digest {
    /// In hexadecimal.
    pub sha256: String,
}

/// From what the output came, and what was proved of it.
#[derive(Debug, Serialize)]
pub struct Predicate<'a> {
    /// [`FORMAT`].
    pub format: &'static str,
    /// Version of the compiler.
    pub compiler: &'static str,
    /// Declared name of the project.
    pub project: &'a str,
    /// The day with which dates were compared.
    pub as_of: &'a str,
    /// The files of the spec.
    pub spec: Inputs<'a>,
    /// The files that the spec names, by path.
    pub inventories: Vec<Input<'a>>,
    /// `leastwise.lock`.
    pub lock: Lock<'a>,
    /// Each environment; one without a name in a project without any.
    pub environments: Vec<Environment<'a>>,
}

/// The spec.
#[derive(Debug, Serialize)]
pub struct Inputs<'a> {
    /// Over all of it and the inventories, as the manifests say it.
    pub sha256: &'a str,
    /// Its files, by path.
    pub files: Vec<Input<'a>>,
}

/// One file that was read.
#[derive(Debug, Serialize)]
pub struct Input<'a> {
    /// Relative to the project.
    pub path: &'a str,
    /// Of its bytes.
    pub sha256: String,
}

/// The lock.
#[derive(Debug, Serialize)]
pub struct Lock<'a> {
    /// Of its bytes.
    pub sha256: String,
    /// What it says of what comes with the compiler: `stdlib`, `catalogue`, `limits`, `provider_schema`.
    pub stdlib: &'a Value,
    /// See [`Self::stdlib`].
    pub catalogue: &'a Value,
    /// See [`Self::stdlib`].
    pub limits: &'a Value,
    /// See [`Self::stdlib`].
    pub provider_schema: &'a Value,
}

/// What was proved in one environment: lists of its manifest, as they stand there.
#[derive(Debug, Serialize)]
pub struct Environment<'a> {
    /// Its name.
    pub environment: &'a Value,
    /// The targets about which something was proved.
    pub targets: Vec<&'a str>,
    /// Of its manifest.
    pub manifest_sha256: String,
    /// The theorem, clause by clause and target by target.
    pub proved: &'a Value,
    /// Each promise, and how it was answered.
    pub promises: &'a Value,
    /// What the theorem assumes.
    pub assumed: &'a Value,
    /// Declared conditions that no layer enforces.
    pub residuals: &'a Value,
    /// Guards that may permit more than their share.
    pub coarse_guards: &'a Value,
    /// Flows of which no claimed guard sees either end.
    pub not_claimed: &'a Value,
    /// What the provider cannot block.
    pub holes: &'a Value,
}
