//! What is said of what is granted.

use graph::words::Meaning;
use pattern::word::Word;

use crate::reach::Relation;
use crate::request::{Hit, canonical};

use super::asking::Asking;

impl Asking<'_, '_> {
    /// What is granted: what was meant, or what does the same.
    pub(super) fn said_of(&self, meaning: &Meaning, hit: &Hit) -> String {
        let meant = said(self.relation, meaning);
        let done = format!("{} on {}", hit.action, hit.resource);
        let is_meant = hit.action == canonical(&meaning.action) && !meaning.within.is_literal();
        if is_meant { meant } else { done }
    }
}

pub(super) fn said(relation: &Relation<'_>, meaning: &Meaning) -> String {
    let within = meaning.within.display(&|letter| {
        let word = Word::of([letter]);
        word.map_or_else(String::new, |word| relation.requests().shown(&word))
    });
    format!("{} on {within}", canonical(&meaning.action))
}
