//! What the broker delivers: of what a guard lets an identity receive, what its filters bring.

use super::actor::Actor;
use super::glob::{self, Glob, Place};
use crate::label::letter::{self, Letter};

/// The filters by which an identity may subscribe. A `+` is one level, and what a guard leaves open holds every filter.
pub(super) fn filters(actor: &Actor) -> Vec<Glob> {
    let allowed = actor.statements.iter().filter(|statement| !statement.deny);
    allowed
        .flat_map(|statement| &statement.resources)
        .filter(|name| letter::spell(name).contains(":topicfilter/"))
        .map(|name| {
            let mut pattern = glob::of_letters(name);
            for place in &mut pattern {
                if *place == Place::Plain('+') {
                    *place = Place::Level;
                }
            }
            pattern
        })
        .collect()
}

/// A guard says `*` for a level of which the filter says `+`: what is delivered of it is what some filter brings, if any brings
/// some of it.
pub(super) fn is_delivered(filters: &[Glob], name: &[Letter], word: &str) -> bool {
    let as_filter = |text: Glob| -> Option<Glob> {
        let head = glob::plain(":topic/");
        let at = text.windows(head.len()).position(|window| window == head)?;
        let mut out: Glob = text.iter().take(at).copied().collect();
        out.extend(glob::plain(":topicfilter/"));
        out.extend(text.iter().skip(at + head.len()));
        Some(out)
    };
    let (Some(own), Some(topic)) = (as_filter(glob::of_letters(name)), as_filter(glob::plain(word))) else {
        return true;
    };
    let mut bringing = filters
        .iter()
        .filter(|filter| glob::meet(filter, &own).is_some())
        .peekable();
    !own.contains(&Place::Any)
        || bringing.peek().is_none()
        || bringing.any(|filter| glob::meet(filter, &topic).is_some())
}
