//! What a capability of an object is, in the provider's words: worked out once per object, capability and narrowing.

use std::rc::Rc;

use arena::{Id, Name};
use diagnostics::Diagnostic;
use model::kind::{ActionCondition, ActionUse, Capability};
use model::thing::ThingId;
use model::value::Value;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::{Type, Values};
use pattern::words::Words;

use super::Build;
use super::expand::{Filling, Whose};
use crate::access::{PatternId, RegionId, Resource};
use crate::fault::UNKNOWN_OPERATOR;

/// What grants depend on: object, capability, what the trust narrows to, whose letters.
pub(super) type GrantKey = (ThingId, Name, Id<Vec<Pattern>>, Whose);

/// One action on one pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    pub action: crate::Word,
    pub resource: Resource,
    pub within: PatternId,
    /// The conditions of the words.
    pub when: RegionId,
    /// Not of the capability itself, but of one that it needs.
    pub via: bool,
    /// Whether what the trust narrows to had a place in it.
    pub has_part: bool,
}

impl<'m> Build<'m> {
    /// The grants of a capability of an object; entailed ones last.
    pub(super) fn grants(&mut self, key: GrantKey) -> Rc<[Grant]> {
        if let Some(known) = self.grants.get(&key) {
            return Rc::clone(known);
        }
        let (object, name, parts, whose) = key;
        let parts = self.parts.get(parts).cloned().unwrap_or_default();
        let mut grants = Vec::new();
        if let Some(capability) = self.capability(object, name) {
            for action in &capability.actions {
                self.action_grants(object, action, &parts, whose, &mut grants);
            }
            grants.extend(self.needs(object, capability, whose).iter());
        }
        grants.sort_unstable();
        grants.dedup();
        let grants: Rc<[Grant]> = grants.into();
        self.grants.insert(key, Rc::clone(&grants));
        grants
    }

    /// What a capability of an object entails: the same for whatever a trust narrows to.
    pub(crate) fn needs(&mut self, object: ThingId, capability: &Capability, whose: Whose) -> Rc<[Grant]> {
        let key = (object, capability.name, whose);
        if let Some(known) = self.needs.get(&key) {
            return Rc::clone(known);
        }
        let mut grants = Vec::new();
        self.entail_via(
            object,
            capability,
            whose,
            &mut vec![(object, capability.name)],
            &mut grants,
        );
        let grants: Rc<[Grant]> = grants.into();
        self.needs.insert(key, Rc::clone(&grants));
        grants
    }

    /// The capability of a thing's kind.
    pub(crate) fn capability(&mut self, object: ThingId, name: Name) -> Option<&'m Capability> {
        let thing = self.thing(object)?;
        let found = self
            .model
            .kinds
            .get(thing.kind)?
            .words
            .capabilities
            .iter()
            .find(|capability| capability.name == name);
        if found.is_none() {
            let text = self.text(name);
            self.impossible(format!(
                "the capability `{text}` is named, and the kind does not have it"
            ));
        }
        found
    }

    /// The grants of one `action` line of a capability.
    pub(crate) fn action_grants(
        &mut self,
        object: ThingId,
        action: &ActionUse,
        parts: &[Pattern],
        whose: Whose,
        grants: &mut Vec<Grant>,
    ) {
        let choices: Vec<Option<&Pattern>> = if parts.is_empty() {
            vec![None]
        } else {
            parts.iter().map(Some).collect()
        };
        let mut cells: Vec<(Pattern, Region, bool)> = Vec::with_capacity(choices.len());
        for part in choices {
            let filling = Filling {
                thing: object,
                whose,
                part,
            };
            let Some(on) = self.fill(&action.on, filling) else {
                return;
            };
            let Some((region, part)) = self.word_conditions(action, filling) else {
                return;
            };
            let has_part = on.has_part | part;
            // Parts that only a condition sees are alternatives on one resource.
            match cells.last_mut() {
                Some(open) if !on.has_part && open.0 == on.pattern => open.1 = open.1.or(&region),
                Some(_) | None => cells.push((on.pattern, region, has_part)),
            }
        }
        for (pattern, region, has_part) in cells {
            let resource = if pattern == Pattern::everything() {
                Resource::Unscoped
            } else {
                Resource::Thing(object)
            };
            let within = self.graph.patterns.intern(pattern);
            let when = self.graph.regions.intern(region);
            for name in &action.actions {
                let action = self.word(*name);
                grants.push(Grant {
                    action,
                    resource,
                    within,
                    when,
                    via: false,
                    has_part,
                });
            }
        }
    }

    /// The region of all conditions of an action, and whether some of them hold `{part}`.
    pub(super) fn word_conditions(
        &mut self,
        action: &ActionUse,
        filling: Filling<'_>,
    ) -> Option<(Region, bool)> {
        let mut region = Region::everything();
        let mut has_part = false;
        for condition in &action.conditions {
            let (limit, part) = self.word_condition(action, condition, filling)?;
            region = region.and(&limit);
            has_part |= part;
        }
        Some((region, has_part))
    }

    /// The region of a condition of the words, and whether it holds `{part}`. One that would be `*` is left out.
    fn word_condition(
        &mut self,
        action: &ActionUse,
        condition: &ActionCondition,
        filling: Filling<'_>,
    ) -> Option<(Region, bool)> {
        let filled = self.fill(&condition.value, filling)?;
        if filled.pattern == Pattern::everything() {
            return Some((Region::everything(), filled.has_part));
        }
        let known = (condition.operator, condition.key, filled.pattern.clone());
        if let Some(region) = self.conditions.get(&known) {
            return Some((region.clone(), filled.has_part));
        }
        let operator = self.text(condition.operator);
        let values = match operator {
            "StringEquals" | "StringLike" | "ArnEquals" | "ArnLike" => {
                Words::of(&filled.pattern).map(Values::text)
            }
            // A request that does not say the key is admitted as well.
            "StringEqualsIfExists" => Words::of(&filled.pattern)
                .and_then(|words| Values::text(words).or(&Values::absent(Type::Text))),
            "Bool" => match filled.pattern.to_string().as_str() {
                "true" => Some(Values::flag(true)),
                "false" => Some(Values::flag(false)),
                _ => None,
            },
            "NumericEquals" => number(&filled.pattern).map(|number| Values::numbers([(number, number)])),
            "NumericLessThanEquals" => {
                number(&filled.pattern).map(|number| Values::numbers([(i64::MIN, number)]))
            }
            "NumericGreaterThanEquals" => {
                number(&filled.pattern).map(|number| Values::numbers([(number, i64::MAX)]))
            }
            _ => None,
        };
        let Some(values) = values else {
            self.report.push(
                Diagnostic::new(&UNKNOWN_OPERATOR, action.span, format!("the condition `{operator} {}` cannot be stated exactly", self.text(condition.key)))
                    .help("use StringEquals, StringEqualsIfExists, StringLike with at most one `*` at the end, ArnLike, Bool or a Numeric operator"),
            );
            return None;
        };
        let region = Region::only(Key::new(self.text(condition.key)), values);
        self.conditions.insert(known, region.clone());
        Some((region, filled.has_part))
    }

    /// The things that references of a given kind name, in order of fact.
    pub(crate) fn references(&self, of: ThingId, kind: Name) -> Vec<ThingId> {
        let Some(thing) = self.model.things.get(of) else {
            return Vec::new();
        };
        let values = thing.properties.iter().flat_map(|property| &property.values);
        let things = values.filter_map(|value| match value {
            Value::Thing(thing) => Some(*thing),
            Value::Name(_)
            | Value::Text(_)
            | Value::Template(_)
            | Value::Number(_)
            | Value::Flag(_)
            | Value::Duration(_)
            | Value::Date(_)
            | Value::Block(_)
            | Value::Version(_) => None,
        });
        let is_kind = |thing: &ThingId| {
            let kind_of = self
                .model
                .things
                .get(*thing)
                .and_then(|thing| self.model.kinds.get(thing.kind));
            kind_of.is_some_and(|found| found.name == kind)
        };
        let mut things: Vec<ThingId> = things.filter(is_kind).collect();
        things.dedup();
        things
    }
}

fn number(pattern: &Pattern) -> Option<i64> {
    pattern.to_string().parse().ok()
}
