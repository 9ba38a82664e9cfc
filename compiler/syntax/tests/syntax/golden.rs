//! Golden cases: what is said about a broken file. `BLESS=1` rewrites the expectations.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use diagnostics::Report;
use source::{Origin, Sources};
use syntax::Limits;

/// The diagnostics of a file, as plain as can be.
fn render(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("main.kdl", text, Origin::Project);
    let mut report = Report::default();
    let _ = syntax::parse(file, text, &Limits::STANDARD, &mut report);
    report.sort();
    let mut out = String::new();
    for found in report.diagnostics() {
        let place = sources.line_column(found.span.unwrap());
        let _ = writeln!(
            out,
            "{}:{} {}: {}",
            place.line, place.column, found.code.name, found.message
        );
        for label in &found.labels {
            let place = sources.line_column(label.span);
            let _ = writeln!(out, "    {}:{} {}", place.line, place.column, label.text);
        }
        for note in &found.notes {
            let _ = writeln!(out, "    note: {note}");
        }
        if let Some(help) = &found.help {
            let _ = writeln!(out, "    help: {help}");
        }
    }
    out
}

#[test]
#[expect(clippy::disallowed_methods, reason = "golden cases are files")]
fn what_is_said_is_as_blessed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/syntax");
    let is_blessing = std::env::var("BLESS").is_ok_and(|value| value == "1");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in &paths {
        let expectation = path.with_extension("txt");
        if path.extension().is_some_and(|extension| extension == "txt") {
            assert!(
                path.with_extension("kdl").exists(),
                "nothing produces {}",
                path.display()
            );
            continue;
        }
        let said = render(&std::fs::read_to_string(path).unwrap());
        if is_blessing {
            std::fs::write(&expectation, said).unwrap();
        } else if std::fs::read_to_string(&expectation).unwrap_or_default() != said {
            wrong.push(format!("{}:\n{said}", path.display()));
        }
    }
    assert!(paths.len() > 10, "the cases are there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
