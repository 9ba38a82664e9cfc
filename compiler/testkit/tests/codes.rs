//! `golden/codes.txt` lists every code ever released: names are public, never renamed and never used again.
#![expect(clippy::disallowed_methods, reason = "the list is a file")]

use std::collections::BTreeSet;

use testkit::golden;

#[test]
fn every_code_is_listed_and_no_name_is_used_twice() {
    let names: Vec<&str> = driver::codes::all().into_iter().map(|code| code.name).collect();
    let set: BTreeSet<&str> = names.iter().copied().collect();
    let twice: Vec<&&str> = names
        .iter()
        .zip(names.iter().skip(1))
        .filter(|(one, next)| one == next)
        .map(|(one, _)| one)
        .collect();
    assert!(twice.is_empty(), "two rules share a name: {twice:?}");
    let path = golden::root().join("golden/codes.txt");
    let listed = std::fs::read_to_string(&path).unwrap_or_default();
    // A code that is gone stays on the list, behind a `-`: its name is not used again.
    let retired: BTreeSet<&str> = listed.lines().filter_map(|line| line.strip_prefix('-')).collect();
    if std::env::var("BLESS").is_ok_and(|value| value == "1") {
        let kept = set
            .iter()
            .map(|name| format!("{name}\n"))
            .chain(retired.iter().map(|name| format!("-{name}\n")));
        std::fs::write(&path, kept.collect::<String>()).unwrap();
        return;
    }
    let listed: BTreeSet<&str> = listed.lines().filter(|line| !line.starts_with('-')).collect();
    let gone: Vec<&&str> = listed.difference(&set).collect();
    let new: Vec<&&str> = set.difference(&listed).collect();
    let back: Vec<&&str> = retired.intersection(&set).collect();
    assert!(gone.is_empty(), "no longer raised by anything: {gone:?}");
    assert!(new.is_empty(), "not listed yet: {new:?}; run with BLESS=1");
    assert!(back.is_empty(), "used again: {back:?}");
}

#[test]
fn names_and_summaries_are_as_the_house_writes_them() {
    for code in driver::codes::all() {
        let is_kebab = code.name.split('-').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
        });
        assert!(is_kebab, "{}", code.name);
        let summary = code.summary;
        assert!(
            !summary.is_empty() && !summary.ends_with('.') && !summary.contains('\n'),
            "{}: {summary}",
            code.name
        );
    }
}
