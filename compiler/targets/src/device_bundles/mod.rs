//! What members of a class are provisioned with: a folder to look at, and the same files as a reproducible archive.
//!
//! A bundle is for every member of its class, and holds no key: `secret://` references stay references, which an
//! installer resolves. What is run from it (`verify.sh`) is constant; what varies is data beside it.

mod archive;
mod fault;
mod identity;
mod nftables;
mod text;
mod tree;

use std::collections::BTreeSet;

use aws::deployment::Deployment;
use aws::deployment::device::Class;
use diagnostics::{Diagnostic, Report};
use rayon::prelude::*;
use source::Span;

use crate::{Files, Target};

pub(crate) use fault::UNQUOTABLE_TEXT;

pub(crate) const TARGET: Target = Target {
    name: bundle::target::DEVICE_BUNDLES,
    summary: "what a device is provisioned with, without keys",
    emit,
};

/// A file before it has its place in the bundle: path, bytes, whether people run it.
type Written = (String, Vec<u8>, bool);

fn emit(deployment: &Deployment, files: &mut Files<'_>, report: &mut Report) {
    let classes: Vec<(Vec<Span>, Vec<Written>, Report)> = deployment
        .classes
        .par_iter()
        .map(|class| {
            let mut report = Report::default();
            let written = one(deployment, class, &mut report).unwrap_or_default();
            (spans(class), written, report)
        })
        .collect();
    for (because, written, found) in classes {
        report.append(found);
        for (path, bytes, executable) in written {
            if executable {
                files.add_executable(&path, bytes, because.iter().copied());
            } else {
                files.add(&path, bytes, because.iter().copied());
            }
        }
    }
}

fn spans(class: &Class) -> Vec<Span> {
    let accepts = class
        .firewalls
        .iter()
        .flat_map(|firewall| &firewall.accepts)
        .flat_map(|accept| accept.because.iter());
    let containers = class
        .firewalls
        .iter()
        .flat_map(|firewall| &firewall.containers)
        .flat_map(|containers| containers.because.iter());
    let statements = class.policies.iter().flat_map(|policy| &policy.statements);
    let policies = statements.flat_map(|statement| statement.because.iter());
    let causes = class
        .because
        .iter()
        .chain(accepts)
        .chain(containers)
        .chain(policies);
    // Each once: every file of the class bears them all.
    let spans: BTreeSet<Span> = causes.map(|cause| cause.span).collect();
    spans.into_iter().collect()
}

/// The files of one class.
fn one(deployment: &Deployment, class: &Class, report: &mut Report) -> Option<Vec<Written>> {
    let tree = match tree::tree(deployment, class, report) {
        Ok(tree) => tree?,
        Err(refused) => {
            let message = format!(
                "{} of class `{}` cannot be written as it stands",
                refused.what, class.name
            );
            let diagnostic = match class.because.first() {
                Some(cause) => Diagnostic::new(&UNQUOTABLE_TEXT, cause.span, message),
                None => Diagnostic::global(&UNQUOTABLE_TEXT, message),
            };
            report.push(diagnostic.note(format!("it is {}", refused.text)));
            return None;
        }
    };
    let Some(packed) = archive::pack(&tree) else {
        report.compiler_bug(format!("the archive of class `{}` cannot be packed", class.name));
        return None;
    };
    let folder = format!("devices/{}", class.name);
    let mut written: Vec<Written> = vec![(format!("{folder}/{}.tar.gz", class.name), packed, false)];
    for (path, file) in tree {
        written.push((format!("{folder}/tree/{path}"), file.bytes, file.executable));
    }
    Some(written)
}
