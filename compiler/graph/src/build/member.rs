//! Which members of fleets meet: `of=`, `same`, `others`, and what a narrowing takes from the subject.

use arena::{Id, Name};
use diagnostics::Diagnostic;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, Thing, ThingId};
use model::trust::{Condition, Narrow, Trust};
use pattern::key::Key;
use pattern::pattern::{Builder, Pattern};
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::{Letter, Word};
use pattern::words::Words;
use source::Span;

use super::expand::Whose;
use super::{Build, Subject};
use crate::access::{Pairs, PairsId, RegionId};
use crate::fault::{UNENFORCEABLE_CONDITION, VOID_SAME};

/// One way in which members meet.
#[derive(Clone, Copy)]
pub(super) struct Relation {
    pub whose: Whose,
    pub pairs: PairsId,
    /// What the caller's attributes must be.
    pub when: RegionId,
}

/// A side of a trust that has members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    /// The devices of a class.
    Class(ThingId),
    /// People with attributes.
    People(ThingId),
    /// Neither.
    One,
}

impl<'m> Build<'m> {
    /// What stands on the subject's side.
    pub(super) fn members(&self, id: ThingId, thing: &Thing) -> Members {
        match &thing.detail {
            Detail::Class(_) => Members::Class(id),
            Detail::People(_) => Members::People(id),
            Detail::Workload(_) | Detail::External(_) | Detail::Resource => Members::One,
        }
    }

    /// How members of the subject meet members of the object, a class or the class of a family. Empty if refused.
    pub(super) fn relations(&mut self, trust: &Trust, subject: Members, object: Members) -> Vec<Relation> {
        let same: Vec<Name> = trust.same.iter().map(|(name, _)| *name).collect();
        let first = trust.same.first().map(|(_, span)| *span);
        let everything = self.everything;
        let relation = |whose, pairs| Relation {
            whose,
            pairs,
            when: everything,
        };
        if trust
            .same
            .iter()
            .any(|(name, _)| !self.has_attribute(subject, *name) | !self.has_attribute(object, *name))
        {
            return Vec::new();
        }
        match (subject, object) {
            (Members::Class(acting), Members::Class(reached)) if acting == reached => {
                let own = relation(Whose::Own, self.own);
                match (trust.others.is_some(), first) {
                    (false, None) => vec![own],
                    (false, Some(span)) => {
                        let empty = trust.same.iter();
                        let mut empty =
                            empty.filter_map(|(name, at)| Some((*name, *at, self.lacking(acting, *name)?)));
                        match empty.next() {
                            Some((name, at, member)) => self.own_same(at, name, member),
                            None => self.void_same(
                                span,
                                "a device reaches itself only, and is always on its own side",
                            ),
                        }
                        Vec::new()
                    }
                    (true, None) => vec![
                        own,
                        relation(Whose::Reached, self.graph.pairs.intern(Pairs::Others)),
                    ],
                    (true, Some(_)) => vec![relation(Whose::Reached, self.equal(same))],
                }
            }
            (Members::Class(_) | Members::People(_) | Members::One, Members::One)
            | (Members::One, Members::Class(_)) => {
                if let Some(span) = first {
                    self.void_same(span, "only one side has members that could have it");
                    return Vec::new();
                }
                vec![relation(Whose::Reached, self.all)]
            }
            (Members::Class(_), Members::Class(_)) => {
                for name in &same {
                    // Documents say what is equal by the acting member's own letter.
                    self.attribute_letter(Whose::Own, *name);
                }
                let pairs = if same.is_empty() {
                    self.all
                } else {
                    self.equal(same)
                };
                vec![relation(Whose::Reached, pairs)]
            }
            (Members::People(_), Members::Class(_)) => {
                if same.is_empty() {
                    return vec![relation(Whose::Reached, self.all)];
                }
                // One value that is told, and one that is each member's own, are two to a policy.
                let told = trust.when.iter().find_map(|condition| match condition {
                    Condition::Attribute { name, span, .. } if same.contains(name) => Some((*name, *span)),
                    Condition::Attribute { .. }
                    | Condition::MfaAge { .. }
                    | Condition::Source { .. }
                    | Condition::Until { .. } => None,
                });
                if let Some((name, span)) = told {
                    let name = self.text(name);
                    let message =
                        format!("`same {name}` beside a condition on `{name}` cannot be said by any policy");
                    self.report.push(
                        Diagnostic::new(&UNENFORCEABLE_CONDITION, span, message)
                            .help("say the value in the path: `under \"VALUE/\"`, and leave `same` out"),
                    );
                    return Vec::new();
                }
                let mut region = Region::everything();
                for name in &same {
                    let letter = self.attribute_letter(Whose::Reached, *name);
                    let Some(word) = Word::of([Letter::Variable(letter)]) else {
                        continue;
                    };
                    let key = Key::new(&format!("aws:PrincipalTag/{}", self.text(*name)));
                    region = region.and(&Region::only(key, Values::text(Words::just(&word))));
                }
                let when = self.graph.regions.intern(region);
                vec![Relation {
                    whose: Whose::Reached,
                    pairs: self.equal(same),
                    when,
                }]
            }
            // Only a listener, a device or a family has members to be reached.
            (Members::Class(_) | Members::People(_) | Members::One, Members::People(_)) => Vec::new(),
        }
    }

    fn equal(&mut self, mut same: Vec<Name>) -> PairsId {
        same.sort_by_key(|name| self.text(*name));
        same.dedup();
        let words = same.into_iter().map(|name| self.word(name)).collect();
        self.graph.pairs.intern(Pairs::Equal(words))
    }

    fn void_same(&mut self, span: Span, why: &str) {
        self.report.push(
            Diagnostic::new(&VOID_SAME, span, "`same` compares nothing here")
                .note(why)
                .help("take the line out: it would look like a limit and be none"),
        );
    }

    fn has_attribute(&mut self, of: Members, name: Name) -> bool {
        let known = match of {
            Members::One => return true,
            Members::Class(class) => self
                .fleet(class)
                .is_some_and(|fleet| fleet.column(name).is_some()),
            Members::People(people) => match self.model.things.get(people).map(|thing| &thing.detail) {
                Some(Detail::People(detail)) => detail.attributes.iter().any(|(known, _)| *known == name),
                Some(Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource)
                | None => false,
            },
        };
        if !known {
            self.impossible("an attribute is named that one side does not have");
        }
        known
    }

    /// The first member by name without a value: it equals nothing, so that `same` would leave a device out of its own.
    fn lacking(&self, class: ThingId, name: Name) -> Option<&'m str> {
        let fleet = self.fleet(class)?;
        let column = fleet.column(name)?;
        let rows = (0..fleet.len()).filter(|row| column.value(*row).is_empty());
        rows.map(|row| fleet.member(row)).min()
    }

    fn own_same(&mut self, span: Span, name: Name, member: &str) {
        let name = self.text(name);
        let message = format!("`same {name}` cannot leave `{member}` out, whose `{name}` is empty");
        self.report.push(
            Diagnostic::new(&UNENFORCEABLE_CONDITION, span, message)
                .note("a device reaches itself only, and the policy of a class is one for all its members")
                .help("leave the line out, or give those without a value a class of their own"),
        );
    }

    /// What a trust narrows to, as this subject writes it; `None` if it names an attribute that the subject has not.
    pub(super) fn narrowed(&mut self, narrow: &[Narrow], subject: &Subject<'m>) -> Option<Id<Vec<Pattern>>> {
        let mut parts = Vec::with_capacity(narrow.len());
        for line in narrow {
            let mut builder = Builder::new();
            self.narrow_template(&line.path, subject, &mut builder)?;
            if line.under {
                builder.any();
            }
            let Some(part) = builder.finish() else {
                self.impossible("a narrowing holds characters that no path may hold");
                return None;
            };
            parts.push(part);
        }
        parts.sort_unstable();
        parts.dedup();
        Some(self.parts.intern(parts))
    }

    fn narrow_template(
        &mut self,
        template: &Template,
        subject: &Subject<'m>,
        out: &mut Builder,
    ) -> Option<()> {
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => {
                    out.text(self.text(*text));
                }
                Piece::Placeholder(Placeholder::Name) => match subject.members {
                    Members::Class(_) => {
                        let letter = self.name_letter(Whose::Own);
                        out.variable(letter);
                    }
                    Members::One => {
                        out.text(self.text(subject.thing.name));
                    }
                    Members::People(_) => {
                        self.impossible("a narrowing names people who have no names here");
                        return None;
                    }
                },
                Piece::Placeholder(Placeholder::Environment) => {
                    if let Some(environment) = self.model.project.environment {
                        out.text(self.text(environment));
                    }
                }
                Piece::Placeholder(Placeholder::Attribute(name) | Placeholder::Property(name)) => {
                    let known = subject.members != Members::One && self.has_attribute(subject.members, *name);
                    known.then_some(())?;
                    let letter = self.attribute_letter(Whose::Own, *name);
                    out.variable(letter);
                }
                Piece::Placeholder(
                    Placeholder::Partition
                    | Placeholder::Account
                    | Placeholder::Region
                    | Placeholder::Physical
                    | Placeholder::Arn
                    | Placeholder::Part
                    | Placeholder::Sibling(..)
                    | Placeholder::Reference(..)
                    | Placeholder::Measure(..),
                ) => {
                    self.impossible("a narrowing holds a placeholder of kinds");
                    return None;
                }
            }
        }
        Some(())
    }
}
