//! Arguments, properties and type annotations.

use diagnostics::{Code, Diagnostic, Severity};
use source::Span;

use super::block::MISPLACED_SLASHDASH;
use super::node::is_outdated;
use super::{Reader, UNEXPECTED_TOKEN};
use crate::document::{EntryData, NONE};
use crate::fault::clip;
use crate::token::{Role, TokenKind};

pub(crate) static MISSING_VALUE: Code = Code {
    name: "missing-value",
    severity: Severity::Error,
    summary: "a property has no value",
    docs: include_str!("../pages/missing_value.md"),
};

pub(crate) static MALFORMED_ANNOTATION: Code = Code {
    name: "malformed-annotation",
    severity: Severity::Error,
    summary: "parentheses that hold no type, or annotate nothing",
    docs: include_str!("../pages/malformed_annotation.md"),
};

impl Reader<'_, '_> {
    /// Reads an argument or a property.
    pub(super) fn entry(&mut self, role: Role, is_commented: bool) {
        if self.ahead.kind == TokenKind::OpenAnnotation && !self.ahead.spaced && role == Role::Entry {
            // `f(x)`: text without quotes, and no annotation.
            self.skip_parentheses();
            return;
        }
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
        if !name_kind.is_string() && !is_outdated(name_kind, self.token_text(first)) {
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
    pub(super) fn property_value(&mut self, name: u32, is_commented: bool) {
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

    /// Reads a type annotation, if one is ahead: gives the token of its string; nothing if it was reported.
    pub(super) fn annotation(&mut self, role: Role) -> Option<u32> {
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
        self.skip_parentheses();
        None
    }

    /// Passes what stands up to a `)` or the end of the node; it was reported.
    fn skip_parentheses(&mut self) {
        while !self.is_at_end_of_node() && self.ahead.kind != TokenKind::OpenBlock {
            let kind = self.ahead.kind;
            self.take(Role::Stray);
            if kind == TokenKind::CloseAnnotation {
                break;
            }
        }
    }

    pub(super) fn annotates_nothing(&mut self, annotation: u32) {
        self.error_at(annotation, |span| {
            Diagnostic::new(
                &MALFORMED_ANNOTATION,
                span,
                "the annotation stands before nothing that has a type",
            )
            .help("put it right before a node's name or a value, or delete it")
        });
    }
}
