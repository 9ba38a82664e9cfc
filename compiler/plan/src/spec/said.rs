//! What the trusts between two say, in the words in which they are written.

use std::collections::{BTreeMap, BTreeSet};

use model::template::{Piece, Placeholder, Template};
use model::trust::{Condition, Trust};

use super::Known;

impl Known<'_> {
    /// The trusts between two, as one text: capabilities, and how they are narrowed. `None` if there is none.
    pub(crate) fn said(&self, subject: &str, object: &str) -> Option<String> {
        let mut by_rest: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for trust in self.trusts(subject, object) {
            let words = trust.allow.iter().map(|(name, _)| self.model().names.text(*name));
            by_rest.entry(self.narrowed(trust)).or_default().extend(words);
        }
        let one = |(rest, words): (&String, &BTreeSet<&str>)| {
            let words = words.iter().copied().collect::<Vec<_>>().join(" ");
            if rest.is_empty() {
                words
            } else {
                format!("{words} ({rest})")
            }
        };
        let all: Vec<String> = by_rest.iter().map(one).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// The trusts that name both.
    pub(crate) fn trusts(&self, subject: &str, object: &str) -> Vec<&Trust> {
        let model = self.model();
        let end = match self.labelled(subject) {
            Some(thing) => model::trust::End::Thing(thing),
            None if subject == "internet" => model::trust::End::Internet,
            None => return Vec::new(),
        };
        let trusts = self.index.trusts(end).filter_map(|trust| model.trusts.get(trust));
        trusts
            .filter(|trust| trust.objects.iter().any(|named| self.end(named.end) == object))
            .collect()
    }

    /// `under "a/", when source 203.0.113.0/24, same line`; empty if nothing narrows it.
    pub(crate) fn narrowed(&self, trust: &Trust) -> String {
        let names = &self.model().names;
        let mut parts: Vec<String> = Vec::new();
        for (is_under, word) in [(true, "under"), (false, "only")] {
            let own = trust.narrow.iter().filter(|narrow| narrow.under == is_under);
            let paths: Vec<String> = own
                .map(|narrow| format!("{:?}", self.template(&narrow.path)))
                .collect();
            if !paths.is_empty() {
                parts.push(format!("{word} {}", paths.join(" ")));
            }
        }
        let same: Vec<&str> = trust.same.iter().map(|(name, _)| names.text(*name)).collect();
        if !same.is_empty() {
            parts.push(format!("same {}", same.join(" ")));
        }
        if trust.others.is_some() {
            parts.push("others".to_owned());
        }
        let when: Vec<String> = trust
            .when
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        if !when.is_empty() {
            parts.push(format!("when {}", when.join("; ")));
        }
        if let Some((identity, _)) = trust.with {
            parts.push(format!("with {}", format!("{identity:?}").to_lowercase()));
        }
        parts.join(", ")
    }

    fn condition(&self, condition: &Condition) -> String {
        let names = &self.model().names;
        match condition {
            Condition::MfaAge { at_most, .. } => format!("mfa-age {}", duration(at_most.seconds)),
            Condition::Source { blocks, .. } => {
                let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
                format!("source {}", blocks.join(" "))
            }
            Condition::Attribute { name, values, .. } => {
                let values: Vec<&str> = values.iter().map(|value| names.text(*value)).collect();
                format!("attribute {} {}", names.text(*name), values.join(" "))
            }
            Condition::Until { date, .. } => format!("until {date}"),
        }
    }

    fn template(&self, template: &Template) -> String {
        let names = &self.model().names;
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => names.text(*text).to_owned(),
            Piece::Placeholder(Placeholder::Name) => "{name}".to_owned(),
            Piece::Placeholder(Placeholder::Environment) => "{environment}".to_owned(),
            Piece::Placeholder(Placeholder::Attribute(name) | Placeholder::Property(name)) => {
                format!("{{{}}}", names.text(*name))
            }
            Piece::Placeholder(other) => format!("{{{}}}", format!("{other:?}").to_lowercase()),
        };
        template.pieces.iter().map(piece).collect()
    }
}

/// Seconds in the largest unit that fits.
fn duration(seconds: u64) -> String {
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds >= length && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}
