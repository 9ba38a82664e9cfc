//! Golden cases of this floor: a project in, the graph as text out, with the line that each entry exists for.

mod dump;
#[expect(
    unused_imports,
    reason = "its own tests are left out where there is no harness"
)]
#[path = "../../../testkit/src/golden.rs"]
mod golden;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use diagnostics::{Report, Severity};
use libtest_mimic::{Arguments, Failed, Trial};
use model::value::Date;
use source::{Origin, Sources};

fn main() {
    let arguments = Arguments::from_args();
    let cases = golden::cases(&golden::root().join("golden/graph"));
    let trials = cases.into_iter().map(|folder| {
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Trial::test(name, move || run(&folder))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn run(folder: &Path) -> Result<(), Failed> {
    let mut files = golden::tree(folder);
    files.retain(|path, _| path != "graph.txt");
    let mut actual = files.clone();
    actual.insert("graph.txt".to_owned(), text(&files).into_bytes());
    golden::compare(folder, &actual).map_err(Failed::from)
}

/// The graph of a project, and what was reported.
fn text(files: &golden::Tree) -> String {
    let mut report = Report::default();
    let mut sources = Sources::default();
    let mut documents = Vec::new();
    let mut inputs: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    for (path, bytes) in files {
        match path.strip_suffix(".kdl") {
            Some(_) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let file = sources.add(path, text.clone(), Origin::Project);
                documents.push((
                    file,
                    syntax::parse(file, text, &syntax::Limits::STANDARD, &mut report),
                ));
            }
            None => drop(inputs.insert(path.clone(), bytes.clone().into())),
        }
    }
    let as_of = Date::of(2026, 7, 1).unwrap_or(Date(0));
    let inputs = resolve::Inputs {
        environment: None,
        as_of,
        files: &inputs,
    };
    let model = resolve::resolve(&documents, shelf::stdlib(), &mut sources, &inputs, &mut report);
    let graph = graph::build(&model, &mut report);
    report.sort();
    let mut out = String::new();
    for diagnostic in report.diagnostics() {
        let place = diagnostic.span.map_or(String::new(), |span| sources.place(span));
        let severity = match diagnostic.code.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        out.push_str(&format!(
            "{severity} {} {place}: {}\n",
            diagnostic.code.name, diagnostic.message
        ));
        for note in diagnostic.notes.iter().chain(&diagnostic.help) {
            out.push_str(&format!("    {note}\n"));
        }
    }
    out.push_str(&dump::dump(&model, &graph, &sources));
    out
}
