//! What an action does, as far as chains follow it: its level in the catalogue joined with what its capability says.

use std::collections::BTreeMap;

use catalogue::Catalogue;
use catalogue::action::Level;
use model::Model;
use model::kind::Effect;

/// What chains follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Data comes from the object to the subject.
    pub reads: bool,
    /// Data goes from the subject to the object.
    pub writes: bool,
    /// The subject becomes or commands the object.
    pub controls: bool,
}

impl Effects {
    fn and(self, other: Self) -> Self {
        Self {
            reads: self.reads || other.reads,
            writes: self.writes || other.writes,
            controls: self.controls || other.controls,
        }
    }

    fn of(effect: Effect) -> Self {
        let none = Self::default();
        match effect {
            Effect::Read => Self { reads: true, ..none },
            Effect::Write => Self { writes: true, ..none },
            Effect::Control => Self {
                controls: true,
                ..none
            },
            Effect::None => none,
        }
    }
}

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
                    let own = Effects::of(capability.effect);
                    let of = known.entry(action.clone()).or_insert_with(|| by_catalogue(&action));
                    *of = of.and(own);
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

fn by_catalogue(action: &str) -> Effects {
    let Some(known) = Catalogue::embedded().action(action) else {
        // What the catalogue does not know may do anything.
        return Effects {
            reads: true,
            writes: true,
            controls: true,
        };
    };
    Effects {
        reads: known.has_level(Level::Read),
        writes: known.has_level(Level::Write),
        controls: known.has_level(Level::PermissionsManagement),
    }
}
