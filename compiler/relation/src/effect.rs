//! What an action does, as far as chains follow it: its level in the catalogue joined with what its capability says.

use std::collections::BTreeMap;

use arena::Name;
use catalogue::Catalogue;
use catalogue::effect::Effects;
use graph::question::overlap::of_any_member;
use model::kind::{Effect, KindId};
use pattern::pattern::Pattern;

use crate::sets::Sets;

/// What a capability says of an action that the catalogue does not.
struct Said {
    effects: Effects,
    /// On which words; wherever, if no thing of the kind is declared.
    words: Option<Vec<Pattern>>,
}

/// The effects of actions, in lower case: by the catalogue, and on the words of a thing by its kind as well.
pub struct EffectsOf {
    by_kinds: BTreeMap<String, Vec<Said>>,
}

impl EffectsOf {
    /// What the kinds of a spec say.
    #[must_use]
    pub fn new(sets: &Sets<'_>) -> Self {
        let model = sets.model;
        let mut by_kinds: BTreeMap<String, Vec<Said>> = BTreeMap::new();
        for (id, kind) in model.kinds.iter() {
            for capability in &kind.words.capabilities {
                let own = said(capability.effect);
                let lines = capability.actions.iter().filter(|line| !line.helper);
                for name in lines.flat_map(|line| &line.actions) {
                    let action = model.names.text(*name).to_ascii_lowercase();
                    let known = by_catalogue(&action);
                    if known.join(own) == known {
                        continue;
                    }
                    let words = words(sets, id, capability.name, &action);
                    let said = Said { effects: own, words };
                    by_kinds.entry(action).or_default().push(said);
                }
            }
        }
        Self { by_kinds }
    }

    /// What an action does on some words.
    #[must_use]
    pub fn of(&self, action: &str, within: &Pattern) -> Effects {
        let mut all = by_catalogue(action);
        for said in self.by_kinds.get(action).into_iter().flatten() {
            let wide = of_any_member(within);
            let is_met = |words: &Vec<Pattern>| words.iter().any(|word| word.meets(&wide).is_some());
            if said.words.as_ref().is_none_or(is_met) {
                all = all.join(said.effects);
            }
        }
        all
    }

    /// Of some words those that an action writes; `None` for all of them.
    #[must_use]
    pub fn written(&self, action: &str, within: &Pattern) -> Option<Vec<Pattern>> {
        if by_catalogue(action).writes {
            return None;
        }
        let wide = of_any_member(within);
        let mut written = Vec::new();
        let said = self.by_kinds.get(action).into_iter().flatten();
        for said in said.filter(|said| said.effects.writes) {
            let words = said.words.as_ref()?.iter();
            written.extend(words.filter(|word| word.meets(&wide).is_some()).cloned());
        }
        Some(written)
    }

    /// Whether it depends on the words what an action does.
    #[must_use]
    pub fn depends(&self, action: &str) -> bool {
        self.by_kinds.contains_key(action)
    }
}

/// On which words a capability of a kind means an action.
fn words(sets: &Sets<'_>, kind: KindId, capability: Name, action: &str) -> Option<Vec<Pattern>> {
    let things = sets.model.things.iter().filter(|(_, thing)| thing.kind == kind);
    let meanings = things.flat_map(|(id, _)| sets.meanings(id));
    let own = meanings.filter(|meaning| meaning.capability == capability && meaning.action == action);
    let words: Vec<Pattern> = own.map(|meaning| of_any_member(&meaning.within)).collect();
    (!words.is_empty()).then_some(words)
}

fn said(effect: Effect) -> Effects {
    let none = Effects::NONE;
    match effect {
        Effect::Read => Effects { reads: true, ..none },
        Effect::Write => Effects { writes: true, ..none },
        Effect::Control => Effects {
            controls: true,
            ..none
        },
        Effect::None => none,
    }
}

/// What the catalogue does not know may do anything.
fn by_catalogue(action: &str) -> Effects {
    let anything = Effects {
        reads: true,
        writes: true,
        controls: true,
    };
    let known = Catalogue::embedded().effects(action).unwrap_or(anything);
    // Who decides what may be done to a thing may read and write it. Who commands an actor is followed to the actor.
    let service = action.split(':').next().unwrap_or("");
    let is_of_actors = ["iam", "iot", "kms", "lambda", "sts"].contains(&service);
    if known.controls && !is_of_actors {
        anything
    } else {
        known
    }
}
