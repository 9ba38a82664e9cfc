//! KDL files in another order: files of a project, declarations, facts, properties of a line.
//!
//! What the language reads in order stays in order: the arguments of a line, the addresses of a kind (the first one is
//! `{arn}`), and blocks of one name inside a `terraform` block, which are a list of the provider's.

use std::collections::BTreeMap;

use source::FileId;
use syntax::document::{Document, Entry, Node, Value};

use super::Order;
use super::written::{Origin, Written};
use crate::golden::Tree;

/// The KDL files of a project, read. A file's number is its place in this list.
///
/// # Errors
/// The path of a file that is no KDL.
pub fn documents(files: &Tree) -> Result<Vec<(String, Document)>, String> {
    let mut documents = Vec::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
        let text = std::str::from_utf8(bytes).map_err(|_| path.clone())?;
        let file = FileId(documents.len() as u32);
        let mut found = diagnostics::Report::default();
        let document = syntax::parse(file, text, &syntax::Limits::STANDARD, &mut found);
        if !document.is_well_formed() {
            return Err(path.clone());
        }
        documents.push((path.clone(), document));
    }
    Ok(documents)
}

/// A file's own `owner` and `expires` lines hold for what stands in it: declarations move between files that say the same.
#[derive(Default)]
struct Group<'d> {
    paths: Vec<&'d str>,
    /// The lines that hold for the file, as one of the files has them.
    defaults: Vec<Node<'d>>,
    declarations: Vec<Vec<Node<'d>>>,
}

/// Writes the KDL files of a project.
///
/// # Errors
/// The path of a file that is no KDL.
pub fn written(files: &Tree, order: &mut Order) -> Result<BTreeMap<String, Written>, String> {
    let documents = documents(files)?;
    let mut groups: BTreeMap<Vec<&str>, Group<'_>> = BTreeMap::new();
    for (path, document) in &documents {
        let (defaults, declarations): (Vec<_>, Vec<_>) = document.nodes().partition(is_default);
        let mut said: Vec<&str> = defaults.iter().map(|node| slice(document, *node)).collect();
        said.sort_unstable();
        let group = groups.entry(said).or_default();
        group.paths.push(path);
        group.defaults = defaults;
        group.declarations.push(declarations);
    }
    let mut names: Vec<String> = Vec::new();
    let mut contents: Vec<Vec<Node<'_>>> = Vec::new();
    for group in groups.into_values() {
        names.extend(group.paths.iter().map(|path| (*path).to_owned()));
        contents.extend(dealt(group, order, &mut names));
    }
    order.moves(&mut names);
    let mut written = BTreeMap::new();
    for (name, nodes) in names.into_iter().zip(contents) {
        let mut text = Written::default();
        lines(&documents, nodes, &[], order, &mut text);
        written.insert(name, text);
    }
    Ok(written)
}

pub(super) fn is_default(node: &Node<'_>) -> bool {
    matches!(&*node.name(), "owner" | "expires")
}

/// The contents of a group's files: as they are, or dealt anew over as many files and one more.
fn dealt<'d>(group: Group<'d>, order: &mut Order, names: &mut Vec<String>) -> Vec<Vec<Node<'d>>> {
    if matches!(order, Order::Own) {
        let contents = group.declarations.into_iter();
        return contents
            .map(|own| group.defaults.iter().copied().chain(own).collect())
            .collect();
    }
    let mut count = group.declarations.len();
    if order.below(2) == 0 {
        names.push(format!("{}-more-{}.kdl", order.below(10), names.len()));
        count += 1;
    }
    let mut contents: Vec<Vec<Node<'d>>> = vec![group.defaults.clone(); count];
    for node in group.declarations.into_iter().flatten() {
        contents[order.below(count)].push(node);
    }
    contents
}

/// Writes nodes that stand beside each other, `inside` blocks of these names.
fn lines(
    documents: &[(String, Document)],
    mut nodes: Vec<Node<'_>>,
    inside: &[&str],
    order: &mut Order,
    text: &mut Written,
) {
    moved(&mut nodes, inside, order);
    for node in nodes {
        line(documents, node, inside, order, text);
    }
}

/// Moves nodes; those whose order the language reads keep it among themselves.
fn moved(nodes: &mut Vec<Node<'_>>, inside: &[&str], order: &mut Order) {
    let mut places: Vec<usize> = (0..nodes.len()).collect();
    order.moves(&mut places);
    let mut kept: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, index) in places.iter().enumerate() {
        if let Some(name) = nodes.get(*index).and_then(|node| kept_by(*node, inside)) {
            kept.entry(name).or_default().push(at);
        }
    }
    for slots in kept.into_values() {
        let mut sorted: Vec<usize> = slots.iter().map(|at| places[*at]).collect();
        sorted.sort_unstable();
        for (at, index) in slots.into_iter().zip(sorted) {
            places[at] = index;
        }
    }
    *nodes = places.into_iter().map(|index| nodes[index]).collect();
}

/// Among which of its neighbours a node keeps its place; `None` if it may stand anywhere.
fn kept_by(node: Node<'_>, inside: &[&str]) -> Option<String> {
    let name = node.name();
    let is_address = inside.last() == Some(&"kind") && name == "arn";
    (is_address || inside.contains(&"terraform")).then(|| name.into_owned())
}

fn line(
    documents: &[(String, Document)],
    node: Node<'_>,
    inside: &[&str],
    order: &mut Order,
    text: &mut Written,
) {
    let file = node.name_span().file;
    let Some((_, document)) = documents.get(file.0 as usize) else {
        return;
    };
    let part = |text: &mut Written, span: source::Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        let origin = Origin {
            file: file.0 as usize,
            at: start,
        };
        text.part(document.text().get(start..end).unwrap_or(""), origin);
    };
    let annotated = |text: &mut Written, value: Value<'_>| {
        if let Some(annotation) = value.annotation() {
            text.between("(");
            part(text, annotation.span);
            text.between(")");
        }
        part(text, value.span());
    };
    text.between(&"    ".repeat(inside.len()));
    if let Some(annotation) = node.annotation() {
        text.between("(");
        part(text, annotation.span);
        text.between(")");
    }
    part(text, node.name_span());
    let mut properties: Vec<_> = node.properties().collect();
    order.moves(&mut properties);
    let mut properties = properties.into_iter();
    for entry in node.entries() {
        text.between(" ");
        match entry {
            Entry::Argument(value) => annotated(text, value),
            Entry::Property(_) => {
                if let Some(property) = properties.next() {
                    part(text, property.name_span);
                    text.between("=");
                    annotated(text, property.value);
                }
            }
        }
    }
    if node.has_children_block() {
        text.between(" {\n");
        let name = node.name();
        let mut deeper = inside.to_vec();
        deeper.push(&name);
        lines(documents, node.children().collect(), &deeper, order, text);
        text.between(&"    ".repeat(inside.len()));
        text.between("}");
    }
    text.between("\n");
}

/// A node as it is written.
#[must_use]
pub fn slice<'d>(document: &'d Document, node: Node<'_>) -> &'d str {
    let span = node.span();
    document
        .text()
        .get(span.start as usize..span.end as usize)
        .unwrap_or("")
}
