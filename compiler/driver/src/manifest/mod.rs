//! `manifest.json`: every file with its digest and its reasons, and the statement that was proved about them.

pub mod v1;

use prove::verified::{Status, Verified};
use sha2::{Digest as _, Sha256};
use source::{Sources, Span};

use crate::handover::Handover;

/// The SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The manifest of a verified build whose folders hold nothing else.
#[must_use]
pub fn manifest(verified: &Verified, handover: &Handover, sources: &Sources, spec_sha256: &str) -> Vec<u8> {
    manifest_beside(verified, handover, sources, spec_sha256, &[])
}

/// The manifest of a verified build, as bytes.
///
/// - Takes: `beside`, files that lie in the folders of root modules and that no build wrote.
/// - Shape: [`v1::Manifest`], pretty JSON with a final newline.
/// - Errors: none; a manifest that does not serialize is empty, which the writer refuses.
#[must_use]
pub fn manifest_beside(
    verified: &Verified,
    handover: &Handover,
    sources: &Sources,
    spec_sha256: &str,
    beside: &[String],
) -> Vec<u8> {
    let statement = verified.statement();
    let places = |spans: &[Span]| spans.iter().map(|span| sources.place(*span)).collect();
    let manifest = v1::Manifest {
        format: v1::FORMAT,
        compiler: env!("CARGO_PKG_VERSION"),
        project: &handover.project,
        environment: handover.environment.as_deref(),
        spec_sha256,
        files: verified
            .bundle()
            .iter()
            .map(|(path, file)| v1::File {
                path,
                sha256: sha256(&file.bytes),
                target: file.target,
                because: places(&file.because),
            })
            .collect(),
        proved: statement
            .clauses
            .iter()
            .map(|clause| v1::Clause {
                clause: clause.number,
                target: clause.target,
                status: match clause.status {
                    Status::Exact => "exact",
                    Status::GuardsOnly => "guards only",
                    Status::NotClaimed => "not claimed",
                },
                counts: clause.counts.clone(),
            })
            .collect(),
        promises: statement
            .promises
            .iter()
            .map(|one| v1::Promise {
                place: sources.place(one.span),
                promise: one.word,
                name: one.name.as_deref(),
                verdict: if one.is_read { "read" } else { "declared" },
                declared: &one.layers,
            })
            .collect(),
        assumed: statement
            .assumptions
            .iter()
            .map(|one| v1::Assumption {
                id: one.id,
                assumed: one.sentence,
                data: match one.id {
                    "A2" => one.data.iter().cloned().chain(lies_beside(beside)).collect(),
                    "A5" => one.data.iter().cloned().chain(requested(handover)).collect(),
                    _ => one.data.clone(),
                },
            })
            .collect(),
        residuals: statement
            .residuals
            .iter()
            .map(|one| v1::Residual {
                place: sources.place(one.span),
                substitute: &one.substitute,
                not_enforced: &one.what,
            })
            .collect(),
        coarse_guards: statement
            .coarse
            .iter()
            .map(|one| v1::Coarse {
                guard: &one.guard,
                why: one.why,
            })
            .collect(),
        not_claimed: &statement.not_claimed,
        holes: &statement.holes,
        headroom: statement
            .headroom
            .iter()
            .map(|one| v1::Headroom {
                limit: &one.limit,
                of: &one.of,
                used: one.used,
                most: one.most,
            })
            .collect(),
        apply_in_order: handover
            .modules
            .iter()
            .filter(|folder| {
                verified
                    .bundle()
                    .iter()
                    .any(|(path, _)| path.starts_with(&format!("{folder}/")))
            })
            .cloned()
            .collect(),
        alternatives: alternatives(verified),
        requests: handover
            .requests
            .iter()
            .map(|request| v1::Request {
                thing: &request.thing,
                existing: &request.existing,
                document: &request.document,
                because: request
                    .because
                    .iter()
                    .map(|cause| sources.place(cause.span))
                    .collect(),
            })
            .collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// What no build wrote is assumed to mean nothing to whoever applies.
fn lies_beside(paths: &[String]) -> impl Iterator<Item = String> + '_ {
    paths.iter().map(|path| {
        format!("{path}: no build wrote it, and terraform does not read it as a part of the module")
    })
}

/// What an owner is asked for is assumed to be done: without it, less is permitted than is declared.
fn requested(handover: &Handover) -> impl Iterator<Item = String> + '_ {
    handover.requests.iter().map(|request| {
        let (thing, existing) = (&request.thing, &request.existing);
        format!("{thing}: the policy of {existing} allows what stands in `requests`")
    })
}

/// Targets that would create the same objects: one of each pair is to be applied, never both.
fn alternatives(verified: &Verified) -> Vec<[&'static str; 2]> {
    let written = |target: &str| verified.bundle().of_target(target).next().is_some();
    [
        [bundle::target::TERRAFORM, bundle::target::AWS_IAM],
        [bundle::target::TERRAFORM, bundle::target::SECURITY_GROUPS],
    ]
    .into_iter()
    .filter(|pair| pair.iter().all(|target| written(target)))
    .collect()
}
