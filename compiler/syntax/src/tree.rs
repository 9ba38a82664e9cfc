//! Tokens to nodes, with a stack of our own in place of recursion.

use std::sync::Arc;

use diagnostics::{Code, Diagnostic, Report, Severity};
use source::{FileId, Span};

use crate::document::{Document, EntryData, NONE, NodeData};
use crate::fault::{Faults, clip};
use crate::lexer::{Lexed, Lexer};
use crate::token::{Role, Token, TokenKind};
use crate::{Limits, character, property};

pub(crate) static UNEXPECTED_TOKEN: Code = Code {
    name: "unexpected-token",
    severity: Severity::Error,
    summary: "something stands where it cannot",
    docs: include_str!("pages/unexpected_token.md"),
};

pub(crate) static MISSING_SPACE: Code = Code {
    name: "missing-space",
    severity: Severity::Error,
    summary: "no space between two things",
    docs: include_str!("pages/missing_space.md"),
};

pub(crate) static MISSING_VALUE: Code = Code {
    name: "missing-value",
    severity: Severity::Error,
    summary: "a property has no value",
    docs: include_str!("pages/missing_value.md"),
};

pub(crate) static MALFORMED_ANNOTATION: Code = Code {
    name: "malformed-annotation",
    severity: Severity::Error,
    summary: "parentheses that hold no type, or annotate nothing",
    docs: include_str!("pages/malformed_annotation.md"),
};

pub(crate) static MISPLACED_SLASHDASH: Code = Code {
    name: "misplaced-slashdash",
    severity: Severity::Error,
    summary: "a `/-` that takes nothing out",
    docs: include_str!("pages/misplaced_slashdash.md"),
};

pub(crate) static UNMATCHED_BRACE: Code = Code {
    name: "unmatched-brace",
    severity: Severity::Error,
    summary: "a `}` that closes nothing",
    docs: include_str!("pages/unmatched_brace.md"),
};

pub(crate) static UNCLOSED_BLOCK: Code = Code {
    name: "unclosed-block",
    severity: Severity::Error,
    summary: "a `{` that is not closed",
    docs: include_str!("pages/unclosed_block.md"),
};

pub(crate) static BLOCK_TOO_DEEP: Code = Code {
    name: "block-too-deep",
    severity: Severity::Error,
    summary: "blocks nest deeper than the limit",
    docs: include_str!("pages/block_too_deep.md"),
};

/// Reads a text whose offsets fit a span.
pub(crate) fn read(file: FileId, text: Arc<str>, limits: &Limits, report: &mut Report) -> Document {
    let mut faults = Faults::new(file, limits.errors, report);
    character::scan(&text, &mut faults);
    let mut reader = Reader::new(&text, limits, faults);
    reader.document();
    let Reader {
        tokens,
        nodes,
        entries,
        faults,
        ..
    } = reader;
    let is_well_formed = faults.well_formed();
    Document {
        file,
        text,
        tokens,
        nodes,
        entries,
        is_well_formed,
    }
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

/// The beginning of what should be a node, and has no name.
struct Broken {
    role: Role,
    annotation: u32,
    start: usize,
    is_commented: bool,
    /// Somebody said so already.
    is_reported: bool,
}

/// An open block.
#[derive(Clone, Copy, Debug)]
struct Frame {
    parent: Open,
    brace: u32,
    /// Nothing in the block reaches the tree.
    is_commented: bool,
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
    faults: Faults<'r>,
}

impl<'a, 'r> Reader<'a, 'r> {
    fn new(text: &'a str, limits: &Limits, mut faults: Faults<'r>) -> Self {
        let mut lexer = Lexer::new(text);
        let ahead = lexer.next(&mut faults);
        // About what specs have: a token for six bytes, a node for thirty-two. Only the first guess depends on it.
        Self {
            lexer,
            ahead,
            tokens: Vec::with_capacity(text.len() / 6),
            nodes: Vec::with_capacity(text.len() / 32),
            entries: Vec::with_capacity(text.len() / 16),
            stack: Vec::new(),
            depth_max: limits.depth,
            reported_depth: false,
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

    fn document(&mut self) {
        // The node that goes on, after its block was closed.
        let mut open: Option<Open> = None;
        loop {
            if let Some(node) = open.take() {
                self.rest_of_node(node);
                continue;
            }
            match self.ahead.kind {
                TokenKind::End => break,
                TokenKind::CloseBlock => open = self.close_block(),
                TokenKind::Semicolon => {
                    self.unexpected("nothing stands before this `;`", "delete it");
                    self.take(Role::Stray);
                }
                TokenKind::OpenBlock => {
                    // Read on as if a name were there, so that the braces stay in pairs.
                    self.unexpected(
                        "a block without a node",
                        "write the node's name before it, on the same line",
                    );
                    let node = self.start_node(NONE, NONE, self.ahead.start, true);
                    self.open_block(node, Role::Open);
                }
                _ => self.node(),
            }
        }
        for frame in std::mem::take(&mut self.stack).into_iter().rev() {
            if let Some(brace) = self.tokens.get(frame.brace as usize) {
                self.faults.error(
                    self.faults.span(brace.start as usize, brace.end as usize),
                    |span| {
                        Diagnostic::new(&UNCLOSED_BLOCK, span, "the block that opens here is not closed")
                            .help("close it with `}`")
                    },
                );
            }
            self.end_node(frame.parent);
        }
    }

    fn unexpected(&mut self, message: &str, help: &str) {
        let span = self.ahead_span();
        self.faults.error(span, |span| {
            Diagnostic::new(&UNEXPECTED_TOKEN, span, message).help(help)
        });
    }

    /// Reads a node from its first token up to its end or its first block.
    fn node(&mut self) {
        let mut role = Role::Node;
        let mut is_commented = self.is_commented();
        if self.ahead.kind == TokenKind::Slashdash {
            let slashdash = self.ahead_span();
            self.take(role);
            role = Role::Commented;
            is_commented = true;
            if matches!(
                self.ahead.kind,
                TokenKind::End | TokenKind::CloseBlock | TokenKind::Semicolon
            ) || self.ahead.kind == TokenKind::Slashdash
            {
                self.misplaced_slashdash(slashdash);
                return;
            }
        }
        let start = self.ahead.start;
        let annotation = self.annotation(role);
        if annotation.is_none() && self.is_at_end_of_node() {
            return;
        }
        let is_reported = annotation.is_none();
        let annotation = annotation.unwrap_or(NONE);
        if annotation != NONE {
            role = Role::Joined;
        }
        if self.ahead.kind.is_string() && !(annotation != NONE && self.ahead.on_new_line) {
            let name = self.take(role);
            let node = self.start_node(name, annotation, start, is_commented);
            self.rest_of_node(node);
            return;
        }
        if annotation != NONE {
            self.annotates_nothing(annotation);
            if self.is_at_end_of_node() {
                return;
            }
        }
        self.no_name(Broken {
            role,
            annotation,
            start,
            is_commented,
            is_reported: is_reported || annotation != NONE,
        });
    }

    /// Recovers where a node should begin.
    fn no_name(
        &mut self,
        Broken {
            role,
            annotation,
            start,
            is_commented,
            is_reported,
        }: Broken,
    ) {
        let text = clip(self.ahead_text());
        if self.ahead.kind.is_value() {
            let span = self.ahead_span();
            self.faults.error(span, |span| {
                Diagnostic::new(&UNEXPECTED_TOKEN, span, format!("`{text}` cannot name a node")).help(
                    format!("a line begins with a word; write `\"{text}\"` if this is one"),
                )
            });
            let name = self.take(role);
            let node = self.start_node(name, annotation, start, is_commented);
            self.rest_of_node(node);
            return;
        }
        if !is_reported {
            self.unexpected(
                &format!("`{text}` cannot begin a node"),
                "a line begins with a word",
            );
        }
        self.skip_line();
        if self.ahead.kind == TokenKind::OpenBlock && !self.ahead.on_new_line {
            let node = self.start_node(NONE, NONE, start, true);
            self.rest_of_node(node);
        }
    }

    fn start_node(&mut self, name: u32, annotation: u32, start: usize, is_commented: bool) -> Open {
        let entries = self.entries.len() as u32;
        let node = self.nodes.len() as u32;
        let end = self.taken_end().max(start as u32);
        self.nodes.push(NodeData {
            name,
            annotation,
            entries_start: entries,
            entries_end: entries,
            subtree_end: node + 1,
            head_end: end,
            end,
            is_commented: is_commented || name == NONE,
            has_block: false,
        });
        Open {
            node,
            phase: Phase::Entries,
            is_commented: is_commented || name == NONE,
        }
    }

    /// Reads a node's entries up to its end or its next block.
    fn rest_of_node(&mut self, mut open: Open) {
        while !self.is_at_end_of_node() {
            if self.ahead.kind == TokenKind::OpenBlock {
                self.end_head(open);
                self.block(open);
                return;
            }
            if self.ahead.kind == TokenKind::Slashdash {
                if self.commented_part(&mut open) {
                    return;
                }
                continue;
            }
            if open.phase != Phase::Entries {
                self.after_block();
                continue;
            }
            if self.is_entry_ahead() {
                self.spaced("entry");
                self.entry(Role::Entry, open.is_commented);
                continue;
            }
            let text = clip(self.ahead_text());
            let (message, help) = match self.ahead.kind {
                TokenKind::Equals => (
                    "`=` without a name before it".to_owned(),
                    "a property is `name=value`",
                ),
                TokenKind::CloseAnnotation => {
                    ("`)` without a `(`".to_owned(), "delete it, or quote the text")
                }
                TokenKind::Junk => (
                    "a backslash that no newline follows".to_owned(),
                    "put it at the end of the line that goes on, or quote the text",
                ),
                _ => (format!("`{text}` cannot stand here"), "quote it if it is text"),
            };
            self.unexpected(&message, help);
            self.skip_line();
        }
        self.end_head(open);
        if self.ahead.kind == TokenKind::Semicolon && !self.ahead.on_new_line {
            self.take(Role::Terminator);
        }
        self.end_node(open);
    }

    /// Closes the list of entries and looks for those that are given twice. Called again, it changes nothing.
    fn end_head(&mut self, open: Open) {
        if open.phase != Phase::Entries {
            return;
        }
        let end = self.taken_end();
        let entries_end = self.entries.len() as u32;
        let Some(node) = self.nodes.get_mut(open.node as usize) else {
            return;
        };
        node.entries_end = entries_end;
        if node.name != NONE {
            node.head_end = end;
            node.end = end;
        }
        let entries = self.entries.get(node.entries_start as usize..).unwrap_or(&[]);
        if !open.is_commented && entries.len() > 1 {
            property::check(self.lexer.text, &self.tokens, entries, &mut self.faults);
        }
    }

    fn end_node(&mut self, open: Open) {
        let next = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(open.node as usize) {
            node.subtree_end = next;
        }
    }

    /// Reads from a `/-` inside a node on; whether a block was opened.
    fn commented_part(&mut self, open: &mut Open) -> bool {
        self.spaced("`/-`");
        let slashdash = self.ahead_span();
        if open.phase == Phase::Entries {
            // An entry may follow, and the head is not at its end yet; a block ends it.
            let end = self.taken_end();
            self.take(Role::Entry);
            if self.is_entry_ahead() {
                self.entry(Role::Commented, true);
                return false;
            }
            if self.ahead.kind == TokenKind::OpenBlock {
                self.end_head(*open);
                // The slashdash itself belongs to no entry.
                if let Some(node) = self.nodes.get_mut(open.node as usize) {
                    node.head_end = node.head_end.min(end);
                }
                self.open_block(
                    Open {
                        phase: Phase::Blocks,
                        ..*open
                    },
                    Role::OpenCommented,
                );
                return true;
            }
        } else {
            self.take(Role::Entry);
            if self.ahead.kind == TokenKind::OpenBlock {
                self.open_block(*open, Role::OpenCommented);
                return true;
            }
            if self.is_entry_ahead() {
                self.after_block();
                return false;
            }
        }
        self.misplaced_slashdash(slashdash);
        if !self.is_at_end_of_node() && self.ahead.kind != TokenKind::Slashdash {
            self.skip_line();
        }
        false
    }

    fn misplaced_slashdash(&mut self, at: Span) {
        self.faults.error(at, |span| {
            Diagnostic::new(&MISPLACED_SLASHDASH, span, "`/-` takes nothing out here")
                .help("put it right before a node, an argument, a property or a block, or delete it")
        });
    }

    /// Recovers from an entry behind a block.
    fn after_block(&mut self) {
        self.unexpected(
            "nothing but a newline or `;` may follow a block",
            "put what follows on a line of its own, or arguments before the block",
        );
        self.skip_line();
    }

    fn is_entry_ahead(&self) -> bool {
        self.ahead.kind.is_value() || self.ahead.kind == TokenKind::OpenAnnotation
    }

    fn spaced(&mut self, what: &str) {
        if self.ahead.spaced {
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
            Diagnostic::new(&MISSING_SPACE, span, format!("no space before `{text}`"))
                .help(format!("put a space before the {what}, or quote the whole text"))
        });
    }

    /// Reads an argument or a property.
    fn entry(&mut self, role: Role, is_commented: bool) {
        // What follows a malformed annotation is read on its own.
        let Some(annotation) = self.annotation(role) else {
            return;
        };
        let role = if annotation == NONE { role } else { Role::Joined };
        if !self.ahead.kind.is_value() || (annotation != NONE && self.ahead.on_new_line) {
            self.annotates_nothing(annotation);
            return;
        }
        let name_kind = self.ahead.kind;
        let first = self.take(role);
        if self.ahead.kind != TokenKind::Equals || self.ahead.on_new_line {
            self.entries.push(EntryData {
                name: NONE,
                annotation,
                value: first,
                is_commented,
            });
            return;
        }
        if annotation != NONE {
            self.annotates_nothing(annotation);
        }
        if !name_kind.is_string() {
            let text = clip(self.token_text(first));
            self.error_at(first, |span| {
                Diagnostic::new(
                    &UNEXPECTED_TOKEN,
                    span,
                    format!("`{text}` cannot name a property"),
                )
                .help(format!("write `\"{text}\"` if it is a name"))
            });
        }
        self.take(Role::Joined);
        self.property_value(first, is_commented);
    }

    /// Reads what stands behind the `=` of a property.
    fn property_value(&mut self, name: u32, is_commented: bool) {
        let is_slashdash = self.ahead.kind == TokenKind::Slashdash && !self.ahead.on_new_line;
        if is_slashdash {
            let at = self.ahead_span();
            self.faults.error(at, |span| {
                Diagnostic::new(&MISPLACED_SLASHDASH, span, "`/-` cannot take out a value alone")
                    .help("put it before the property's name")
            });
            self.take(Role::Stray);
        }
        let annotation = if self.ahead.on_new_line {
            Some(NONE)
        } else {
            self.annotation(Role::Joined)
        };
        let Some(annotation) = annotation else { return };
        if self.ahead.kind.is_value() && !self.ahead.on_new_line {
            let value = self.take(Role::Joined);
            self.entries.push(EntryData {
                name,
                annotation,
                value,
                is_commented: is_commented || is_slashdash,
            });
            return;
        }
        if annotation != NONE {
            self.annotates_nothing(annotation);
            return;
        }
        let text = clip(self.token_text(name));
        self.error_at(name, |span| {
            Diagnostic::new(
                &MISSING_VALUE,
                span,
                format!("the property `{text}` has no value"),
            )
            .help("write the value right behind the `=`, on the same line")
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

    /// Reads a type annotation, if one is ahead: gives the token of its string; nothing if it was reported.
    fn annotation(&mut self, role: Role) -> Option<u32> {
        if self.ahead.kind != TokenKind::OpenAnnotation {
            return Some(NONE);
        }
        let start = self.ahead_span();
        self.take(role);
        let is_named = self.ahead.kind.is_string() && !self.ahead.on_new_line;
        let name = if is_named { self.take(Role::Joined) } else { NONE };
        if is_named && self.ahead.kind == TokenKind::CloseAnnotation && !self.ahead.on_new_line {
            self.take(Role::Joined);
            return Some(name);
        }
        let end = self.taken_end();
        self.faults.error(Span { end, ..start }, |span| {
            Diagnostic::new(
                &MALFORMED_ANNOTATION,
                span,
                "parentheses hold one word, the type of what follows them",
            )
            .help("write `(type)value`, or quote the text if the parentheses belong to it")
        });
        while !self.is_at_end_of_node() && self.ahead.kind != TokenKind::OpenBlock {
            let kind = self.ahead.kind;
            self.take(Role::Stray);
            if kind == TokenKind::CloseAnnotation {
                break;
            }
        }
        None
    }

    fn annotates_nothing(&mut self, annotation: u32) {
        self.error_at(annotation, |span| {
            Diagnostic::new(
                &MALFORMED_ANNOTATION,
                span,
                "the annotation stands before nothing that has a type",
            )
            .help("put it right before a node's name or a value, or delete it")
        });
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

    /// Opens the block ahead of a node, unless the node has one.
    fn block(&mut self, open: Open) {
        if open.phase == Phase::CommentedBlocks {
            self.unexpected("the node has a block already", "join the two blocks");
            // Read on, so that the braces stay in pairs.
            self.open_block(open, Role::OpenCommented);
            return;
        }
        self.spaced("block");
        if let Some(node) = self.nodes.get_mut(open.node as usize) {
            node.has_block = true;
        }
        self.open_block(
            Open {
                phase: Phase::CommentedBlocks,
                ..open
            },
            Role::Open,
        );
    }

    fn open_block(&mut self, parent: Open, role: Role) {
        let is_too_deep = self.stack.len() >= self.depth_max;
        if is_too_deep && !self.reported_depth {
            self.reported_depth = true;
            let depth = self.depth_max;
            let span = self.ahead_span();
            self.faults.error(span, |span| {
                Diagnostic::new(&BLOCK_TOO_DEEP, span, format!("blocks nest deeper than {depth}"))
                    .help("a spec needs a few levels: look for a `{` too many")
            });
        }
        let is_commented = parent.is_commented || role == Role::OpenCommented || is_too_deep;
        let brace = self.take(role);
        self.stack.push(Frame {
            parent,
            brace,
            is_commented,
        });
    }

    /// Reads a `}`: gives the node whose block it closes.
    fn close_block(&mut self) -> Option<Open> {
        let Some(frame) = self.stack.pop() else {
            let span = self.ahead_span();
            self.faults.error(span, |span| {
                Diagnostic::new(&UNMATCHED_BRACE, span, "this `}` closes nothing")
                    .help("delete it, or look for a `{` too few")
            });
            self.take(Role::Stray);
            return None;
        };
        self.take(Role::Close);
        let end = self.taken_end();
        if let Some(node) = self.nodes.get_mut(frame.parent.node as usize) {
            node.end = end;
        }
        Some(frame.parent)
    }
}
