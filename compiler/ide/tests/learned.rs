//! What is learned of the language is whole: the lists that the resolver has are the measure.

use std::collections::BTreeSet;

use crate::asking::LANGUAGE;

/// Words whose lines take no block, or that nothing can be made of yet.
const WITHOUT_FACTS: &[&str] = &[
    "apply", "expires", "group", "in", "job", "owner", "posture", "use", "watch",
];

#[test]
fn every_word_of_the_language_and_every_kind_has_its_facts() {
    let kinds: BTreeSet<&str> = shelf::stdlib()
        .files()
        .iter()
        .flat_map(|file| file.kinds.iter().map(String::as_str))
        .collect();
    // A part is declared inside a thing, by a word of its own.
    let declared = kinds
        .iter()
        .filter(|kind| !matches!(**kind, "listener" | "local-topic"));
    let words = resolve::WORDS.iter().filter(|word| !WITHOUT_FACTS.contains(word));
    let lost: Vec<&&str> = words
        .chain(declared)
        .filter(|word| !LANGUAGE.facts.contains_key(**word))
        .collect();
    // A profile has lines, and no facts: what stands in it is what stands outside.
    assert_eq!(lost, [&"profile"]);
}

/// Facts that are read and refused: nothing can be made of them yet.
const REFUSED: &[&str] = &[
    "enroll",
    "firmware",
    "floor",
    "judged-by",
    "patch",
    "run-as",
    "sessions",
    "state",
];

#[test]
fn every_fact_of_the_language_is_shown_by_an_example() {
    // A fact that no example says is offered, and what it takes is not known.
    let mut lost: Vec<String> = Vec::new();
    // The facts of a `require` have no values: they are named.
    for word in resolve::WORDS.iter().filter(|word| **word != "require") {
        let facts = LANGUAGE.facts.get(*word).into_iter().flatten();
        for fact in facts.filter(|fact| !REFUSED.contains(&fact.as_str())) {
            let path = match (*word, fact.as_str()) {
                // An account is the same inside the project and in an `in` block.
                ("project", "account") => "account".to_owned(),
                (word, fact) => format!("{word}/{fact}"),
            };
            let is_shown = LANGUAGE.is_shown(&path);
            if !is_shown {
                lost.push(path);
            }
        }
    }
    assert_eq!(lost, [] as [&str; 0]);
}
