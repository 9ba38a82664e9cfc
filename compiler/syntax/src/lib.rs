//! The KDL v2 reader and formatter.
//!
//! Reading is total: any text gives a [`document::Document`], and what is wrong with it goes to the report. The reader
//! keeps flat arrays and no recursion, so that neither deep nesting nor a hostile file costs more than its length.

pub mod document;
pub mod format;
pub mod token;

mod character;
mod fault;
mod lexer;
mod number;
mod property;
mod quote;
mod string;
mod tree;
mod trivia;
mod word;

use std::sync::Arc;

use diagnostics::{Code, Diagnostic, Report, Severity};
use document::Document;
use source::{FileId, Span};

/// How much a file may ask of the reader.
///
/// There is no `Default`: the caller names its choice, usually [`Limits::STANDARD`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep blocks may nest.
    pub depth: usize,
    /// Size of a file, in bytes. Spans are `u32`, so that no file may have 4 GiB.
    pub file_bytes: usize,
    /// How many errors of one file are shown.
    pub errors: usize,
}

impl Limits {
    /// What the command line uses unless it is told otherwise.
    pub const STANDARD: Self = Self {
        depth: 256,
        file_bytes: 64 << 20,
        errors: 100,
    };
}

/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &FILE_TOO_LARGE,
    &NOT_UTF8,
    &character::DISALLOWED_CHARACTER,
    &character::INVISIBLE_CHARACTER,
    &fault::TOO_MANY_ERRORS,
    &lexer::UNCLOSED_COMMENT,
    &number::MALFORMED_NUMBER,
    &property::DUPLICATE_PROPERTY,
    &string::INVALID_ESCAPE,
    &string::MALFORMED_STRING,
    &string::UNCLOSED_STRING,
    &tree::block::BLOCK_TOO_DEEP,
    &tree::entry::MALFORMED_ANNOTATION,
    &tree::block::MISPLACED_SLASHDASH,
    &tree::MISSING_SPACE,
    &tree::entry::MISSING_VALUE,
    &tree::UNCLOSED_BLOCK,
    &tree::UNEXPECTED_TOKEN,
    &tree::block::UNMATCHED_BRACE,
    &word::OUTDATED_KDL,
    &word::STRAY_COMMA,
    &quote::TYPOGRAPHIC_QUOTE,
    &word::UNKNOWN_KEYWORD,
    &word::UNQUOTED_URL,
    &word::UNQUOTED_VALUE,
];

static FILE_TOO_LARGE: Code = Code {
    name: "file-too-large",
    severity: Severity::Error,
    summary: "a file is larger than the limit",
    docs: include_str!("pages/file_too_large.md"),
};

static NOT_UTF8: Code = Code {
    name: "not-utf8",
    severity: Severity::Error,
    summary: "a file is not UTF-8",
    docs: include_str!("pages/not_utf8.md"),
};

/// Reads one file.
///
/// - Shape: a document for any text. What could not be understood is left out of the tree or marked as malformed.
/// - Costs: linear in the text; a text over the size limit is refused before it is looked at.
/// - Reports: everything in [`CODES`] but `not-utf8`.
/// - Source: <https://kdl.dev/spec/>
pub fn parse(
    file: FileId,
    text: impl AsRef<str> + Into<Arc<str>>,
    limits: &Limits,
    report: &mut Report,
) -> Document {
    if !is_within(file, text.as_ref(), limits, report) {
        return Document::unread(file);
    }
    tree::read(file, text.into(), limits, report)
}

/// Whether a text may be read, and its offsets fit a span; it is reported if not.
fn is_within(file: FileId, text: &str, limits: &Limits, report: &mut Report) -> bool {
    let bytes = text.len();
    let bytes_max = limits.file_bytes.min(u32::MAX as usize - 1);
    if bytes > bytes_max {
        report.push(
            Diagnostic::new(
                &FILE_TOO_LARGE,
                Span::new(file, 0, 0),
                format!("the file has {bytes} bytes; the limit is {bytes_max}"),
            )
            .help("split the project into several files, or keep devices in an inventory"),
        );
    }
    bytes <= bytes_max
}

/// Where the bytes of a file stop being UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8 {
    /// The first byte that does not belong, from 0.
    pub byte: usize,
    /// Its line, from 1.
    pub line: usize,
}

impl NotUtf8 {
    /// The diagnostic for a file that has no text, and so no spans; `path` is shown to people.
    #[must_use]
    pub fn diagnostic(&self, path: &str) -> Diagnostic {
        Diagnostic::global(
            &NOT_UTF8,
            format!("`{path}` is not UTF-8: line {}, byte {}", self.line, self.byte),
        )
        .help("save the file as UTF-8")
    }
}

/// The bytes of a file as text.
///
/// # Errors
/// The place of the first byte that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, NotUtf8> {
    std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        let before = bytes.get(..byte).unwrap_or(&[]);
        NotUtf8 {
            byte,
            line: memchr::memchr_iter(b'\n', before).count() + 1,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_placed() {
        assert_eq!(decode(b"a\nb"), Ok("a\nb"));
        let error = decode(b"a\nb\xff").unwrap_err();
        assert_eq!(error, NotUtf8 { byte: 3, line: 2 });
        assert_eq!(
            error.diagnostic("x.kdl").message,
            "`x.kdl` is not UTF-8: line 2, byte 3"
        );
    }

    #[test]
    fn every_code_has_its_own_name_and_a_page() {
        let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
        for code in CODES {
            assert!(
                code.docs.starts_with(&format!("# {}\n", code.name)),
                "{}",
                code.name
            );
            assert!(code.docs.contains("```kdl"), "{} has no example", code.name);
        }
    }
}
