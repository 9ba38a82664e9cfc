//! The shape of a file: its declarations, its blocks, and the spans around a place.

use source::Span;
use syntax::document::{Document, Node};

use crate::tree::{cursor, holds, values};

/// What sort of a thing a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// `project`
    Project,
    /// An account, a network, a site, a segment.
    Place,
    /// Who acts: a workload, a device, people, an external.
    Actor,
    /// What is reached: a thing of a kind.
    Thing,
    /// A part of a thing: a listener, a topic.
    Part,
    /// A trust, an `apply`.
    Trust,
    /// A promise or a waiver.
    Promise,
    /// A test, or a case of one.
    Test,
    /// A kind, a capability of one.
    Kind,
    /// A profile, a baseline.
    Profile,
    /// A team, a provider, an authority.
    Other,
}

/// A declaration.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What it is called, or says.
    pub name: String,
    /// The word of its line.
    pub word: String,
    /// What it is.
    pub sort: Sort,
    /// All of it.
    pub span: Span,
    /// Its name.
    pub at: Span,
    /// What is declared inside it.
    pub inner: Vec<Symbol>,
}

/// The declarations of a file.
#[must_use]
pub fn symbols(document: &Document) -> Vec<Symbol> {
    document.nodes().filter_map(|node| symbol(node, None)).collect()
}

fn symbol(node: Node<'_>, outer: Option<&str>) -> Option<Symbol> {
    let word = node.name();
    let sort = sort(&word, outer)?;
    let first = node.argument(0);
    let name = match sort {
        Sort::Trust | Sort::Promise => said(node),
        _ => first
            .and_then(|first| first.as_str())
            .map_or_else(|| word.to_string(), |name| name.into_owned()),
    };
    let at = match sort {
        Sort::Trust | Sort::Promise => node.head_span(),
        _ => first.map_or_else(|| node.name_span(), |first| first.span()),
    };
    // Blocks nest no deeper than the reader lets them, and declarations a few levels.
    let inner = if outer.is_some() && word != "account" && word != "as" {
        Vec::new()
    } else {
        node.children()
            .filter_map(|child| symbol(child, Some(&word)))
            .collect()
    };
    Some(Symbol {
        name,
        word: word.into_owned(),
        sort,
        span: node.span(),
        at,
        inner,
    })
}

/// The arguments of a line as they are written.
fn said(node: Node<'_>) -> String {
    let words: Vec<&str> = node.arguments().map(|value| value.literal()).collect();
    format!("{} {}", node.name(), words.join(" "))
}

/// The sort of what a line declares, by its word and the word of the line around it.
#[must_use]
pub fn sort(word: &str, outer: Option<&str>) -> Option<Sort> {
    Some(match (word, outer) {
        ("owner" | "expires" | "use", None) => return None,
        ("project", None) => Sort::Project,
        ("in", None) => Sort::Other,
        ("account", None | Some("project" | "in")) | ("network" | "site", None | Some("in")) => Sort::Place,
        ("segment", Some(_)) => Sort::Place,
        ("workload" | "device" | "people" | "external", None | Some("in")) => Sort::Actor,
        ("trust" | "apply", None | Some("in" | "profile")) => Sort::Trust,
        ("never" | "isolate" | "require" | "limit", None | Some("in" | "profile")) => Sort::Promise,
        ("waive", None | Some("in")) => Sort::Promise,
        ("test", None | Some("in")) | ("as", Some("test")) => Sort::Test,
        ("kind", None) | ("capability", Some("kind")) => Sort::Kind,
        ("profile" | "baseline", None) => Sort::Profile,
        ("team" | "provider" | "authority" | "posture" | "watch" | "group" | "job", None | Some("in")) => {
            Sort::Other
        }
        ("listens" | "topic", Some("workload" | "device" | "external")) => Sort::Part,
        ("param", Some("profile")) => Sort::Other,
        (_, None | Some("in")) => Sort::Thing,
        (_, Some(_)) => return None,
    })
}

/// What can be folded: blocks over several lines, and comments that stand one below the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the end of the head line to the end of the block, or all of the comments.
    pub span: Span,
    /// Whether it is a comment.
    pub is_comment: bool,
}

/// What can be folded in a file.
#[must_use]
pub fn folds(document: &Document) -> Vec<Fold> {
    let mut folds = Vec::new();
    crate::tree::walk(document, &mut |lines| {
        if let Some(node) = lines.last()
            && node.has_children_block()
        {
            let (head, whole) = (node.head_span(), node.span());
            folds.push(Fold {
                span: Span::new(whole.file, head.end, whole.end),
                is_comment: false,
            });
        }
    });
    folds.extend(comments(document));
    folds
}

/// Runs of lines that are comments alone.
fn comments(document: &Document) -> Vec<Fold> {
    let text = document.text();
    let inside = |offset: usize| {
        let tokens = document.tokens();
        let after = tokens.partition_point(|token| token.start as usize <= offset);
        let before = after.checked_sub(1).and_then(|before| tokens.get(before));
        before.is_some_and(|token| offset < token.end as usize)
    };
    let mut folds: Vec<Fold> = Vec::new();
    let mut run: Option<(usize, usize, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let at = start + line.len() - trimmed.len();
        let is_comment = trimmed.starts_with("//") && !inside(at);
        let end = start + line.trim_end().len();
        run = match (run, is_comment) {
            (Some((first, _, lines)), true) => Some((first, end, lines + 1)),
            (None, true) => Some((at, end, 1)),
            (Some(done), false) => {
                push(&mut folds, document, done);
                None
            }
            (None, false) => None,
        };
        start += line.len();
    }
    if let Some(done) = run {
        push(&mut folds, document, done);
    }
    folds
}

fn push(folds: &mut Vec<Fold>, document: &Document, (start, end, lines): (usize, usize, usize)) {
    if lines > 1 {
        folds.push(Fold {
            span: Span::new(document.file(), start as u32, end as u32),
            is_comment: true,
        });
    }
}

/// The spans around a place, from the smallest on: value, head line, line with its block, and so on.
#[must_use]
pub fn around(document: &Document, offset: u32) -> Vec<Span> {
    let cursor = cursor(document, offset);
    let mut spans = Vec::new();
    if let Some(line) = cursor.line() {
        spans.extend(cursor.at);
        for entry in line.entries() {
            if let syntax::document::Entry::Property(property) = entry
                && holds(property.span(), offset)
            {
                spans.push(property.span());
            }
        }
    }
    for line in cursor.lines.iter().rev() {
        if holds(line.head_span(), offset) {
            spans.push(line.head_span());
        }
        spans.push(line.span());
    }
    spans.push(Span::new(document.file(), 0, document.text().len() as u32));
    spans.dedup();
    spans
}

/// Places that name a file of the project, each with the path.
#[must_use]
pub fn links(document: &Document, files: &dyn Fn(&str) -> bool) -> Vec<(Span, String)> {
    let mut links = Vec::new();
    crate::tree::walk(document, &mut |lines| {
        let Some(node) = lines.last() else { return };
        for (_, value) in values(*node) {
            let Some(text) = value.as_str() else { continue };
            if text.contains('.') && files(&text) {
                links.push((value.span(), text.into_owned()));
            }
        }
    });
    links
}
