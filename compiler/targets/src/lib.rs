//! A Deployment as files; no decisions. One folder per target; targets do not import each other.

mod aws_iam;
mod device_bundles;
mod document;
mod fault;
mod json;
pub mod security_groups;
mod terraform;

use aws::deployment::document::Engine;
use aws::deployment::{Deployment, Request};
use bundle::{Bundle, File};
use diagnostics::{Code, Diagnostic, Report};
use serde::Serialize;
use source::Span;

pub use fault::CODES;

/// One target: a constant record in its own folder.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, as a project and the command line say it.
    pub name: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// Writes its files.
    pub emit: fn(&Deployment, &mut Files<'_>, &mut Report),
}

/// Every target, in order of name.
pub static ALL: &[&Target] = &[
    &aws_iam::TARGET,
    &device_bundles::TARGET,
    &security_groups::TARGET,
    &terraform::TARGET,
];

/// The names of all targets, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|target| target.name)
}

/// The files of the selected targets; of all, if none is named.
///
/// - Shape: `None` if a target refuses something; nothing is ever dropped.
/// - Reports: `unknown-target`, and what each target refuses.
#[must_use]
pub fn emit(deployment: &Deployment, selection: &[String], report: &mut Report) -> Option<Bundle> {
    let mut bundle = Bundle::default();
    let mut is_whole = true;
    for target in selected(selection, report)? {
        is_whole &= emit_one(target, deployment, &mut bundle, report);
    }
    is_whole.then_some(bundle)
}

/// The selected targets in order of name; all, if none is named.
///
/// - Shape: `None` if there is none of such a name.
/// - Reports: `unknown-target`.
pub fn selected(selection: &[String], report: &mut Report) -> Option<Vec<&'static Target>> {
    let unknown: Vec<&String> = selection
        .iter()
        .filter(|name| !names().any(|known| known == name.as_str()))
        .collect();
    for name in &unknown {
        let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        report.push(
            Diagnostic::global(&fault::UNKNOWN_TARGET, format!("there is no target `{name}`"))
                .help(format!("name one of {}", known.join(", "))),
        );
    }
    let is_selected =
        |target: &&Target| selection.is_empty() || selection.iter().any(|name| name == target.name);
    unknown
        .is_empty()
        .then(|| ALL.iter().copied().filter(is_selected).collect())
}

/// Adds the files of one target.
///
/// - Shape: false if it refuses something.
/// - Reports: what it refuses.
pub fn emit_one(target: &Target, deployment: &Deployment, bundle: &mut Bundle, report: &mut Report) -> bool {
    let found = report.diagnostics().len();
    let mut files = Files {
        bundle,
        target: target.name,
        taken: Vec::new(),
    };
    (target.emit)(deployment, &mut files, report);
    for path in std::mem::take(&mut files.taken) {
        report.compiler_bug(format!("two files want the path `{path}`"));
    }
    !report
        .diagnostics()
        .iter()
        .skip(found)
        .any(|one| is_error(one.code))
}

fn is_error(code: &Code) -> bool {
    code.severity == diagnostics::Severity::Error
}

/// What the owner of an existing thing is asked to write, as a policy document.
///
/// It is read by people: `<KEY>` stands for a value that only the provider knows.
#[must_use]
pub fn request(deployment: &Deployment, request: &Request) -> serde_json::Value {
    let mut unsaid = Report::default();
    let value = document::value(
        deployment,
        &request.document,
        Engine::Iam,
        &document::Shown,
        &mut unsaid,
    );
    value
        .and_then(|value| serde_json::to_value(value).ok())
        .unwrap_or_default()
}

/// Where a target puts its files.
#[derive(Debug)]
pub struct Files<'b> {
    bundle: &'b mut Bundle,
    target: &'static str,
    taken: Vec<String>,
}

impl Files<'_> {
    /// Adds a file that is data, with the declarations for which it exists.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>, because: impl IntoIterator<Item = Span>) {
        self.put(path, bytes, false, because);
    }

    /// Adds a file that people run.
    pub fn add_executable(&mut self, path: &str, bytes: Vec<u8>, because: impl IntoIterator<Item = Span>) {
        self.put(path, bytes, true, because);
    }

    fn put(&mut self, path: &str, bytes: Vec<u8>, executable: bool, because: impl IntoIterator<Item = Span>) {
        let mut because: Vec<Span> = because.into_iter().collect();
        because.sort_unstable();
        because.dedup();
        let file = File {
            bytes,
            target: self.target,
            executable,
            because,
        };
        if self.bundle.add(path, file).is_err() {
            self.taken.push(path.to_owned());
        }
    }
}

/// Pretty JSON: two spaces, and a newline at the end.
pub(crate) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    // They are kept until they are written: room to grow is not needed.
    bytes.shrink_to_fit();
    bytes
}
