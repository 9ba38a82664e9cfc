//! From a spec in a string to what is checked, and from there to files.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read their cases and write what is blessed"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bundle::Bundle;
use catalogue::limits::Limits;
use checks::{Checked, Context, Selection};
use diagnostics::Report;
use graph::TrustGraph;
use model::Model;
use model::value::Date;
use resolve::Inputs;
use source::{Origin, Sources};

/// A spec with what it means.
pub struct Spec {
    pub sources: Sources,
    pub model: Model,
    pub graph: TrustGraph,
    pub report: Report,
}

/// Files by path relative to some folder.
pub type Files = BTreeMap<String, Vec<u8>>;

impl Spec {
    pub fn of(files: &Files) -> Spec {
        let mut report = Report::default();
        let mut sources = Sources::default();
        let mut documents = Vec::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
            let text: Arc<str> = String::from_utf8(bytes.clone()).unwrap().into();
            let id = sources.add(path, Arc::clone(&text), Origin::Project);
            documents.push((
                id,
                syntax::parse(id, text, &syntax::Limits::STANDARD, &mut report),
            ));
        }
        let beside: BTreeMap<String, Arc<[u8]>> = files
            .iter()
            .map(|(path, bytes)| (path.clone(), Arc::from(bytes.as_slice())))
            .collect();
        let as_of = Date::parse("2026-07-01").unwrap();
        let inputs = Inputs {
            environment: None,
            as_of,
            files: &beside,
        };
        let mut model = resolve::resolve(&documents, shelf::stdlib(), &mut sources, &inputs, &mut report);
        let heads: Vec<_> = model
            .things
            .iter()
            .flat_map(|(_, thing)| {
                thing
                    .properties
                    .iter()
                    .map(|property| property.span)
                    .chain([thing.span])
            })
            .collect();
        for span in heads {
            if !model.facts.iter().any(|(_, fact)| fact.span == span) {
                model.facts.push(model::Fact { span });
            }
        }
        let graph = graph::build(&model, &mut report);
        Spec {
            sources,
            model,
            graph,
            report,
        }
    }

    pub fn text(text: &str) -> Spec {
        Spec::of(&Files::from([("main.kdl".to_owned(), text.as_bytes().to_vec())]))
    }

    /// Runs `with` on what is checked; the report if something is refused before.
    pub fn with<T>(&self, with: impl FnOnce(&Checked<'_>, &mut Report) -> Option<T>) -> Result<T, String> {
        let mut report = self.report.clone();
        let cx = Context::new(&self.model, &self.graph);
        let checked = checks::run(&cx, Selection::Only("none"), &mut report);
        let done = checked.and_then(|checked| with(&checked, &mut report));
        done.ok_or_else(|| self.shown(&mut report))
    }

    /// The files of some targets.
    pub fn emit(&self, targets: &[&str]) -> Result<Bundle, String> {
        let selection: Vec<String> = targets.iter().map(|name| (*name).to_owned()).collect();
        self.with(|checked, report| targets::emit(&aws::lower(checked, report)?, &selection, report))
    }

    /// What `prove` says of a bundle: nothing if it holds.
    pub fn judge(&self, bundle: &Bundle) -> Vec<String> {
        let judged = self.with(|checked, report| {
            let sides = aws::lower(checked, report)?.sides;
            let facts = read::read(bundle, &mut Report::default());
            Some(
                match prove::judge(
                    checked,
                    &facts,
                    &prove::Judged {
                        targets: &[],
                        limits: Limits::embedded(),
                        sides: &sides,
                    },
                ) {
                    Ok(_) => Vec::new(),
                    Err(refusals) => refusals
                        .iter()
                        .map(|refusal| {
                            let diagnostic = refusal.diagnostic();
                            format!(
                                "{}: {} {:?}",
                                diagnostic.code.name, diagnostic.message, diagnostic.notes
                            )
                        })
                        .collect(),
                },
            )
        });
        judged.unwrap_or_else(|report| vec![report])
    }

    fn shown(&self, report: &mut Report) -> String {
        report.sort();
        let mut text = String::new();
        for diagnostic in report.diagnostics() {
            let place = diagnostic
                .span
                .map_or_else(String::new, |span| format!("{}: ", self.sources.place(span)));
            text.push_str(&format!(
                "{place}{}: {}\n",
                diagnostic.code.name, diagnostic.message
            ));
            for note in &diagnostic.notes {
                text.push_str(&format!("  note: {note}\n"));
            }
            if let Some(help) = &diagnostic.help {
                text.push_str(&format!("  help: {help}\n"));
            }
        }
        text
    }
}

/// Every file below a folder.
pub fn tree(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(now) = left.pop() {
        for entry in std::fs::read_dir(&now).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The folder of some golden cases.
pub fn golden(area: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../golden")
        .join(area)
}

/// Compares with what is expected below a folder; with `BLESS=1` writes it instead.
pub fn compare(folder: &Path, actual: &Files) -> Vec<String> {
    let expected = tree(folder);
    if std::env::var("BLESS").is_ok_and(|bless| bless == "1") {
        for path in expected.keys().filter(|path| !actual.contains_key(*path)) {
            std::fs::remove_file(folder.join(path)).unwrap();
        }
        for (path, bytes) in actual {
            let to = folder.join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(to, bytes).unwrap();
        }
        return Vec::new();
    }
    let paths: std::collections::BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    paths
        .into_iter()
        .filter(|path| expected.get(*path) != actual.get(*path))
        .map(|path| {
            let show = |files: &Files| {
                files.get(path).map_or("nothing".to_owned(), |bytes| {
                    String::from_utf8_lossy(bytes).into_owned()
                })
            };
            format!("{}: expected\n{}\nfound\n{}", path, show(&expected), show(actual))
        })
        .collect()
}
