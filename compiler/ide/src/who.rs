//! Who reaches what: the answers of the relation, as an editor shows them.

use arena::Name;
use model::trust::End;
use relation::promise::question::Answer;
use source::Span;

use crate::question::{Question, Reach, actors, answers, capabilities, name, objects};
use crate::snapshot::{Snapshot, View};

/// Somebody or something at the other end, and what may be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// What it is called.
    pub name: String,
    /// Its declared name; nothing for the internet.
    pub at: Option<Span>,
    /// Capabilities, each once; with ` (in part)` where not all of it is granted.
    pub may: Vec<String>,
}

/// The thing or part whose name is declared at a span.
#[must_use]
pub fn end_at(view: &View, snapshot: &Snapshot, at: Span) -> Option<End> {
    let model = &view.analysis.model;
    let document = snapshot.document(at.file)?;
    let lines = crate::tree::cursor(document, at.start).lines;
    let line = lines
        .last()
        .filter(|line| line.argument(0).is_some_and(|name| name.span() == at))?;
    let text = line.argument(0)?.as_str()?.into_owned();
    let thing = model
        .things
        .iter()
        .find(|(_, thing)| model.names.text(thing.name) == text);
    let of_head = || {
        let part = model.parts.iter().find(|(_, part)| part.span == line.head_span());
        part.map(|(id, _)| End::Part(id))
    };
    if lines.len() > 1 && matches!(&*line.name(), "listens" | "topic") {
        return of_head();
    }
    thing.map(|(id, _)| End::Thing(id))
}

/// Where an end is declared.
fn declared(view: &View, snapshot: &Snapshot, end: End) -> Option<Span> {
    let model = &view.analysis.model;
    let head = match end {
        End::Thing(id) => model.things.get(id)?.span,
        End::Part(id) => model.parts.get(id)?.span,
        End::Account(id) => model.accounts.get(id)?.span,
        End::Internet => return None,
    };
    snapshot.declarations().get(&head).map(|line| line.name)
}

/// Everybody who may do something to a thing, in any environment.
#[must_use]
pub fn subjects(snapshot: &Snapshot, reaches: &[Reach<'_>], at: Span) -> Vec<Reached> {
    let mut found: Vec<Reached> = Vec::new();
    for reach in reaches {
        let analysis = &reach.view.analysis;
        let Some(object) = end_at(reach.view, snapshot, at) else {
            continue;
        };
        let mut questions = Vec::new();
        for subject in actors(analysis) {
            for capability in capabilities(analysis, object) {
                questions.push(question(subject, capability, object));
            }
        }
        collect(
            snapshot,
            reach,
            &questions,
            |question| question.subject,
            &mut found,
        );
    }
    found
}

/// Everything to which somebody may do something, in any environment.
#[must_use]
pub fn reached(snapshot: &Snapshot, reaches: &[Reach<'_>], at: Span) -> Vec<Reached> {
    let mut found: Vec<Reached> = Vec::new();
    for reach in reaches {
        let analysis = &reach.view.analysis;
        let Some(subject) = end_at(reach.view, snapshot, at) else {
            continue;
        };
        if !actors(analysis).contains(&subject) {
            continue;
        }
        let mut questions = Vec::new();
        for (object, known) in objects(analysis) {
            for capability in known {
                questions.push(question(subject, capability, object));
            }
        }
        collect(
            snapshot,
            reach,
            &questions,
            |question| question.object,
            &mut found,
        );
    }
    found
}

fn question(subject: End, capability: Name, object: End) -> Question {
    Question {
        subject,
        capability,
        object,
        device: None,
    }
}

fn collect(
    snapshot: &Snapshot,
    reach: &Reach<'_>,
    questions: &[Question],
    other: fn(&Question) -> End,
    found: &mut Vec<Reached>,
) {
    let analysis = &reach.view.analysis;
    for (question, answer) in questions.iter().zip(answers(&reach.relation, questions)) {
        let qualified = match answer {
            Answer::No => continue,
            Answer::Yes => "",
            Answer::Partly { .. } => " (in part)",
            Answer::Undecided { .. } => " (not decided)",
        };
        let may = format!("{}{qualified}", analysis.model.names.text(question.capability));
        let end = other(question);
        let name = name(analysis, end);
        let known = found.iter_mut().find(|one| one.name == name);
        match known {
            Some(known) if known.may.contains(&may) => {}
            Some(known) => known.may.push(may),
            None => found.push(Reached {
                name,
                at: declared(reach.view, snapshot, end),
                may: vec![may],
            }),
        }
    }
    found.sort();
}

/// The declared names of a file that can be reached.
#[must_use]
pub fn reachable(snapshot: &Snapshot, file: source::FileId) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for view in &snapshot.views {
        for (end, _) in objects(&view.analysis) {
            found.extend(declared(view, snapshot, end).filter(|span| span.file == file));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
