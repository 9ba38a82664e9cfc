//! JUnit XML, as GitLab, Jenkins and others read it: a case for each promise and test, and one for each code and file with findings.
//!
//! Source: `testmoapp/junitxml`, "Common JUnit XML format"; GitLab, "Unit test reports"; read 2026-12-01. There is no time of day
//! and no duration: the same spec gives the same bytes.

use std::collections::BTreeMap;

use diagnostics::Severity;

use super::finding::{Base, Finding};
use super::sanitise::sanitise;

/// One case that was answered by itself: a promise or a test.
pub(crate) struct Case {
    pub(crate) environment: Option<String>,
    /// `promise` or `test`.
    pub(crate) class: &'static str,
    pub(crate) name: String,
    /// Relative to the project.
    pub(crate) path: String,
    pub(crate) line: usize,
    /// What of it does not hold; nothing if it holds.
    pub(crate) failures: Vec<String>,
}

/// A case as it is written.
struct Written {
    class: String,
    name: String,
    path: Option<String>,
    line: Option<usize>,
    failure: Option<Failure>,
    /// What is told of a case that holds.
    told: String,
}

struct Failure {
    kind: String,
    message: String,
    text: String,
}

/// The whole text; a suite for each environment, named after the command and it.
pub(crate) fn junit(command: &str, findings: &[&Finding<'_>], cases: &[Case], base: &Base) -> String {
    let mut suites: BTreeMap<String, Vec<Written>> = BTreeMap::new();
    for finding in by_code_and_file(findings) {
        let (environments, case) = finding;
        suites.entry(environments).or_default().push(case);
    }
    for case in cases {
        let name = case.environment.clone().unwrap_or_default();
        suites.entry(name).or_default().push(written(case, base));
    }
    if suites.is_empty() {
        // A report without a case is read as one that is broken.
        let whole = Written {
            class: "spec".to_owned(),
            name: "nothing is found".to_owned(),
            path: None,
            line: None,
            failure: None,
            told: String::new(),
        };
        suites.insert(String::new(), vec![whole]);
    }
    let all = suites.values().map(Vec::len).sum::<usize>();
    let failed = suites.values().map(|cases| count_failed(cases)).sum::<usize>();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<testsuites name=\"leastwise {command}\" tests=\"{all}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"0\">\n"
    ));
    for (environment, cases) in &suites {
        let name = match environment.as_str() {
            "" => format!("leastwise {command}"),
            environment => format!("leastwise {command}: {environment}"),
        };
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
            escape(&name),
            cases.len(),
            count_failed(cases)
        ));
        for case in cases {
            push(&mut text, case);
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn count_failed(cases: &[Written]) -> usize {
    cases.iter().filter(|case| case.failure.is_some()).count()
}

/// Findings of one code in one file are one case; it does not hold if one of them is an error.
fn by_code_and_file(findings: &[&Finding<'_>]) -> Vec<(String, Written)> {
    let mut groups: BTreeMap<(String, &'static str, String), Vec<&Finding<'_>>> = BTreeMap::new();
    for finding in findings {
        let path = finding.place.as_ref().map_or("", |place| &place.path);
        let key = (finding.environments.join(", "), finding.code(), path.to_owned());
        groups.entry(key).or_default().push(finding);
    }
    let cases = groups.into_iter().map(|((environments, code, path), own)| {
        let lines = own.iter().map(|finding| match &finding.place {
            Some(place) => format!("{}:{}: {}", place.path, place.region.start_line, finding.text()),
            None => finding.text(),
        });
        let told = lines.collect::<Vec<_>>().join("\n");
        let is_error = own.iter().any(|finding| finding.severity() == Severity::Error);
        let message = own.first().map_or_else(String::new, |finding| finding.message());
        let case = Written {
            class: "check".to_owned(),
            name: if path.is_empty() {
                code.to_owned()
            } else {
                format!("{code} in {path}")
            },
            line: own
                .first()
                .and_then(|finding| finding.place.as_ref())
                .map(|place| place.region.start_line),
            path: (!path.is_empty()).then_some(path),
            failure: is_error.then(|| Failure {
                kind: code.to_owned(),
                message,
                text: told.clone(),
            }),
            told: if is_error { String::new() } else { told },
        };
        (environments, case)
    });
    cases.collect()
}

fn written(case: &Case, base: &Base) -> Written {
    Written {
        class: case.class.to_owned(),
        name: case.name.clone(),
        path: Some(base.path(&case.path)),
        line: Some(case.line),
        failure: case.failures.first().map(|first| Failure {
            kind: format!("broken-{}", case.class),
            message: first.clone(),
            text: case.failures.join("\n"),
        }),
        told: String::new(),
    }
}

fn push(text: &mut String, case: &Written) {
    text.push_str(&format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        escape(&case.class),
        escape(&case.name)
    ));
    if let Some(path) = &case.path {
        text.push_str(&format!(" file=\"{}\"", escape(path)));
    }
    if let Some(line) = case.line {
        text.push_str(&format!(" line=\"{line}\""));
    }
    text.push_str(" time=\"0\"");
    match (&case.failure, case.told.as_str()) {
        (Some(failure), _) => text.push_str(&format!(
            ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
            escape(&failure.kind),
            escape(&failure.message),
            escape(&failure.text)
        )),
        (None, "") => text.push_str("/>\n"),
        (None, told) => text.push_str(&format!(
            ">\n      <system-out>{}</system-out>\n    </testcase>\n",
            escape(told)
        )),
    }
}

/// Text of XML 1.0: what no document may hold is made visible, what marks it up is escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in sanitise(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(letter.escape_unicode()),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn nothing_in_a_name_ends_its_attribute() {
        assert_eq!(
            escape("a\"<b>&\u{1b}\u{ffff}"),
            "a&quot;&lt;b&gt;&amp;\\u{1b}\\u{ffff}"
        );
    }

    #[test]
    fn a_report_is_never_without_a_case() {
        let base = Base::new(Path::new("."), Path::new("."));
        assert!(junit("check", &[], &[], &base).contains("<testcase "));
    }
}
