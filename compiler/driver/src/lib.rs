//! The map of the compiler: `analyse` goes down to what is meant, `build` from there to what is proved.

pub mod codes;
pub mod environments;
pub mod lock;
pub mod manifest;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::deployment::Deployment;
use bundle::Bundle;
use catalogue::limits::Limits;
use catalogue::terraform::TerraformSchema;
use checks::{Checked, Context, Selection};
use diagnostics::Report;
use graph::TrustGraph;
use model::Model;
use model::value::Date;
use prove::Judged;
use prove::verified::Verified;
use rayon::prelude::*;
use read::facts::Facts;
use resolve::{Inputs, Library};
use source::{FileId, Sources};
use syntax::document::Document;

/// A spec as written, before an environment is chosen.
#[derive(Debug)]
pub struct Spec {
    /// Its files.
    pub sources: Sources,
    documents: Vec<(FileId, Document)>,
}

/// What a build needs besides the spec.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The environment; `None` for a project without any.
    pub environment: Option<&'a str>,
    /// The date with which dates are compared.
    pub as_of: Date,
    /// The standard library.
    pub library: &'a Library,
    /// Inventories and the identifiers file, by path relative to the project.
    pub files: &'a BTreeMap<String, Arc<[u8]>>,
    /// Targets by name; empty for what the project says, or all.
    pub targets: &'a [String],
}

/// What a spec means in one environment.
#[derive(Debug)]
pub struct Analysis {
    /// Its files, and those of the standard library that it uses.
    pub sources: Sources,
    /// The resolved spec.
    pub model: Model,
    /// What it means.
    pub graph: TrustGraph,
}

/// What a build yields.
#[derive(Debug)]
pub struct Built {
    /// The files and the statement about them.
    pub verified: Verified,
    /// The decisions behind them.
    pub deployment: Deployment,
    /// What was read back.
    pub facts: Vec<Facts>,
}

/// What would be written if it were proved.
#[derive(Debug)]
pub struct Emitted {
    /// The decisions behind it.
    pub deployment: Deployment,
    /// The files.
    pub bundle: Bundle,
    /// What was read back.
    pub facts: Vec<Facts>,
}

/// Reads the files of a spec. A tree exists for every text; problems are in the report.
#[must_use]
pub fn parse(sources: Sources, report: &mut Report) -> Spec {
    let limits = syntax::Limits::STANDARD;
    let files: Vec<_> = sources.iter().collect();
    let parse = || {
        let parsed = files.into_par_iter().map(|(id, file)| {
            let mut found = Report::default();
            let document = syntax::parse(id, Arc::clone(&file.text), &limits, &mut found);
            ((id, document), found)
        });
        parsed.collect::<Vec<_>>()
    };
    // Every build needs the tables, which are unpacked when somebody first asks for them.
    let (parsed, _) = rayon::join(parse, || (TerraformSchema::embedded(), Limits::embedded()));
    let mut documents = Vec::with_capacity(parsed.len());
    for (document, found) in parsed {
        documents.push(document);
        report.append(found);
    }
    Spec { sources, documents }
}

impl Spec {
    /// Files that the spec names and the edge has to read.
    #[must_use]
    pub fn needs(&self) -> Vec<resolve::Need> {
        resolve::needs(&self.documents)
    }

    /// The declared environments, in source order.
    #[must_use]
    pub fn environments(&self) -> Vec<String> {
        resolve::environments(&self.documents)
    }
}

/// What the spec means in one environment.
pub fn analyse(spec: &Spec, options: &Options<'_>, report: &mut Report) -> Analysis {
    let mut sources = spec.sources.clone();
    let inputs = Inputs {
        environment: options.environment,
        as_of: options.as_of,
        files: options.files,
    };
    let model = resolve::resolve(&spec.documents, options.library, &mut sources, &inputs, report);
    let graph = graph::build(&model, report);
    Analysis {
        sources,
        model,
        graph,
    }
}

/// Checks what is meant; `None` if an error stands in the way.
pub fn check<'a>(
    analysis: &'a Analysis,
    selection: Selection<'_>,
    report: &mut Report,
) -> Option<Checked<'a>> {
    checks::run(&Context::new(&analysis.model, &analysis.graph), selection, report)
}

/// From what is checked to what is proved. There is no other way out.
pub fn build(
    checked: &Checked<'_>,
    options: &Options<'_>,
    limits: &Limits,
    report: &mut Report,
) -> Option<Built> {
    let emitted = emit(checked, options, report)?;
    let judged = Judged {
        targets: &claimed(&selected(checked, options)),
        limits,
        sides: &emitted.deployment.sides,
    };
    let verified = prove::prove(checked, &emitted.facts, emitted.bundle, &judged, report)?;
    Some(Built {
        verified,
        deployment: emitted.deployment,
        facts: emitted.facts,
    })
}

/// What would be written, read back and not yet proved: questions about it have an answer, and it is never written.
pub fn emit(checked: &Checked<'_>, options: &Options<'_>, report: &mut Report) -> Option<Emitted> {
    let deployment = aws::lower(checked, report)?;
    let bundle = targets::emit(&deployment, &selected(checked, options), report)?;
    let facts = read::read(&bundle, report);
    Some(Emitted {
        deployment,
        bundle,
        facts,
    })
}

/// The targets to emit: those named, else those of the project, else all.
fn selected(checked: &Checked<'_>, options: &Options<'_>) -> Vec<String> {
    let model = checked.model();
    let of_project = || {
        model
            .project
            .targets
            .iter()
            .map(|(name, _)| model.names.text(*name).to_owned())
            .collect()
    };
    if options.targets.is_empty() {
        of_project()
    } else {
        options.targets.to_vec()
    }
}

/// What the proof is asked about: one that wrote no file is judged all the same.
fn claimed(selected: &[String]) -> Vec<&'static str> {
    targets::names()
        .filter(|name| selected.is_empty() || selected.iter().any(|one| one == name))
        .collect()
}
