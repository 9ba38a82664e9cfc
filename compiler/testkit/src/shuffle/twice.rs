//! The same project with every trust and every promise said a second time, for another reason, and with a twin of every device
//! of an inventory: of two that bring the same about, one is named, and which one that is must not depend on where they stand.

use syntax::document::Node;

use super::spec::{documents, slice};
use crate::golden::Tree;

/// Lines that may be said again.
const WORDS: [&str; 5] = ["trust", "never", "isolate", "limit", "test"];

/// The project with its lines doubled; as it is, where it is no KDL.
#[must_use]
pub fn twice(files: &Tree) -> Tree {
    let Ok(documents) = documents(files) else {
        return files.clone();
    };
    let mut doubled = files.clone();
    for (path, document) in &documents {
        let mut text = document.text().to_owned();
        text.push('\n');
        for node in document.nodes() {
            if node.name() == "in" {
                // What an `in` block says again, stands in a block of its own.
                let lines: Vec<String> = node
                    .children()
                    .filter_map(|line| again(line, slice(document, line)))
                    .collect();
                if let (false, Some(head)) = (lines.is_empty(), head(document.text(), node)) {
                    text.push_str(&format!("{head} {{\n{}\n}}\n", lines.join("\n")));
                }
            } else if let Some(line) = again(node, slice(document, node)) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        doubled.insert(path.clone(), text.into_bytes());
    }
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".csv")) {
        if let Some(rows) = std::str::from_utf8(bytes).ok().and_then(twins) {
            doubled.insert(path.clone(), rows.into_bytes());
        }
    }
    doubled
}

/// A table in which each device has a twin with its attributes.
fn twins(table: &str) -> Option<String> {
    // A quoted cell may hold anything.
    let mut lines = table.lines().filter(|_| !table.contains('"'));
    let mut doubled = format!("{}\n", lines.next()?);
    for row in lines {
        let (name, attributes) = row.split_at(row.find(',').unwrap_or(row.len()));
        doubled.push_str(&format!("{name}-twin{attributes}\n{row}\n"));
    }
    Some(doubled)
}

fn head<'t>(text: &'t str, node: Node<'_>) -> Option<&'t str> {
    let span = node.head_span();
    text.get(span.start as usize..span.end as usize)
}

/// A line with another reason; one that has a name is said once.
fn again(line: Node<'_>, text: &str) -> Option<String> {
    if !WORDS.contains(&&*line.name()) || line.property("name").is_some() {
        return None;
    }
    let because = line.children().find(|fact| fact.name() == "because");
    let Some(reason) = because.and_then(|because| because.argument(0)) else {
        return Some(text.to_owned());
    };
    let span = reason.span();
    let start = line.span().start;
    let (from, to) = ((span.start - start) as usize, (span.end - start) as usize);
    let said = reason.as_str()?;
    Some(format!(
        "{}\"Again: {said}\"{}",
        text.get(..from)?,
        text.get(to..)?
    ))
}
