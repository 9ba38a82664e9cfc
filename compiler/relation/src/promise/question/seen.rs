//! What is seen by listing.

use std::collections::BTreeSet;

use graph::words::Meaning;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::Values;
use pattern::words::Words;

use crate::request::told::patterns;

/// Whoever lists by a prefix sees every name that begins with it: to list what is under `ab/`, `a` will do.
pub(super) fn listing(meaning: &Meaning) -> Meaning {
    let key = Key::new("s3:prefix");
    let when = patterns(&meaning.when, &key).and_then(|asked| {
        let mut all: BTreeSet<Pattern> = asked.iter().cloned().collect();
        for pattern in &asked {
            let stem = pattern.word().or_else(|| pattern.prefix())?;
            let text = stem.as_text()?;
            let cuts = text.char_indices().filter_map(|(at, _)| text.get(..at));
            all.extend(cuts.filter_map(Pattern::literal));
        }
        let words = Words::from_patterns(&all).ok()?;
        let prefixes = Region::only(key.clone(), Values::text(words));
        Some(meaning.when.forget(&key).and(&prefixes))
    });
    Meaning {
        when: when.unwrap_or_else(|| meaning.when.clone()),
        ..meaning.clone()
    }
}
