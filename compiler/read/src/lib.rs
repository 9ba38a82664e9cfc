//! What bytes permit, knowing no intent.
//!
//! `read` sees paths and bytes alone: no trust graph, no Deployment, no manifest, no standard library. Statement ids,
//! descriptions, tags and comments are read for quotas and never for meaning.
//!
//! Every leaf is consumed by exactly one rule and classed, or stands in [`facts::Facts::unread`], which `prove` refuses. What is read
//! exactly but lies outside the fragment that is decided stands there too, its reason starting with `not decided: `.

mod at;
mod aws_iam;
mod device_bundles;
mod documents;
pub mod dump;
pub mod facts;
mod json;
mod letters;
mod security_groups;
mod sink;
mod terraform;

use std::collections::BTreeSet;

use bundle::Bundle;
use diagnostics::{Code, Report};

use crate::facts::Facts;

/// Every code of this crate: none, since `prove` refuses what could not be read.
pub static CODES: &[&Code] = &[];

/// Files of one target: path and bytes, in order of path.
pub type Files<'a> = [(&'a str, &'a [u8])];

/// The reader of one target.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The target.
    pub target: &'static str,
    /// Its files to facts.
    pub read: fn(&Files<'_>) -> Facts,
}

/// Every reader, in order of target.
pub static ALL: &[Reader] = &[
    aws_iam::READER,
    device_bundles::READER,
    security_groups::READER,
    terraform::READER,
];

/// Reads a bundle.
///
/// - Shape: one [`Facts`] for each target that has files, in order of [`ALL`].
/// - Reports: `compiler-bug` if a file belongs to a target that has no reader.
#[must_use]
pub fn read(bundle: &Bundle, report: &mut Report) -> Vec<Facts> {
    let targets: BTreeSet<&str> = bundle.iter().map(|(_, file)| file.target).collect();
    let facts = targets.into_iter();
    facts
        .filter_map(|target| read_one(bundle, target, report))
        .collect()
}

/// Reads the files of one target.
///
/// - Shape: `None` if it has none.
/// - Reports: `compiler-bug` if there is no reader for its files.
#[must_use]
pub fn read_one(bundle: &Bundle, target: &str, report: &mut Report) -> Option<Facts> {
    let files: Vec<(&str, &[u8])> = bundle
        .of_target(target)
        .map(|(path, file)| (path, file.bytes.as_slice()))
        .collect();
    let (first, _) = files.first()?;
    let Some(reader) = ALL.iter().find(|reader| reader.target == target) else {
        report.compiler_bug(format!(
            "`{first}` is of the target `{target}`, which nothing reads back"
        ));
        return None;
    };
    Some((reader.read)(&files))
}

/// An argument from which no fact follows, so that it is held to what the kind of its thing says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the provider takes where it is not said; `None` where that is not one fixed value.
    pub default: Option<&'static str>,
}

/// What an argument is in the tables, `TYPE.ARGUMENT`; `None` if a fact follows from it, or no table knows it.
#[must_use]
pub fn choice(argument: &str) -> Option<Choice> {
    terraform::choice(argument)
}

/// The line of a byte, from 1.
fn line_of(bytes: &[u8], offset: usize) -> usize {
    bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
