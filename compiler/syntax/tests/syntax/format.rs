//! The formatter: what it changes, and what it leaves.

use std::path::{Path, PathBuf};

use diagnostics::Report;
use source::FileId;

use crate::{suite, target};

fn formatted(text: &str, report: &mut Report) -> Option<String> {
    syntax::format::format(FileId(0), text, &syntax::Limits::STANDARD, report)
}

fn format(text: &str) -> String {
    target::check(text);
    let mut report = Report::default();
    formatted(text, &mut report).unwrap_or_else(|| panic!("{:?}", report.diagnostics()))
}

#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(format(text), expected);
    assert_eq!(format(expected), expected);
}

#[test]
fn layout_is_made_one() {
    becomes("a   b\t c=1  {\n}", "a b c=1 {}\n");
}

#[test]
fn blocks_are_indented_by_four() {
    becomes(
        "a {\nb {\n  c\n\t d\n}\n}",
        "a {\n    b {\n        c\n        d\n    }\n}\n",
    );
}

#[test]
fn blocks_on_one_line_stay_there_while_they_fit() {
    becomes("a {b;c   1;}", "a { b; c 1 }\n");
    becomes("a { b { c; d }; e }", "a { b { c; d }; e }\n");
    let long = format!("a {{ b {}; c {{ d; e }} }}\n", "x".repeat(100));
    becomes(
        &long,
        &format!("a {{\n    b {}\n    c {{ d; e }}\n}}\n", "x".repeat(100)),
    );
    becomes("a { b\n }", "a {\n    b\n}\n");
}

#[test]
fn a_line_has_110_characters_at_most() {
    for (characters, is_one_line) in [(110, true), (111, false)] {
        let text = format!("a {{ b; c {} }}\n", "ä".repeat(characters - 11));
        assert_eq!(text.trim_end().chars().count(), characters);
        assert_eq!(format(&text) == text, is_one_line);
    }
}

#[test]
fn semicolons_between_lines_become_newlines() {
    becomes("a; b;\nc;", "a\nb\nc\n");
}

#[test]
fn comments_stay_where_they_are() {
    becomes(
        "// first\n\n\n\na   // on a\n  // own\n/* block */ b /* in */ c { // on the brace\n d // on d\n\n // last\n}  // after\n// end",
        "// first\n\na // on a\n// own\n/* block */ b /* in */ c { // on the brace\n    d // on d\n\n    // last\n} // after\n// end\n",
    );
    becomes("a { /* c */ }", "a { /* c */ }\n");
    becomes("a {\n/* c */ }", "a {\n    /* c */\n}\n");
    becomes("a \\ // c\n /* d */; // e\nb", "a // c\n/* d */ // e\nb\n");
    becomes("a { b /* c */ ; /* d */ c }", "a { b /* c */; /* d */ c }\n");
}

#[test]
fn literals_stay_as_written() {
    becomes(
        "a  0xff 1_000 +1 1.50 \"x\\u{41}\" #\"r\"# 012345678901",
        "a 0xff 1_000 +1 1.50 \"x\\u{41}\" #\"r\"# 012345678901\n",
    );
}

#[test]
fn multi_line_strings_are_not_touched() {
    let string = "\"\"\"\n      x  \n\n    y\n    \"\"\"";
    becomes(
        &format!("a {{\nb {string}\n}}"),
        &format!("a {{\n    b {string}\n}}\n"),
    );
}

#[test]
fn continued_lines_stay_continued() {
    becomes("a \\\nb \\ // c\n  d", "a \\\n    b \\ // c\n    d\n");
    becomes("a \\\n\nb", "a\n\nb\n");
}

#[test]
fn what_a_slashdash_takes_out_stays() {
    becomes("a  /-b  /- c=1 /-{\nd\n}", "a /-b /- c=1 /-{\n    d\n}\n");
    becomes("/-\n  a { b }", "/- a { b }\n");
    becomes("a /- // why\n  b", "a /- // why\n    b\n");
    becomes("/- kdl-version 2\na", "/- kdl-version 2\na\n");
}

#[test]
fn blank_lines_are_one_at_most() {
    becomes(
        "\n\na\n\n\n\nb {\n\n\nc\n\n\nd\n\n}\n\n\n",
        "a\n\nb {\n    c\n\n    d\n}\n",
    );
}

#[test]
fn newlines_of_any_sort_become_one_sort() {
    becomes("a\r\nb\rc\u{85}d\u{2028}e", "a\nb\nc\nd\ne\n");
    becomes("\u{feff}a", "a\n");
    becomes("", "");
    becomes(" \n \n", "");
}

#[test]
fn a_document_with_errors_is_left_alone() {
    for text in ["a 90d", "a {", "a }", "a \"x"] {
        assert_eq!(formatted(text, &mut Report::default()), None, "{text}");
    }
}

/// A text is read in runs of whole nodes: what stands before a run, a comment or a blank line, is where it was.
#[test]
fn a_long_text_is_read_in_runs() {
    let node = "a 1 {\n    // Said.\n    b { c; d }\n\n    e\n}\n\n// Before the next.\n/- f { g }\n";
    let text = node.repeat(5_000);
    assert_eq!(format(&text), text);
    assert_eq!(format(&text.replace("    ", " ").replace('\n', "\r\n")), text);
    let broken = format!("{text}}}\n{text}");
    let mut report = Report::default();
    assert_eq!(formatted(&broken, &mut report), None);
    let (_, parsed) = crate::canonical::parse(&broken);
    assert_eq!(
        format!("{:?}", report.diagnostics()),
        format!("{:?}", parsed.diagnostics())
    );
}

/// Every fixture of the repository: standard library, examples, golden inputs.
#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
fn fixtures(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fixtures(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "kdl")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            found.push((path, text));
        }
    }
}

#[test]
fn every_fixture_keeps_its_tokens() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["stdlib", "examples", "golden"] {
        fixtures(&root.join(folder), &mut found);
    }
    assert!(!found.is_empty());
    found.extend(
        suite::cases()
            .into_iter()
            .map(|(name, (text, _))| (PathBuf::from(name), text)),
    );
    for (path, text) in found {
        assert!(
            std::panic::catch_unwind(|| target::check(&text)).is_ok(),
            "{}",
            path.display()
        );
    }
}
