//! Input that means harm, and input that is only large.

use std::fmt::Write;
use std::path::Path;

use diagnostics::Report;
use proptest::prelude::*;
use source::FileId;
use syntax::Limits;
use syntax::document::Document;

use crate::canonical::parse;
use crate::mutate::{Random, SEEDS, mutate};
use crate::{suite, target};

fn codes(report: &Report) -> Vec<&'static str> {
    report.diagnostics().iter().map(|found| found.code.name).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_tree(text in any::<String>()) {
        target::check(&text);
    }

    #[test]
    fn text_of_the_characters_that_matter_has_a_tree(text in r#"[a-c01 \n\r\t{}()\[\]=;"\\/*#\-+.,e\u{85}\u{feff}\u{200e}]{0,80}"#) {
        target::check(&text);
    }
}

#[test]
fn mutated_documents_keep_every_promise() {
    let mut corpus: Vec<String> = SEEDS.iter().map(|text| (*text).to_owned()).collect();
    corpus.extend(suite::cases().into_values().map(|(text, _)| text));
    let mut random = Random::new(1);
    for round in 0..100_000 {
        let text = mutate(&corpus, &mut random);
        if std::panic::catch_unwind(|| target::check(&text)).is_err() {
            panic!("round {round}: {text:?}");
        }
    }
}

#[test]
fn a_hundred_thousand_blocks_are_read_and_refused() {
    let text = "a { ".repeat(100_000) + &"} ".repeat(100_000);
    let (document, report) = parse(&text);
    assert_eq!(codes(&report), ["block-too-deep"]);
    let mut depth = 0;
    let mut nodes = document.nodes();
    while let Some(node) = nodes.next() {
        depth += 1;
        nodes = node.children();
    }
    assert_eq!(
        depth,
        Limits::STANDARD.depth + 1,
        "a node in each block, and one at the top"
    );
    let (_, report) = parse(&"a {".repeat(100_000));
    assert_eq!(report.diagnostics().len(), Limits::STANDARD.errors + 1);
}

#[test]
fn nested_slashdashes_cost_their_length() {
    for text in [
        "a /-{ ".repeat(200) + &"} ".repeat(200),
        "/-a { ".repeat(200) + &"} ".repeat(200),
    ] {
        let (document, report) = parse(&text);
        assert_eq!(codes(&report), [] as [&str; 0]);
        assert!(document.nodes().all(|node| !node.has_children_block()));
    }
    let (_, report) = parse(&("a /-{ ".repeat(50_000) + &"} ".repeat(50_000)));
    assert_eq!(codes(&report), ["block-too-deep"]);
    let (_, report) = parse(&"/-".repeat(100_000));
    assert!(codes(&report).contains(&"misplaced-slashdash"));
}

#[test]
fn a_line_of_200_mb_is_refused_at_once() {
    let text = "x".repeat(200 << 20);
    let mut report = Report::default();
    let document = syntax::parse(FileId(0), text.as_str(), &Limits::STANDARD, &mut report);
    assert_eq!(codes(&report), ["file-too-large"]);
    assert!(document.nodes().next().is_none());
    assert!(document.text().is_empty(), "the text was not copied");
}

#[test]
fn long_runs_of_one_thing_are_read() {
    // Each of these is quadratic, or deep, in a careless reader. A debug build reads them in seconds at most.
    let pieces = [
        "\"",
        "#",
        "#\"",
        "\"#",
        "\"\"\"\n",
        "#\"\"\"\n",
        "##\"\"\"\"#",
        "\\",
        "\\ ",
        "\\u{",
        "/*",
        "*/",
        "/* */",
        "(",
        ")",
        "{",
        "}",
        "=",
        ";",
        "a=",
        "a=(",
        "/-",
        "r\"",
        "r#",
        ",",
        "a,",
        "[",
        "/",
        "\u{feff}",
        "\u{85}",
        "\u{a0}",
        "\u{202e}",
        "a\\\n",
        "90d ",
        "\"\\q",
        "k=1 ",
        "\"\"\"\n  \\",
        "https://",
        "true ",
        "{ ",
        "(a",
        "a{",
        "/-{",
    ];
    for piece in pieces {
        let (document, _) = parse(&piece.repeat(200_000));
        let _ = document.nodes().map(|node| node.entries().count()).sum::<usize>();
        let prefixed = format!("a {}", piece.repeat(200_000));
        let mut report = diagnostics::Report::default();
        let _ = syntax::format::format(
            source::FileId(0),
            &prefixed,
            &syntax::Limits::STANDARD,
            &mut report,
        );
    }
}

#[test]
fn properties_given_twice_are_found_among_many() {
    let mut text = String::from("a");
    for index in 0..50_000 {
        let _ = write!(text, " k{index}={index}");
    }
    assert!(codes(&parse(&text).1).is_empty());
    let (document, report) = parse(&(text + " k17=0 \"k17\"=1 /-k18=2"));
    assert_eq!(codes(&report), ["duplicate-property"; 2]);
    assert_eq!(
        document.nodes().next().unwrap().property("k17").unwrap().as_u64(),
        Some(1)
    );
}

#[test]
fn code_points_that_kdl_forbids_are_found_wherever_they_stand() {
    for character in [
        '\u{0}', '\u{1b}', '\u{7f}', '\u{200e}', '\u{202e}', '\u{2066}', '\u{feff}',
    ] {
        for text in [
            "a // {}",
            "a /* {} */ b",
            "a {}",
            "a \"x{}\"",
            "a #\"{}\"#",
            "{}a",
            "a\n{}",
            "a{}b",
        ] {
            // The first code point of all may be a byte order mark.
            let text = format!(" {}", text.replace("{}", &character.to_string()));
            let (document, report) = parse(&text);
            assert_eq!(codes(&report), ["disallowed-character"], "{text:?}");
            assert!(!document.is_well_formed());
        }
        for length in 0..130 {
            let text = format!("//{}{character}", "x".repeat(length));
            assert_eq!(codes(&parse(&text).1), ["disallowed-character"], "{text:?}");
        }
    }
    assert!(codes(&parse("\u{feff}a").1).is_empty());
    assert_eq!(codes(&parse("\u{feff}\u{feff}a").1), ["disallowed-character"]);
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    let (document, report) = parse("a 90d\nb 1.2.3 {\n    c = 4\n    d true\n}\ne \"x\nf )\ng k=\nh 1\n");
    assert_eq!(
        codes(&report),
        [
            "unquoted-value",
            "unquoted-value",
            "unexpected-token",
            "outdated-kdl",
            "unclosed-string",
            "unexpected-token",
            "missing-value",
        ]
    );
    let names: Vec<_> = document.nodes().map(|node| node.name().into_owned()).collect();
    assert_eq!(names, ["a", "b", "e", "f", "g", "h"]);
}

#[test]
fn documents_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Document>();
}

#[test]
fn the_fuzz_target_is_a_crate_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    assert!(folder.join("Cargo.toml").exists() && folder.join("src/main.rs").exists());
}
