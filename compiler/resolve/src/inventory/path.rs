//! Paths of files beside the spec: relative, inside the project, plain.

use diagnostics::{Code, Diagnostic, Severity};
use source::Span;

use crate::cx::Cx;
use crate::heard::Takes;

pub(crate) static ESCAPING_PATH: Code = Code {
    name: "escaping-path",
    severity: Severity::Error,
    summary: "a path leads out of the project",
    docs: include_str!("../pages/escaping_path.md"),
};

/// What is wrong with a path, if anything.
pub(crate) fn problem(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.is_empty() {
        Some("it is empty")
    } else if path.starts_with('/') || path.starts_with('~') || drive {
        Some("it is not relative to the project")
    } else if path.contains('\\') {
        Some("it has a backslash; folders are parted by `/`")
    } else if path
        .chars()
        .any(|letter| letter.is_control() || crate::spelling::is_invisible(letter))
    {
        Some("it has a character that people cannot see")
    } else if path
        .split('/')
        .any(|part| part.is_empty() || part == "." || part == "..")
    {
        Some("it has an empty part, a `.` or a `..`")
    } else {
        None
    }
}

/// Whether a path may be read; reports why not.
pub(crate) fn check(cx: &mut Cx<'_, '_>, path: &str, span: Span) -> bool {
    cx.hear(span, || Takes::File);
    let Some(why) = problem(path) else { return true };
    let shown: String = path.chars().filter(|letter| !letter.is_control()).collect();
    cx.push(
        Diagnostic::new(
            &ESCAPING_PATH,
            span,
            format!("the path `{shown}` is refused: {why}"),
        )
        .help("name a file of the project, `\"fleet/sensors.csv\"`"),
    );
    false
}

/// Reports a file that the edge did not find.
pub(crate) fn missing(cx: &mut Cx<'_, '_>, path: &str, span: Span) {
    cx.push(
        Diagnostic::new(
            &crate::project::UNREADABLE_INPUT,
            span,
            format!("`{path}` is not there"),
        )
        .help(match path.contains(['*', '?']) {
            true => "an inventory is one file: name it",
            false => {
                "the path is relative to the folder of `leastwise.kdl`, and large and small letters differ"
            }
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_project_are_named() {
        assert_eq!(problem("fleet/sensors.csv"), None);
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "./a",
            "C:\\x",
            "a\\b",
            "~/x",
            "a\nb",
            "a\0",
        ] {
            assert!(problem(path).is_some(), "{path:?}");
        }
    }
}
