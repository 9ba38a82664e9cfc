//! Golden cases: `golden/read/TARGET/CASE/in/**` are emitted files, `facts.txt` what they permit. `BLESS=1` rewrites the latter.

#![expect(clippy::disallowed_methods, reason = "a test")]

mod altered;
mod case;
mod leaves;

use read::dump::{self, Show};

/// Every case reads as its file says.
#[test]
fn cases_read_as_written() {
    let mut failed = Vec::new();
    for case in case::all() {
        let text = case
            .facts()
            .iter()
            .map(|facts| dump::text(facts, Show::All))
            .collect::<String>();
        let expected = case.folder.join("facts.txt");
        if case::blesses() {
            std::fs::write(&expected, &text).unwrap();
        } else if std::fs::read_to_string(&expected).ok().as_ref() != Some(&text) {
            failed.push(format!("{}:\n{text}", case.folder.display()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Ids of statements, descriptions, tags and comments mean nothing.
#[test]
fn stripping_changes_no_meaning() {
    // What may not stand where it does is unread, and prose there too.
    for case in case::all()
        .into_iter()
        .filter(|case| !case.folder.ends_with("unread"))
    {
        let stripped = case.altered(&mut altered::strip);
        assert_eq!(case.meaning(), stripped.meaning(), "{}", case.folder.display());
    }
}

/// Local labels mean nothing.
#[test]
fn renaming_labels_changes_no_meaning() {
    for case in case::all() {
        let labels = altered::labels(&case);
        let renamed = case.altered(&mut |value| altered::rename(value, &labels));
        assert_eq!(case.meaning(), renamed.meaning(), "{}", case.folder.display());
    }
}

/// Bytes that are cut or changed are read without a panic, and a cut document never reads as a whole one.
#[test]
fn damaged_bytes_are_read_without_panic() {
    for case in case::all() {
        for (at, (_, bytes)) in case.files.iter().enumerate() {
            let step = (bytes.len() / 40).max(1);
            for cut in (0..bytes.len().saturating_sub(1)).step_by(step) {
                let mut damaged = case.clone();
                damaged.files[at].1.truncate(cut);
                let facts = damaged.facts();
                assert!(
                    facts.iter().any(|facts| !facts.unread.is_empty()),
                    "{} cut at {cut}",
                    damaged.folder.display()
                );
                let mut damaged = case.clone();
                damaged.files[at].1[cut] = b"\"{}[],:x0$%\\\xff"[cut % 13];
                drop(damaged.facts());
            }
        }
    }
}

/// A leaf that changes no meaning is on the list. Everything else decides something, or is refused if it changes.
#[test]
fn what_decides_nothing_is_listed() {
    let mut harmless = std::collections::BTreeSet::new();
    for case in case::all()
        .into_iter()
        .filter(|case| !case.folder.ends_with("unread"))
    {
        let meaning = case.meaning();
        for change in leaves::all(&case) {
            if !harmless.contains(&change.name) && leaves::change(&case, &change).meaning() == meaning {
                harmless.insert(change.name);
            }
        }
    }
    let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/read/decides-nothing.txt");
    let text = leaves::lines(&harmless);
    if case::blesses() {
        std::fs::write(&list, &text).unwrap();
    } else {
        assert_eq!(std::fs::read_to_string(&list).unwrap_or_default(), text);
    }
}
