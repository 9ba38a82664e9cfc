//! Every policy, read in parallel, and what the provider has where none is given.

use super::unread;
use crate::at::At;
use crate::documents::{self, honoured, size};
use crate::facts::document::{Document, Effect, Guard, PrincipalName, Principals, Statement};
use crate::facts::network::Network;
use crate::facts::object::Measure;
use crate::facts::{Facts, Place};
use crate::json::{self, Fold};
use crate::letters::Letters;
use crate::sink::Sink;
use crate::terraform::cx::{Guards, Job, Measured, Out};
use pattern::pattern::Pattern;
use pattern::region::Region;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Reads every policy, in parallel, and adds what the provider has where none is given.
pub(super) fn policies(
    out: &mut Out,
    letters: &Letters,
    network: &Network,
    sink: &mut Sink,
    facts: &mut Facts,
) {
    let jobs = std::mem::take(&mut out.jobs);
    let read: Vec<(Vec<Statement>, Sink)> = jobs.par_iter().map(|job| policy(job, letters)).collect();
    let mut inline: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    let mut managed: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for (job, (statements, found)) in jobs.into_iter().zip(read) {
        sink.absorb(found);
        match job.guards {
            Guards::One(guard) => {
                if let (Measured::Inline, Guard::Identity(role)) = (job.measure, &guard) {
                    let sum = inline
                        .entry(role.clone())
                        .or_insert_with(|| (0, job.place.clone()));
                    sum.0 += size::of(&job.text, size::Unit::Dense, letters);
                }
                facts.documents.push(Document {
                    guard,
                    statements,
                    place: job.place,
                });
            }
            Guards::Attached(policy) => drop(managed.insert(policy, statements)),
        }
    }
    for (role, (value, place)) in inline {
        sink.measures.push(Measure {
            limit: "iam.role.inline",
            of: role,
            value,
            place,
        });
    }
    attached(out, &managed, sink, facts);
    facts.documents.append(&mut out.documents);
    for endpoint in &network.endpoints {
        if !out.endpoint_policies.contains(&endpoint.address) {
            let guard = Guard::Endpoint(endpoint.address.clone());
            facts
                .documents
                .push(everything(guard, Principals::Anyone, "*", &endpoint.place));
        }
    }
    for (key, account, place) in &out.keys {
        if !out.key_policies.contains(key) {
            let account = Principals::These(vec![PrincipalName::Account(account.clone())]);
            facts
                .documents
                .push(everything(Guard::Resource(key.clone()), account, "kms:*", place));
        }
    }
}

/// Managed policies for each role that they are attached to.
fn attached(out: &mut Out, managed: &BTreeMap<String, Vec<Statement>>, sink: &mut Sink, facts: &mut Facts) {
    let mut counts: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    let mut seen: BTreeSet<(String, Guard)> = BTreeSet::new();
    for (policy, guard, place) in &out.attachments {
        let Some(statements) = managed.get(policy) else {
            unread(
                sink,
                place,
                format!("`{policy}`, whose content is not in these files"),
            );
            continue;
        };
        if !seen.insert((policy.clone(), guard.clone())) {
            unread(sink, place, format!("`{policy}` attached twice"));
            continue;
        }
        let role = match guard {
            Guard::Identity(role) => {
                counts.entry(role.clone()).or_insert_with(|| (0, place.clone())).0 += 1;
                role
            }
            Guard::Boundary(role)
            | Guard::Trust(role)
            | Guard::Resource(role)
            | Guard::Endpoint(role)
            | Guard::Device(role)
            | Guard::Rule(role) => role,
        };
        out.refers.entry(role.clone()).or_default().insert(policy.clone());
        let document = Document {
            guard: guard.clone(),
            statements: statements.clone(),
            place: place.clone(),
        };
        facts.documents.push(document);
    }
    for (role, (value, place)) in counts {
        sink.measures.push(Measure {
            limit: "iam.role.attached",
            of: role,
            value,
            place,
        });
    }
}

fn everything(guard: Guard, principals: Principals, actions: &str, place: &Place) -> Document {
    let statement = Statement {
        effect: Effect::Allow,
        principals: Some(principals),
        actions: Pattern::glob(actions).into_iter().collect(),
        resources: vec![Pattern::everything()],
        when: Region::everything(),
        place: place.clone(),
    };
    Document {
        guard,
        statements: vec![statement],
        place: place.clone(),
    }
}

fn policy(job: &Job, letters: &Letters) -> (Vec<Statement>, Sink) {
    let mut sink = Sink::default();
    let at = At::Root {
        path: &job.place.path,
        base: &job.place.pointer,
    };
    let document = match json::parse(job.text.as_bytes(), Fold::Case) {
        Ok(document) => document,
        Err(fault) => {
            sink.unread(&at, format!("{} (byte {} of the text)", fault.what, fault.offset));
            return (Vec::new(), sink);
        }
    };
    // Its text was counted as one leaf of its block; what counts is inside.
    let statements = documents::read(&document, job.kind, letters, &at, &mut sink);
    let of = match &job.guards {
        Guards::One(
            Guard::Identity(of)
            | Guard::Trust(of)
            | Guard::Boundary(of)
            | Guard::Resource(of)
            | Guard::Endpoint(of)
            | Guard::Device(of)
            | Guard::Rule(of),
        )
        | Guards::Attached(of) => of,
    };
    match job.measure {
        Measured::Dense(limit) => {
            sink.measure(&at, limit, of, size::of(&job.text, size::Unit::Dense, letters))
        }
        Measured::Characters(limit) => sink.measure(
            &at,
            limit,
            of,
            size::of(&job.text, size::Unit::Characters, letters),
        ),
        Measured::Service(service) => {
            size::measure_resource(service, &job.text, &statements, of, letters, &at, &mut sink);
            honoured::check(service, &statements, &mut sink);
        }
        Measured::Inline => {}
    }
    (statements, sink)
}
