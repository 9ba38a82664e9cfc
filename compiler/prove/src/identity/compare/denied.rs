//! Denies: exactly what baselines restrict, neither less nor more.

use catalogue::Catalogue;
use graph::access::Resource;
use pattern::boxes::{self, NotDecided, Rectangle};
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::union::Budget;

use super::{Context, Point, Seen, canonical, refuse_short, word};
use crate::because::span_of;
use crate::identity::expand::Expand;
use crate::identity::share::Need;
use crate::witness::{Refusal, Sort};
use relation::guard::Guard;
use relation::guard::Who;

pub(super) fn judge(
    cx: &Context<'_>,
    restrictions: &[&Need],
    denies: &[Seen<'_>],
    budget: &mut Budget,
) -> Result<Vec<Refusal>, NotDecided> {
    let mut refusals = Vec::new();
    for need in restrictions {
        let Some(actions) = Pattern::glob(&need.action) else {
            continue;
        };
        let concerned = denies
            .iter()
            .filter(|deny| deny.names(&need.who) && deny.has_action(&actions));
        let denied: Vec<Rectangle> = concerned.flat_map(Seen::rectangles).collect();
        let wanted = (need.within.clone(), need.when.clone());
        if let Some(missing) = boxes::covers(&denied, &wanted, budget)? {
            let point = Point {
                who: &need.who,
                action: &need.action,
                word: &missing.word,
                context: &missing.context,
            };
            refusals.push(refuse_undenied(cx, denies, need, &point));
        }
    }
    for deny in denies {
        let excused: Vec<Rectangle> = restrictions
            .iter()
            .filter(|need| {
                let actions = Pattern::glob(&need.action);
                deny.statement
                    .who
                    .iter()
                    .all(|who| *who == need.who || need.who == Who::Anyone)
                    && actions.is_some_and(|actions| {
                        deny.statement.actions.iter().all(|action| actions.covers(action))
                    })
            })
            .map(|need| (need.within.clone(), need.when.clone()))
            .collect();
        let rectangles: Vec<Rectangle> = deny.rectangles().collect();
        if boxes::difference(&rectangles, &excused, budget)?.is_some() {
            refusals.push(refuse_denied(cx, deny, restrictions));
        }
    }
    Ok(refusals)
}

/// Something that a baseline denies passes: shown with an action that no deny has.
fn refuse_undenied(cx: &Context<'_>, denies: &[Seen<'_>], need: &Need, point: &Point<'_>) -> Refusal {
    let is_denied = |action: &str| {
        denies.iter().any(|deny| {
            deny.names(point.who)
                && deny.has_action(&Pattern::exactly(&word(&action.to_ascii_lowercase())))
                && deny.resources.iter().any(|resource| resource.matches(point.word))
                && deny.statement.when.contains(point.context)
        })
    };
    let known = Catalogue::embedded()
        .matching(point.action)
        .into_iter()
        .map(|action| action.name());
    let action = known
        .into_iter()
        .find(|action| !is_denied(action))
        .unwrap_or(point.action)
        .to_ascii_lowercase();
    let message = format!(
        "{} do not deny `{}` on `{}` outside what the baseline restricts it to",
        cx.describe(),
        canonical(&action),
        cx.letters.word(point.word)
    );
    let point = Point {
        action: &action,
        ..*point
    };
    let refusal = Refusal::new(Sort::Exceeds, cx.target, message);
    cx.witnessed(refusal, &point).declared(need.declared)
}

/// A deny that nobody declared takes away something that is declared, by whatever document that is granted; or it is idle.
fn refuse_denied(cx: &Context<'_>, deny: &Seen<'_>, restrictions: &[&Need]) -> Refusal {
    if let Some(refusal) = taken_away(cx, deny, restrictions) {
        return refusal.at(&deny.statement.place);
    }
    Refusal::new(
        Sort::Idle,
        cx.target,
        format!("{} deny what nothing allows", cx.describe()),
    )
    .at(&deny.statement.place)
}

fn taken_away(cx: &Context<'_>, deny: &Seen<'_>, restrictions: &[&Need]) -> Option<Refusal> {
    let graph = cx.split.checked.graph();
    let expand = Expand::new(cx.split.checked);
    for (position, access) in graph.accesses.iter().enumerate() {
        let is_here = match cx.guard {
            Guard::Resource(thing) => access.resource == Resource::Thing(*thing),
            Guard::Identity(..) | Guard::Trust(..) | Guard::Device(_) | Guard::Rule(_) => {
                let guards = cx.split.guards(position, access);
                guards.is_ok_and(|guards| guards.iter().any(|(guard, _)| guard == cx.guard))
            }
        };
        let action = graph.words.text(access.action).to_ascii_lowercase();
        if !is_here || !deny.has_action(&Pattern::exactly(&word(&action))) {
            continue;
        }
        let who = match cx.guard {
            Guard::Resource(_) | Guard::Trust(..) => cx.split.named(access),
            Guard::Identity(..) | Guard::Device(_) | Guard::Rule(_) => Some(Who::Own),
        };
        let Some(who) = who.filter(|who| deny.names(who)) else {
            continue;
        };
        let (within, when) = (
            graph.patterns.get(access.within)?,
            graph.regions.get(access.when)?,
        );
        let excused = restrictions
            .iter()
            .fold(Region::nothing(), |all, need| all.or(&need.when));
        let when = when.and(&deny.statement.when).minus(&excused);
        for pattern in expand.patterns(access, within).ok()? {
            let met = deny
                .resources
                .iter()
                .find_map(|resource| resource.meets(&pattern));
            let (Some(met), Some(context)) = (met, when.sample()) else {
                continue;
            };
            let point = Point {
                who: &who,
                action: &action,
                word: &met,
                context: &context,
            };
            return Some(refuse_short(
                cx,
                &point,
                span_of(cx.split.checked, access.because),
            ));
        }
    }
    None
}
