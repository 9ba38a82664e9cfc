//! The map of the compiler: `analyse` goes down to what is meant, `build` from there to what is proved.

pub mod attestation;
pub mod codes;
pub mod environments;
pub mod fold;
pub mod handover;
pub mod hanging;
pub mod lock;
pub mod manifest;

use std::collections::BTreeMap;
use std::sync::Arc;

use bundle::Bundle;
use catalogue::limits::Limits;
use catalogue::terraform::TerraformSchema;
use checks::{Checked, Context, Selection};
use diagnostics::Report;
use graph::TrustGraph;
use graph::access::Sides;
use model::Model;
use model::value::Date;
use prove::Judged;
use prove::verified::{Statement, Verified};
use rayon::prelude::*;
use read::facts::Facts;
use resolve::heard::Heard;
use resolve::{Inputs, Library};
use source::{FileId, Sources};
use syntax::document::Document;

use handover::Handover;

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
    /// What of the decisions behind them is told besides.
    pub handover: Handover,
    /// What was read back.
    pub facts: Vec<Facts>,
}

/// What would be built, without its files.
#[derive(Debug)]
pub struct Answered {
    /// What was read back: questions about it have an answer, whether it is proved or not.
    pub facts: Vec<Facts>,
    /// What was proved about it; `None` if it is refused.
    pub statement: Option<Statement>,
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
    /// A spec whose files were read before, each by itself. Problems are in the reports of their reading.
    #[must_use]
    pub fn of(sources: Sources, documents: Vec<(FileId, Document)>) -> Self {
        Self { sources, documents }
    }

    /// Its trees.
    #[must_use]
    pub fn documents(&self) -> &[(FileId, Document)] {
        &self.documents
    }

    /// Gives the trees back: no environment is analysed after this.
    pub fn close(&mut self) {
        let trees = std::mem::take(&mut self.documents);
        // Nobody waits for it.
        rayon::spawn(move || drop(trees));
    }

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

/// Likewise, for whoever edits the spec: also what was asked of its text on the way.
pub fn listen(spec: &Spec, options: &Options<'_>, report: &mut Report) -> (Analysis, Heard) {
    let mut sources = spec.sources.clone();
    let inputs = Inputs {
        environment: options.environment,
        as_of: options.as_of,
        files: options.files,
    };
    let (model, heard) = resolve::listen(&spec.documents, options.library, &mut sources, &inputs, report);
    let graph = graph::build(&model, report);
    let analysis = Analysis {
        sources,
        model,
        graph,
    };
    (analysis, heard)
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
    let Emitted {
        bundle,
        facts,
        handover,
        sides,
    } = emit(checked, options, Keep::Files, report)?;
    let judged = Judged {
        targets: &claimed(&selected(checked, options)),
        limits,
        sides: &sides,
    };
    let verified = prove::prove(checked, &facts, bundle, &judged, report)?;
    Some(Built {
        verified,
        handover,
        facts,
    })
}

/// The same for whoever writes nothing: the files of a target are given back once they are read. `None` if nothing can be emitted.
pub fn verify(
    checked: &Checked<'_>,
    options: &Options<'_>,
    limits: &Limits,
    report: &mut Report,
) -> Option<Answered> {
    let emitted = emit(checked, options, Keep::Facts, report)?;
    let judged = Judged {
        targets: &claimed(&selected(checked, options)),
        limits,
        sides: &emitted.sides,
    };
    let statement = prove::verify(checked, &emitted.facts, &judged, report);
    Some(Answered {
        facts: emitted.facts,
        statement,
    })
}

/// What is kept of a target once it is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// All of it.
    Files,
    /// What it permits.
    Facts,
}

impl Keep {
    /// Keeps what is to be kept of files that were read.
    fn of(self, files: Bundle, kept: &mut Bundle, report: &mut Report) {
        if self == Self::Files
            && let Err(taken) = kept.append(files)
        {
            report.compiler_bug(format!("two targets want the path `{}`", taken.path));
        }
    }
}

/// What would be written if it were proved.
struct Emitted {
    bundle: Bundle,
    facts: Vec<Facts>,
    handover: Handover,
    /// On which side each access is granted.
    sides: Vec<Sides>,
}

/// Writes each target and reads it back, the one while the next is written, and gives back on the way what nobody asks for again.
fn emit(checked: &Checked<'_>, options: &Options<'_>, keep: Keep, report: &mut Report) -> Option<Emitted> {
    let mut deployment = aws::lower(checked, report)?;
    let handover = Handover::of(&deployment);
    let sides = std::mem::take(&mut deployment.sides);
    let mut kept = Bundle::default();
    let mut facts = Vec::new();
    let mut is_refused = false;
    let mut unread = Bundle::default();
    for target in targets::selected(&selected(checked, options), report)? {
        let (mut refused, mut misread) = (Report::default(), Report::default());
        let mut written = Bundle::default();
        let (is_whole, read) = rayon::join(
            || targets::emit_one(target, &deployment, &mut written, &mut refused),
            || read::read(&unread, &mut misread),
        );
        report.append(misread);
        report.append(refused);
        facts.extend(read);
        let read = std::mem::replace(&mut unread, written);
        keep.of(read, &mut kept, report);
        // What another target refuses is still to be said, but nothing more is read.
        is_refused |= !is_whole;
    }
    // It is large, and nobody waits for its end.
    rayon::spawn(move || drop(deployment));
    if is_refused {
        return None;
    }
    facts.extend(read::read(&unread, report));
    keep.of(unread, &mut kept, report);
    Some(Emitted {
        bundle: kept,
        facts,
        handover,
        sides,
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
