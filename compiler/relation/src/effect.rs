//! What an action does, as far as chains follow it: its level in the catalogue joined with what its capability says.

use std::collections::BTreeMap;

use catalogue::Catalogue;
use catalogue::effect::Effects;
use model::Model;
use model::kind::Effect;

/// The effects of every action that some kind names, in lower case; of others by the catalogue alone.
pub struct EffectsOf {
    known: BTreeMap<String, Effects>,
}

impl EffectsOf {
    /// What the kinds of a spec say.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut known: BTreeMap<String, Effects> = BTreeMap::new();
        for (_, kind) in model.kinds.iter() {
            for capability in &kind.words.capabilities {
                let lines = capability.actions.iter().filter(|line| !line.helper);
                for name in lines.flat_map(|line| &line.actions) {
                    let action = model.names.text(*name).to_ascii_lowercase();
                    let of = known
                        .entry(action.clone())
                        .or_insert_with(|| by_catalogue(&action));
                    *of = of.join(said(capability.effect));
                }
            }
        }
        Self { known }
    }

    /// What an action does.
    #[must_use]
    pub fn of(&self, action: &str) -> Effects {
        let known = self.known.get(action).copied();
        known.unwrap_or_else(|| by_catalogue(action))
    }
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
    Catalogue::embedded().effects(action).unwrap_or(anything)
}
