//! `never S -> O`: no request, no packet, and with `through` no chain of them, from a member of S to a member of O.

use std::collections::BTreeMap;

use arena::Name;
use checks::Findings;
use diagnostics::Diagnostic;
use model::promise::{Promise, Rule, Selector, Through};
use model::thing::ThingId;
use model::trust::End;
use pattern::region::Region;
use source::Span;

use super::chain::{Chain, Chains};
use super::say::labelled;
use super::{BROKEN_NEVER, Shared, UNDECIDED, waived};
use crate::reach::{Decided, Question, Reached, Relation};
use crate::request::Actor;
use crate::rows::Unlike;
use crate::sets::{Objects, Subjects};

/// What a promise forbids, of whom and of what.
struct Forbidden<'p> {
    promise: &'p Promise,
    subjects: &'p Subjects,
    objects: &'p Objects,
    allow: &'p [Name],
    differ: &'p [Name],
    through: Option<Through>,
    /// The thing that a waiver is about, if this is what it takes out.
    waived: Option<Name>,
}

/// Asks one promise: first of what no waiver is about, then of each thing that one is about.
///
/// A waiver takes out what `except` and `besides` would, of one thing: the rest is asked as if it were not there.
pub(super) fn ask<'r, 'a>(
    relation: &'r Relation<'a>,
    promise: &Promise,
    shared: &Shared<'r, 'a>,
    findings: &mut Findings,
) -> Decided {
    let Rule::Never {
        subjects,
        objects,
        allow,
        differ,
        except,
        besides,
        through,
    } = &promise.rule
    else {
        return Decided::default();
    };
    let allow: Vec<Name> = allow.iter().map(|(name, _)| *name).collect();
    let differ: Vec<Name> = differ.iter().map(|(name, _)| *name).collect();
    let sets = &relation.sets;
    let mut decided = Decided::default();
    let mut one = |subjects: &Subjects, objects: &Objects, waived: Option<Name>| {
        let forbidden = Forbidden {
            promise,
            subjects,
            objects,
            allow: &allow,
            differ: &differ,
            through: *through,
            waived,
        };
        let more = forbidden.ask(relation, shared, findings);
        decided.undecided |= more.undecided;
        decided.declared |= more.declared;
    };
    let waived = waived::things(relation, promise);
    let end = |thing: &ThingId| (Selector::End(End::Thing(*thing)), promise.span);
    let with = |list: &[(Selector, Span)]| -> Vec<(Selector, Span)> {
        list.iter().copied().chain(waived.iter().map(end)).collect()
    };
    let (all_subjects, all_objects) = (
        shared.subjects(relation, subjects, except),
        sets.objects(objects, &allow, besides),
    );
    if waived.is_empty() {
        one(&all_subjects, &all_objects, None);
        return decided;
    }
    one(
        &sets.subjects(subjects, &with(except)),
        &sets.objects(objects, &allow, &with(besides)),
        None,
    );
    let is_named =
        |thing: &ThingId| all_subjects.things.contains_key(thing) && !all_subjects.shared.contains_key(thing);
    for thing in &waived {
        let name = sets.model.things.get(*thing).map(|thing| thing.name);
        if is_named(thing) {
            one(&sets.subjects(&[end(thing)], except), &all_objects, name);
        }
        let own = waived::objects(relation, *thing, &all_objects);
        if !own.is_empty() {
            one(&all_subjects, &sets.objects(&own, &allow, besides), name);
        }
    }
    decided
}

impl Forbidden<'_> {
    fn ask<'r, 'a>(
        &self,
        relation: &'r Relation<'a>,
        shared: &Shared<'r, 'a>,
        findings: &mut Findings,
    ) -> Decided {
        let everything = Region::everything();
        let attributes = BTreeMap::new();
        let question = Question {
            subjects: self.subjects,
            objects: self.objects,
            connects: self.allow.is_empty() || relation.index.allows_connecting(self.allow),
            unlike: if self.differ.is_empty() {
                Unlike::Any
            } else {
                Unlike::Differ(self.differ)
            },
            context: &everything,
            attributes: &attributes,
            source: None,
        };
        // The smallest witness.
        let mut best: Option<(String, Reached)> = None;
        let mut decided = relation.each(&question, &mut |_, reached| {
            let text = format!("{} {}", relation.subject(&reached), relation.reached(&reached));
            if best.as_ref().is_none_or(|(known, _)| text < *known) {
                best = Some((text, reached));
            }
        });
        if let Some((_, reached)) = best {
            let chain = Chain {
                subject: None,
                steps: Vec::new(),
                reached: Some(reached),
            };
            self.report(relation, &chain, findings);
            return decided;
        }
        if let Some(through) = self.through {
            let chains = shared.chains.get_or_init(|| Chains::new(relation));
            let (chain, more) = chains.shortest(&question, through);
            decided.undecided |= more.undecided;
            decided.declared |= more.declared;
            if let Some(chain) = chain {
                self.report(relation, &chain, findings);
                return decided;
            }
        }
        if decided.undecided {
            undecided(self.promise, findings);
        }
        decided
    }
}

/// A promise of which too many words would have to be looked at.
pub(super) fn undecided(promise: &Promise, findings: &mut Findings) {
    findings.push_promise(
        Diagnostic::new(
            &UNDECIDED,
            promise.span,
            "whether this promise holds cannot be decided",
        )
        .note("names of two fleets would have to be compared one by one, and there are too many of them")
        .help("let names and attributes be whole levels of a path: `a/{name}/b`, and no `a-{name}{line}`"),
        [],
        promise.name,
    );
}

impl Forbidden<'_> {
    /// The witness: the shortest chain, with the line that grants each step.
    fn report(&self, relation: &Relation<'_>, chain: &Chain, findings: &mut Findings) {
        let Self {
            promise, subjects, ..
        } = self;
        let shared = first(chain).and_then(|acting| Some((acting, *subjects.shared.get(&acting)?)));
        let subject = match (&chain.reached, chain.steps.is_empty(), chain.subject) {
            (Some(reached), true, _) => relation.subject(reached),
            (_, _, Some(first)) => relation.name(first).to_owned(),
            (_, _, None) => "everybody".to_owned(),
        };
        let subject = shared.map_or(subject, |(_, meant)| relation.name(meant).to_owned());
        let last = chain.steps.last();
        let reached = match (&chain.reached, last) {
            (Some(reached), _) => relation.reached(reached),
            (None, Some(step)) => format!("{} {}", step.how, relation.name(step.to)),
            (None, None) => String::new(),
        };
        let mut path = subject.clone();
        let shown = if chain.reached.is_some() {
            chain.steps.as_slice()
        } else {
            chain.steps.split_last().map_or(&[][..], |(_, before)| before)
        };
        for step in shown {
            path.push_str(&format!(" → {} {}", step.how, relation.name(step.to)));
        }
        let lines: Vec<_> = chain
            .steps
            .iter()
            .flat_map(|step| step.lines.iter().copied())
            .chain(chain.reached.iter().flat_map(|reached| relation.lines(reached)))
            .collect();
        let message = format!("`{subject}` can do what the promise forbids: {reached}");
        let diagnostic = Diagnostic::new(&BROKEN_NEVER, promise.span, message)
            .note(format!("witness: {path} → {reached}"))
            .help("remove or narrow a trust that grants a step, or take the subject out with `except`");
        let diagnostic = match shared {
            Some((acting, meant)) => diagnostic.note(format!(
                "some of `{}` are `{}` as well, and what the one may, they may",
                relation.name(meant),
                relation.name(acting)
            )),
            None => diagnostic,
        };
        let diagnostic = labelled(diagnostic, &lines, "grants a step");
        findings.push_promise(diagnostic, self.waived, promise.name);
    }
}

/// The declared actor with whom a chain begins.
fn first(chain: &Chain) -> Option<ThingId> {
    match (&chain.reached, chain.steps.is_empty()) {
        (Some(Reached::Request(hit)), true) => match hit.actor {
            Actor::Thing(thing) => Some(thing),
            Actor::Anyone | Actor::Steward | Actor::Other(_) => None,
        },
        (Some(Reached::Packet(packet)), true) => packet.from.thing(),
        (_, _) => chain.subject,
    }
}
