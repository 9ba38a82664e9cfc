//! One guard: what its documents permit against its share of the intent.
//!
//! Both sides are taken as the provider evaluates them: what is allowed, without what is denied. So a witness is a request
//! that really passes on one side and not on the other. Denies are compared by themselves as well, since the policy of a
//! thing restricts what the documents of others allow.

mod denied;
mod idle;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use catalogue::Catalogue;
use pattern::boxes::{self, NotDecided, Rectangle};
use pattern::pattern::Pattern;
use pattern::region::{Context as Request, Region};
use pattern::union::Budget;
use pattern::word::Word;
use read::facts::document::{Effect, PrincipalName};
use source::Span;

use super::not_decided;
use super::share::Need;
use super::split::Split;
use crate::replay::request::{self, Replayer};
use crate::witness::{Refusal, Sort, Witness};
use relation::guard::{Guard, Names, Who, own_names};
use relation::letters::Letters;
use relation::statement::Statement;

pub(crate) struct Context<'a> {
    pub(crate) split: Split<'a>,
    pub(crate) letters: &'a Letters<'a>,
    pub(crate) replayer: &'a Replayer<'a>,
    pub(crate) guard: &'a Guard,
    pub(crate) target: &'static str,
}

/// What one principal needs of one action.
#[derive(Default)]
struct Wanted {
    rectangles: Vec<Rectangle>,
    declared: Vec<Option<Span>>,
}

type Needs<'n> = BTreeMap<(&'n Who, &'n str), Wanted>;

/// A statement, its resources as the guard sees them.
struct Seen<'s> {
    statement: &'s Statement,
    resources: Cow<'s, [Pattern]>,
}

impl Seen<'_> {
    fn names(&self, who: &Who) -> bool {
        self.statement
            .who
            .iter()
            .any(|named| named == who || *named == Who::Anyone)
    }

    fn has_action(&self, action: &Pattern) -> bool {
        self.statement
            .actions
            .iter()
            .any(|pattern| pattern.covers(action))
    }

    fn rectangles(&self) -> impl Iterator<Item = Rectangle> + '_ {
        self.resources
            .iter()
            .map(|resource| (resource.clone(), self.statement.when.clone()))
    }
}

/// One request, before it is shown.
struct Point<'a> {
    who: &'a Who,
    action: &'a str,
    word: &'a Word,
    context: &'a Request,
}

pub(crate) fn compare(cx: &Context<'_>, needs: &[Need], statements: &[Statement]) -> Vec<Refusal> {
    let seen = |effect| -> Vec<Seen<'_>> {
        let of_effect = statements.iter().filter(|statement| statement.effect == effect);
        of_effect
            .map(|statement| Seen {
                statement,
                resources: resources(cx, statement),
            })
            .collect()
    };
    let (allows, denies) = (seen(Effect::Allow), seen(Effect::Deny));
    let restrictions: Vec<&Need> = needs.iter().filter(|need| need.effect == Effect::Deny).collect();
    let mut wanted = Needs::new();
    for need in needs.iter().filter(|need| need.effect == Effect::Allow) {
        let when = unrestricted(&restrictions, need);
        let cell = wanted.entry((&need.who, &need.action)).or_default();
        cell.rectangles.push((need.within.clone(), when));
        cell.declared.push(need.declared);
    }
    judged(cx, &wanted, &restrictions, &allows, &denies)
        .unwrap_or_else(|why| vec![undecided(cx, needs, &why)])
}

/// What does not agree; what is idle only once everything else does.
fn judged(
    cx: &Context<'_>,
    wanted: &Needs<'_>,
    restrictions: &[&Need],
    allows: &[Seen<'_>],
    denies: &[Seen<'_>],
) -> Result<Vec<Refusal>, NotDecided> {
    let budget = &mut Budget::of_guard();
    let mut refusals = short(cx, wanted, allows, denies, budget)?;
    refusals.extend(surplus(cx, wanted, allows, denies, budget)?);
    refusals.extend(denied::judge(cx, restrictions, denies, budget)?);
    if refusals.is_empty() {
        refusals = idle::judge(cx, allows, denies, budget)?;
    }
    Ok(refusals)
}

/// A guard without an answer; where its conditions are to blame, at the declarations that set them.
fn undecided(cx: &Context<'_>, needs: &[Need], why: &NotDecided) -> Refusal {
    let message = format!("{}: {why}", cx.describe());
    let refusal = not_decided(cx.target, message);
    match why {
        NotDecided::MixedTypes(_) => refusal,
        NotDecided::TooLarge => {
            let conditional = needs.iter().filter(|need| !need.when.is_everything());
            let mut seen: BTreeSet<Span> = BTreeSet::new();
            let declared = conditional
                .filter_map(|need| need.declared)
                .filter(|span| seen.insert(*span));
            refusal.entangled(declared.collect())
        }
    }
}

/// The resources of a statement as the guard sees them.
fn resources<'s>(cx: &Context<'_>, statement: &'s Statement) -> Cow<'s, [Pattern]> {
    let is_own = matches!(cx.guard, Guard::Trust(..) | Guard::Resource(_));
    if !is_own || !statement.resources.iter().any(Pattern::is_everything) {
        return Cow::Borrowed(&statement.resources);
    }
    let own = own_names(&cx.split.checked.graph().addresses, *cx.guard);
    let mut resources = Vec::with_capacity(statement.resources.len());
    for resource in &statement.resources {
        if resource.is_everything() {
            resources.extend(own.iter().cloned())
        } else {
            resources.push(resource.clone())
        }
    }
    Cow::Owned(resources)
}

/// When a need holds, without what the restrictions of the same guard deny.
fn unrestricted(restrictions: &[&Need], need: &Need) -> Region {
    let action = word(&need.action);
    restrictions
        .iter()
        .filter(|restriction| {
            let actions = Pattern::glob(&restriction.action);
            actions.is_some_and(|actions| actions.matches(&action)) && restriction.within.covers(&need.within)
        })
        .fold(need.when.clone(), |when, restriction| {
            when.minus(&restriction.when)
        })
}

/// What is needed and not allowed.
fn short(
    cx: &Context<'_>,
    wanted: &Needs<'_>,
    allows: &[Seen<'_>],
    denies: &[Seen<'_>],
    budget: &mut Budget,
) -> Result<Vec<Refusal>, NotDecided> {
    let mut refusals = Vec::new();
    for ((who, action), cell) in wanted {
        let literal = Pattern::exactly(&word(action));
        let granted = concerning(allows, who, &literal);
        let holes = concerning(denies, who, &literal);
        let missing = match boxes::difference(&cell.rectangles, &granted, budget)? {
            Some(missing) => Some(missing),
            None => meeting(&cell.rectangles, &holes),
        };
        if let Some(missing) = missing {
            let declared = cell.declared.get(missing.of).copied().flatten();
            let point = Point {
                who,
                action,
                word: &missing.word,
                context: &missing.context,
            };
            refusals.push(refuse_short(cx, &point, declared));
        }
    }
    Ok(refusals)
}

/// What these statements say of somebody and an action.
fn concerning(statements: &[Seen<'_>], who: &Who, action: &Pattern) -> Vec<Rectangle> {
    let concerned = statements
        .iter()
        .filter(|seen| seen.names(who) && seen.has_action(action));
    concerned.flat_map(Seen::rectangles).collect()
}

/// A point of `left` that lies in some rectangle of `right`.
fn meeting(left: &[Rectangle], right: &[Rectangle]) -> Option<boxes::Witness> {
    left.iter().enumerate().find_map(|(of, (pattern, when))| {
        right.iter().find_map(|(hole, region)| {
            let word = pattern.meets(hole)?;
            let context = when.and(region).sample()?;
            Some(boxes::Witness { word, context, of })
        })
    })
}

/// What is allowed and not needed.
fn surplus(
    cx: &Context<'_>,
    wanted: &Needs<'_>,
    allows: &[Seen<'_>],
    denies: &[Seen<'_>],
    budget: &mut Budget,
) -> Result<Vec<Refusal>, NotDecided> {
    let mut refusals = Vec::new();
    for allow in allows {
        for who in &allow.statement.who {
            for pattern in &allow.statement.actions {
                let (action, literal) = match pattern.word() {
                    Some(action) if !pattern.has_unknown() => (cx.letters.word(&action), pattern.clone()),
                    Some(action) => spelt(cx.letters.word(&action)),
                    None => spelt(unneeded_action(cx, wanted, who, pattern)),
                };
                let granted: Vec<Rectangle> = allow.rectangles().collect();
                // What the guard denies by itself is no surplus, wherever the two meet.
                let mut excused = concerning(denies, who, &literal);
                excused.extend(
                    [who, &Who::Anyone]
                        .into_iter()
                        .filter_map(|who| wanted.get(&(who, action.as_str())))
                        .flat_map(|cell| cell.rectangles.iter().cloned()),
                );
                if let Some(extra) = boxes::difference(&granted, &excused, budget)? {
                    let point = Point {
                        who,
                        action: &action,
                        word: &extra.word,
                        context: &extra.context,
                    };
                    refusals.push(refuse_surplus(cx, allow.statement, &point));
                }
            }
        }
    }
    Ok(refusals)
}

fn spelt(action: String) -> (String, Pattern) {
    let literal = Pattern::exactly(&word(&action));
    (action, literal)
}

/// An action under a wildcard that the principal does not need: one that the catalogue knows, else one to come.
fn unneeded_action(cx: &Context<'_>, wanted: &Needs<'_>, who: &Who, pattern: &Pattern) -> String {
    let text = pattern.display(&|letter| cx.letters.name(letter));
    let is_needed = |action: &str| {
        let action = action.to_ascii_lowercase();
        [who, &Who::Anyone]
            .into_iter()
            .any(|who| wanted.contains_key(&(who, action.as_str())))
    };
    let known = Catalogue::embedded()
        .matching(&text)
        .into_iter()
        .map(|action| action.name().to_ascii_lowercase());
    known
        .into_iter()
        .find(|action| !is_needed(action))
        .unwrap_or_else(|| {
            let stem = cx.letters.word(&pattern.sample());
            if is_needed(&stem) || stem.is_empty() {
                format!("{stem}:unknown")
            } else {
                stem
            }
        })
}

impl Context<'_> {
    fn describe(&self) -> String {
        Names::describe(self.split.checked.model(), *self.guard)
    }

    /// A refusal with its request, once that was replayed.
    fn witnessed(&self, refusal: Refusal, point: &Point<'_>) -> Refusal {
        let request = request::Request {
            who: point.who,
            action: point.action,
            resource: point.word,
            context: point.context,
        };
        let replay = self.replayer.replay(*self.guard, refusal.sort, request);
        refusal.witness(self.request(point), replay)
    }

    fn request(&self, point: &Point<'_>) -> Witness {
        Witness::Request {
            guard: self.describe(),
            principal: principal(self, point.who),
            action: canonical(point.action),
            resource: self.letters.word(point.word),
            context: self.letters.context(point.context),
        }
    }
}

fn principal(cx: &Context<'_>, who: &Who) -> String {
    let (model, graph) = (cx.split.checked.model(), cx.split.checked.graph());
    match who {
        Who::Own => match cx.guard {
            Guard::Identity(thing, account) | Guard::Trust(thing, account) => graph
                .addresses
                .roles
                .get(&(*thing, *account))
                .map_or_else(String::new, |role| role.arn.clone()),
            Guard::Device(thing) | Guard::Rule(thing) | Guard::Resource(thing) => model
                .things
                .get(*thing)
                .map_or_else(String::new, |declared| model.names.text(declared.name).to_owned()),
        },
        Who::Anyone => "anybody".to_owned(),
        Who::Named(PrincipalName::Role(arn) | PrincipalName::Federated(arn)) => arn.clone(),
        Who::Named(PrincipalName::Account(number)) => format!("account {number}"),
        Who::Named(PrincipalName::Service(service)) => service.clone(),
    }
}

fn word(text: &str) -> Word {
    Word::text(text).unwrap_or_else(Word::empty)
}

/// The provider's spelling, where the catalogue knows the action.
fn canonical(action: &str) -> String {
    Catalogue::embedded()
        .action(action)
        .map_or_else(|| action.to_owned(), |known| known.name().to_owned())
}

fn refuse_short(cx: &Context<'_>, point: &Point<'_>, declared: Option<Span>) -> Refusal {
    let message = format!(
        "{} do not let {} do `{}` on `{}`, which is declared",
        cx.describe(),
        principal(cx, point.who),
        canonical(point.action),
        cx.letters.word(point.word)
    );
    let refusal = Refusal::new(Sort::FallsShort, cx.target, message);
    cx.witnessed(refusal, point).declared(declared)
}

fn refuse_surplus(cx: &Context<'_>, statement: &Statement, point: &Point<'_>) -> Refusal {
    let message = format!(
        "{} let {} do `{}` on `{}`, which no trust declares",
        cx.describe(),
        principal(cx, point.who),
        canonical(point.action),
        cx.letters.word(point.word)
    );
    let refusal = Refusal::new(Sort::Exceeds, cx.target, message);
    cx.witnessed(refusal, point).at(&statement.place)
}
