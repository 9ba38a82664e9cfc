//! Blocks, and what a `/-` takes out of a node.

use diagnostics::{Code, Diagnostic, Severity};
use source::Span;

use super::{Frame, Guide, Open, Phase, Reader, UNCLOSED_BLOCK};
use crate::token::{Role, TokenKind};

pub(crate) static MISPLACED_SLASHDASH: Code = Code {
    name: "misplaced-slashdash",
    severity: Severity::Error,
    summary: "a `/-` that takes nothing out",
    docs: include_str!("../pages/misplaced_slashdash.md"),
};

pub(crate) static UNMATCHED_BRACE: Code = Code {
    name: "unmatched-brace",
    severity: Severity::Error,
    summary: "a `}` that closes nothing",
    docs: include_str!("../pages/unmatched_brace.md"),
};

pub(crate) static BLOCK_TOO_DEEP: Code = Code {
    name: "block-too-deep",
    severity: Severity::Error,
    summary: "blocks nest deeper than the limit",
    docs: include_str!("../pages/block_too_deep.md"),
};

/// A line is not looked through further than this: what people write is shorter.
const LINE_BYTES_MAX: usize = 4096;

impl Reader<'_, '_> {
    /// Reads from a `/-` inside a node on; whether a block was opened.
    pub(super) fn commented_part(&mut self, open: &mut Open) -> bool {
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

    pub(super) fn misplaced_slashdash(&mut self, at: Span) {
        self.faults.error(at, |span| {
            Diagnostic::new(&MISPLACED_SLASHDASH, span, "`/-` takes nothing out here")
                .help("put it right before a node, an argument, a property or a block, or delete it")
        });
    }

    /// Recovers from an entry behind a block.
    pub(super) fn after_block(&mut self) {
        self.unexpected(
            "nothing but a newline or `;` may follow a block",
            "put what follows on a line of its own, or arguments before the block",
        );
        self.skip_line();
    }

    /// Opens the block ahead of a node, unless the node has one.
    pub(super) fn block(&mut self, open: Open) {
        if open.phase == Phase::CommentedBlocks {
            self.unexpected("the node has a block already", "join the two blocks");
            // Read on, so that the braces stay in pairs.
            self.open_block(open, Role::OpenCommented);
            return;
        }
        self.spaced("block");
        self.own_block(open);
    }

    /// Reads a block that begins on the line after its node, as it is meant.
    pub(super) fn late_block(&mut self, open: Open) {
        self.unexpected(
            "a block begins on the line of its node",
            "put `{` at the end of the line before",
        );
        self.own_block(open);
    }

    fn own_block(&mut self, open: Open) {
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

    pub(super) fn open_block(&mut self, parent: Open, role: Role) {
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
            is_flush: false,
        });
    }

    /// Notes where the node or brace ahead begins; by the layout, gives up the blocks that it shows to be unclosed.
    pub(super) fn look_at_layout(&mut self) {
        if self.stack.is_empty() || !self.ahead.on_new_line || self.ahead.kind == TokenKind::End {
            return;
        }
        let closes = self.ahead.kind == TokenKind::CloseBlock;
        if self.guide == Guide::Braces {
            let before = self
                .ahead
                .start
                .checked_sub(1)
                .and_then(|at| self.lexer.bytes.get(at));
            if !closes
                && before == Some(&b'\n')
                && let Some(frame) = self.stack.last_mut()
            {
                frame.is_flush = true;
            }
            return;
        }
        let (indent, is_first) = self.indent(self.ahead.start);
        if !closes && is_first && indent == 0 {
            while self.leave_open() {}
        }
        if closes && is_first && self.stack.len() <= self.depth_max {
            let opened = |reader: &Self, frame: &Frame| {
                let brace = reader.tokens.get(frame.brace as usize);
                brace.map_or(0, |brace| reader.indent(brace.start as usize).0)
            };
            // A `}` that stands as far in as the line of an outer block is that one's.
            let is_of_outer = self
                .stack
                .iter()
                .rev()
                .skip(1)
                .any(|frame| opened(self, frame) == indent);
            while is_of_outer
                && self
                    .stack
                    .last()
                    .is_some_and(|frame| opened(self, frame) > indent)
            {
                self.leave_open();
            }
        }
    }

    /// How far in the line of an offset begins, and whether the offset is its beginning.
    fn indent(&self, offset: usize) -> (usize, bool) {
        let before = self.lexer.bytes.get(..offset).unwrap_or(&[]);
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let blank = before.get(line..).unwrap_or(&[]);
        let indent = blank
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        (indent, indent == blank.len())
    }

    /// Whether a string that is not closed on the line of a `{` took the `}` of that line.
    fn is_taken(&self, brace: usize) -> bool {
        let unclosed = &self.lexer.unclosed;
        let after = unclosed.partition_point(|start| *start < brace);
        let line = unclosed
            .get(after)
            .filter(|start| **start - brace < LINE_BYTES_MAX)
            .and_then(|start| self.lexer.bytes.get(brace..*start));
        line.is_some_and(|line| memchr::memchr(b'\n', line).is_none())
    }

    /// Ends the innermost block without its `}`, which is said unless something else took it; whether there was one.
    pub(super) fn leave_open(&mut self) -> bool {
        let Some(frame) = self.stack.pop() else {
            return false;
        };
        let brace = self.tokens.get(frame.brace as usize).copied();
        if let Some(brace) = brace
            && !self.lexer.is_swallowed
            && !self.is_taken(brace.start as usize)
        {
            let span = self.faults.span(brace.start as usize, brace.end as usize);
            self.faults.error(span, |span| {
                Diagnostic::new(&UNCLOSED_BLOCK, span, "the block that opens here is not closed")
                    .help("close it with `}`")
            });
        }
        let end = self.taken_end();
        if let Some(node) = self.nodes.get_mut(frame.parent.node as usize) {
            node.end = end;
        }
        self.end_node(frame.parent);
        true
    }

    /// Reads a `}`: gives the node whose block it closes.
    pub(super) fn close_block(&mut self) -> Option<Open> {
        let Some(frame) = self.stack.pop() else {
            let span = self.ahead_span();
            self.faults.error(span, |span| {
                Diagnostic::new(&UNMATCHED_BRACE, span, "this `}` closes nothing")
                    .help("delete it, or look for a `{` too few")
            });
            self.take(Role::Stray);
            return None;
        };
        self.is_flush |= frame.is_flush;
        self.take(Role::Close);
        let end = self.taken_end();
        if let Some(node) = self.nodes.get_mut(frame.parent.node as usize) {
            node.end = end;
        }
        Some(frame.parent)
    }
}
