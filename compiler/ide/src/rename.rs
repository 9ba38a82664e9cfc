//! Renaming a declaration: its name, and every place that names it.

use diagnostics::Edit;
use source::Span;

use crate::names::Symbol;
use crate::snapshot::Snapshot;
use crate::tree;

/// What a renaming changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The declaration and every place that names it.
    pub edits: Vec<Edit>,
    /// `renamed-from OLD`, which keeps what is deployed under the old name.
    pub keep: Option<Edit>,
}

/// What stands at a place that can be renamed: the span to replace, and the name there.
///
/// # Errors
/// Why it cannot.
pub fn prepare(snapshot: &Snapshot, file: source::FileId, offset: u32) -> Result<(Span, String), String> {
    let symbol = snapshot
        .symbol(file, offset)
        .ok_or("nothing with a name stands here")?;
    if !snapshot.is_ours(symbol.at.file) {
        return Err("the standard library declares this, and it is never changed from here".to_owned());
    }
    let name = snapshot.name(symbol);
    let here = snapshot
        .references(symbol)
        .into_iter()
        .filter_map(|reference| reference.name)
        .find(|span| span.file == file && tree::holds(*span, offset));
    let declared = Some(symbol.at).filter(|span| span.file == file && tree::holds(*span, offset));
    match here.or(declared) {
        Some(span) => Ok((span, name)),
        None => Err(format!(
            "`{name}` is not spelt out here: rename it where it is declared"
        )),
    }
}

/// Renames what a place names. `is_deployed` says whether something was built under a name before.
///
/// # Errors
/// Why it cannot.
pub fn rename(
    snapshot: &Snapshot,
    file: source::FileId,
    offset: u32,
    new: &str,
    is_deployed: &dyn Fn(&str) -> bool,
) -> Result<Rename, String> {
    let (_, old) = prepare(snapshot, file, offset)?;
    let symbol = snapshot
        .symbol(file, offset)
        .ok_or("nothing with a name stands here")?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if new.is_empty() || !new.chars().all(fits) {
        return Err(format!(
            "`{new}` is no name: a name has ASCII letters, digits, `-` and `_`"
        ));
    }
    if new != old
        && let Some(taken) = taken(snapshot, symbol, new)
    {
        return Err(format!(
            "`{new}` is declared already ({})",
            snapshot.spec.sources.place(taken)
        ));
    }
    let mut edits = vec![Edit {
        span: symbol.at,
        text: quoted(new),
    }];
    for reference in snapshot.references(symbol) {
        match reference.name {
            Some(span) => {
                let is_whole = span == reference.value;
                edits.push(Edit {
                    span,
                    text: if is_whole { quoted(new) } else { new.to_owned() },
                });
            }
            // What an `apply` gives is spelt out there, and renamed there.
            None if snapshot.text(reference.value).starts_with('$') => {}
            None => {
                return Err(format!(
                    "`{}` leads to `{old}` too ({}), and what it leads to cannot be renamed from here",
                    snapshot.text(reference.value),
                    snapshot.spec.sources.place(reference.value)
                ));
            }
        }
    }
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let keep = (new != old && is_deployed(&old))
        .then(|| keep(snapshot, symbol, &old))
        .flatten();
    Ok(Rename { edits, keep })
}

/// A name as a value of KDL: bare where it may be.
fn quoted(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next();
    let second = letters.next();
    let is_number = first.is_some_and(|letter| letter.is_ascii_digit())
        || (first == Some('-') && second.is_some_and(|letter| letter.is_ascii_digit()));
    let is_keyword = matches!(name, "true" | "false" | "null" | "inf" | "-inf" | "nan");
    if is_number || is_keyword {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

/// Where a name is declared that shares its name space with a declaration.
fn taken(snapshot: &Snapshot, symbol: Symbol, new: &str) -> Option<Span> {
    let space = space(snapshot, symbol);
    let mut found = None;
    for (_, document) in snapshot.spec.documents() {
        tree::walk(document, &mut |lines| {
            let Some(line) = lines.last() else { return };
            let Some(name) = line.argument(0) else { return };
            let at = Symbol { at: name.span() };
            if name.as_str().is_some_and(|name| name == new)
                && at != symbol
                && snapshot.symbol(name.span().file, name.span().start) == Some(at)
                && self::space(snapshot, at) == space
            {
                found = Some(name.span());
            }
        });
    }
    found
}

/// The name space of a declaration: its word where that has one of its own, the thing that it is a part of, or that of all.
fn space(snapshot: &Snapshot, symbol: Symbol) -> (String, Option<Span>) {
    let Some(document) = snapshot.document(symbol.at.file) else {
        return (String::new(), None);
    };
    let lines = tree::cursor(document, symbol.at.start).lines;
    let word = lines
        .last()
        .map(|line| line.name().into_owned())
        .unwrap_or_default();
    let outer = lines.iter().rev().nth(1).map(|line| line.name_span());
    match word.as_str() {
        "team" | "kind" | "profile" | "baseline" | "data-classes" | "environments" => (word, None),
        "listens" | "topic" if outer.is_some() => ("part".to_owned(), outer),
        "param" | "capability" => (word, outer),
        _ => (String::new(), None),
    }
}

/// The fact that keeps what is deployed, in the block of the declaration. Only what takes it gets it.
fn keep(snapshot: &Snapshot, symbol: Symbol, old: &str) -> Option<Edit> {
    let document = snapshot.document(symbol.at.file)?;
    let lines = tree::cursor(document, symbol.at.start).lines;
    let line = lines.last()?;
    let head = line.head_span();
    let takes = snapshot.views.iter().any(|view| {
        let of_line = view.heard.facts.iter().find(|taken| taken.head == head);
        of_line.is_some_and(|taken| taken.words.iter().any(|word| word == "renamed-from"))
    });
    let has_it = line.children().any(|fact| fact.name() == "renamed-from");
    (takes && !has_it).then(|| crate::edit::fact(document, *line, &format!("renamed-from {}", quoted(old))))
}
