//! Who reads what, who may be become, and what runs in a function.

use std::collections::BTreeMap;
use std::sync::Mutex;

use catalogue::effect::Effects;
use graph::question::overlap::{Patterns, of_any_member};
use model::actor::RunsOn;
use model::thing::{Detail, ThingId};
use model::value::Value;
use pattern::key::Key;
use pattern::pattern::Pattern;

use crate::effect::EffectsOf;
use crate::reach::Relation;
use crate::request::told::patterns;
use crate::request::{Actor, Right, Source};
use crate::rows::Rows;
use crate::sets::{Subjects, returning};

use super::{Chains, Reader, machine};

impl<'r, 'a> Chains<'r, 'a> {
    pub(in crate::promise) fn new(relation: &'r Relation<'a>) -> Self {
        let (model, graph) = (relation.sets.model, relation.sets.graph);
        let effects = EffectsOf::new(&relation.sets);
        let mut known = Known::default();
        let mut readers: Vec<(Pattern, Reader)> = Vec::new();
        for (position, right) in (0u32..).zip(&relation.requests().rights) {
            let Actor::Thing(actor) = right.actor else {
                continue;
            };
            if matches!(right.source, Source::Trust(_)) || !known.of(&effects, right).reads {
                continue;
            }
            let reader = Reader {
                actor,
                right: position,
            };
            // The names in a bucket are chosen by who writes there.
            let names = listed(right).into_iter();
            readers.extend(names.map(|more| (of_any_member(&right.within).concat(&more), reader)));
            readers.extend(
                widened(&right.within)
                    .into_iter()
                    .map(|pattern| (pattern, reader)),
            );
        }
        let mut actors: Vec<(Pattern, ThingId)> = Vec::new();
        for ((thing, _), role) in &graph.addresses.roles {
            actors.extend(Pattern::literal(&role.arn).map(|pattern| (pattern, *thing)));
        }
        actors.extend(machine::commanded(relation));
        let mut functions = Vec::new();
        let in_lambda = |account, (id, thing): (ThingId, &model::thing::Thing)| match &thing.detail {
            Detail::Workload(workload) => {
                (workload.runs_on == Some(RunsOn::Lambda) && thing.account == account).then_some(id)
            }
            Detail::Class(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        };
        for (id, thing) in model.things.iter() {
            let Some(kind) = model.kinds.get(thing.kind) else {
                continue;
            };
            let arn = graph.addresses.things.get(&id);
            if kind.words.acts.is_some()
                && let Some(arn) = arn
            {
                actors.push((of_any_member(arn), id));
            }
            let service = kind.words.service.map_or("", |service| model.names.text(service));
            if service == "lambda"
                && let Some(arn) = arn
            {
                let runs = thing
                    .properties
                    .iter()
                    .filter(|property| model.names.text(property.name) == "runs");
                let told: Vec<ThingId> = runs
                    .flat_map(|property| &property.values)
                    .filter_map(|value| match value {
                        Value::Thing(workload) => Some(*workload),
                        _ => None,
                    })
                    .collect();
                // Where nobody says which code runs in it, it may be any that runs as a function.
                let told = if told.is_empty() {
                    model
                        .things
                        .iter()
                        .filter_map(|other| in_lambda(thing.account, other))
                        .collect()
                } else {
                    told
                };
                functions.extend(widened(arn).into_iter().map(|pattern| (pattern, told.clone())));
            }
        }
        let has_functions = !functions.is_empty();
        let functions = Patterns::new(functions);
        // The answer of a function is read by who calls it.
        let mut callers: BTreeMap<ThingId, Vec<(ThingId, u32)>> = BTreeMap::new();
        for (wide, reader) in readers.iter().filter(|_| has_functions) {
            for workload in functions.meeting(wide).flatten() {
                callers
                    .entry(*workload)
                    .or_default()
                    .push((reader.actor, reader.right));
            }
        }
        Self {
            effects,
            readers: Patterns::new(readers),
            actors: Patterns::new(actors),
            functions,
            callers,
            everyone: Subjects {
                things: model.things.ids().map(|thing| (thing, Rows::All)).collect(),
                everybody: true,
                internet: true,
                provider: true,
                ..Subjects::default()
            },
            edges: Mutex::default(),
            relation,
        }
    }
}

/// What lists of actions do, worked out once for each list, which is known by where it stands. Many rights share one. None
/// for a list that does more to some things.
#[derive(Default)]
struct Known(BTreeMap<usize, Option<Effects>>);

impl Known {
    fn of(&mut self, effects: &EffectsOf, right: &Right) -> Effects {
        // What a write returns depends on its conditions.
        if !right.when.is_everything() {
            return effects_of(effects, right);
        }
        let depends = |action: &Pattern| {
            let word = action.word();
            let text = word.as_ref().and_then(|word| word.as_text());
            text.is_some_and(|text| effects.depends(&text))
        };
        let known = self.0.entry(right.actions.as_ptr().addr());
        let known = known.or_insert_with(|| {
            let is_one = !right.actions.iter().any(depends);
            is_one.then(|| effects_of(effects, right))
        });
        known.unwrap_or_else(|| effects_of(effects, right))
    }
}

pub(super) fn effects_of(effects: &EffectsOf, right: &Right) -> Effects {
    let mut all = Effects::NONE;
    for action in right.actions.iter() {
        let text = action
            .word()
            .and_then(|word| word.as_text().map(|text| text.into_owned()));
        // A pattern may be any action.
        let own = text.as_deref().map_or(
            Effects {
                reads: true,
                writes: true,
                controls: true,
            },
            |action| effects.of(action, &right.within),
        );
        all = all.join(own);
        // A write that may return what it overwrote reads.
        all.reads |= text
            .as_deref()
            .and_then(returning)
            .is_some_and(|when| right.when.meets(&when));
    }
    all
}

/// The names that a right lists, behind that of a bucket: all, or those that begin with a prefix for which it may ask.
fn listed(right: &Right) -> Vec<Pattern> {
    let listing = ["s3:listbucket", "s3:listbucketversions"];
    let lists = right.actions.iter().any(|action| {
        let word = action.word();
        let text = word.as_ref().and_then(|word| word.as_text());
        text.is_some_and(|text| listing.contains(&&*text))
    });
    if !lists {
        return Vec::new();
    }
    let any = vec![Pattern::everything()];
    let prefixes = patterns(&right.when, &Key::new("s3:prefix")).unwrap_or(any);
    let slash = Pattern::literal("/");
    prefixes
        .iter()
        .filter_map(|prefix| {
            let begun = of_any_member(prefix).concat(&Pattern::everything());
            Some(slash.as_ref()?.concat(&begun))
        })
        .collect()
}

/// A pattern with any text for each letter; where it is a single name, what is in it as well.
pub(super) fn widened(pattern: &Pattern) -> Vec<Pattern> {
    let wide = of_any_member(pattern);
    let mut found = vec![wide.clone()];
    // A topic or a parameter holds no other, and what is in a bucket is told apart by its parts.
    let text = wide.to_string();
    let is_told_apart = [":topic", ":s3:::", ":parameter/"]
        .iter()
        .any(|sort| text.contains(sort));
    if wide.is_literal() && !is_told_apart {
        found.extend(
            ["/*", ":*"]
                .iter()
                .filter_map(|more| Some(wide.concat(&Pattern::glob(more)?))),
        );
    }
    found
}
