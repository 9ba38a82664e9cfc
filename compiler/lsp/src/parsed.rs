//! The tree of one file, kept as long as its text stays.

use std::sync::Arc;

use diagnostics::Report;
use source::{FileId, Sources};
use syntax::document::Document;

/// A file, read.
#[derive(Debug)]
pub struct Parsed {
    /// Its text.
    pub text: Arc<str>,
    /// Its tree.
    pub document: Document,
    /// What is wrong with its spelling.
    pub report: Report,
}

impl Parsed {
    /// Reads one file.
    #[must_use]
    pub fn of(file: FileId, text: &Arc<str>) -> Self {
        let mut report = Report::default();
        let document = syntax::parse(file, Arc::clone(text), &syntax::Limits::STANDARD, &mut report);
        Self {
            text: Arc::clone(text),
            document,
            report,
        }
    }
}

/// The trees of all files; those of texts that stayed are taken over.
#[must_use]
pub fn all(sources: &Sources, before: &[Arc<Parsed>]) -> Vec<Arc<Parsed>> {
    sources
        .iter()
        .map(|(file, source)| {
            let kept = before.get(file.0 as usize);
            match kept.filter(|kept| Arc::ptr_eq(&kept.text, &source.text)) {
                Some(kept) => Arc::clone(kept),
                None => Arc::new(Parsed::of(file, &source.text)),
            }
        })
        .collect()
}
