//! How things are made: arguments from which no fact follows (backups, recovery windows, log-in by IAM, header checks, capacity) are
//! as the kind of the thing says, and whatever it does not say is the provider's default.
//!
//! What a kind says is filled in here a second time, from the declaration; the lowering has its own way. Objects that no kind makes
//! have a short list.

mod said;

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use read::facts::Facts;
use read::facts::object::Object as Emitted;

use said::{Context, Wanted};

use crate::witness::{Refusal, Sort};

/// What a topic rule says besides what it takes and where it delivers, and what it must say.
///
/// Source: AWS IoT Core developer guide, "SQL versions" (the one of 2016-03-23 is the newest that is no beta) and "Substitution
/// templates", read 2026-11-29.
const RULE: [(&str, Said); 3] = [
    ("aws_iot_topic_rule.sql_version", Said::Is("2016-03-23")),
    ("aws_iot_topic_rule.kinesis.partition_key", Said::Is("${topic()}")),
    // Below which path, the rule's role decides.
    (
        "aws_iot_topic_rule.s3.key",
        Said::EndsWith("${topic()}/${newuuid()}"),
    ),
];

/// A name in a private zone leads to one target, whose health is not asked.
const RECORD: [(&str, Said); 1] = [(
    "aws_route53_record.alias.evaluate_target_health",
    Said::Is("false"),
)];

/// What an object that no kind makes must say.
#[derive(Clone, Copy)]
enum Said {
    Is(&'static str),
    EndsWith(&'static str),
}

impl Said {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Is(wanted) => value == wanted,
            Self::EndsWith(tail) => value.strip_suffix(tail).is_some_and(|path| !path.contains('$')),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Is(text) | Self::EndsWith(text) => text,
        }
    }
}

/// Compares how every object is made.
pub(crate) fn prove(
    checked: &Checked<'_>,
    facts: &Facts,
    emitted: &BTreeMap<&str, Vec<&Emitted>>,
    idle: &BTreeSet<String>,
    refusals: &mut Vec<Refusal>,
) {
    let (model, addresses) = (checked.model(), &checked.graph().addresses);
    let things: BTreeSet<&str> = addresses.objects.values().map(String::as_str).collect();
    // By address and type: what stands beside a kind's own blocks is no choice of the kind.
    let mut judged: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (id, address) in &addresses.objects {
        // What is not made is told as that.
        if !emitted.contains_key(address.as_str()) {
            continue;
        }
        let Some(thing) = model.things.get(*id).filter(|thing| thing.existing.is_none()) else {
            continue;
        };
        let Some(kind) = model.kinds.get(thing.kind).filter(|kind| !kind.means.is_empty()) else {
            continue;
        };
        let cx = Context {
            checked,
            address,
            thing,
            kind,
        };
        let types: BTreeSet<&str> = kind
            .means
            .iter()
            .map(|means| cx.text(means.resource_type))
            .collect();
        // What its blocks make besides it: parameters, a group of subnets, the database of a table.
        let mut reached = BTreeSet::from([address.as_str()]);
        let mut left = vec![address.as_str()];
        let mut objects: Vec<&Emitted> = Vec::new();
        while let Some(next) = left.pop() {
            for object in emitted.get(next).into_iter().flatten() {
                objects.push(object);
                let others = object.refers.iter().map(String::as_str);
                let others = others.filter(|other| emitted.contains_key(other) && !things.contains(other));
                left.extend(others.filter(|other| reached.insert(other)));
            }
        }
        let mut found: Vec<(&str, &str, &Emitted)> = Vec::new();
        for object in objects {
            let of_kind = object
                .choices
                .iter()
                .filter(|(argument, _)| types.contains(sort_of(argument)));
            for (argument, value) in of_kind {
                judged.insert((&object.address, sort_of(argument)));
                found.push((argument, value, object));
            }
        }
        cx.compare(found, facts.target, refusals);
    }
    // Of what nothing needs, that is told.
    for object in facts
        .objects
        .iter()
        .filter(|object| !idle.contains(&object.address))
    {
        listed(object, &judged, facts.target, refusals);
    }
}

fn sort_of(argument: &str) -> &str {
    argument.split_once('.').map_or(argument, |(sort, _)| sort)
}

/// An object that no kind makes says what its list has, and nothing else.
fn listed(
    object: &Emitted,
    judged: &BTreeSet<(&str, &str)>,
    target: &'static str,
    refusals: &mut Vec<Refusal>,
) {
    let list: &[(&str, Said)] = match object.sort.as_str() {
        "rule" => &RULE,
        "record" => &RECORD,
        _ => &[],
    };
    for (argument, value) in &object.choices {
        if judged.contains(&(object.address.as_str(), sort_of(argument))) {
            continue;
        }
        let wanted = list.iter().find(|(known, _)| known == argument);
        match wanted {
            Some((_, wanted)) if wanted.accepts(value) => {}
            Some((_, wanted)) => {
                let message = format!(
                    "`{argument}` of `{}` is `{value}` where `{}` is meant",
                    object.address,
                    wanted.text()
                );
                refusals.push(Refusal::new(Sort::Setting, target, message).at(&object.place));
            }
            None => {
                let message = format!(
                    "`{argument}` of `{}` is `{value}`, which nothing declares",
                    object.address
                );
                refusals.push(Refusal::new(Sort::Setting, target, message).at(&object.place));
            }
        }
    }
    // The version is said once, a key as often as there are streams.
    let streams = object.refers.iter().filter(|to| to.contains(":kinesis:")).count();
    let must: &[(&str, usize)] = match object.sort.as_str() {
        "rule" => &[
            ("aws_iot_topic_rule.sql_version", 1),
            ("aws_iot_topic_rule.kinesis.partition_key", streams),
        ],
        _ => &[],
    };
    for (argument, wanted) in must {
        let count = object
            .choices
            .iter()
            .filter(|(known, _)| known == argument)
            .count();
        if count != *wanted {
            let message = format!(
                "`{argument}` of `{}` is said {count} times where {wanted} is meant",
                object.address
            );
            refusals.push(Refusal::new(Sort::Setting, target, message).at(&object.place));
        }
    }
}

impl Context<'_> {
    fn compare(
        &self,
        mut found: Vec<(&str, &str, &Emitted)>,
        target: &'static str,
        refusals: &mut Vec<Refusal>,
    ) {
        let mut wanted: Vec<(String, Option<Wanted>)> = Vec::new();
        for means in self
            .kind
            .means
            .iter()
            .filter(|means| self.is_met(means.condition))
        {
            self.said(self.text(means.resource_type), &means.body, &mut wanted);
        }
        let name = self.text(self.thing.name);
        let mut refuse = |sort: Sort, message: String, object: Option<&Emitted>| {
            let mut refusal = Refusal::new(sort, target, message).declared(Some(self.thing.span));
            if let Some(object) = object {
                refusal = refusal.at(&object.place);
            }
            refusals.push(refusal);
        };
        for (argument, wanted) in wanted {
            let Some(wanted) = wanted else {
                refuse(
                    Sort::NotDecided,
                    format!(
                        "not decided: `{argument}` of `{name}` joins what the provider assigns with other text"
                    ),
                    None,
                );
                continue;
            };
            let exact = found
                .iter()
                .position(|(known, value, _)| *known == argument && wanted.accepts(value));
            if let Some(at) = exact {
                found.remove(at);
                continue;
            }
            match found.iter().position(|(known, ..)| *known == argument) {
                Some(at) => {
                    let (_, value, object) = found.remove(at);
                    let message =
                        format!("`{argument}` of `{name}` is `{value}` where its kind says {wanted}");
                    refuse(Sort::Setting, message, Some(object));
                }
                None => {
                    let message =
                        format!("`{argument}` of `{name}` is not said where its kind says {wanted}");
                    refuse(Sort::Setting, message, None);
                }
            }
        }
        for (argument, value, object) in found {
            let message = format!("`{argument}` of `{name}` is `{value}`, which its kind does not say");
            refuse(Sort::Setting, message, Some(object));
        }
    }
}
