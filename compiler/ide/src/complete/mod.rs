//! What may be written at a place.
//!
//! A letter is put where the cursor stands and the file is read with it, so that there is a line, and a part of it, also where
//! nothing is written yet or the rest of the file is broken. What stands there is told by what was learned of the line.

mod names;
mod offers;
mod place;

use std::collections::BTreeSet;

use source::{FileId, Span};

use self::offers::Offers;
use self::place::place;
use crate::learned::Learned;
use crate::snapshot::Snapshot;
use crate::tree::{self, Slot};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A declared name.
    Name,
    /// The word of a kind.
    Kind,
    /// The word of a fact or a declaration.
    Word,
    /// A property, with its `=`.
    Property,
    /// A capability.
    Capability,
    /// One of the words that a place takes, or another value.
    Value,
    /// A selector.
    Selector,
    /// An action of the provider.
    Action,
    /// A file.
    File,
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What it is.
    pub sort: Sort,
    /// What is shown, and found by what is typed.
    pub label: String,
    /// What it is, in a few words.
    pub detail: String,
    /// What is written.
    pub text: String,
}

/// Everything that may be written at a place.
#[derive(Clone, Debug)]
pub struct Completion {
    /// What it replaces: what is there of the word already.
    pub replaces: Span,
    /// What may be written, in order.
    pub items: Vec<Item>,
}

/// What may be written at a place; nothing inside a comment.
#[must_use]
pub fn complete(snapshot: &Snapshot, language: &Learned, file: FileId, offset: u32) -> Option<Completion> {
    let place = place(snapshot.document(file)?, offset)?;
    let cursor = tree::cursor(&place.document, place.at);
    let line = cursor.line()?;
    let mut cx = Offers {
        snapshot,
        language,
        own: snapshot.learned(),
        is_quoted: place.is_quoted,
        items: BTreeSet::new(),
    };
    let path = cursor.path();
    match &cursor.slot {
        Slot::Word => cx.words(&cursor),
        Slot::PropertyName => cx.properties(&path),
        Slot::Argument(_) | Slot::Property(_) => {
            for takes in cx.values(&path, &cursor.slot) {
                cx.value(&takes, &cursor.lines);
            }
            if matches!(cursor.slot, Slot::Argument(_)) && !place.is_quoted {
                cx.properties(&path);
            }
            // `trust A` wants its arrow.
            let has_arrow = line.arguments().any(|value| value.literal() == "->");
            if matches!(&*line.name(), "trust" | "never") && !has_arrow && cursor.slot != Slot::Argument(0) {
                cx.push(
                    Sort::Value,
                    "->",
                    "who acts stands before it, what is reached behind",
                );
            }
        }
        Slot::Gap => return None,
    }
    Some(Completion {
        replaces: place.replaces,
        items: cx.items.into_iter().collect(),
    })
}
