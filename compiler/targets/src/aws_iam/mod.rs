//! IAM documents as files: for people who attach policies themselves, and to read what is granted.
//!
//! | path | document |
//! |---|---|
//! | `aws/ACCOUNT/iam/ROLE.trust.json` | who may become the role |
//! | `aws/ACCOUNT/iam/ROLE.identity.json`, `ROLE.identity-2.json` … | what it may do |
//! | `aws/ACCOUNT/resources/NAME.policy.json` | the policy of a resource or key |

use aws::deployment::document::{Document, Engine};
use aws::deployment::identity::{ResourcePolicy, Role};
use aws::deployment::{Because, Deployment};
use diagnostics::Report;
use rayon::prelude::*;
use source::Span;

use crate::document::{self, Plain};
use crate::{Files, Target, pretty};

pub(crate) const TARGET: Target = Target {
    name: bundle::target::AWS_IAM,
    summary: "IAM documents, a few files per principal",
    emit,
};

/// A file before it has its place in the bundle.
type Written = (String, Vec<u8>, Vec<Span>);

fn emit(deployment: &Deployment, files: &mut Files<'_>, report: &mut Report) {
    let identity = &deployment.identity;
    let roles = identity.roles.par_iter().map(|role| of_role(deployment, role));
    let policies = identity
        .resources
        .par_iter()
        .map(|policy| of_resource(deployment, policy));
    let written: Vec<(Vec<Written>, Report)> = roles.chain(policies).collect();
    for (written, found) in written {
        report.append(found);
        for (path, bytes, because) in written {
            files.add(&path, bytes, because);
        }
    }
}

fn of_role(deployment: &Deployment, role: &Role) -> (Vec<Written>, Report) {
    let mut report = Report::default();
    let mut written = Vec::with_capacity(2);
    let folder = format!("aws/{}/iam/{}", role.account, role.name);
    if let Some(trust) = &role.trust {
        let path = format!("{folder}.trust.json");
        written.extend(one(deployment, path, trust, &role.because, &mut report));
    }
    for (index, document) in role.identity.iter().enumerate() {
        let further = if index == 0 {
            String::new()
        } else {
            format!("-{}", index + 1)
        };
        let path = format!("{folder}.identity{further}.json");
        written.extend(one(deployment, path, document, &role.because, &mut report));
    }
    (written, report)
}

fn of_resource(deployment: &Deployment, policy: &ResourcePolicy) -> (Vec<Written>, Report) {
    let mut report = Report::default();
    let path = format!("aws/{}/resources/{}.policy.json", policy.account, policy.thing);
    let written = one(deployment, path, &policy.document, &policy.because, &mut report);
    (written.into_iter().collect(), report)
}

fn one(
    deployment: &Deployment,
    path: String,
    document: &Document,
    because: &Because,
    report: &mut Report,
) -> Option<Written> {
    let render = Plain::new(deployment);
    let value = document::value(deployment, document, Engine::Iam, &render, report)?;
    let of_statements = document
        .statements
        .iter()
        .flat_map(|statement| statement.because.iter());
    let spans = because
        .iter()
        .chain(of_statements)
        .map(|cause| cause.span)
        .collect();
    Some((path, pretty(&value), spans))
}
