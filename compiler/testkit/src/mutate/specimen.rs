//! A project compiled down to its bytes, with everything that `prove` judges them by.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bundle::{Bundle, File};
use catalogue::limits::Limits;
use checks::{Checked, Selection};
use diagnostics::{Report, Severity};
use driver::Options;
use graph::access::Sides;
use model::value::Date;
use prove::Judged;
use prove::verified::Statement;
use prove::witness::Refusal;
use source::{Origin, Sources};

use crate::golden;
use crate::label::Files;

/// A project of which some targets stand as bytes.
#[derive(Debug)]
pub struct Specimen<'a> {
    /// The project's folder and environment.
    pub name: String,
    /// What it means.
    pub checked: &'a Checked<'a>,
    /// The target that was asked for.
    pub target: &'static str,
    /// Its files.
    pub files: Files,
    /// On which side each access is granted, as lowering says.
    pub sides: Vec<Sides>,
}

impl Specimen<'_> {
    /// What `read` and `prove` say to files, with nothing between.
    ///
    /// # Errors
    /// The refusals.
    pub fn judge(&self, files: &Files) -> Result<Statement, Vec<Refusal>> {
        self.judge_with(files, &self.sides)
    }

    /// The same, where accesses are said to be granted on these sides.
    ///
    /// # Errors
    /// The refusals.
    pub fn judge_with(&self, files: &Files, sides: &[Sides]) -> Result<Statement, Vec<Refusal>> {
        let mut bundle = Bundle::default();
        for (path, (target, bytes)) in files {
            bundle.set(
                path,
                Some(File {
                    bytes: bytes.clone(),
                    target,
                    executable: false,
                    because: Vec::new(),
                }),
            );
        }
        let facts = read::read(&bundle, &mut Report::default());
        prove::judge(
            self.checked,
            &facts,
            &Judged {
                targets: &[self.target],
                limits: Limits::embedded(),
                sides,
            },
        )
    }
}

/// Only what cannot be refused here: whether a project is wise is not the question.
const SELECTION: Selection<'static> = Selection::Only("none");

/// Files as a text of KDL each, and what else the project names.
pub type Texts = BTreeMap<String, Vec<u8>>;

/// Every file of a project's folder, and the environments that it declares.
#[must_use]
pub fn load(folder: &Path) -> Texts {
    let mut texts = golden::tree(folder);
    texts.retain(|path, _| !path.starts_with("expect/") && !path.starts_with("out/"));
    texts
}

/// The environments of a project; one `None` if it declares none.
#[must_use]
pub fn environments(texts: &Texts) -> Vec<Option<String>> {
    let declared = driver::parse(sources(texts), &mut Report::default()).environments();
    if declared.is_empty() {
        vec![None]
    } else {
        declared.into_iter().map(Some).collect()
    }
}

fn sources(texts: &Texts) -> Sources {
    let mut sources = Sources::default();
    for (path, bytes) in texts.iter().filter(|(path, _)| path.ends_with(".kdl")) {
        sources.add(path, String::from_utf8_lossy(bytes).into_owned(), Origin::Project);
    }
    sources
}

/// Compiles one environment to bytes, without proving them, and hands them on.
///
/// # Errors
/// What the compiler said, if a phase before `prove` refuses.
pub fn with<T>(
    name: &str,
    texts: &Texts,
    environment: Option<&str>,
    target: &'static str,
    then: impl FnOnce(&Specimen<'_>) -> T,
) -> Result<T, String> {
    lowered(texts, environment, &[target], |checked, sides, files| {
        let name = format!(
            "{name}{}",
            environment.map(|of| format!(" ({of})")).unwrap_or_default()
        );
        then(&Specimen {
            name,
            checked,
            target,
            files,
            sides,
        })
    })
}

/// The same for several targets, without a name.
///
/// # Errors
/// What the compiler said, if a phase before `prove` refuses.
pub fn emitted<T>(
    texts: &Texts,
    environment: Option<&str>,
    targets: &[&str],
    then: impl FnOnce(&Checked<'_>, Files) -> T,
) -> Result<T, String> {
    lowered(texts, environment, targets, |checked, _, files| {
        then(checked, files)
    })
}

fn lowered<T>(
    texts: &Texts,
    environment: Option<&str>,
    targets: &[&str],
    then: impl FnOnce(&Checked<'_>, Vec<Sides>, Files) -> T,
) -> Result<T, String> {
    let mut report = Report::default();
    let spec = driver::parse(sources(texts), &mut report);
    let files: BTreeMap<String, Arc<[u8]>> = texts
        .iter()
        .filter(|(path, _)| !path.ends_with(".kdl"))
        .map(|(path, bytes)| (path.clone(), bytes.as_slice().into()))
        .collect();
    let as_of = Date::parse("2026-07-01").ok_or("the date")?;
    let options = Options {
        environment,
        as_of,
        library: shelf::stdlib(),
        files: &files,
        targets: &[],
    };
    let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
    let analysis = driver::analyse(&spec, &options, &mut report);
    let built = driver::check(&analysis, SELECTION, &mut report).and_then(|checked| {
        let deployment = aws::lower(&checked, &mut report)?;
        let bundle = targets::emit(&deployment, &targets, &mut report)?;
        Some((checked, deployment.sides, bundle))
    });
    let errors: Vec<String> = report
        .diagnostics()
        .iter()
        .filter(|diagnostic| diagnostic.code.severity == Severity::Error)
        .map(|diagnostic| format!("{}: {}", diagnostic.code.name, diagnostic.message))
        .collect();
    let Some((checked, sides, bundle)) = built.filter(|_| errors.is_empty()) else {
        return Err(errors.join("\n"));
    };
    let files = bundle
        .iter()
        .map(|(path, file)| (path.to_owned(), (file.target, file.bytes.clone())))
        .collect();
    Ok(then(&checked, sides, files))
}
