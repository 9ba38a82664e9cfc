//! Where in the spec something stands: files, spans, lines.
//!
//! Inside the compiler a place is a [`Span`]; lines and columns are worked out at the edge.

use std::sync::Arc;

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

    /// Line and column of a span's start. Scans the file: the edge indexes lines itself where many are needed.
    #[must_use]
    pub fn line_column(&self, span: Span) -> LineColumn {
        let before = self
            .get(span.file)
            .and_then(|file| file.text.get(..span.start as usize))
            .unwrap_or("");
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        LineColumn { line, column }
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
