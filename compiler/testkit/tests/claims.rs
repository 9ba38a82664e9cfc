//! The table of claims, `docs/claims.md`: each line names tests and goldens that exist, and nothing that is claimed is without a line.
//!
//! What has to have a line is read from the documents themselves, so that a sentence that is added without one fails by its name.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "documents and tests are files, and one that is laid out otherwise fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use testkit::golden;

/// One line of the table.
struct Claim {
    section: String,
    said_at: String,
    held_by: Vec<String>,
}

fn text(path: &str) -> String {
    std::fs::read_to_string(golden::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of a row of a table.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

fn claims() -> Vec<Claim> {
    let page = text("docs/claims.md");
    let mut claims = Vec::new();
    let mut section = "";
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            section = name;
        }
        if !line.starts_with("| ") || line.starts_with("| said at ") {
            continue;
        }
        let cells = cells(line);
        let [said_at, claim, held_by] = cells.as_slice() else {
            panic!("three cells are wanted: {line}");
        };
        assert!(!claim.is_empty(), "{line}");
        let held_by = held_by.split('`').skip(1).step_by(2);
        claims.push(Claim {
            section: section.to_owned(),
            said_at: (*said_at).to_owned(),
            held_by: held_by.map(str::to_owned).collect(),
        });
    }
    assert!(claims.len() > 100, "{}", claims.len());
    claims
}

/// Text without its marks.
fn plain(text: &str) -> String {
    // A star that stands alone is a word of the language.
    let text = text.replace("`*`", "\u{1}").replace(['`', '*'], "");
    text.replace('\u{1}', "*").trim().to_owned()
}

/// What a document claims, piece by piece: headings, what begins in bold, list entries by their first words, and rows of tables by their
/// first cell, if these are asked for.
fn pieces(page: &str, with_rows: bool) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut is_code, mut row) = (false, 0);
    for line in page.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            continue;
        }
        if line.starts_with('|') {
            row += 1;
            // Behind its head and the line below it.
            if with_rows && row > 2 {
                pieces.extend(cells(line).first().map(|cell| plain(cell)));
            }
            continue;
        }
        row = 0;
        let entry = line.strip_prefix("- ").or_else(|| {
            let (number, rest) = line.split_once(". ")?;
            number.parse::<u32>().ok().map(|_| rest)
        });
        if line.starts_with('#') {
            pieces.push(plain(line.trim_start_matches('#')));
        } else if let Some(bold) = entry.unwrap_or(line).strip_prefix("**") {
            let bold = bold.split("**").next().unwrap_or("");
            pieces.push(plain(bold).trim_end_matches('.').to_owned());
        } else if let Some(entry) = entry.filter(|entry| !entry.starts_with('[')) {
            // A link claims that a page is there, and another test holds that.
            let entry = plain(entry);
            let words: Vec<&str> = entry.split_whitespace().take(5).collect();
            pieces.push(words.join(" ").trim_end_matches(['.', ',', ':', ';']).to_owned());
        }
    }
    pieces
}

/// The documents whose every piece is a claim.
const DOCUMENTS: [(&str, bool); 4] = [
    ("docs/proof.md", true),
    ("docs/language-server.md", true),
    ("docs/language.md", false),
    ("README.md", false),
];

#[test]
fn every_piece_of_the_documents_has_a_line() {
    let claims = claims();
    let mut wrong = Vec::new();
    for (path, with_rows) in DOCUMENTS {
        let pieces = pieces(&text(path), with_rows);
        let said: BTreeSet<&str> = claims
            .iter()
            .filter(|claim| claim.section == path)
            .map(|claim| claim.said_at.as_str())
            .collect();
        for piece in &pieces {
            if !said.contains(piece.as_str()) {
                wrong.push(format!("{path}: `{piece}` has no line in docs/claims.md"));
            }
        }
        for lost in said
            .iter()
            .filter(|said| !pieces.iter().any(|piece| piece == *said))
        {
            wrong.push(format!("{path} has no `{lost}` any more"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_and_every_golden_that_is_named_exists() {
    let root = golden::root();
    let mut sources: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for claim in claims() {
        let Claim {
            section,
            said_at,
            held_by,
        } = &claim;
        if held_by.is_empty() {
            wrong.push(format!("{section}: {said_at}: is held by nothing"));
        }
        for held in held_by {
            if held.starts_with("golden/") {
                let path = root.join(held);
                let is_there = path.is_file() || !golden::tree(&path).is_empty();
                if !is_there {
                    wrong.push(format!("{section}: {said_at}: there is no {held}"));
                }
                continue;
            }
            let (file, test) = match held.split_once("::") {
                Some((file, test)) => (file, Some(test)),
                None => (held.as_str(), None),
            };
            let source = sources
                .entry(file.to_owned())
                .or_insert_with(|| std::fs::read_to_string(root.join("compiler").join(file)).ok());
            let is_there = source.as_ref().is_some_and(|source| match test {
                Some(test) => is_test(source, test),
                None => source.contains("#[test]") || source.contains("/// ```"),
            });
            if !is_there {
                wrong.push(format!("{section}: {said_at}: there is no {held}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a source has a test of this name: a function of that name behind `#[test]`.
fn is_test(source: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let mut heads = source.match_indices(&head);
    heads.any(|(at, _)| {
        let before = source.get(..at).unwrap_or("");
        before.rsplit("\n\n").next().unwrap_or("").contains("#[test]")
    })
}

/// Everything that holds a claim as one text: sources of tests, and files of goldens.
fn holding(claim: &Claim) -> String {
    let mut held = String::new();
    for path in &claim.held_by {
        if path.starts_with("golden/") {
            let files = golden::tree(&golden::root().join(path)).into_values();
            held.extend(files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
        } else {
            let file = path.split_once("::").map_or(path.as_str(), |(file, _)| file);
            held.push_str(&text(&format!("compiler/{file}")));
        }
    }
    held
}

/// What the page lists of Terraform is what the named test or golden tries.
#[test]
fn every_argument_that_is_listed_is_tried() {
    let tried = text("compiler/testkit/tests/readback.rs");
    let claims = claims();
    let listed: Vec<&Claim> = claims
        .iter()
        .filter(|claim| claim.section.starts_with("Files, lists and arguments"))
        .collect();
    assert!(listed.len() > 20);
    let mut wrong = Vec::new();
    for claim in &listed {
        let words = claim.said_at.split(['.', ' ']);
        let held = holding(claim);
        let mut words = words.filter(|word| word.starts_with("aws_") || word.contains('_'));
        if let Some(lost) =
            words.find(|word| !held.contains(&format!("\"{word}\"")) && !word.contains("NAME"))
        {
            let is_file = claim.said_at.contains(".tf") || claim.said_at.contains("tfvars");
            if !is_file {
                wrong.push(format!("{}: `{lost}` is not tried", claim.said_at));
            }
        }
    }
    // And the other way round: what is tried is listed.
    let held = tried.split_once("fn what_bears_on_security_is_held").unwrap().1;
    for sort in [
        "aws_db_instance",
        "aws_lb",
        "aws_secretsmanager_secret",
        "aws_kms_key",
        "aws_dynamodb_table",
    ] {
        assert!(held.contains(sort));
        assert!(
            listed.iter().any(|claim| claim.said_at.starts_with(sort)),
            "{sort}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every list of the manifest has a line, and every assumption of the code a row in the page about the proof.
#[test]
fn every_list_of_the_manifest_has_a_line() {
    let schema: serde_json::Value = serde_json::from_str(&text("schemas/manifest-v1.json")).unwrap();
    let claims = claims();
    let said: BTreeSet<&str> = claims
        .iter()
        .filter(|claim| claim.section.starts_with("The manifest"))
        .map(|claim| claim.said_at.as_str())
        .collect();
    for (name, property) in schema["properties"].as_object().unwrap() {
        if property["type"] == "array" {
            assert!(
                said.contains(name.as_str()),
                "`{name}` has no line in docs/claims.md"
            );
        }
    }
    let code = text("compiler/prove/src/assumption/mod.rs");
    let made: BTreeSet<&str> = code
        .split('"')
        .filter(|word| {
            let number = word.strip_prefix('A').map(str::parse::<u32>);
            number.is_some_and(|number| number.is_ok())
        })
        .collect();
    let pieces = pieces(&text("docs/proof.md"), true);
    let listed: BTreeSet<&str> = pieces
        .iter()
        .map(String::as_str)
        .filter(|piece| {
            piece.starts_with('A') && piece.get(1..).is_some_and(|rest| rest.parse::<u32>().is_ok())
        })
        .collect();
    assert_eq!(made, listed);
}

#[test]
fn a_piece_without_a_line_is_found() {
    let page = "# A\n\n1. **Bold.** x\n- one two three four five six\n\n| a | b |\n|---|---|\n| `c` | d |\n\n```kdl\n- no\n```\n";
    assert_eq!(pieces(page, true), ["A", "Bold", "one two three four five", "c"]);
    assert_eq!(pieces(page, false), ["A", "Bold", "one two three four five"]);
    assert_eq!(plain("`*` as *a* **subject** of `x`"), "* as a subject of x");
    assert!(is_test("#[test]\nfn a() {}\n", "a"));
    assert!(!is_test("#[test]\nfn a() {}\n\nfn b() {}\n", "b"));
}
