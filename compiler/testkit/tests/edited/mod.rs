//! One edit of emitted bytes, and what is said to it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that fails says where")]

use prove::witness::Refusal;
use testkit::golden;
use testkit::label::Files;
use testkit::mutate::specimen::{self, Specimen};

/// A text that is put in the place of another, once.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// The end of the file's path.
    pub path: &'static str,
    /// What stands there.
    pub from: &'static str,
    /// What shall.
    pub to: &'static str,
}

/// The files of a specimen with an edit.
pub fn files(specimen: &Specimen<'_>, edit: Edit) -> Files {
    let mut files = specimen.files.clone();
    let found: Vec<String> = files
        .keys()
        .filter(|path| path.ends_with(edit.path))
        .cloned()
        .collect();
    let [path] = found.as_slice() else {
        panic!("{} is the end of {found:?}", edit.path);
    };
    let (_, bytes) = files.get_mut(path).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(edit.from), "{path} lacks {}", edit.from);
    *bytes = text.replacen(edit.from, edit.to, 1).into_bytes();
    files
}

/// The refusals of a specimen with an edit; none if it is accepted.
pub fn judged(specimen: &Specimen<'_>, edit: Edit) -> Vec<Refusal> {
    specimen.judge(&files(specimen, edit)).err().unwrap_or_default()
}

/// A project of `golden/targets`, proved as it is emitted.
pub fn with(project: &str, target: &'static str, then: impl FnOnce(&Specimen<'_>)) {
    let folder = golden::root().join("golden/targets").join(project);
    specimen::with(project, &specimen::load(&folder), None, target, |specimen| {
        assert!(specimen.judge(&specimen.files).is_ok(), "{project} is not proved");
        then(specimen);
    })
    .unwrap();
}

/// Refusals, for whoever reads why a test failed.
pub fn said(refusals: &[Refusal]) -> String {
    let lines = refusals.iter().map(|refusal| {
        let witness = refusal.witness.as_ref().map(ToString::to_string);
        format!("{:?}: {} [{witness:?}]", refusal.sort, refusal.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}
