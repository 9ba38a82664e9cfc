//! Code Quality of GitLab.
//!
//! Source: GitLab, "Code Quality", "Code Quality report format" (`description`, `check_name`, `fingerprint`, `severity`, `location.path`,
//! `location.lines.begin`); read 2026-12-01.

use diagnostics::Severity;
use serde::Serialize;

use super::finding::Finding;

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The report. What has no place of its own stands at the first line of `root`: GitLab drops an entry without a path.
pub(crate) fn gitlab(findings: &[&Finding<'_>], root: &str) -> String {
    let entries: Vec<Entry<'_>> = findings
        .iter()
        .map(|finding| Entry {
            description: finding.text(),
            check_name: finding.code(),
            fingerprint: &finding.fingerprint,
            severity: match finding.severity() {
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            location: match &finding.place {
                Some(place) => Location {
                    path: &place.path,
                    lines: Lines {
                        begin: place.region.start_line,
                        end: place.region.end_line,
                    },
                },
                None => Location {
                    path: root,
                    lines: Lines { begin: 1, end: 1 },
                },
            },
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&entries).unwrap_or_default();
    text.push('\n');
    text
}
