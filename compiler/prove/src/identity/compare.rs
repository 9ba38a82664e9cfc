//! One guard: what its documents permit against its share of the intent.

use std::collections::BTreeMap;

use catalogue::Catalogue;
use checks::Checked;
use pattern::boxes::{self, Rectangle};
use pattern::pattern::Pattern;
use pattern::region::{Context as Request, Region};
use pattern::word::Word;
use read::facts::document::{Effect, PrincipalName};
use source::Span;

use super::granted::{self, Statement};
use super::guard::{Guard, Names};
use super::not_decided;
use super::share::{Need, Who, own_universe};
use crate::letters::Letters;
use crate::witness::{Refusal, Sort, Witness};

pub(crate) struct Context<'a> {
    pub(crate) checked: &'a Checked<'a>,
    pub(crate) letters: &'a Letters<'a>,
    pub(crate) guard: &'a Guard,
    pub(crate) names: &'a Names,
    pub(crate) target: &'static str,
}

/// What one (effect, principal, action) is about, on either side.
#[derive(Default)]
struct Cell {
    needs: Vec<Rectangle>,
    declared: Vec<Option<Span>>,
    grants: Vec<Rectangle>,
    /// Per grant, the statement that it is of.
    statements: Vec<usize>,
}

type Cells = BTreeMap<(Effect, Who, String), Cell>;

pub(crate) fn compare(cx: &Context<'_>, needs: &[Need], statements: &[Statement]) -> Vec<Refusal> {
    let mut cells = Cells::new();
    for need in needs {
        let cell = cells.entry((need.effect, need.who.clone(), need.action.clone())).or_default();
        cell.needs.push((need.within.clone(), need.when.clone()));
        cell.declared.push(need.declared);
    }
    for (index, statement) in statements.iter().enumerate() {
        let resources = resources(cx, statement);
        for who in &statement.who {
            for action in &statement.actions {
                let text = action.display(&|letter| cx.letters.name(letter));
                let cell = cells.entry((statement.effect, who.clone(), text)).or_default();
                for resource in &resources {
                    cell.grants.push((resource.clone(), statement.when.clone()));
                    cell.statements.push(index);
                }
            }
        }
    }
    let mut refusals = Vec::new();
    for (key, cell) in &cells {
        match judge(cx, &cells, key, cell, statements) {
            Ok(found) => refusals.extend(found),
            Err(why) => refusals.push(not_decided(cx.target, format!("{}: {why}", cx.describe()))),
        }
    }
    if refusals.is_empty() {
        refusals.extend(idle(cx, &cells, statements));
    }
    refusals
}

/// The resources of a statement as the guard sees them: in a thing's own policy `*` is the thing and what is in it, and
/// a trust policy is about its role alone.
fn resources(cx: &Context<'_>, statement: &Statement) -> Vec<Pattern> {
    let addresses = &cx.checked.graph().addresses;
    match cx.guard {
        Guard::Trust(thing, account) => addresses
            .roles
            .get(&(*thing, *account))
            .and_then(|role| Pattern::literal(&role.arn))
            .into_iter()
            .collect(),
        Guard::Resource(thing) => {
            let universe = addresses.things.get(thing).map(own_universe).unwrap_or_default();
            let everything = Pattern::everything();
            let mut own: Vec<Pattern> = Vec::new();
            for resource in &statement.resources {
                if *resource == everything { own.extend(universe.iter().cloned()) } else { own.push(resource.clone()) }
            }
            own
        }
        Guard::Identity(..) | Guard::Device(_) | Guard::Rule(_) => statement.resources.clone(),
    }
}

fn judge(
    cx: &Context<'_>,
    cells: &Cells,
    (effect, who, action): &(Effect, Who, String),
    cell: &Cell,
    statements: &[Statement],
) -> Result<Vec<Refusal>, boxes::NotDecided> {
    let mut refusals = Vec::new();
    if let Some(missing) = boxes::difference(&cell.needs, &cell.grants)? {
        let declared = cell.declared.get(missing.of).copied().flatten();
        let point = Point { who, action, word: &missing.word, context: &missing.context };
        refusals.push(match effect {
            Effect::Allow => refuse_short(cx, statements, &point, declared),
            // What a baseline denies is not denied: some request passes that should not.
            Effect::Deny => refuse_undenied(cx, cells, statements, &point, declared),
        });
    }
    if let Some(surplus) = boxes::difference(&cell.grants, &cell.needs)? {
        let statement = cell.statements.get(surplus.of).and_then(|index| statements.get(*index));
        let point = Point { who, action, word: &surplus.word, context: &surplus.context };
        refusals.push(match effect {
            Effect::Allow => refuse_surplus(cx, statements, statement, &point),
            Effect::Deny => refuse_denied(cx, cells, statements, statement, cell),
        });
    }
    Ok(refusals)
}

/// One request, before it is shown.
struct Point<'a> {
    who: &'a Who,
    action: &'a str,
    word: &'a Word,
    context: &'a Request,
}

impl Context<'_> {
    fn describe(&self) -> String {
        Names::describe(self.checked, *self.guard)
    }

    fn request(&self, point: &Point<'_>, action: &str) -> Witness {
        Witness::Request {
            guard: self.describe(),
            principal: principal(self, point.who),
            action: action.to_owned(),
            resource: self.letters.word(point.word),
            context: point
                .context
                .0
                .iter()
                .map(|(key, value)| {
                    let value = value.as_ref().map_or_else(|| "absent".to_owned(), |value| format!("= {value}"));
                    (key.as_str().to_owned(), value)
                })
                .collect(),
        }
    }
}

fn principal(cx: &Context<'_>, who: &Who) -> String {
    match who {
        Who::Own => match cx.guard {
            Guard::Identity(thing, account) | Guard::Trust(thing, account) => cx
                .checked
                .graph()
                .addresses
                .roles
                .get(&(*thing, *account))
                .map_or_else(String::new, |role| role.arn.clone()),
            Guard::Device(thing) | Guard::Rule(thing) | Guard::Resource(thing) => cx
                .checked
                .model()
                .things
                .get(*thing)
                .map_or_else(String::new, |declared| cx.checked.model().names.text(declared.name).to_owned()),
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

/// An action for a pattern: itself, or one that the catalogue knows under it.
fn concrete_action(pattern: &str) -> String {
    match pattern.split_once(['*', '?']) {
        None => canonical(pattern),
        Some((stem, _)) => {
            Catalogue::embedded().matching(pattern).first().map_or_else(|| stem.to_owned(), |action| action.name().to_owned())
        }
    }
}

/// The provider's spelling, where the catalogue knows the action.
fn canonical(action: &str) -> String {
    Catalogue::embedded().action(action).map_or_else(|| action.to_owned(), |known| known.name().to_owned())
}

fn refuse_short(cx: &Context<'_>, statements: &[Statement], point: &Point<'_>, declared: Option<Span>) -> Refusal {
    let action = concrete_action(point.action);
    let message = format!(
        "{} do not let {} do `{action}` on `{}`, which is declared",
        cx.describe(),
        principal(cx, point.who),
        cx.letters.word(point.word)
    );
    replayed(cx, statements, point, &action, false);
    Refusal::new(Sort::FallsShort, cx.target, message).witness(cx.request(point, &action)).declared(declared)
}

fn refuse_surplus(
    cx: &Context<'_>,
    statements: &[Statement],
    statement: Option<&Statement>,
    point: &Point<'_>,
) -> Refusal {
    let action = concrete_action(point.action);
    let message = format!(
        "{} let {} do `{action}` on `{}`, which no trust declares",
        cx.describe(),
        principal(cx, point.who),
        cx.letters.word(point.word)
    );
    replayed(cx, statements, point, &action, true);
    let refusal = Refusal::new(Sort::Exceeds, cx.target, message).witness(cx.request(point, &action));
    match statement {
        Some(statement) => refusal.at(&statement.place),
        None => refusal,
    }
}

/// The deny of a baseline does not cover a point: shown as a request that passes, if any access reaches the thing.
fn refuse_undenied(
    cx: &Context<'_>,
    cells: &Cells,
    statements: &[Statement],
    point: &Point<'_>,
    declared: Option<Span>,
) -> Refusal {
    let denied = Pattern::glob(point.action);
    let undenied = cells.keys().filter(|(effect, ..)| *effect == Effect::Allow).map(|(.., action)| action.clone()).find(
        |action| {
            denied.as_ref().is_some_and(|denied| denied.matches(&word(action)))
                && !statements
                    .iter()
                    .any(|statement| statement.effect == Effect::Deny && statement.matches(point.who, &word(action), point.word, point.context))
        },
    );
    let action = undenied.map_or_else(|| first_undenied(point, statements), |action| canonical(&action));
    let message = format!(
        "{} do not deny `{action}` on `{}` outside what the baseline restricts it to",
        cx.describe(),
        cx.letters.word(point.word)
    );
    Refusal::new(Sort::Exceeds, cx.target, message).witness(cx.request(point, &action)).declared(declared)
}

fn first_undenied(point: &Point<'_>, statements: &[Statement]) -> String {
    let undenied = Catalogue::embedded().matching(point.action).into_iter().find(|action| {
        let action = word(&action.name().to_ascii_lowercase());
        !statements
            .iter()
            .any(|statement| statement.effect == Effect::Deny && statement.matches(point.who, &action, point.word, point.context))
    });
    undenied.map_or_else(|| concrete_action(point.action), |action| action.name().to_owned())
}

/// A deny that nobody declared: it takes away something that is declared, or it is idle.
fn refuse_denied(
    cx: &Context<'_>,
    cells: &Cells,
    statements: &[Statement],
    statement: Option<&Statement>,
    surplus: &Cell,
) -> Refusal {
    let everything = Vec::new();
    let (denied, excused) = (&surplus.grants, if surplus.needs.is_empty() { &everything } else { &surplus.needs });
    if let Some(statement) = statement {
        for ((effect, who, action), cell) in cells {
            let concerned = *effect == Effect::Allow
                && (statement.who.contains(&Who::Anyone) || statement.who.contains(who))
                && statement.actions.iter().any(|pattern| pattern.matches(&word(action)));
            if !concerned {
                continue;
            }
            for (index, (within, when)) in cell.needs.iter().enumerate() {
                for (pattern, region) in denied {
                    let both = when.and(region);
                    let meeting = if both.is_nothing() { None } else { within.meets(pattern) };
                    let Some(met) = meeting else { continue };
                    let excuse = excused
                        .iter()
                        .filter(|(pattern, _)| pattern.matches(&met))
                        .fold(Region::nothing(), |all, (_, region)| all.or(region));
                    let Some(context) = both.minus(&excuse).sample() else { continue };
                    let point = Point { who, action, word: &met, context: &context };
                    let declared = cell.declared.get(index).copied().flatten();
                    return refuse_short(cx, statements, &point, declared).at(&statement.place);
                }
            }
        }
    }
    let refusal = Refusal::new(Sort::Idle, cx.target, format!("{} deny what nothing allows", cx.describe()));
    match statement {
        Some(statement) => refusal.at(&statement.place),
        None => refusal,
    }
}

/// Replays a witness through the ordinary evaluation. A disagreement is a fault of the decision procedure, and says so.
fn replayed(cx: &Context<'_>, statements: &[Statement], point: &Point<'_>, action: &str, expected: bool) {
    let action = word(&action.to_ascii_lowercase());
    // The guard's own role stands for the resource in a trust policy, and `*` for the thing in its own policy.
    let allowed = granted::allows(statements, point.who, &action, point.word, point.context);
    debug_assert!(
        allowed == expected || matches!(cx.guard, Guard::Resource(_)),
        "the evaluator does not confirm a witness of {}",
        cx.describe()
    );
}

/// Statements that the others of the guard contain: removing them changes nothing.
fn idle(cx: &Context<'_>, cells: &Cells, statements: &[Statement]) -> Vec<Refusal> {
    // Per statement: is every rectangle of every cell covered by the other statements?
    let mut needed = vec![false; statements.len()];
    let mut contained: BTreeMap<usize, bool> = BTreeMap::new();
    for cell in cells.values() {
        let mut of: Vec<usize> = cell.statements.clone();
        of.sort_unstable();
        of.dedup();
        if let [only] = of.as_slice() {
            if let Some(needed) = needed.get_mut(*only) {
                *needed = true;
            }
            continue;
        }
        for statement in of {
            let (own, others): (Vec<_>, Vec<_>) =
                cell.grants.iter().zip(&cell.statements).partition(|(_, of)| **of == statement);
            let own: Vec<Rectangle> = own.into_iter().map(|(rectangle, _)| rectangle.clone()).collect();
            let others: Vec<Rectangle> = others.into_iter().map(|(rectangle, _)| rectangle.clone()).collect();
            let covered = matches!(boxes::difference(&own, &others), Ok(None));
            let entry = contained.entry(statement).or_insert(true);
            *entry = *entry && covered;
        }
    }
    statements
        .iter()
        .enumerate()
        .filter(|(index, _)| {
            let needed = needed.get(*index).copied().unwrap_or(true);
            !needed && contained.get(index).copied().unwrap_or(true)
        })
        .map(|(_, statement)| {
            Refusal::new(Sort::Idle, cx.target, format!("a statement of {} is contained in the others", cx.describe()))
                .at(&statement.place)
        })
        .collect()
}
