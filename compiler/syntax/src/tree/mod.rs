//! Tokens to nodes, with a stack of our own in place of recursion.

pub(crate) mod block;
pub(crate) mod entry;
mod node;

use std::sync::Arc;

use diagnostics::{Code, Diagnostic, Report, Safety, Severity};
use source::{FileId, Span};

use crate::document::{Document, EntryData, NONE, NodeData};
use crate::fault::{Faults, clip, instead};
use crate::lexer::{Lexed, Lexer};
use crate::token::{Role, Token, TokenKind};
use crate::word::OUTDATED_KDL;
use crate::{Limits, character};

pub(crate) static UNEXPECTED_TOKEN: Code = Code {
    name: "unexpected-token",
    severity: Severity::Error,
    summary: "something stands where it cannot",
    docs: include_str!("../pages/unexpected_token.md"),
};

pub(crate) static MISSING_SPACE: Code = Code {
    name: "missing-space",
    severity: Severity::Error,
    summary: "no space between two things",
    docs: include_str!("../pages/missing_space.md"),
};

pub(crate) static UNCLOSED_BLOCK: Code = Code {
    name: "unclosed-block",
    severity: Severity::Error,
    summary: "a `{` that is not closed",
    docs: include_str!("../pages/unclosed_block.md"),
};

/// Reads a text whose offsets fit a span.
///
/// A block that nobody closes would take the rest of the file with it. So such a file is read a second time, by its layout.
pub(crate) fn read(file: FileId, text: Arc<str>, limits: &Limits, report: &mut Report) -> Document {
    let mut found = Report::default();
    let (document, is_open) = read_once(file, Arc::clone(&text), limits, Guide::Braces, &mut found);
    if !is_open {
        report.append(found);
        return document;
    }
    read_once(file, text, limits, Guide::Layout, report).0
}

/// The document, and whether a block was left open whose file may be read by its layout.
fn read_once(
    file: FileId,
    text: Arc<str>,
    limits: &Limits,
    guide: Guide,
    report: &mut Report,
) -> (Document, bool) {
    let mut faults = Faults::new(file, limits.errors, report);
    character::scan(&text, &mut faults);
    // About what specs have: a token for six bytes. Only the first guess depends on it.
    let mut reader = Reader::new(&text, limits, faults, text.len() / 6);
    reader.guide = guide;
    reader.document(&mut |_| {});
    let Reader {
        tokens,
        nodes,
        entries,
        faults,
        is_left_open,
        is_flush,
        ..
    } = reader;
    let is_well_formed = faults.well_formed();
    let document = Document {
        file,
        text,
        tokens,
        nodes,
        entries,
        is_well_formed,
    };
    (document, is_left_open && !is_flush)
}

/// Tokens of a run of whole nodes are handed on from here: few enough that they stay in the cache.
const RUN_TOKENS: usize = 8192;

/// Reads a text and keeps none of it: `each` is given the tokens of a run of whole nodes of the top, run after run, as long as all is
/// well-formed. Whether it is to the end.
pub(crate) fn read_by_runs(
    file: FileId,
    text: &str,
    limits: &Limits,
    report: &mut Report,
    each: &mut dyn FnMut(&[Token]),
) -> bool {
    let mut found = Report::default();
    let mut faults = Faults::new(file, limits.errors, &mut found);
    character::scan(text, &mut faults);
    let mut reader = Reader::new(text, limits, faults, RUN_TOKENS * 2);
    reader.document(&mut |reader| {
        if reader.tokens.len() >= RUN_TOKENS {
            if reader.faults.well_formed() {
                each(&reader.tokens);
            }
            reader.tokens.clear();
            reader.nodes.clear();
            reader.entries.clear();
        }
    });
    let is_well_formed = reader.faults.well_formed();
    if is_well_formed {
        each(&reader.tokens);
    }
    if reader.is_left_open && !reader.is_flush {
        read_once(file, Arc::from(text), limits, Guide::Layout, report);
    } else {
        report.append(found);
    }
    is_well_formed
}

/// What says where a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guide {
    /// Its `}`.
    Braces,
    /// Its `}`, if that stands as far in as the line that opened it; and a line that begins in the first column is of the top.
    Layout,
}

/// How much of a node was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Entries may follow.
    Entries,
    /// A slashdashed block stood there: only blocks may follow.
    Blocks,
    /// Its block stood there: only slashdashed blocks may follow.
    CommentedBlocks,
}

/// A node that is being read.
#[derive(Clone, Copy, Debug)]
struct Open {
    node: u32,
    phase: Phase,
    /// Nothing in it reaches the tree.
    is_commented: bool,
}

/// An open block.
#[derive(Clone, Copy, Debug)]
struct Frame {
    parent: Open,
    brace: u32,
    /// Nothing in the block reaches the tree.
    is_commented: bool,
    /// A node of the block begins in the first column.
    is_flush: bool,
}

struct Reader<'a, 'r> {
    lexer: Lexer<'a>,
    ahead: Lexed,
    tokens: Vec<Token>,
    nodes: Vec<NodeData>,
    entries: Vec<EntryData>,
    stack: Vec<Frame>,
    depth_max: usize,
    reported_depth: bool,
    /// The node before what is ahead, if its line ended it and it has no block.
    ended: Option<Open>,
    guide: Guide,
    /// A block is open at the end.
    is_left_open: bool,
    /// A closed block has a node in the first column: the file's layout tells nothing.
    is_flush: bool,
    faults: Faults<'r>,
}

impl<'a, 'r> Reader<'a, 'r> {
    /// A reader that has room for `tokens`, and for as many nodes and entries as go with them.
    fn new(text: &'a str, limits: &Limits, mut faults: Faults<'r>, tokens: usize) -> Self {
        let mut lexer = Lexer::new(text);
        let ahead = lexer.next(&mut faults);
        Self {
            lexer,
            ahead,
            tokens: Vec::with_capacity(tokens),
            nodes: Vec::with_capacity(tokens / 5),
            entries: Vec::with_capacity(tokens / 5 * 2),
            stack: Vec::new(),
            depth_max: limits.depth,
            reported_depth: false,
            ended: None,
            guide: Guide::Braces,
            is_left_open: false,
            is_flush: false,
            faults,
        }
    }

    /// Takes the token ahead; gives its index.
    fn take(&mut self, role: Role) -> u32 {
        let index = self.tokens.len() as u32;
        let Lexed { kind, start, end, .. } = self.ahead;
        if kind != TokenKind::End {
            // Invariant: `parse` refuses texts whose offsets do not fit.
            self.tokens.push(Token {
                start: start as u32,
                end: end as u32,
                kind,
                role,
            });
            self.ahead = self.lexer.next(&mut self.faults);
        }
        index
    }

    fn ahead_span(&self) -> Span {
        self.faults.span(self.ahead.start, self.ahead.end)
    }

    fn ahead_text(&self) -> &'a str {
        self.lexer.slice(self.ahead.start, self.ahead.end)
    }

    /// The byte after the last token that was taken.
    fn taken_end(&self) -> u32 {
        self.tokens.last().map_or(0, |token| token.end)
    }

    /// Whether the token ahead ends a node before it.
    fn is_at_end_of_node(&self) -> bool {
        self.ahead.on_new_line
            || matches!(
                self.ahead.kind,
                TokenKind::End | TokenKind::Semicolon | TokenKind::CloseBlock
            )
    }

    fn is_commented(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.is_commented)
    }

    /// Reads all. `between` is called wherever no node of the top is open, and may take away what was read.
    fn document(&mut self, between: &mut dyn FnMut(&mut Self)) {
        // The node that goes on, after its block was closed.
        let mut open: Option<Open> = None;
        let mut is_version_known = false;
        loop {
            if let Some(node) = open.take() {
                self.rest_of_node(node);
                continue;
            }
            if self.ahead.kind == TokenKind::OpenBlock
                && let Some(node) = self.ended.take()
            {
                self.late_block(node);
                continue;
            }
            self.ended = None;
            if self.stack.is_empty() {
                if !is_version_known && !self.tokens.is_empty() {
                    self.version();
                    is_version_known = true;
                }
                between(self);
            }
            self.look_at_layout();
            match self.ahead.kind {
                TokenKind::End => break,
                TokenKind::CloseBlock => open = self.close_block(),
                TokenKind::Semicolon => {
                    self.unexpected("nothing stands before this `;`", "delete it");
                    self.take(Role::Stray);
                }
                TokenKind::OpenBlock => {
                    // Read on as if a name were there, so that the braces stay in pairs.
                    if self.is_json_ahead() {
                        self.unexpected(
                            "this is JSON, and a spec is KDL",
                            "what a policy allows is said by `trust SUBJECT -> OBJECT { allow …; because \"…\" }`",
                        );
                    } else {
                        self.unexpected(
                            "a block without a node",
                            "write the node's name before it, on the same line",
                        );
                    }
                    let node = self.start_node(NONE, NONE, self.ahead.start, true);
                    self.open_block(node, Role::Open);
                }
                _ => self.node(),
            }
        }
        if !is_version_known {
            self.version();
        }
        // A comment or string that took the rest of the text took the closing braces too.
        self.is_left_open = !self.stack.is_empty() && !self.lexer.is_swallowed;
        while self.leave_open() {}
    }

    /// Looks at the version marker, which is a node behind a `/-` at the very beginning.
    fn version(&mut self) {
        let [slashdash, name, version, ..] = self.tokens.as_slice() else {
            return;
        };
        let is_marker = slashdash.kind == TokenKind::Slashdash
            && version.kind == TokenKind::Integer
            && self.lexer.slice(name.start as usize, name.end as usize) == "kdl-version";
        if is_marker && self.lexer.slice(version.start as usize, version.end as usize) == "1" {
            let span = self.faults.span(slashdash.start as usize, version.end as usize);
            self.faults.trap(span, |span| {
                Diagnostic::new(&OUTDATED_KDL, span, "the file says that it is KDL 1")
                    .help("write `/- kdl-version 2`, or leave the line out")
            });
        }
    }

    fn unexpected(&mut self, message: &str, help: &str) {
        let span = self.ahead_span();
        self.faults.error(span, |span| {
            Diagnostic::new(&UNEXPECTED_TOKEN, span, message).help(help)
        });
    }

    /// Whether the block ahead begins with `"key":`, as an object of JSON does.
    fn is_json_ahead(&self) -> bool {
        let rest = self.lexer.slice(self.ahead.end, usize::MAX).trim_start();
        let key = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        key.is_some_and(|(key, rest)| !key.contains('\n') && rest.trim_start().starts_with(':'))
    }

    fn is_entry_ahead(&self) -> bool {
        self.ahead.kind.is_value() || self.ahead.kind == TokenKind::OpenAnnotation
    }

    fn spaced(&mut self, what: &str) {
        // Behind something that was reported, a missing space is part of it.
        let is_reported = |token: &Token| token.role == Role::Stray || token.kind == TokenKind::Slashdash;
        if self.ahead.spaced || self.tokens.last().is_some_and(is_reported) {
            return;
        }
        let text = clip(self.ahead_text());
        if text.starts_with(',') {
            // Reported as a comma already.
            self.faults.refuse();
            return;
        }
        let span = self.ahead_span();
        self.faults.error(span, |span| {
            let diagnostic = Diagnostic::new(&MISSING_SPACE, span, format!("no space before `{text}`"))
                .help(format!("put a space before the {what}, or quote the whole text"));
            // A brace begins a block, while two values may be meant as one text.
            match what {
                "block" => {
                    let before = Span::new(span.file, span.start, span.start);
                    diagnostic.fix("put a space before it", Safety::Safe, instead(before, " "))
                }
                _ => diagnostic,
            }
        });
    }

    fn token_text(&self, index: u32) -> &'a str {
        self.tokens.get(index as usize).map_or("", |token| {
            self.lexer.slice(token.start as usize, token.end as usize)
        })
    }

    fn error_at(&mut self, index: u32, build: impl FnOnce(Span) -> Diagnostic) {
        let (start, end) = self
            .tokens
            .get(index as usize)
            .map_or((0, 0), |token| (token.start as usize, token.end as usize));
        self.faults.error(self.faults.span(start, end), build);
    }

    /// Passes what cannot be understood, up to the end of the node or its block.
    fn skip_line(&mut self) {
        loop {
            self.take(Role::Stray);
            if self.is_at_end_of_node() || self.ahead.kind == TokenKind::OpenBlock {
                return;
            }
        }
    }
}
