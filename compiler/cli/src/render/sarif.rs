//! SARIF 2.1.0, for code scanning.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; GitHub, "SARIF support for code scanning"
//! (what is read, and how many results); read 2026-12-01.

use std::collections::BTreeMap;

use diagnostics::{Code, Fix, Severity};
use serde_json::{Value, json};
use source::Sources;

use super::finding::{Base, Finding, Place, Region};
use super::sanitise::sanitise;

/// Of a run, GitHub takes so many results, and refuses a file with more.
const RESULTS_MAX: usize = 25_000;
/// And shows so many of them, the worst first.
const SHOWN_MAX: usize = 5_000;

/// The log of one run.
pub(crate) fn sarif(findings: &[(Finding<'_>, &Sources)], base: &Base) -> String {
    let taken = findings.get(..RESULTS_MAX).unwrap_or(findings);
    let mut rules: BTreeMap<&'static str, &'static Code> = BTreeMap::new();
    for (finding, _) in taken {
        rules.insert(finding.code(), finding.diagnostic.code);
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, name)| (*name, at)).collect();
    let has_errors = findings
        .iter()
        .any(|(finding, _)| finding.severity() == Severity::Error);
    let mut notifications = Vec::new();
    if findings.len() > SHOWN_MAX {
        let left_out = findings.len() - taken.len();
        notifications.push(json!({
            "level": "warning",
            "message": { "text": format!(
                "{} results, of which code scanning shows {SHOWN_MAX}, the worst first; {left_out} are left out of this file",
                findings.len()
            ) }
        }));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "leastwise",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": i32::from(has_errors),
                "toolExecutionNotifications": notifications,
            }],
            "results": taken
                .iter()
                .map(|(finding, sources)| result(finding, index.get(finding.code()).copied(), sources, base))
                .collect::<Vec<_>>(),
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn rule(code: &Code) -> Value {
    let page = without_tags(code.docs);
    let page = page.as_str();
    let explain = format!("`leastwise explain {}` shows this page.", code.name);
    let mut rule = json!({
        "id": code.name,
        "name": code.name,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": first_paragraph(page).unwrap_or_else(|| code.summary.to_owned()) },
        "help": { "text": format!("{page}\n{explain}\n"), "markdown": format!("{page}\n{explain}\n") },
        "defaultConfiguration": { "level": level(code.severity) },
        "properties": { "tags": ["security"], "precision": "very-high" },
    });
    // A page that rests on the provider's manual names it.
    if let (Some(link), Some(fields)) = (first_link(page), rule.as_object_mut()) {
        fields.insert("helpUri".to_owned(), json!(link));
    }
    rule
}

/// A page without what tells tests what to expect of its examples.
fn without_tags(page: &str) -> String {
    let lines = page.lines().map(|line| {
        if line.starts_with("```kdl") {
            "```kdl"
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first paragraph of a page, on one line.
fn first_paragraph(page: &str) -> Option<String> {
    let paragraph = page
        .split("\n\n")
        .map(str::trim)
        .find(|text| !text.is_empty() && !text.starts_with(['#', '`', '|', '-']))?;
    Some(paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

fn first_link(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("https://")?;
    let end = rest
        .find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | ')' | '`' | '"'))
        .unwrap_or(rest.len());
    let start = page.len() - rest.len() - "https://".len();
    page.get(start..page.len() - rest.len() + end)
}

fn result(finding: &Finding<'_>, index: Option<usize>, sources: &Sources, base: &Base) -> Value {
    let mut result = json!({
        "ruleId": finding.code(),
        "level": level(finding.severity()),
        "message": { "text": finding.text() },
        // Code scanning shows no result without a location: what is wrong with the whole stands at the top of the project.
        "locations": [finding.place.as_ref().map_or_else(|| location(&top(base)), location)],
        "partialFingerprints": {
            // The one that GitHub compares, and the name under which we promise it.
            "primaryLocationLineHash": finding.fingerprint,
            "leastwise/v1": finding.fingerprint,
        },
    });
    let Some(fields) = result.as_object_mut() else {
        return result;
    };
    if let Some(index) = index {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    let related = finding.labels.iter().enumerate().map(|(id, (place, text))| {
        let mut related = place.as_ref().map_or_else(|| json!({}), location);
        if let Some(fields) = related.as_object_mut() {
            fields.insert("id".to_owned(), json!(id + 1));
            fields.insert("message".to_owned(), json!({ "text": text }));
        }
        related
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        fields.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    let fixes: Vec<Value> = finding
        .diagnostic
        .fixes
        .iter()
        .filter_map(|fix| changes(fix, sources, base))
        .collect();
    if !fixes.is_empty() {
        fields.insert("fixes".to_owned(), Value::Array(fixes));
    }
    result
}

/// The first line of the project.
fn top(base: &Base) -> Place {
    Place {
        path: base.path("leastwise.kdl"),
        region: Region {
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 1,
        },
    }
}

fn location(place: &Place) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.path), "uriBaseId": "%SRCROOT%" },
            "region": region(place.region),
        }
    })
}

fn region(region: Region) -> Value {
    json!({
        "startLine": region.start_line,
        "startColumn": region.start_column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    })
}

/// A fix, if all of it is in files of the project.
fn changes(fix: &Fix, sources: &Sources, base: &Base) -> Option<Value> {
    let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let place = base.place(sources, edit.span)?;
        by_file.entry(place.path).or_default().push(json!({
            "deletedRegion": region(place.region),
            "insertedContent": { "text": edit.text },
        }));
    }
    let changes: Vec<Value> = by_file
        .into_iter()
        .map(|(path, replacements)| {
            json!({
                "artifactLocation": { "uri": uri(&path), "uriBaseId": "%SRCROOT%" },
                "replacements": replacements,
            })
        })
        .collect();
    (!changes.is_empty())
        .then(|| json!({ "description": { "text": sanitise(&fix.title) }, "artifactChanges": changes }))
}

/// A path as a URI reference. Source: RFC 3986, 3.3 (`pchar`).
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use diagnostics::{COMPILER_BUG, Diagnostic, Report};
    use source::{Origin, Span};

    use super::super::finding::findings;
    use super::*;

    /// What is written of so many warnings and errors.
    fn of(warnings: usize, errors: usize) -> Value {
        static WARNING: Code = Code {
            name: "w",
            severity: Severity::Warning,
            summary: "w",
            docs: "",
        };
        let mut sources = Sources::default();
        let file = sources.add("a.kdl", "x\n".repeat(warnings + errors), Origin::Project);
        let mut report = Report::default();
        for number in 0..warnings + errors {
            let code = if number < warnings {
                &WARNING
            } else {
                &COMPILER_BUG
            };
            let at = number as u32 * 2;
            report.push(Diagnostic::new(code, Span::new(file, at, at + 1), "x"));
        }
        let reports = [(Vec::new(), report, &sources)];
        let base = Base::new(Path::new("."), Path::new("."));
        serde_json::from_str(&sarif(&findings(&reports, &base), &base)).unwrap()
    }

    #[test]
    fn a_file_with_more_than_is_taken_holds_the_worst_and_says_so() {
        let log = of(RESULTS_MAX, 7);
        let run = log.get("runs").unwrap().get(0).unwrap();
        let results = run.get("results").unwrap().as_array().unwrap();
        assert_eq!(results.len(), RESULTS_MAX);
        let level = |result: &Value| result.get("level").unwrap().as_str().unwrap().to_owned();
        assert_eq!(results.iter().filter(|one| level(one) == "error").count(), 7);
        assert_eq!(results.first().map(level).unwrap(), "error");
        let told = run
            .pointer("/invocations/0/toolExecutionNotifications/0/message/text")
            .unwrap();
        assert!(
            told.as_str().unwrap().ends_with("; 7 are left out of this file"),
            "{told}"
        );
        let few = of(1, 1);
        assert_eq!(
            few.pointer("/runs/0/invocations/0/toolExecutionNotifications"),
            Some(&json!([]))
        );
    }

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("a b/ü:%.kdl"), "a%20b/%C3%BC%3A%25.kdl");
    }

    #[test]
    fn a_page_gives_its_first_paragraph_and_its_first_link() {
        let page = "# a\n\nOne\nline.\n\nSee <https://example.com/x> and https://example.com/y.\n";
        assert_eq!(first_paragraph(page).unwrap(), "One line.");
        assert_eq!(first_link(page), Some("https://example.com/x"));
        assert_eq!(first_link("# none\n"), None);
    }
}
