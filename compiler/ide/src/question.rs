//! Questions of people: who may be asked about, what may be asked of it, and many questions at once.

use arena::Name;
use driver::Analysis;
use model::promise::Selector;
use model::test::{Case, Fixed, Question as Line};
use model::thing::{Detail, ThingId};
use model::trust::{End, Named};
use relation::promise::question::{self, Answer};
use relation::reach::Relation;
use source::{FileId, Span};

/// Nobody wrote the question down.
const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

/// The capabilities of an object's kind.
#[must_use]
pub fn capabilities(analysis: &Analysis, object: End) -> Vec<Name> {
    let model = &analysis.model;
    let kind = match object {
        End::Thing(thing) => model.things.get(thing).map(|thing| thing.kind),
        End::Part(part) => model.parts.get(part).map(|part| part.kind),
        End::Account(_) | End::Internet => None,
    };
    kind.and_then(|kind| model.kinds.get(kind))
        .map(|kind| {
            kind.words
                .capabilities
                .iter()
                .map(|capability| capability.name)
                .collect()
        })
        .unwrap_or_default()
}

/// The thing that is named, or the whole of a part.
#[must_use]
pub fn thing(model: &model::Model, end: End) -> Option<ThingId> {
    match end {
        End::Thing(thing) => Some(thing),
        End::Part(part) => model.parts.get(part).map(|part| part.of),
        End::Account(_) | End::Internet => None,
    }
}

/// Who may be asked about: everybody who acts, and the internet.
#[must_use]
pub fn actors(analysis: &Analysis) -> Vec<End> {
    let model = &analysis.model;
    let acts = |id: &ThingId| {
        model.things.get(*id).is_some_and(|thing| match thing.detail {
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => true,
            Detail::Resource => {
                let acts = model
                    .kinds
                    .get(thing.kind)
                    .is_some_and(|kind| kind.words.acts.is_some());
                acts || thing.segment.is_some()
            }
        })
    };
    let things = model.things.iter().map(|(id, _)| id).filter(acts);
    things.map(End::Thing).chain([End::Internet]).collect()
}

/// What may be asked about: every thing and part that has a capability, and its capabilities.
#[must_use]
pub fn objects(analysis: &Analysis) -> Vec<(End, Vec<Name>)> {
    let model = &analysis.model;
    let things = model.things.iter().map(|(id, _)| End::Thing(id));
    let parts = model.parts.iter().map(|(id, _)| End::Part(id));
    things
        .chain(parts)
        .map(|end| (end, capabilities(analysis, end)))
        .filter(|(_, known)| !known.is_empty())
        .collect()
}

/// The name of an end, as a spec writes it.
#[must_use]
pub fn name(analysis: &Analysis, end: End) -> String {
    let model = &analysis.model;
    let of_thing = |id: ThingId| {
        model
            .things
            .get(id)
            .map_or("", |thing| model.names.text(thing.name))
    };
    match end {
        End::Thing(id) => of_thing(id).to_owned(),
        End::Part(id) => model.parts.get(id).map_or_else(String::new, |part| {
            format!("{}.{}", of_thing(part.of), model.names.text(part.name))
        }),
        End::Account(id) => model
            .accounts
            .get(id)
            .map_or_else(String::new, |account| model.names.text(account.name).to_owned()),
        End::Internet => "internet".to_owned(),
    }
}

/// One question: who, what, to what; a member of the subject's class, if one is meant.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Who.
    pub subject: End,
    /// What.
    pub capability: Name,
    /// To what.
    pub object: End,
    /// The member of the subject's class, if one is meant.
    pub device: Option<Name>,
}

/// Answers many questions from what the bytes grant, all of one relation.
#[must_use]
pub fn answers(relation: &Relation<'_>, questions: &[Question]) -> Vec<Answer> {
    let cases: Vec<Case> = questions.iter().map(case).collect();
    let lines: Vec<(&Case, &Line)> = cases
        .iter()
        .filter_map(|case| Some((case, case.questions.first()?)))
        .collect();
    question::answers(relation, &lines)
        .into_iter()
        .map(|(answer, _)| answer)
        .collect()
}

fn case(question: &Question) -> Case {
    Case {
        subject: Named {
            end: question.subject,
            span: NOWHERE,
        },
        fixed: Fixed {
            device: question.device.map(|device| (device, NOWHERE)),
            ..Fixed::default()
        },
        questions: vec![Line {
            can: true,
            capability: (question.capability, NOWHERE),
            object: (Selector::End(question.object), NOWHERE),
            device: None,
            part: None,
            span: NOWHERE,
        }],
        span: NOWHERE,
    }
}

/// What the bytes of one environment grant.
pub struct Reach<'a> {
    /// The environment.
    pub view: &'a crate::snapshot::View,
    /// Who reaches what.
    pub relation: Relation<'a>,
    /// Where what stands.
    pub index: &'a graph::question::Index<'a>,
}
