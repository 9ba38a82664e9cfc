//! The file as it is read with letters at the cursor.

use std::sync::Arc;

use diagnostics::Report;
use source::Span;
use syntax::document::Document;
use syntax::token::TokenKind;

/// The letters that stand at the cursor while the file is read.
const HERE: &str = "zz";

/// A text in quotes, a word, or nothing.
pub(super) struct Place {
    pub(super) document: Document,
    /// Where the cursor is in that document.
    pub(super) at: u32,
    pub(super) replaces: Span,
    pub(super) is_quoted: bool,
}

/// Reads the file with letters at the cursor.
pub(super) fn place(document: &Document, offset: u32) -> Option<Place> {
    let text = document.text();
    let file = document.file();
    let before = text.get(..offset as usize)?;
    let tokens = document.tokens();
    let token = tokens
        .iter()
        .find(|token| token.start < offset && offset <= token.end);
    let quotes = token.filter(|token| {
        let is_text = matches!(token.kind, TokenKind::Quoted | TokenKind::Escaped);
        is_text && offset < token.end
    });
    if let Some(token) = quotes {
        // Inside a text nothing has to be put there.
        return Some(Place {
            document: document.clone(),
            at: offset,
            replaces: Span::new(file, token.start + 1, token.end - 1),
            is_quoted: true,
        });
    }
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    // A quote that is not closed yet takes the rest of its line.
    let open = unclosed(text.get(line..offset as usize)?).map(|at| line + at);
    let mut read = String::with_capacity(text.len() + HERE.len() + 1);
    read.push_str(before);
    read.push_str(HERE);
    let after = text.get(offset as usize..)?;
    let mut replaces_to = offset;
    if open.is_some() {
        read.push('"');
        let rest = after.find(['\n', '\r']).unwrap_or(after.len());
        read.push_str(after.get(rest..)?);
    } else {
        read.push_str(after);
        if let Some(token) = token.filter(|token| token.end > offset) {
            replaces_to = token.end;
        }
    }
    let read: Arc<str> = read.into();
    let reading = syntax::parse(file, read, &syntax::Limits::STANDARD, &mut Report::default());
    let at = offset + 1;
    let here = reading
        .tokens()
        .iter()
        .find(|token| token.start < at && at < token.end)?;
    let is_quoted = open.is_some();
    let start = if is_quoted { here.start + 1 } else { here.start };
    Some(Place {
        replaces: Span::new(file, start.min(offset), replaces_to),
        document: reading,
        at,
        is_quoted,
    })
}

/// Where a quote opens on a line that it does not close on; comments are not looked into.
fn unclosed(line: &str) -> Option<usize> {
    let mut open = None;
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match (open, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(_), '"') => open = None,
            (None, '"') => open = Some(at),
            (None, '/') if letters.peek().is_some_and(|(_, next)| *next == '/') => return None,
            (Some(_) | None, _) => {}
        }
    }
    open
}
