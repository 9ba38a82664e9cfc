//! The one layout of a document: white space and newlines change, tokens and comments do not.
//!
//! The layout is four spaces a level, one space between entries, one node a line, at most one blank line, no white
//! space at the end of a line. A block that the author wrote on one line stays there while it fits. A `;` is layout, as
//! a newline is. Literals, multi-line strings included, stay as they were written.

use diagnostics::Report;
use source::FileId;

use crate::Limits;
use crate::character::newline;
use crate::token::{Role, Token, TokenKind};
use crate::tree;
use crate::trivia::{Piece, pieces};

/// Up to here a block may stay on one line.
const LINE_CHARS_MAX: usize = 110;
const INDENT: &str = "    ";

/// The text in its one layout; nothing if it is not well-formed.
///
/// - Shape: ends in a newline, unless it is empty. Formatting the result again changes nothing.
/// - Reports: what [`crate::parse`] reports.
/// - Costs: linear in the text; besides the result, memory for the largest node of the top alone.
#[must_use]
pub fn format(file: FileId, text: &str, limits: &Limits, report: &mut Report) -> Option<String> {
    if !crate::is_within(file, text, limits, report) {
        return None;
    }
    let mut printer = Printer {
        text,
        out: String::with_capacity(text.len()),
        column: 0,
        blocks: Vec::new(),
        is_fresh: true,
        is_commented: false,
    };
    let mut from = 0;
    let is_well_formed = tree::read_by_runs(file, text, limits, report, &mut |tokens| {
        printer.run(&Run { text, tokens, from });
        from = tokens.last().map_or(from, |token| token.end);
    });
    is_well_formed.then(|| printer.end(from))
}

/// Whole nodes of the top, one after the other.
struct Run<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// Where the token before them ends.
    from: u32,
}

impl<'t> Run<'t> {
    /// The text between a token and the one before it.
    fn gap(&self, index: usize, token: Token) -> &'t str {
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
        let start = before.map_or(self.from, |before| before.end);
        self.slice(start, token.start)
    }

    /// Whether what stands before a token begins a node.
    fn is_node(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
        before.is_some_and(|before| before.role == Role::Node)
    }

    fn text(&self, token: Token) -> &'t str {
        self.slice(token.start, token.end)
    }

    fn slice(&self, start: u32, end: u32) -> &'t str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// For each block in order of its opening: what it takes on one line, if the author wrote it so.
    fn widths(&self) -> Vec<Option<usize>> {
        let mut found = Vec::new();
        // Characters up to the end of each token if everything stood on one line, and the newlines that the author put before it.
        let (mut width, mut breaks) = (0, 0);
        let mut open: Vec<OpenBlock> = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            let gap = self.gap(index, *token);
            let text = self.text(*token);
            let (mut comments, mut comment_chars) = (0, 0);
            if gap.len() > 1 {
                for piece in pieces(gap) {
                    match piece {
                        Piece::Block(text) => {
                            comments += 1;
                            comment_chars += 1 + chars(text);
                            breaks += count_newlines(text);
                        }
                        Piece::Newline | Piece::Line(_) => breaks += 1,
                        Piece::Continuation => {}
                    }
                }
            } else {
                breaks += count_newlines(gap);
            }
            let is_first = open.last().is_none_or(|block| !block.has_node);
            let separator = match token.role {
                Role::Node if is_first => 1,
                Role::Node => 2,
                Role::Entry | Role::Open => 1,
                Role::Commented | Role::OpenCommented => usize::from(!gap.is_empty()),
                Role::Close => usize::from(!is_first || comments > 0),
                Role::Joined => usize::from(comments > 0),
                Role::Terminator | Role::Stray => 0,
            };
            width += comment_chars + separator;
            breaks += match token.kind {
                TokenKind::MultiLine | TokenKind::RawMultiLine | TokenKind::Escaped => count_newlines(text),
                _ => 0,
            };
            if token.role != Role::Terminator {
                width += chars(text);
            }
            match token.role {
                Role::Open | Role::OpenCommented => {
                    open.push(OpenBlock {
                        number: found.len(),
                        width,
                        breaks,
                        has_node: false,
                    });
                    found.push(None);
                }
                Role::Close => {
                    if let Some(block) = open.pop()
                        && let Some(found) = found.get_mut(block.number)
                        && block.breaks == breaks
                    {
                        *found = Some(width - block.width);
                    }
                }
                Role::Node => {
                    if let Some(block) = open.last_mut() {
                        block.has_node = true;
                    }
                }
                Role::Entry | Role::Commented | Role::Joined | Role::Terminator | Role::Stray => {}
            }
        }
        found
    }
}

/// A block that is being measured.
struct OpenBlock {
    /// Its number in order of opening.
    number: usize,
    /// Characters up to the end of its brace.
    width: usize,
    /// Newlines up to there.
    breaks: usize,
    has_node: bool,
}

fn chars(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

fn count_newlines(text: &str) -> usize {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|at| newline(bytes, *at) > 0).count()
}

/// A block that is being printed.
#[derive(Clone, Copy)]
struct Block {
    is_one_line: bool,
    has_node: bool,
}

struct Printer<'t> {
    text: &'t str,
    out: String,
    /// Characters since the last newline.
    column: usize,
    blocks: Vec<Block>,
    /// Nothing stands before the next line in its block: no blank line goes there.
    is_fresh: bool,
    /// The line ends in a comment that would take what follows.
    is_commented: bool,
}

impl<'t> Printer<'t> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = match memchr::memrchr(b'\n', text.as_bytes()) {
            Some(last) => chars(text.get(last + 1..).unwrap_or("")),
            None => self.column + chars(text),
        };
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        self.column = 0;
        self.is_commented = false;
        for _ in 0..depth {
            self.push(INDENT);
        }
    }

    fn is_one_line(&self) -> bool {
        self.blocks.last().is_some_and(|block| block.is_one_line)
    }

    fn run(&mut self, run: &Run<'_>) {
        let mut widths = run.widths().into_iter();
        for (index, token) in run.tokens.iter().enumerate() {
            self.token(run, index, *token, &mut widths);
        }
    }

    fn token(
        &mut self,
        run: &Run<'_>,
        index: usize,
        token: Token,
        widths: &mut impl Iterator<Item = Option<usize>>,
    ) {
        let gap = run.gap(index, token);
        let found = if gap.is_empty() || gap == " " {
            Vec::new()
        } else {
            pieces(gap)
        };
        let text = run.text(token);
        match token.role {
            Role::Node => {
                self.before_node(&found);
                self.push(text);
            }
            Role::Entry => {
                self.inside_node(&found, Before::Entry);
                self.push(text);
            }
            Role::Joined => {
                self.inside_node(&found, Before::Joined);
                self.push(text);
            }
            Role::Commented => {
                self.behind_slashdash(run.is_node(index), &found, !gap.is_empty());
                self.push(text);
            }
            Role::Open | Role::OpenCommented => {
                if token.role == Role::Open {
                    self.inside_node(&found, Before::Block);
                } else {
                    self.behind_slashdash(run.is_node(index), &found, !gap.is_empty());
                }
                self.push(text);
                let width = widths.next().flatten();
                let fits = width.is_some_and(|width| self.column + width <= LINE_CHARS_MAX);
                self.blocks.push(Block {
                    is_one_line: self.is_one_line() || fits,
                    has_node: false,
                });
                self.is_fresh = true;
            }
            Role::Close => {
                self.before_close(&found);
                self.push(text);
                self.is_fresh = false;
            }
            // The next node begins a line, or is parted from this one by a `;` of our own.
            Role::Terminator => self.comments(&found),
            // Only in documents that are not well-formed.
            Role::Stray => {}
        }
    }

    fn before_node(&mut self, found: &[Piece<'_>]) {
        if self.is_one_line() {
            let has_node = self.blocks.last().is_some_and(|block| block.has_node);
            self.push(if has_node { "; " } else { " " });
            for piece in found {
                if let Piece::Block(text) = piece {
                    self.push(text);
                    self.push(" ");
                }
            }
        } else {
            self.next_line(found, self.blocks.len(), Blank::Kept);
        }
        if let Some(block) = self.blocks.last_mut() {
            block.has_node = true;
        }
        self.is_fresh = false;
    }

    fn before_close(&mut self, found: &[Piece<'_>]) {
        let Some(block) = self.blocks.pop() else { return };
        let has_comments = found
            .iter()
            .any(|piece| matches!(piece, Piece::Line(_) | Piece::Block(_)));
        if !block.has_node && !has_comments {
            return;
        }
        if block.is_one_line {
            self.comments(found);
            self.push(" ");
            return;
        }
        self.next_line(found, self.blocks.len() + 1, Blank::Dropped);
        // The brace stands one level further out than the comments before it.
        if self.out.ends_with(INDENT) {
            self.out.truncate(self.out.len() - INDENT.len());
            self.column = self.column.saturating_sub(INDENT.len());
        }
    }

    /// Ends the line, with the comments that stand on it, prints those on lines of their own, and begins a line.
    fn next_line(&mut self, found: &[Piece<'_>], depth: usize, blank: Blank) {
        let ends_line = |piece: &Piece<'_>| matches!(piece, Piece::Newline | Piece::Line(_));
        let last_newline = found.iter().rposition(ends_line);
        // Comments behind the last newline stand before what follows, on its line.
        let (above, beside) = found.split_at(last_newline.map_or(0, |last| last + 1));
        let mut newlines = usize::from(self.out.is_empty());
        for piece in above {
            match piece {
                Piece::Newline => newlines += 1,
                Piece::Continuation => {}
                Piece::Line(text) | Piece::Block(text) => {
                    if newlines > 0 || self.is_commented {
                        self.begin_line(depth, newlines > 1);
                    } else if !self.out.is_empty() {
                        self.push(" ");
                    }
                    self.comment(text);
                    if newlines > 0 {
                        self.is_fresh = false;
                    }
                    newlines = 0;
                }
            }
        }
        match blank {
            Blank::Kept => self.begin_line(depth, newlines > 1),
            Blank::Dropped => self.begin_line(depth, false),
            Blank::End => return,
        }
        for piece in beside {
            if let Piece::Block(text) = piece {
                self.comment(text);
                // Before a closing brace, the comment has a line of its own.
                match blank {
                    Blank::Kept => self.push(" "),
                    Blank::Dropped | Blank::End => self.line(depth),
                }
            }
        }
    }

    fn begin_line(&mut self, depth: usize, has_blank: bool) {
        if self.out.is_empty() {
            return;
        }
        if has_blank && !self.is_fresh {
            self.out.push('\n');
        }
        self.line(depth);
    }

    /// Prints a comment as written, but for white space at the ends of its lines.
    fn comment(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.push("\n");
            }
            self.push(line.trim_end());
        }
        self.is_commented = text.starts_with("//");
    }

    /// Prints comments behind what stands on the line.
    fn comments(&mut self, found: &[Piece<'_>]) {
        for piece in found {
            if let Piece::Line(text) | Piece::Block(text) = piece {
                if self.is_commented {
                    self.line(self.blocks.len());
                } else {
                    self.push(" ");
                }
                self.comment(text);
            }
        }
    }

    /// Prints what stands between two tokens of one node.
    fn inside_node(&mut self, found: &[Piece<'_>], before: Before) {
        let depth = self.blocks.len() + 1;
        let has_line = found.iter().any(|piece| matches!(piece, Piece::Line(_)));
        let mut has_comment = false;
        let mut is_new_line = false;
        for piece in found {
            match piece {
                Piece::Block(text) => {
                    if !is_new_line {
                        self.push(" ");
                    }
                    self.comment(text);
                    has_comment = true;
                    is_new_line = false;
                }
                Piece::Line(text) => {
                    self.push(if is_new_line { "\\ " } else { " \\ " });
                    self.push(text);
                    self.line(depth);
                    is_new_line = true;
                }
                Piece::Newline | Piece::Continuation => {}
            }
        }
        if is_new_line {
            return;
        }
        let is_continued = found.contains(&Piece::Continuation) && !has_line;
        match before {
            Before::Entry if is_continued => {
                self.push(" \\");
                self.line(depth);
            }
            Before::Entry | Before::Block => self.push(" "),
            Before::Joined if has_comment => self.push(" "),
            Before::Joined => {}
        }
    }

    /// Prints what stands between a `/-` and what it takes out; newlines need no backslash there.
    fn behind_slashdash(&mut self, is_node: bool, found: &[Piece<'_>], is_spaced: bool) {
        let depth = self.blocks.len() + usize::from(!is_node);
        let mut is_new_line = false;
        for piece in found {
            match piece {
                Piece::Block(text) | Piece::Line(text) => {
                    if !is_new_line {
                        self.push(" ");
                    }
                    self.comment(text);
                    is_new_line = matches!(piece, Piece::Line(_));
                    if is_new_line {
                        self.line(depth);
                    }
                }
                Piece::Newline | Piece::Continuation => {}
            }
        }
        if is_spaced && !is_new_line {
            self.push(" ");
        }
    }

    /// Prints what stands behind the last token, which ends at `from`.
    fn end(mut self, from: u32) -> String {
        // What follows is the end: a comment before it is treated as if a newline followed.
        let mut found = pieces(self.text.get(from as usize..).unwrap_or(""));
        found.push(Piece::Newline);
        self.next_line(&found, 0, Blank::End);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}

/// What becomes of a blank line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    Kept,
    Dropped,
    /// There is no next line.
    End,
}

/// What follows inside a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Entry,
    Block,
    Joined,
}
