//! What addresses alone tell of a piece of access, where no declaration is known that it comes from.

use std::collections::BTreeSet;

use graph::question::overlap::of_any_member;
use model::kind::Capability;
use model::thing::ThingId;
use model::value::Value;
use pattern::key::Key;

use super::{Claim, Known, short};
use crate::access::{EVERYBODY, Piece};
use crate::letters::Letters;

impl Known<'_> {
    /// What the addresses of a piece tell, where no access of the spec is like it.
    pub(crate) fn by_address(&self, piece: &Piece, letters: &Letters<'_>) -> Vec<Claim> {
        let subject = match self.of_address(&piece.who) {
            Some(thing) => self.name(thing).to_owned(),
            None if piece.who == EVERYBODY => "internet".to_owned(),
            None => short(&piece.who),
        };
        let wide = of_any_member(&piece.within);
        let target = self.of_address(&letters.show(&piece.within)).or_else(|| {
            let objects = self.objects(letters);
            let covers: Vec<ThingId> = objects
                .meeting(&wide)
                .copied()
                .filter(|thing| Some(*thing) != self.of_address(&piece.who))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            match covers.as_slice() {
                [only] => Some(*only),
                _ => None,
            }
        });
        let (object, words) = match target {
            Some(thing) => (
                self.name(thing).to_owned(),
                self.words_of_kind(thing, &piece.action),
            ),
            None => (self.short(&letters.show(&piece.within)), BTreeSet::new()),
        };
        let own = Claim {
            subject,
            object,
            words,
            target,
            ..Claim::default()
        };
        // A key that a service uses for somebody is needed for what lies under it.
        let is_needed = piece.when.has_key(&Key::new("kms:ViaService"));
        let Some(target) = target.filter(|_| is_needed) else {
            return vec![own];
        };
        let holds = |thing: &model::thing::Thing| {
            let mut values = thing.properties.iter().flat_map(|property| &property.values);
            values.any(|value| *value == Value::Thing(target))
        };
        let needing = self.spec.model.things.iter().filter(|(_, thing)| holds(thing));
        let needed = |(id, _): (ThingId, &model::thing::Thing)| Claim {
            object: self.name(id).to_owned(),
            words: BTreeSet::new(),
            is_entailed: true,
            ..own.clone()
        };
        let mut claims: Vec<Claim> = needing.map(needed).collect();
        claims.insert(
            0,
            Claim {
                words: BTreeSet::new(),
                ..own
            },
        );
        claims
    }

    /// The capabilities that some actions on a thing are, together: those of which every action is there, and that no other
    /// of them holds.
    pub(crate) fn words_of_actions(&self, thing: ThingId, actions: &BTreeSet<String>) -> BTreeSet<String> {
        let model = self.spec.model;
        let all = self.capabilities(thing);
        let of = |capability: &Capability, with_helpers: bool| -> BTreeSet<String> {
            let lines = capability
                .actions
                .iter()
                .filter(|line| with_helpers || !line.helper);
            lines
                .flat_map(|line| &line.actions)
                .map(|name| model.names.text(*name).to_ascii_lowercase())
                .collect()
        };
        let whole = all.iter().filter(|capability| {
            let means = of(capability, false);
            !means.is_empty() && means.is_subset(actions)
        });
        let whole: Vec<(&str, BTreeSet<String>)> = whole
            .map(|capability| {
                let held = of(capability, true).intersection(actions).cloned().collect();
                (model.names.text(capability.name), held)
            })
            .collect();
        let is_held = |(name, own): &&(&str, BTreeSet<String>)| {
            whole.iter().any(|(other, more)| {
                other != name && own.is_subset(more) && (own.len() < more.len() || other < name)
            })
        };
        let least = whole.iter().filter(|one| !is_held(one));
        least.map(|(name, _)| (*name).to_owned()).collect()
    }

    /// The capabilities of a thing's kind.
    fn capabilities(&self, thing: ThingId) -> &[Capability] {
        let model = self.spec.model;
        let kind = model
            .things
            .get(thing)
            .and_then(|thing| model.kinds.get(thing.kind));
        kind.map_or(&[], |kind| kind.words.capabilities.as_slice())
    }

    /// Whether a capability of a thing means an action.
    pub(crate) fn is_meant(&self, thing: ThingId, word: &str, action: &str) -> bool {
        let model = self.spec.model;
        let all = self.capabilities(thing);
        let mut own = all
            .iter()
            .filter(|capability| model.names.text(capability.name) == word);
        own.any(|capability| self.means(all, capability, action))
    }

    /// Capabilities of a thing's kind that mean an action.
    fn words_of_kind(&self, thing: ThingId, action: &str) -> BTreeSet<String> {
        let model = self.spec.model;
        let all = self.capabilities(thing);
        let mut found: Vec<&Capability> = all
            .iter()
            .filter(|capability| self.means(all, capability, action))
            .collect();
        // Of several that mean it, the one that means least: a wider one would say too much.
        let width = |capability: &&Capability| {
            capability
                .actions
                .iter()
                .map(|line| line.actions.len())
                .sum::<usize>()
        };
        let least = found.iter().map(width).min();
        found.retain(|capability| Some(width(capability)) == least);
        found
            .into_iter()
            .map(|capability| model.names.text(capability.name).to_owned())
            .collect()
    }
}
