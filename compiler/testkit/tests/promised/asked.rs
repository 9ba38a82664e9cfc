//! A project with claims, of which one target stands as bytes: what the relation and the second opinion say to them.

use std::collections::{BTreeMap, BTreeSet};

use bundle::{Bundle, File, target};
use checks::Checked;
use diagnostics::Report;
use graph::question::Index;
use read::facts::Facts;
use relation::promise;
use relation::reach::Relation;
use source::Span;
use testkit::golden::Tree;
use testkit::label::Files;
use testkit::mutate::specimen;
use testkit::naive::host::Filters;
use testkit::naive::world::World;
use testkit::naive::{self, emitted, question, witness};

use super::claims;

/// Targets whose files are read by looking.
const LOOKED_AT: [&str; 3] = [target::AWS_IAM, target::SECURITY_GROUPS, target::DEVICE_BUNDLES];

/// A project with its claims.
pub struct Asked<'a> {
    /// The project.
    pub name: String,
    /// The target that stands as bytes.
    pub target: &'static str,
    /// Its files.
    pub files: Files,
    checked: &'a Checked<'a>,
    index: &'a Index<'a>,
    /// What other targets write, for the layers that this one has no guard of: there both sides take what is declared.
    beside: BTreeMap<String, Vec<u8>>,
    /// Claims by their place.
    pub claims: BTreeMap<Span, String>,
}

/// What the relation says: which claims are broken, each with its witness, and which it does not decide.
#[derive(Debug, Default)]
pub struct Built {
    /// By place, with the first note.
    pub broken: BTreeMap<Span, Option<String>>,
    /// By place.
    pub undecided: BTreeSet<Span>,
}

/// What is seen by looking: which claims hold, and which witnesses are none.
#[derive(Debug, Default)]
pub struct Looked {
    /// By place.
    pub holds: BTreeMap<Span, bool>,
    /// Those that were refuted.
    pub refuted: BTreeMap<Span, String>,
    /// How many were confirmed.
    pub confirmed: usize,
}

impl Asked<'_> {
    /// What the relation of some files says; `None` if they are not read.
    pub fn built(&self, files: &Files) -> Option<Built> {
        let mut bundle = Bundle::default();
        for (path, (target, bytes)) in files {
            let file = File {
                bytes: bytes.clone(),
                target,
                executable: false,
                because: Vec::new(),
            };
            bundle.set(path, Some(file));
        }
        let mut facts = read::read(&bundle, &mut Report::default());
        if facts.iter().any(|one| !one.unread.is_empty()) {
            return None;
        }
        if !facts.iter().any(|one| one.target == self.target) {
            facts.push(Facts::nothing(self.target));
        }
        let relation = Relation::new(self.index, &facts);
        let answers = promise::ask(&relation);
        let mut out = Built::default();
        for found in checks::settle(self.checked.model(), answers.findings) {
            let Some(span) = found.span else { continue };
            match found.code.name {
                "broken-never" | "broken-isolate" | "broken-limit" | "broken-test" => {
                    out.broken.entry(span).or_insert(found.notes.first().cloned());
                }
                "undecided-promise" => drop(out.undecided.insert(span)),
                _ => {}
            }
        }
        Some(out)
    }

    /// What is seen of some files by looking.
    pub fn looked(&self, files: &Files, built: &Built) -> Result<Looked, String> {
        let model = self.checked.model();
        let own = files
            .iter()
            .map(|(path, (_, bytes))| (path.clone(), bytes.clone()));
        let world = if self.target == target::TERRAFORM {
            let filters = Filters {
                groups: true,
                hosts: false,
            };
            World::of(model, emitted::of_modules(model, &own.collect())?, filters)?
        } else {
            let filters = Filters {
                groups: self.target == target::SECURITY_GROUPS,
                hosts: self.target == target::DEVICE_BUNDLES,
            };
            let mut bytes = self.beside.clone();
            bytes.extend(own);
            World::filtered(model, &bytes, filters)?
        };
        let mut out = Looked::default();
        for (_, stated) in model.promises.iter().filter(|(_, stated)| self.has(stated.span)) {
            if let Some(holds) = naive::promise::holds(&world, &stated.rule) {
                out.holds.insert(stated.span, holds);
            }
        }
        for case in model.tests.iter().flat_map(|(_, test)| &test.cases) {
            for asked in case.questions.iter().filter(|asked| self.has(asked.span)) {
                out.holds.insert(asked.span, question::holds(&world, case, asked));
            }
        }
        for (span, note) in &built.broken {
            let Some(note) = note.as_ref().filter(|_| self.has(*span)) else {
                continue;
            };
            match witness::confirms(&world, note) {
                Some(true) => out.confirmed += 1,
                Some(false) => drop(out.refuted.insert(*span, note.clone())),
                None => {}
            }
        }
        Ok(out)
    }

    fn has(&self, span: Span) -> bool {
        self.claims.contains_key(&span)
    }
}

/// Compiles a project with claims that hold of its own bytes by both, and hands it on.
pub fn with<T>(
    name: &str,
    texts: &Tree,
    environment: Option<&str>,
    target: &'static str,
    then: impl FnOnce(&Asked<'_>) -> T,
) -> Result<T, String> {
    let lines = specimen::emitted(texts, environment, &[target], |checked, _| {
        claims::lines(checked.model())
    })?;
    let held = compiled(name, texts, &lines, environment, target, held)??;
    compiled(name, texts, &claims::tightest(&held), environment, target, then)
}

/// The claims that hold by both.
fn held(asked: &Asked<'_>) -> Result<Vec<String>, String> {
    let built = asked.built(&asked.files).ok_or("not read")?;
    let looked = asked.looked(&asked.files, &built)?;
    let mut held: Vec<(Span, String)> = asked
        .claims
        .iter()
        .filter(|(span, _)| {
            looked.holds.get(*span) == Some(&true)
                && !built.broken.contains_key(*span)
                && !built.undecided.contains(*span)
        })
        .map(|(span, line)| (*span, line.clone()))
        .collect();
    held.sort();
    Ok(held.into_iter().map(|(_, line)| line).collect())
}

fn compiled<T>(
    name: &str,
    texts: &Tree,
    lines: &[String],
    environment: Option<&str>,
    target: &'static str,
    then: impl FnOnce(&Asked<'_>) -> T,
) -> Result<T, String> {
    let mut texts = texts.clone();
    let text = format!("{}\n", lines.join("\n"));
    texts.insert(claims::FILE.to_owned(), text.clone().into_bytes());
    let paths = texts.keys().filter(|path| path.ends_with(".kdl"));
    let file = paths
        .into_iter()
        .position(|path| path == claims::FILE)
        .unwrap_or(0) as u32;
    // A module says all that is looked at, but for host firewalls.
    let targets = if target == target::TERRAFORM {
        vec![target]
    } else {
        LOOKED_AT.to_vec()
    };
    specimen::emitted(&texts, environment, &targets, |checked, files| {
        let index = Index::new(checked.model(), checked.graph());
        let (files, beside): (Files, Files) = files.into_iter().partition(|(_, (of, _))| *of == target);
        then(&Asked {
            name: name.to_owned(),
            target,
            files,
            checked,
            index: &index,
            beside: beside
                .into_iter()
                .map(|(path, (_, bytes))| (path, bytes))
                .collect(),
            claims: placed(checked, file, &text),
        })
    })
}

/// The claims of the generated file, by their place.
fn placed(checked: &Checked<'_>, file: u32, text: &str) -> BTreeMap<Span, String> {
    let model = checked.model();
    let promises = model.promises.iter().map(|(_, stated)| stated.span);
    let cases = model.tests.iter().flat_map(|(_, test)| &test.cases);
    let asked = cases.flat_map(|case| &case.questions).map(|asked| asked.span);
    promises
        .chain(asked)
        .filter(|span| span.file.0 == file)
        .filter_map(|span| {
            let start = usize::try_from(span.start).ok()?;
            let from = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
            let line = text.get(from..)?.lines().next()?;
            Some((span, line.to_owned()))
        })
        .collect()
}
