//! Where in the spec something stands: files, spans, lines.
//!
//! Inside the compiler a place is a [`Span`]; lines and columns are worked out at the edge.

use std::sync::{Arc, OnceLock};

/// A file of one [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of UTF-8 bytes, `start..end`, inside one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that holds both; `self` if they are of different files.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// Whose text a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file of the user's project.
    Project,
    /// A file of the embedded standard library.
    Library,
}

/// One file: its path as shown to people, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the project, `/`-separated; `std/…` for the standard library.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// Whose file it is.
    pub origin: Origin,
    /// Where its lines begin; looked for when the first place in it is asked for.
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// The bytes at which lines begin, in order.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(ends.map(|(at, _)| at as u32 + 1))
                .collect()
        })
    }
}

/// Every file of a build, reached by [`FileId`].
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// A place for people: counted from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

impl Sources {
    /// Adds a file. Files are added in order of path, so that ids do not depend on the machine.
    pub fn add(&mut self, path: &str, text: impl Into<Arc<str>>, origin: Origin) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            path: path.into(),
            text: text.into(),
            origin,
            lines: OnceLock::new(),
        });
        id
    }

    /// The file of an id.
    #[must_use]
    pub fn get(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (FileId(index as u32), file))
    }

    /// The text of a span; empty if it is no span of these sources.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// Line and column of a span's start; the end of the file for what lies behind it.
    ///
    /// - Cost: logarithmic in the lines, and linear in the length of the line; the first question about a file reads it.
    #[must_use]
    pub fn line_column(&self, span: Span) -> LineColumn {
        let Some(file) = self.get(span.file) else {
            return LineColumn { line: 1, column: 1 };
        };
        let end = (span.start as usize).min(file.text.len());
        let lines = file.lines();
        let line = lines.partition_point(|start| *start as usize <= end);
        let start = line
            .checked_sub(1)
            .and_then(|at| lines.get(at))
            .copied()
            .unwrap_or(0);
        let before = file.text.get(start as usize..end).unwrap_or("");
        LineColumn {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// `path:line`, as `because` is shown in outputs.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let path = self.get(span.file).map_or("", |file| &*file.path);
        format!("{path}:{}", self.line_column(span).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.kdl", "one\ntwö x", Origin::Project);
        let span = Span::new(file, 9, 10);
        assert_eq!(sources.text(span), "x");
        assert_eq!(sources.line_column(span), LineColumn { line: 2, column: 5 });
        assert_eq!(sources.place(span), "a.kdl:2");
    }
}
