//! Questions to the emitted bytes: may this subject do that, as far as anything emitted decides it?
//!
//! What a capability *needs* is worked out by building the graph of one hypothetical trust, so that words mean here what
//! they mean everywhere. What is *granted* is what was read.

mod member;
mod request;
mod route;

use checks::Checked;
use diagnostics::{Report, Severity};
use graph::TrustGraph;
use graph::question::Index;
use graph::reason::Reason;
use model::Model;
use model::promise::Selector;
use model::template::{Piece, Template};
use model::test::{Case, Question};
use model::trust::{End, Named, Narrow, Trust};
use read::facts::Facts;
use source::Span;

/// What the bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything that the capability needs is granted.
    Yes,
    /// Nothing of it is granted.
    No,
    /// Something of it is granted and something is not.
    Partly {
        /// What is granted.
        granted: Vec<String>,
        /// What is missing.
        missing: Vec<String>,
    },
    /// Nothing emitted decides it.
    Undecided {
        /// Why.
        why: String,
    },
}

impl Answer {
    /// Whether a `can` (true) or `cannot` (false) line holds.
    #[must_use]
    pub fn holds(&self, can: bool) -> bool {
        *self == if can { Self::Yes } else { Self::No }
    }
}

/// Answers one line of a test. For a selector of several objects: `Yes` only if each is, `No` only if none is.
#[must_use]
pub fn answer(checked: &Checked<'_>, facts: &[Facts], case: &Case, question: &Question) -> Answer {
    let model = checked.model();
    let objects: Vec<End> = match question.object.0 {
        Selector::End(end) => vec![end],
        selector => {
            let index = Index::new(model, checked.graph());
            let selected = index.select(selector);
            let things = selected.things.keys().map(|thing| End::Thing(*thing));
            let parts = selected.parts.iter().map(|part| End::Part(*part));
            things
                .chain(parts)
                .filter(|end| offers(model, *end, question.capability.0))
                .collect()
        }
    };
    if objects.is_empty() {
        return Answer::Undecided {
            why: "nothing that is meant has this capability".to_owned(),
        };
    }
    let mut answers = objects
        .into_iter()
        .map(|object| one(checked, facts, case, question, object));
    let first = answers.next().unwrap_or(Answer::No);
    answers.fold(
        first,
        |all, next| if all == next { all } else { mixed(all, next) },
    )
}

fn mixed(one: Answer, other: Answer) -> Answer {
    let (mut granted, mut missing) = (Vec::new(), Vec::new());
    for answer in [one, other] {
        match answer {
            Answer::Yes => granted.push("some of what is meant".to_owned()),
            Answer::No => missing.push("some of what is meant".to_owned()),
            Answer::Partly {
                granted: more,
                missing: less,
            } => {
                granted.extend(more);
                missing.extend(less);
            }
            undecided @ Answer::Undecided { .. } => return undecided,
        }
    }
    Answer::Partly { granted, missing }
}

fn offers(model: &Model, end: End, capability: arena::Name) -> bool {
    let kind = match end {
        End::Thing(thing) => model.things.get(thing).map(|thing| thing.kind),
        End::Part(part) => model.parts.get(part).map(|part| part.kind),
        End::Account(_) | End::Internet => None,
    };
    kind.and_then(|kind| model.kinds.get(kind)).is_some_and(|kind| {
        kind.words
            .capabilities
            .iter()
            .any(|offered| offered.name == capability)
    })
}

/// What the capability needs, as a graph of its own; `None` if it cannot be said of these two.
pub(crate) fn hypothetical(
    model: &Model,
    case: &Case,
    question: &Question,
    object: End,
) -> Result<(Model, TrustGraph), Unasked> {
    let mut asked = model.clone();
    asked.trusts = arena::Arena::default();
    asked.promises = arena::Arena::default();
    asked.tests = arena::Arena::default();
    let narrow = question.part.iter().map(|(under, text)| Narrow {
        under: *under,
        path: Template {
            pieces: vec![Piece::Text(*text)],
            span: question.span,
        },
        span: question.span,
    });
    asked.trusts.push(Trust {
        span: question.span,
        subjects: vec![case.subject],
        objects: vec![Named {
            end: object,
            span: question.object.1,
        }],
        allow: vec![question.capability],
        narrow: narrow.collect(),
        same: Vec::new(),
        others: None,
        when: Vec::new(),
        accept_segment: None,
        with: None,
        because: None,
        owner: None,
        expires: None,
        applied: None,
    });
    let mut scratch = Report::default();
    let graph = graph::build(&asked, &mut scratch);
    let mut reasons = graph
        .accesses
        .iter()
        .map(|access| access.because)
        .chain(graph.flows.iter().map(|flow| flow.because));
    if reasons.any(|because| is_direct(&graph, because)) {
        return Ok((asked, graph));
    }
    // Without the other trusts of the spec other things may be wrong with it; only what is said of these two counts.
    let here = [question.span, case.subject.span, question.object.1];
    let errors = scratch.diagnostics().iter().filter(|found| {
        found.code.severity == Severity::Error && found.span.is_some_and(|span| here.contains(&span))
    });
    let mut codes = errors.map(|found| found.code.name).peekable();
    let is_formless =
        codes.peek().is_some() && codes.all(|code| matches!(code, "not-emitted-yet" | "not-lowered-yet"));
    Err(if is_formless {
        Unasked::Formless
    } else {
        Unasked::Senseless
    })
}

/// Why there is no graph of a question.
pub(crate) enum Unasked {
    /// Nothing that we emit has a form in which it could be granted: so nothing grants it.
    Formless,
    /// The subject cannot be asked this.
    Senseless,
}

/// Whether a reason is the trust itself, and not what it entails.
pub(crate) fn is_direct(graph: &TrustGraph, because: graph::reason::ReasonId) -> bool {
    matches!(graph.reasons.get(because), Some(Reason::Trust(_)))
}

fn one(checked: &Checked<'_>, facts: &[Facts], case: &Case, question: &Question, object: End) -> Answer {
    let (model, graph) = match hypothetical(checked.model(), case, question, object) {
        Ok(asked) => asked,
        Err(Unasked::Formless) => return Answer::No,
        Err(Unasked::Senseless) => {
            return Answer::Undecided {
                why: "this subject cannot be asked this".to_owned(),
            };
        }
    };
    let members = match member::Members::of(&model, case, question, object) {
        Ok(members) => members,
        Err(why) => return Answer::Undecided { why },
    };
    let (mut granted, mut missing) = (Vec::new(), Vec::new());
    let mut decided = false;
    for facts in facts {
        let requests = request::judge(checked, facts, &model, &graph, case, &members);
        let packets = route::judge(facts, &model, &graph, &members);
        for (what, verdict) in requests.into_iter().chain(packets) {
            let Some(is_granted) = verdict else { continue };
            decided = true;
            if is_granted {
                granted.push(what)
            } else {
                missing.push(what)
            }
        }
    }
    for list in [&mut granted, &mut missing] {
        list.sort();
        list.dedup();
    }
    match (granted.is_empty(), missing.is_empty()) {
        _ if !decided => Answer::Undecided {
            why: "no emitted artifact sees either end".to_owned(),
        },
        (false, true) => Answer::Yes,
        (true, _) => Answer::No,
        (false, false) => Answer::Partly { granted, missing },
    }
}

/// A place for diagnostics about a question.
#[must_use]
pub fn place(question: &Question) -> Span {
    question.span
}
