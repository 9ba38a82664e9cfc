//! Annotations of GitHub Actions: workflow commands on standard output.
//!
//! Source: GitHub, "Workflow commands for GitHub Actions" (`::error file=…`), "Usage limits" of annotations, and
//! `actions/toolkit`, `packages/core/src/command.ts` (escapes); read 2026-12-01.

use diagnostics::Severity;

use super::finding::Finding;

/// A step shows so many errors, and so many warnings and notices each.
const SHOWN_MAX: usize = 10;

/// What a step is told. Where more is found than it shows, a notice says how many are left out.
pub(crate) fn github(findings: &[&Finding<'_>]) -> String {
    let mut text = String::new();
    let mut left_out = Vec::new();
    for (severity, command, word) in [
        (Severity::Error, "error", "error"),
        (Severity::Warning, "warning", "warning"),
        (Severity::Note, "notice", "note"),
    ] {
        let own: Vec<_> = findings.iter().filter(|one| one.severity() == severity).collect();
        // The notice at the end is one of its sort.
        let most = if severity == Severity::Note {
            SHOWN_MAX - 1
        } else {
            SHOWN_MAX
        };
        for finding in own.iter().take(most) {
            annotate(&mut text, command, finding);
        }
        match own.len().saturating_sub(most) {
            0 => {}
            1 => left_out.push(format!("1 {word}")),
            many => left_out.push(format!("{many} {word}s")),
        }
    }
    if !left_out.is_empty() {
        text.push_str(&format!(
            "::notice title=leastwise::not shown here, for a step shows {SHOWN_MAX} of a sort: {}; `leastwise check` shows more\n",
            left_out.join(", ")
        ));
    }
    text
}

fn annotate(text: &mut String, command: &str, finding: &Finding<'_>) {
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        let region = place.region;
        properties.push(format!("file={}", property(&place.path)));
        properties.push(format!("line={}", region.start_line));
        properties.push(format!("endLine={}", region.end_line));
        // Columns of a region of several lines would be read as those of its first.
        if region.start_line == region.end_line {
            properties.push(format!("col={}", region.start_column));
            properties.push(format!("endColumn={}", region.end_column));
        }
    }
    properties.push(format!("title={}", property(finding.code())));
    let message = data(&finding.text());
    text.push_str(&format!("::{command} {}::{message}\n", properties.join(",")));
}

/// A message: it ends at a newline, and `%` begins an escape.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends at a colon or a comma as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_or_a_path_ends_it() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%.kdl"), "a%3Ab%2Cc%25.kdl");
    }
}
