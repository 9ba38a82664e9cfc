//! Who reads what, who may be become, and what runs in a function.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use catalogue::effect::Effects;
use graph::question::overlap::{Patterns, of_any_member};
use model::actor::RunsOn;
use model::thing::{Detail, ThingId};
use model::value::Value;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;

use crate::effect::EffectsOf;
use crate::reach::Relation;
use crate::request::told::patterns;
use crate::request::{Actor, Right, Source};
use crate::rows::Rows;
use crate::sets::{Subjects, reads_from_without, returning};
use crate::topic;

use super::{Chains, ROLE_POLICIES, Reader, TRUST_POLICY, machine};

impl<'r, 'a> Chains<'r, 'a> {
    pub(in crate::promise) fn new(relation: &'r Relation<'a>) -> Self {
        let (model, graph) = (relation.sets.model, relation.sets.graph);
        let effects = EffectsOf::new(&relation.sets);
        let mut known = Known::default();
        // Many read the same.
        let mut by_words: BTreeMap<&Pattern, Vec<Reader>> = BTreeMap::new();
        let mut readers: Vec<(Pattern, Vec<Reader>)> = Vec::new();
        let mut kept: Vec<(Pattern, Reader)> = Vec::new();
        for (position, right) in (0u32..).zip(&relation.requests().rights) {
            let Actor::Thing(actor) = right.actor else {
                continue;
            };
            if matches!(right.source, Source::Trust(_)) {
                continue;
            }
            let (does, done) = known.of(&effects, right);
            if !does.reads && !done.reads_all {
                continue;
            }
            let reader = Reader {
                actor,
                right: position,
            };
            // The names in a bucket are chosen by who writes there.
            let mut names = if done.lists { listed(right) } else { Vec::new() };
            let reads_within = done.reads_within || (does.controls && is_in_bucket(&right.within));
            names.extend(Pattern::glob("/*").filter(|_| reads_within));
            // Who may write what roles may do may read whatever there is.
            if done.reads_all {
                readers.push((Pattern::everything(), vec![reader]));
            }
            readers.extend(
                names
                    .into_iter()
                    .map(|more| (of_any_member(&right.within).concat(&more), vec![reader])),
            );
            by_words.entry(&right.within).or_default().push(reader);
            kept.extend(topic::kept(&right.within).map(|words| (of_any_member(&words), reader)));
        }
        for (within, own) in by_words {
            let patterns = widened(within).into_iter();
            readers.extend(patterns.map(|pattern| (pattern, own.clone())));
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
                // What acts does so by what is sent to it, and its answer goes to the caller.
                functions.extend(widened(arn).into_iter().map(|pattern| (pattern, vec![id])));
                continue;
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
        for (wide, own) in readers.iter().filter(|_| has_functions) {
            for workload in functions.meeting(wide).flatten() {
                let own = own.iter().map(|reader| (reader.actor, reader.right));
                callers.entry(*workload).or_default().extend(own);
            }
        }
        Self {
            effects,
            readers: Patterns::new(readers),
            kept: Patterns::of_many(kept),
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
            commanders: OnceLock::new(),
            relation,
        }
    }
}

/// Actions that list the names in a bucket.
const LISTING: [&str; 3] = [
    "s3:listbucket",
    "s3:listbucketversions",
    "s3:putinventoryconfiguration",
];

/// What lists of actions do, worked out once for each list, which is known by where it stands. Many rights share one.
#[derive(Default)]
struct Known(BTreeMap<usize, Done>);

/// What the actions of a list do.
struct Done {
    /// Whatever the conditions; `None` for a list that does more to some things.
    always: Option<Effects>,
    /// Whether one of them lists the names in a bucket.
    lists: bool,
    /// Whether one of them reads what is in the thing that it names: a rule of a bucket copies its objects.
    reads_within: bool,
    /// Whether one of them writes what roles may do.
    reads_all: bool,
    /// The contexts in which a write of them returns what it overwrote.
    returning: Vec<Region>,
}

impl Known {
    /// What a right does, beside what is known of its list.
    fn of(&mut self, effects: &EffectsOf, right: &Right) -> (Effects, &Done) {
        let known = self.0.entry(right.actions.as_ptr().addr());
        let known = known.or_insert_with(|| {
            let texts = || right.actions.iter().filter_map(text);
            let is_one = !texts().any(|text| effects.depends(&text));
            Done {
                always: is_one.then(|| always(effects, right)),
                lists: texts().any(|text| LISTING.contains(&text.as_str())),
                reads_within: texts().any(|text| reads_from_without(&text)),
                reads_all: texts().any(|text| ROLE_POLICIES.contains(&text.as_str()) && text != TRUST_POLICY),
                returning: texts().filter_map(|text| returning(&text)).collect(),
            }
        });
        let mut does = known.always.unwrap_or_else(|| always(effects, right));
        does.reads |= known.returning.iter().any(|when| right.when.meets(when));
        (does, known)
    }
}

fn text(action: &Pattern) -> Option<String> {
    let word = action.word()?;
    word.as_text().map(|text| text.into_owned())
}

pub(super) fn effects_of(effects: &EffectsOf, right: &Right) -> Effects {
    let mut all = always(effects, right);
    // A write that may return what it overwrote reads.
    let mut returns = right
        .actions
        .iter()
        .filter_map(text)
        .filter_map(|text| returning(&text));
    all.reads |= returns.any(|when| right.when.meets(&when));
    all
}

/// What the actions of a right do, whatever they return.
fn always(effects: &EffectsOf, right: &Right) -> Effects {
    // A pattern may be any action.
    let any = Effects {
        reads: true,
        writes: true,
        controls: true,
    };
    let own = right
        .actions
        .iter()
        .map(|action| text(action).map_or(any, |action| effects.of(&action, &right.within)));
    own.fold(Effects::NONE, Effects::join)
}

/// The names that a right which lists shows, behind that of a bucket: all, or those that begin with a prefix for which it may ask.
fn listed(right: &Right) -> Vec<Pattern> {
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

/// Whether a right is about a bucket or what is in it: these are two addresses, and who decides about the one has the other.
pub(super) fn is_in_bucket(pattern: &Pattern) -> bool {
    pattern.to_string().contains(":s3:::")
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
