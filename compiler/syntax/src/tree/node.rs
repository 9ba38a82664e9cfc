//! One node: its name, its entries, and where it ends.

use super::{Open, Phase, Reader};
use crate::document::{NONE, NodeData};
use crate::fault::clip;
use crate::property;
use crate::token::{Role, TokenKind};

/// The beginning of what should be a node, and has no name.
struct Broken {
    role: Role,
    annotation: u32,
    start: usize,
    is_commented: bool,
    /// Somebody said so already.
    is_reported: bool,
}

impl Reader<'_, '_> {
    /// Reads a node from its first token up to its end or its first block.
    pub(super) fn node(&mut self) {
        let mut role = Role::Node;
        let mut is_commented = self.is_commented();
        if self.ahead.kind == TokenKind::Slashdash {
            let slashdash = self.ahead_span();
            self.take(role);
            role = Role::Commented;
            is_commented = true;
            if matches!(
                self.ahead.kind,
                TokenKind::End | TokenKind::CloseBlock | TokenKind::Semicolon | TokenKind::Slashdash
            ) {
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
            if !is_outdated(self.ahead.kind, self.ahead_text()) {
                self.unexpected(
                    &format!("`{text}` cannot name a node"),
                    &format!("a line begins with a word; write `\"{text}\"` if this is one"),
                );
            }
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

    pub(super) fn start_node(
        &mut self,
        name: u32,
        annotation: u32,
        start: usize,
        is_commented: bool,
    ) -> Open {
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
    pub(super) fn rest_of_node(&mut self, mut open: Open) {
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
                TokenKind::Equals if self.is_right_behind_name(open) => (
                    "a fact is not said with `=`".to_owned(),
                    "write a space in its place, `retain \"30d\"`; what belongs to the line before ends that line with `\\`",
                ),
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
        let is_ended_by_its_line = open.phase == Phase::Entries && self.ahead.on_new_line;
        self.ended = is_ended_by_its_line.then_some(open);
    }

    /// Whether only the name of a node stands before what is ahead.
    fn is_right_behind_name(&self, open: Open) -> bool {
        let node = self.nodes.get(open.node as usize);
        node.is_some_and(|node| node.name != NONE && node.name as usize + 1 == self.tokens.len())
    }

    /// Closes the list of entries and looks for those that are given twice. Called again, it changes nothing.
    pub(super) fn end_head(&mut self, open: Open) {
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

    pub(super) fn end_node(&mut self, open: Open) {
        let next = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(open.node as usize) {
            node.subtree_end = next;
        }
    }
}

/// Whether a token is a keyword without its `#`, which was reported.
pub(super) fn is_outdated(kind: TokenKind, text: &str) -> bool {
    matches!(
        kind,
        TokenKind::True | TokenKind::False | TokenKind::Null | TokenKind::KeywordNumber
    ) && !text.starts_with('#')
}
