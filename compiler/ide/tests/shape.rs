//! Folding, selection, symbols, tokens, edits.

use ide::outline::{around, folds, symbols};
use ide::tokens::{Colour, tokens};
use ide::{actions, layout};
use source::Span;

use crate::asking::{FILE, NOTES, applied, cursor, snapshot};

#[test]
fn blocks_and_comments_fold() {
    let text = "// one\n// two\nproject p {\n    account a {\n        b\n    }\n}\n/* x */ team t\n";
    let snapshot = snapshot(text);
    let document = snapshot.document(FILE).unwrap();
    let found: Vec<(&str, bool)> = folds(document)
        .iter()
        .map(|fold| {
            (
                &text[fold.span.start as usize..fold.span.end as usize],
                fold.is_comment,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (" {\n    account a {\n        b\n    }\n}", false),
            (" {\n        b\n    }", false),
            ("// one\n// two", true),
        ]
    );
}

#[test]
fn selection_grows_from_a_value_to_the_file() {
    let (text, at) = cursor("team a\nbucket b { encrypted key=no‸tes; retain \"1d\" }\n");
    let snapshot = snapshot(&text);
    let spans: Vec<&str> = around(snapshot.document(FILE).unwrap(), at)
        .into_iter()
        .map(|span| &text[span.start as usize..span.end as usize])
        .collect();
    assert_eq!(
        spans,
        [
            "notes",
            "key=notes",
            "encrypted key=notes",
            "bucket b { encrypted key=notes; retain \"1d\" }",
            text.as_str(),
        ]
    );
}

#[test]
fn declarations_are_symbols_with_what_they_hold() {
    let snapshot = snapshot(NOTES);
    let found = symbols(snapshot.document(FILE).unwrap());
    let names: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.inner.iter().map(|inner| inner.name.as_str()).collect(),
            )
        })
        .collect();
    assert_eq!(names[0], ("paper", vec!["main"]));
    assert!(names.contains(&("cloud", vec!["apps"])));
    assert!(names.contains(&("scribe", vec!["http"])));
    assert!(names.contains(&("trust scribe -> notes", vec![])));
}

#[test]
fn words_have_their_colours() {
    let text = format!(
        "{NOTES}// the end\ntrust scribe -> nowhere {{ allow write; because #\"a\nb\"#; expires \"2027-01-01\" }}\n"
    );
    let snapshot = snapshot(&text);
    let found = tokens(&snapshot, FILE);
    let of = |word: &str, behind: &str| {
        let at = text.rfind(behind).unwrap() + behind.find(word).unwrap();
        let found = found.iter().find(|token| token.span.start as usize == at);
        found.unwrap_or_else(|| panic!("{word}")).colour
    };
    assert_eq!(of("workload", "workload scribe"), Colour::Keyword);
    assert_eq!(of("bucket", "bucket notes"), Colour::Kind);
    assert_eq!(of("encrypted", "encrypted key"), Colour::Fact);
    assert_eq!(of("notes-key", "key=notes-key"), Colour::Name);
    assert_eq!(of("scribe", "trust scribe -> nowhere"), Colour::Actor);
    assert_eq!(of("apps", "segment=apps"), Colour::Place);
    assert_eq!(of("->", "-> nowhere"), Colour::Operator);
    assert_eq!(of("nowhere", "-> nowhere"), Colour::Text);
    assert_eq!(of("write", "allow write; because #"), Colour::Capability);
    assert_eq!(of("ecs", "runs-on=ecs"), Colour::Word);
    assert_eq!(of("8080", "tcp=8080"), Colour::Number);
    assert_eq!(of("// the end", "// the end"), Colour::Comment);
    let mut end = 0;
    for token in &found {
        assert!(token.span.start >= end, "{token:?} begins behind the one before");
        end = token.span.end;
    }
    assert!(found.iter().filter(|token| token.is_declared).count() >= 7);
}

#[test]
fn a_trust_without_a_reason_is_offered_one_and_an_actor_a_trust() {
    let (text, at) = cursor(&NOTES.replacen("; because \"It asks\"", "‸", 1));
    let found = actions::actions(&snapshot(&text), FILE, at);
    let because = found
        .iter()
        .find(|action| action.title == "add `because`")
        .unwrap();
    assert!(applied(&text, &because.edits).contains("{ allow connect; because \"\" }"));
    let (text, at) = cursor(&NOTES.replacen("workload reader", "workload ‸reader", 1));
    let found = actions::actions(&snapshot(&text), FILE, at);
    assert_eq!(found[0].title, "add a trust of `reader`");
    assert!(
        applied(&text, &found[0].edits)
            .ends_with("trust reader -> OBJECT { allow CAPABILITY; because \"\" }\n")
    );
    // What does not act is offered none.
    let (text, at) = cursor(&NOTES.replacen("bucket notes", "bucket ‸notes", 1));
    assert!(actions::actions(&snapshot(&text), FILE, at).is_empty());
}

#[test]
fn a_test_that_wants_a_trust_offers_it() {
    let (text, at) = cursor(&format!(
        "{NOTES}test \"t\" {{ as reader {{ can read‸ notes under=\"in/\" }} }}\n"
    ));
    let found = actions::actions(&snapshot(&text), FILE, at);
    let text = applied(&text, &found[0].edits);
    assert!(
        text.ends_with("trust reader -> notes { allow read; under \"in/\"; because \"\" }\n"),
        "{text}"
    );
}

#[test]
fn a_layout_is_reached_by_edits_of_single_lines() {
    let text = "team   a\nteam b\n\n\n\nteam c {\n}\n";
    let edits = layout::edits(FILE, text).unwrap();
    let formatted = applied(text, &edits);
    assert_eq!(layout::edits(FILE, &formatted), Some(Vec::new()));
    assert!(edits.len() > 1);
    let first = layout::within(edits, Span::new(FILE, 2, 2));
    assert_eq!(applied(text, &first), "team a\nteam b\n\n\n\nteam c {\n}\n");
}

#[test]
fn a_fact_more_goes_where_the_others_are() {
    for (before, after) in [
        ("team a‸", "team a { x }"),
        ("team a { ‸}", "team a { x }"),
        ("team a { b‸ }", "team a { b; x }"),
        ("team a {\n    b‸ // why\n}", "team a {\n    b // why\n    x\n}"),
        ("team a {\n    b‸; c }", "team a {\n    b; c; x }"),
    ] {
        let (text, at) = cursor(before);
        let snapshot = snapshot(&text);
        let document = snapshot.document(FILE).unwrap();
        let line = ide::tree::cursor(document, at).lines[0];
        assert_eq!(applied(&text, &[ide::edit::fact(document, line, "x")]), after);
    }
}
