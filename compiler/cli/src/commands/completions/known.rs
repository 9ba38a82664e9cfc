//! What may stand at a place of the command line: names of the project in this folder, codes, targets, examples.
//!
//! A project that cannot be read has no names: a shell that completes says nothing of faults.

use std::collections::BTreeSet;
use std::path::Path;

use clap_complete::CompletionCandidate as Candidate;
use diagnostics::Report;
use driver::{Analysis, Options};
use ide::question;
use model::trust::End;

use crate::library;
use crate::session::{Session, SpecArguments};

/// Who may be asked about.
pub(crate) fn subjects() -> Vec<Candidate> {
    each(|analysis| {
        let actors = question::actors(analysis).into_iter();
        actors
            .map(|actor| (question::name(analysis, actor), word(analysis, actor)))
            .collect()
    })
}

/// What may be asked about: things and parts that have a capability.
pub(crate) fn objects() -> Vec<Candidate> {
    each(|analysis| {
        let objects = question::objects(analysis).into_iter();
        objects
            .map(|(object, _)| (question::name(analysis, object), word(analysis, object)))
            .collect()
    })
}

/// What may be done to anything of the project.
pub(crate) fn capabilities() -> Vec<Candidate> {
    each(|analysis| {
        let objects = question::objects(analysis).into_iter();
        let names = objects.flat_map(|(_, capabilities)| capabilities);
        names
            .map(|name| (analysis.model.names.text(name).to_owned(), String::new()))
            .collect()
    })
}

/// The project's environments.
pub(crate) fn environments() -> Vec<Candidate> {
    let declared = session().map(|session| session.declared).unwrap_or_default();
    declared.into_iter().map(Candidate::new).collect()
}

/// Every target.
pub(crate) fn targets() -> Vec<Candidate> {
    targets::names().map(Candidate::new).collect()
}

/// Every code, with what it is about.
pub(crate) fn codes() -> Vec<Candidate> {
    let codes = driver::codes::all().into_iter();
    codes
        .map(|code| Candidate::new(code.name).help(Some(code.summary.into())))
        .collect()
}

/// Every example that a project may begin as.
pub(crate) fn examples() -> Vec<Candidate> {
    crate::commands::new::examples()
        .into_iter()
        .map(Candidate::new)
        .collect()
}

fn session() -> Option<Session> {
    let arguments = SpecArguments {
        as_of: None,
        environment: None,
    };
    Session::open(Path::new("."), None, &arguments, library::embedded()).ok()
}

/// Names, each with a word about it, of every environment.
fn each(named: impl Fn(&Analysis) -> BTreeSet<(String, String)>) -> Vec<Candidate> {
    let Some(session) = session() else {
        return Vec::new();
    };
    let mut found = BTreeSet::new();
    for environment in &session.environments {
        let options: Options<'_> = session.options(environment.as_deref(), &[]);
        found.extend(named(&driver::analyse(
            &session.spec,
            &options,
            &mut Report::default(),
        )));
    }
    let found = found.into_iter();
    found
        .map(|(name, word)| match word.is_empty() {
            true => Candidate::new(name),
            false => Candidate::new(name).help(Some(word.into())),
        })
        .collect()
}

/// The word that declares something.
fn word(analysis: &Analysis, end: End) -> String {
    let model = &analysis.model;
    let kind = match end {
        End::Thing(thing) => model.things.get(thing).map(|thing| thing.kind),
        End::Part(part) => model.parts.get(part).map(|part| part.kind),
        End::Account(_) | End::Internet => None,
    };
    let kind = kind.and_then(|kind| model.kinds.get(kind));
    kind.map_or_else(String::new, |kind| model.names.text(kind.name).to_owned())
}
