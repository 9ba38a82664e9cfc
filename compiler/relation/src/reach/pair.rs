//! Which members of two actors meet by packets.

use std::collections::BTreeMap;

use arena::Name;
use graph::access::Pairs;
use model::thing::ThingId;

use crate::packet::ports::Ports;
use crate::packet::{Crossing, End};
use crate::rows::{Members, Rows, Unlike};
use crate::sets::Whole;

use super::{Question, Relation};

/// By values that must be equal: values that must differ, each with rows that have them.
type Cells<'v> = BTreeMap<Vec<&'v str>, BTreeMap<Vec<Option<&'v str>>, Vec<usize>>>;

impl<'a> Relation<'a> {
    /// Whether some pair of the members that meet counts.
    pub(super) fn members_count(
        &self,
        question: &Question<'_>,
        wholes: &BTreeMap<ThingId, &Whole>,
        crossing: &Crossing,
        actor: Option<ThingId>,
        ports: &[Ports],
    ) -> bool {
        let End::Thing(to, to_segment) = crossing.to else {
            return true;
        };
        let class = |thing: ThingId| {
            let class = self.packets.places.host(thing)?;
            self.sets.fleets.of(class).map(|_| class)
        };
        let seated =
            |class: ThingId, rows: Rows, segment: Option<model::place::SegmentId>| match (rows, segment) {
                (Rows::All, Some(segment)) if self.packets.places.of(class).len() > 1 => Members {
                    class,
                    rows: Rows::In([segment].into()),
                },
                (rows, _) => Members { class, rows },
            };
        let own = actor.and_then(|actor| {
            let class = class(actor)?;
            let rows = question.subjects.things.get(&actor).cloned().unwrap_or(Rows::All);
            let segment = match crossing.from {
                End::Thing(_, segment) => segment,
                End::Everybody | End::Public(_) | End::Service(_) => None,
            };
            Some(seated(class, rows, segment))
        });
        let other = class(to).map(|class| {
            let whole = wholes.get(&to);
            let members = whole.and_then(|whole| whole.members.as_ref());
            let rows = members
                .filter(|members| members.class == class)
                .map_or(Rows::All, |members| members.rows.clone());
            seated(class, rows, to_segment)
        });
        let pairs = self.sets.graph.pairs.get(crossing.pairs).unwrap_or(&Pairs::All);
        let is_between = actor == Some(to);
        // Where guards differ by member, which of all pairs meet is theirs to say.
        if let (Some(own), Some(other)) = (&own, &other)
            && matches!(pairs, Pairs::All)
            && !matches!(question.unlike, Unlike::Any)
            && let Some(is_met) = self
                .packets
                .meet_by_member(crossing, ports, (own, other), &|a, b| {
                    let is_itself = is_between && (own.class, a) == (other.class, b);
                    let (a, b) = (Some((own.class, a)), Some((other.class, b)));
                    !is_itself && self.sets.fleets.counts(question.unlike, a, b)
                })
        {
            return is_met;
        }
        self.pair_exists(pairs, is_between, own.as_ref(), other.as_ref(), question.unlike)
    }

    /// Whether some pair of members that meet by packets is one that counts. Between members of one actor, what a member
    /// sends to itself never leaves it.
    pub(crate) fn pair_exists(
        &self,
        pairs: &Pairs,
        is_between: bool,
        own: Option<&Members>,
        other: Option<&Members>,
        unlike: Unlike<'_>,
    ) -> bool {
        let model = self.sets.model;
        let (Some(own), Some(other)) = (own, other) else {
            return true;
        };
        let fleets = &self.sets.fleets;
        let equal: Vec<Name> = match pairs {
            Pairs::Equal(words) => words
                .iter()
                .filter_map(|word| model.names.find(self.sets.graph.words.text(*word)))
                .collect(),
            Pairs::All | Pairs::Own | Pairs::Others => Vec::new(),
        };
        let unequal: &[Name] = match unlike {
            Unlike::Differ(attributes) => attributes,
            Unlike::Any | Unlike::Other => &[],
        };
        // By the values that must be equal: the values that must differ, each with the rows that have them.
        let cells = |members: &Members| {
            let mut cells: Cells<'_> = BTreeMap::new();
            for row in fleets.rows(members) {
                let key: Option<Vec<&str>> = equal
                    .iter()
                    .map(|name| fleets.value(members.class, row, *name))
                    .collect();
                let Some(key) = key else { continue };
                let values = unequal
                    .iter()
                    .map(|name| fleets.value(members.class, row, *name))
                    .collect();
                let rows = cells.entry(key).or_default().entry(values).or_default();
                // Two rows stand for all that are alike.
                if rows.len() < 2 {
                    rows.push(row);
                }
            }
            cells
        };
        let (left, right) = (cells(own), cells(other));
        let is_same_class = own.class == other.class;
        for (key, lefts) in &left {
            let Some(rights) = right.get(key) else { continue };
            for a in lefts.values().flatten() {
                for b in rights.values().flatten() {
                    let is_self = is_same_class && a == b;
                    let meets = match pairs {
                        Pairs::Own => is_self,
                        // Of packets, `same` is said of classes only: what runs on a host sends nothing to it by such a flow.
                        Pairs::Others | Pairs::Equal(_) => !is_self,
                        Pairs::All => !(is_self && is_between),
                    };
                    if meets && fleets.counts(unlike, Some((own.class, *a)), Some((other.class, *b))) {
                        return true;
                    }
                    // Values differ somewhere as soon as two of either side do: few pairs decide.
                }
            }
        }
        false
    }
}
