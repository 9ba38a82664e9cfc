//! `leastwise.lock`: digests of everything besides the spec on which output depends.
//!
//! `plan` tells a change of the spec from a change of these.

pub mod v1;

use catalogue::Catalogue;
use catalogue::limits::Limits;
use catalogue::terraform::TerraformSchema;
use resolve::Library;

use crate::Analysis;

/// The lock of one build, as bytes: pretty JSON with a final newline.
#[must_use]
pub fn lock(analyses: &[&Analysis], limits: &Limits) -> Vec<u8> {
    let mut inventories: Vec<v1::Inventory<'_>> = analyses
        .iter()
        .flat_map(|analysis| {
            analysis.model.fleets.iter().filter_map(|(_, fleet)| {
                let (path, digest) = fleet.file.as_ref()?;
                Some(v1::Inventory { path: analysis.model.names.text(*path), sha256: digest, rows: fleet.len() as u64 })
            })
        })
        .collect();
    inventories.sort();
    inventories.dedup();
    let stdlib = Library::embedded().digest();
    let lock = v1::Lock {
        format: v1::FORMAT,
        compiler: env!("CARGO_PKG_VERSION"),
        stdlib: &stdlib,
        catalogue: Catalogue::embedded().digest(),
        limits: limits.digest(),
        provider_schema: TerraformSchema::embedded().digest(),
        inventories,
    };
    let mut bytes = serde_json::to_vec_pretty(&lock).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
