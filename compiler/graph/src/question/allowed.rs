//! What an access or a flow counts as, where a question names capabilities; and whose names may lie in another's.

use arena::Name;
use model::thing::ThingId;

use super::Index;

impl Index<'_> {
    /// Whether names of this thing may lie in another's: its address comes from a path, not from its own name.
    #[must_use]
    pub fn may_overlap(&self, thing: ThingId) -> bool {
        let Some(thing) = self.model.things.get(thing) else {
            return false;
        };
        let Some(kind) = self.model.kinds.get(thing.kind) else {
            return false;
        };
        let physical = model::template::Piece::Placeholder(model::template::Placeholder::Physical);
        kind.words
            .arn
            .as_ref()
            .is_some_and(|arn| !arn.pieces.contains(&physical))
    }

    /// Whether one of these capabilities opens connections; true if none is named.
    #[must_use]
    pub fn allows_connecting(&self, allow: &[Name]) -> bool {
        allow.is_empty()
            || self.model.kinds.iter().any(|(_, kind)| {
                kind.words
                    .capabilities
                    .iter()
                    .any(|capability| capability.connects && allow.contains(&capability.name))
            })
    }
}
