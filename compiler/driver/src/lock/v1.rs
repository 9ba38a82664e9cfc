//! Version 1 of the lock. Its schema is `schemas/lock-v1.json`.

use serde::Serialize;

/// The name of the format.
pub const FORMAT: &str = "leastwise-lock/1";

/// The whole lock. Digests are SHA-256 in hexadecimal.
#[derive(Debug, Serialize)]
pub struct Lock<'a> {
    /// [`FORMAT`].
    pub format: &'static str,
    /// Version of the compiler.
    pub compiler: &'static str,
    /// The embedded standard library.
    pub stdlib: &'a str,
    /// The service catalogue.
    pub catalogue: &'a str,
    /// The provider's limits.
    pub limits: &'a str,
    /// The provider's Terraform schema.
    pub provider_schema: &'a str,
    /// Inventories, and the identifiers file, by path.
    pub inventories: Vec<Inventory<'a>>,
}

/// One file that the spec names.
#[derive(Debug, Serialize)]
pub struct Inventory<'a> {
    /// Relative to the project.
    pub path: &'a str,
    /// Of its bytes.
    pub sha256: &'a str,
}
