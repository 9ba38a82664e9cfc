//! Places of a shuffled project as places of the project that was shuffled.

use std::collections::BTreeMap;

use source::{Origin as Whose, Sources, Span};
use syntax::document::{Document, Node};

use super::spec;
use super::written::Origin;
use super::{Shuffled, spec::slice};
use crate::golden::Tree;

/// The bytes of a node that stands a second time, word for word, beside its twin: which of two is meant, nobody can say.
struct Twin {
    start: Origin,
    end: usize,
    first: Origin,
}

/// The places of a project as it is.
pub struct Places {
    texts: Vec<(String, String)>,
    /// Sorted, none inside another.
    twins: Vec<Twin>,
}

impl Places {
    /// Of the files of a project.
    ///
    /// # Errors
    /// The path of a file that is no KDL.
    pub fn of(files: &Tree) -> Result<Self, String> {
        let documents = spec::documents(files)?;
        let mut twins = Vec::new();
        let mut top: BTreeMap<Vec<&str>, Vec<(&Document, Node<'_>)>> = BTreeMap::new();
        for (_, document) in &documents {
            // A declaration is what it is by the lines that hold for its file, too.
            let defaults = document.nodes().filter(spec::is_default);
            let mut said: Vec<&str> = defaults.map(|node| slice(document, node)).collect();
            said.sort_unstable();
            let nodes = document.nodes().map(|node| (document, node));
            top.entry(said).or_default().extend(nodes);
        }
        for nodes in top.into_values() {
            beside(&nodes, &mut twins);
        }
        twins.sort_by(|a, b| a.start.cmp(&b.start));
        let texts = documents
            .iter()
            .map(|(path, document)| (path.clone(), document.text().to_owned()));
        Ok(Self {
            texts: texts.collect(),
            twins,
        })
    }

    /// A place of some bytes that stood here, for people; of twins, the first.
    #[must_use]
    pub fn shown(&self, origin: Option<Origin>) -> String {
        let Some(mut origin) = origin else {
            return "between".to_owned();
        };
        loop {
            let next = self.twins.partition_point(|twin| twin.start <= origin);
            let twin = next.checked_sub(1).and_then(|at| self.twins.get(at));
            match twin {
                Some(twin) if twin.start.file == origin.file && origin.at < twin.end => {
                    let inside = origin.at - twin.start.at;
                    origin = Origin {
                        file: twin.first.file,
                        at: twin.first.at + inside,
                    };
                }
                Some(_) | None => break,
            }
        }
        let Some((path, text)) = self.texts.get(origin.file) else {
            return "between".to_owned();
        };
        let before = text.get(..origin.at).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        format!("{path}:{line}:{column}")
    }

    /// The place of a span of a shuffled project.
    #[must_use]
    pub fn of_span(&self, shuffled: &Shuffled, sources: &Sources, span: Span) -> String {
        let file = sources.get(span.file);
        match file.map(|file| (&*file.path, file.origin)) {
            Some((path, Whose::Project)) => {
                let written = shuffled.specs.get(path);
                self.shown(written.and_then(|written| written.origin(span.start as usize)))
            }
            Some((_, Whose::Library)) | None => {
                format!("{}:{}", sources.place(span), sources.line_column(span).column)
            }
        }
    }

    /// What `path:line` is, if it is a line of a shuffled project.
    #[must_use]
    pub fn of_text(&self, shuffled: &Shuffled, text: &str) -> Option<String> {
        let (path, line) = text.rsplit_once(':')?;
        let line = line.parse().ok()?;
        let written = shuffled.specs.get(path)?;
        Some(self.shown(written.origin_of_line(line)))
    }
}

fn beside(nodes: &[(&Document, Node<'_>)], twins: &mut Vec<Twin>) {
    let mut firsts: BTreeMap<&str, Origin> = BTreeMap::new();
    for (document, node) in nodes {
        let span = node.span();
        let start = Origin {
            file: span.file.0 as usize,
            at: span.start as usize,
        };
        match firsts.get(slice(document, *node)) {
            Some(first) => twins.push(Twin {
                start,
                end: span.end as usize,
                first: first.clone(),
            }),
            None => {
                firsts.insert(slice(document, *node), start);
                let inner: Vec<_> = node.children().map(|child| (*document, child)).collect();
                beside(&inner, twins);
            }
        }
    }
}
