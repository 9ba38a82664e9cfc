//! Our reader against the `kdl` crate, on generated documents and on mutated ones.

use diagnostics::Report;
use kdl::{KdlDocument, KdlEntry, KdlValue};
use proptest::prelude::*;

use crate::canonical::{float, parse, print, string};
use crate::mutate::{Random, SEEDS, mutate};
use crate::suite::{self, TRAPS};

/// Where `kdl` 6.7 is known to differ from the specification.
struct Difference {
    reason: &'static str,
    /// The code that we give and `kdl` has no error for; empty where `kdl` has an error and we have none.
    code: &'static str,
    /// What our message holds.
    message: &'static str,
    /// What the text holds.
    text: &'static str,
    /// The smallest text that shows it.
    example: &'static str,
}

/// One that is no longer true fails.
const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "the specification forbids these code points everywhere; `kdl` takes them in comments, and U+007F anywhere",
        code: "disallowed-character",
        message: "may not stand in a document",
        text: "",
        example: "a // \u{7f}",
    },
    Difference {
        reason: "a raw string in three quotes has several lines; `kdl` takes one (the suite: multiline_raw_string_single_line_err_fail)",
        code: "malformed-string",
        message: "is followed by a newline",
        text: "#\"\"\"",
        example: "a #\"\"\"b\"\"\"#",
    },
    Difference {
        reason: "the grammar has `node-space+` before a block; `kdl` takes none",
        code: "missing-space",
        message: "before `{`",
        text: "",
        example: "a 1{\n}",
    },
    Difference {
        reason: "as before; we take `a{b}` for text with a placeholder",
        code: "unquoted-value",
        message: "it holds a placeholder",
        text: "",
        example: "a{b}",
    },
    Difference {
        reason: "the grammar has `node-space+` before a `/-`; `kdl` takes none behind blocks and keywords",
        code: "missing-space",
        message: "before `/-`",
        text: "",
        example: "a {}/-{}",
    },
    Difference {
        reason: "a keyword ends at a space; `kdl` reads on behind it in what a `/-` takes out",
        code: "missing-space",
        message: "no space",
        text: "/-",
        example: "/-a #true\"b\"",
    },
    Difference {
        reason: "as before, with a word",
        code: "unknown-keyword",
        message: "is no keyword",
        text: "/-",
        example: "/-a #true-b",
    },
    Difference {
        reason: "who writes `'a b'` or a backtick means a quoted text; `kdl` takes the sign for a part of a bare one",
        code: "typographic-quote",
        message: "quotes nothing",
        text: "",
        example: "a 'b'",
    },
    Difference {
        reason: "`-inf` is one of the words that no bare string may be; `kdl` takes it for the name of a node",
        code: "outdated-kdl",
        message: "`-inf`",
        text: "",
        example: "-inf",
    },
    Difference {
        reason: "what a `/-` takes out is no other `/-`; `kdl` takes several",
        code: "misplaced-slashdash",
        message: "takes nothing out here",
        text: "/-",
        example: "a /- /-b c",
    },
    Difference {
        reason: "a slashdashed node ends as any node does; `kdl` reads the next one on the same line",
        code: "unexpected-token",
        message: "may follow a block",
        text: "/-",
        example: "/-a { b } c { d }",
    },
    Difference {
        reason: "a slashdashed node may end in `;` as any node; `kdl` refuses it",
        code: "",
        message: "",
        text: "/-",
        example: "/-a;",
    },
    Difference {
        reason: "integers have no limit; `kdl` has 128 bits",
        code: "",
        message: "",
        text: "0x",
        example: "a 0xffffffffffffffffffffffffffffffffff",
    },
];

/// The known difference that explains why we, or they, refuse a text. Behind our first error, the two readers do not stand
/// at the same place any more.
fn known(text: &str, ours: bool, mut report: Report) -> Option<usize> {
    report.sort();
    let first = report
        .diagnostics()
        .iter()
        .find(|found| !TRAPS.contains(&found.code.name));
    let (code, message) = match first {
        Some(found) if !ours => (found.code.name, found.message.as_str()),
        _ => ("", ""),
    };
    let is_known = |known: &Difference| {
        let is_in_text = match (known.code, known.text) {
            ("", "/-") => text.contains("/-") && text.contains(';'),
            ("", _) => text.split("0x").skip(1).any(|digits| {
                digits
                    .bytes()
                    .take_while(|byte| byte.is_ascii_hexdigit() || *byte == b'_')
                    .count()
                    >= 32
            }),
            (_, part) => text.contains(part),
        };
        known.code == code && message.contains(known.message) && is_in_text
    };
    DIFFERENCES.iter().position(is_known)
}

/// Texts on which `kdl` takes exponential time or overflows its stack.
fn is_too_much_for_kdl(text: &str) -> bool {
    text.matches('{').count() > 40 || text.matches("/-").count() > 8 || text.len() > 4_000
}

fn canonical(document: &KdlDocument, depth: usize, out: &mut String) {
    for node in document.nodes() {
        out.push_str(&"    ".repeat(depth));
        if let Some(annotation) = node.ty() {
            *out += &format!("({})", string(annotation.value()));
        }
        *out += &string(node.name().value());
        for (index, entry) in node.entries().iter().enumerate() {
            let is_overridden = entry.name().is_some_and(|name| {
                node.entries()[index + 1..]
                    .iter()
                    .any(|later| later.name().is_some_and(|later| later.value() == name.value()))
            });
            if !is_overridden {
                out.push(' ');
                *out += &show(entry);
            }
        }
        match node.children() {
            Some(children) if !children.nodes().is_empty() => {
                out.push_str(" {\n");
                canonical(children, depth + 1, out);
                *out += &"    ".repeat(depth);
                out.push_str("}\n");
            }
            _ => out.push('\n'),
        }
    }
}

fn show(entry: &KdlEntry) -> String {
    let name = entry
        .name()
        .map_or(String::new(), |name| format!("{}=", string(name.value())));
    let annotation = entry.ty().map_or(String::new(), |annotation| {
        format!("({})", string(annotation.value()))
    });
    let value = match entry.value() {
        KdlValue::String(text) => string(text),
        KdlValue::Integer(value) => value.to_string(),
        KdlValue::Float(value) => float(*value),
        KdlValue::Bool(value) => format!("#{value}"),
        KdlValue::Null => "#null".to_owned(),
    };
    name + &annotation + &value
}

/// What both say about a text, if they do not say the same; else the known difference that was met.
fn compare(text: &str) -> Result<Option<usize>, String> {
    let (document, report) = parse(text);
    let theirs = KdlDocument::parse_v2(text);
    let ours = document.is_well_formed();
    if ours != theirs.is_ok() {
        let codes: Vec<_> = report.diagnostics().iter().map(|found| found.code.name).collect();
        // Beside a quote that we refuse, all else has to be as they say.
        let signs = ['\'', '`'];
        if codes.contains(&"typographic-quote") && codes.len() > 1 && text.contains(signs) {
            return compare(&text.replace(signs, "x"));
        }
        return known(text, ours, report)
            .map(Some)
            .ok_or_else(|| format!("we say {ours} {codes:?}, they {}: {text:?}", theirs.is_ok()));
    }
    if let (true, Ok(theirs)) = (ours, theirs) {
        let mut expected = String::new();
        canonical(&theirs, 0, &mut expected);
        if expected.is_empty() {
            expected.push('\n');
        }
        let printed = print(&document);
        if printed != expected {
            return Err(format!("we read {printed:?}, they {expected:?}; {text:?}"));
        }
    }
    Ok(None)
}

#[test]
fn mutated_documents_are_read_as_kdl_reads_them() {
    let mut corpus: Vec<String> = SEEDS.iter().map(|text| (*text).to_owned()).collect();
    corpus.extend(suite::cases().into_values().map(|(text, _)| text));
    let mut random = Random::new(2);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for _ in 0..40_000 {
        let text = mutate(&corpus, &mut random);
        if is_too_much_for_kdl(&text) {
            continue;
        }
        compared += 1;
        if let Err(difference) = compare(&text) {
            wrong.push(difference);
        }
    }
    let count = wrong.len();
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{count} of {compared}:\n{}", wrong.join("\n"));
    assert!(compared > 30_000, "{compared}");
}

#[test]
fn the_known_differences_are_still_there() {
    for (index, known) in DIFFERENCES.iter().enumerate() {
        assert_eq!(
            compare(known.example),
            Ok(Some(index)),
            "{}: {:?}",
            known.reason,
            known.example
        );
    }
}

#[test]
fn traps_are_the_only_codes_on_valid_kdl() {
    for (name, (text, expected)) in suite::cases() {
        if expected.is_some() {
            let (_, report) = parse(&text);
            assert!(
                report
                    .diagnostics()
                    .iter()
                    .all(|found| TRAPS.contains(&found.code.name)),
                "{name}"
            );
        }
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9-]{0,6}",
        r#"[-+.@$%^&*!?~<>|:'_][a-z_:*-]{0,4}"#.prop_filter("a keyword", |word| word != "-inf"),
        "[é한👍ß]{1,3}",
    ]
    .prop_filter("a keyword", |word| {
        !matches!(word.as_str(), "true" | "false" | "null" | "inf" | "nan" | "-inf")
    })
}

fn text_value() -> impl Strategy<Value = String> {
    prop_oneof![
        word(),
        r#"([a-zA-Z0-9 /{}();=#é]|\\n|\\t|\\s|\\"|\\\\|\\u\{1f44d\}|\\ +|\\ *\n *){0,8}"#
            .prop_map(|body| format!("\"{body}\"")),
        "[a-z /{}();=\\\\é]{1,8}".prop_map(|body| format!("#\"{body}\"#")),
        ("[a-z /\"]{0,1}[a-z /]{0,6}", "[ \t]{0,3}", "[a-z {}=;]{0,8}").prop_map(|(one, indent, two)| {
            format!("\"\"\"\n{indent}{one}\n\n{indent}  {two}\n{indent}\"\"\"")
        }),
        ("[a-z /\\\\]{0,6}", "[ \t]{0,3}")
            .prop_map(|(one, indent)| format!("##\"\"\"\n{indent}{one}\n{indent}\"\"\"##")),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => text_value(),
        1 => "[-+]?[0-9][0-9_]{0,9}(\\.[0-9][0-9_]{0,4})?([eE][-+]?[0-9]{1,2})?",
        1 => "[-+]?0x[0-9a-fA-F][0-9a-fA-F_]{0,8}",
        1 => "[-+]?0o[0-7][0-7_]{0,8}",
        1 => "[-+]?0b[01][01_]{0,8}",
        1 => "#(true|false|null|inf|-inf|nan)",
    ]
}

fn gap() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(" ".to_owned()),
        1 => "[ \t\u{a0}]{1,3}",
        1 => "/\\*[a-z \n]{0,5}\\*/",
        1 => " \\\\ *(// [a-z]{0,3})?\r?\n *",
    ]
}

fn entry() -> impl Strategy<Value = String> {
    let annotated = (proptest::option::of(word()), value()).prop_map(|(annotation, value)| {
        annotation.map_or(value.clone(), |annotation| format!("({annotation}){value}"))
    });
    let name = proptest::option::of(prop_oneof![word(), text_value()]);
    (gap(), proptest::bool::weighted(0.1), name, annotated).prop_map(|(gap, is_commented, name, value)| {
        let slashdash = if is_commented { "/-" } else { "" };
        let name = name.map_or(String::new(), |name| format!("{name}="));
        format!("{gap}{slashdash}{name}{value}")
    })
}

fn document() -> impl Strategy<Value = String> {
    let head = (
        proptest::bool::weighted(0.1),
        prop_oneof![word(), text_value()],
        proptest::collection::vec(entry(), 0..4),
    );
    let leaf = head
        .prop_map(|(is_commented, name, entries)| {
            format!(
                "{}{name}{}",
                if is_commented { "/-" } else { "" },
                entries.concat()
            )
        })
        .boxed();
    let ends = prop_oneof![
        Just("\n"),
        Just(";"),
        Just(" ; "),
        Just("\r\n"),
        Just(" // c\n"),
        Just("\n\n/* d */ ")
    ];
    let node = leaf.clone().prop_recursive(3, 24, 4, move |inner| {
        (
            leaf.clone(),
            proptest::collection::vec((inner, ends.clone()), 0..4),
            proptest::bool::weighted(0.1),
        )
            .prop_map(|(head, nodes, is_commented)| {
                let body: String = nodes.into_iter().map(|(node, end)| node + end).collect();
                format!("{head} {}{{ {body} }}", if is_commented { "/-" } else { "" })
            })
    });
    proptest::collection::vec(node, 0..4).prop_map(|nodes| nodes.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_documents_are_read_as_kdl_reads_them(text in document()) {
        if !is_too_much_for_kdl(&text) {
            let outcome = compare(&text);
            prop_assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
        }
        crate::target::check(&text);
    }
}
