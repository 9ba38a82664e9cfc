//! The pages of the codes: a refused example is refused with that code, an accepted one is clean.

use diagnostics::Report;
use source::FileId;
use syntax::Limits;

/// Limits under which a small example is too large.
fn limits(code: &str) -> Limits {
    match code {
        "block-too-deep" => Limits {
            depth: 2,
            ..Limits::STANDARD
        },
        "file-too-large" => Limits {
            file_bytes: 30,
            ..Limits::STANDARD
        },
        "too-many-errors" => Limits {
            errors: 2,
            ..Limits::STANDARD
        },
        _ => Limits::STANDARD,
    }
}

/// The examples behind a heading. `<U+202E>` stands for that code point, which no page holds.
fn examples(page: &str, heading: &str) -> Vec<String> {
    let Some((_, after)) = page.split_once(&format!("\n{heading}\n")) else {
        return Vec::new();
    };
    let section = after
        .split_once("\nAccepted:\n")
        .map_or(after, |(section, _)| section);
    section
        .split("```kdl\n")
        .skip(1)
        .map(|block| block.split_once("\n```").expect("an example is closed").0)
        .map(|text| {
            text.replace("<U+202E>", "\u{202e}")
                .replace("<U+200B>", "\u{200b}")
        })
        .collect()
}

#[test]
fn the_examples_on_the_pages_are_so() {
    for code in syntax::CODES {
        let codes = |text: &String| -> Vec<&str> {
            let mut report = Report::default();
            let _ = syntax::parse(FileId(0), text.as_str(), &limits(code.name), &mut report);
            report.diagnostics().iter().map(|found| found.code.name).collect()
        };
        let (refused, accepted) = (examples(code.docs, "Refused:"), examples(code.docs, "Accepted:"));
        // What is no text cannot stand on a page.
        assert!(!refused.is_empty() || code.name == "not-utf8", "{}", code.name);
        assert!(!accepted.is_empty(), "{}", code.name);
        for text in refused {
            assert!(
                codes(&text).contains(&code.name),
                "{}: {:?}",
                code.name,
                codes(&text)
            );
        }
        for text in accepted {
            assert!(codes(&text).is_empty(), "{}: {:?}", code.name, codes(&text));
        }
    }
}
