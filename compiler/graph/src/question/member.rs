//! Which members of two classes meet in a flow, when only some segments of them are meant.

use std::collections::BTreeSet;

use arena::Name;
use model::actor::Class;
use model::fleet::Fleet;
use model::place::SegmentId;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, ThingId};

use super::Index;
use super::select::{Selected, Where};
use crate::access::Pairs;
use crate::flow::{Endpoint, Flow};

impl Index<'_> {
    /// Whether some pair of members that the flow joins lies in the segments that are meant on both sides.
    pub(super) fn members_meet(&self, flow: &Flow, subjects: &Selected, objects: &Selected) -> bool {
        let side = |end: Endpoint, selected: &Selected| match end {
            Endpoint::Thing(thing) => match selected.things.get(&thing) {
                Some(Where::Segments(segments)) if self.is_class(thing) => {
                    Some((thing, Some(segments.clone())))
                }
                Some(_) | None => self.is_class(thing).then_some((thing, None)),
            },
            Endpoint::Service(_) | Endpoint::Addresses(_) | Endpoint::Internet => None,
        };
        let (from, to) = (side(flow.from, subjects), side(flow.to, objects));
        let Some(pairs) = self.graph.pairs.get(flow.pairs) else {
            return true;
        };
        match (from, to) {
            (None, None) => true,
            (Some((class, segments)), None) | (None, Some((class, segments))) => match segments {
                None => true,
                Some(segments) => !self.cells(class, &segments, &[]).is_empty(),
            },
            (Some((from, inside_from)), Some((to, inside_to))) => match pairs {
                Pairs::Equal(attributes) => {
                    let names: Vec<Name> = attributes
                        .iter()
                        .filter_map(|word| self.model.names.find(self.graph.words.text(*word)))
                        .collect();
                    let left = self.cells_in(from, inside_from.as_ref(), &names);
                    let right = self.cells_in(to, inside_to.as_ref(), &names);
                    left.iter()
                        .any(|values| values.iter().all(|value| !value.is_empty()) && right.contains(values))
                }
                Pairs::All | Pairs::Own | Pairs::Others => {
                    let inhabited = |class, inside: Option<&BTreeSet<SegmentId>>| {
                        !self.cells_in(class, inside, &[]).is_empty()
                    };
                    inhabited(from, inside_from.as_ref()) && inhabited(to, inside_to.as_ref())
                }
            },
        }
    }

    fn cells_in(
        &self,
        class: ThingId,
        inside: Option<&BTreeSet<SegmentId>>,
        attributes: &[Name],
    ) -> BTreeSet<Vec<Box<str>>> {
        match (self.class(class), inside) {
            (Some(detail), None) => {
                let everywhere = detail.segments.iter().map(|placed| placed.segment).collect();
                self.cells(class, &everywhere, attributes)
            }
            (Some(_), Some(inside)) => self.cells(class, inside, attributes),
            (None, _) => BTreeSet::new(),
        }
    }

    fn class(&self, class: ThingId) -> Option<&Class> {
        match &self.model.things.get(class)?.detail {
            Detail::Class(detail) => Some(detail),
            Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        }
    }

    /// The distinct values of these attributes among the rows that live in one of the segments.
    ///
    /// - Cost: one pass over the rows.
    #[must_use]
    pub fn cells(
        &self,
        class: ThingId,
        segments: &BTreeSet<SegmentId>,
        attributes: &[Name],
    ) -> BTreeSet<Vec<Box<str>>> {
        let mut cells = BTreeSet::new();
        let Some(detail) = self.class(class) else {
            return cells;
        };
        let Some(fleet) = detail.fleet.and_then(|fleet| self.model.fleets.get(fleet)) else {
            return cells;
        };
        let names: BTreeSet<&str> = segments
            .iter()
            .filter_map(|segment| Some(self.model.names.text(self.model.segments.get(*segment)?.name)))
            .collect();
        // Rows of equal values in all columns that matter are looked at once.
        let columns: Vec<Option<&model::fleet::Column>> =
            attributes.iter().map(|name| fleet.column(*name)).collect();
        let mut seen: BTreeSet<(Option<String>, Vec<u32>)> = BTreeSet::new();
        for row in 0..fleet.len() {
            let home = detail
                .segment
                .as_ref()
                .map(|template| self.home_of(template, fleet, row));
            let key: Vec<u32> = columns
                .iter()
                .map(|column| {
                    column
                        .and_then(|column| column.rows.get(row).copied())
                        .unwrap_or(u32::MAX)
                })
                .collect();
            if home.as_ref().is_some_and(|home| !names.contains(home.as_str())) || !seen.insert((home, key)) {
                continue;
            }
            cells.insert(
                columns
                    .iter()
                    .map(|column| column.map_or("", |column| column.value(row)).into())
                    .collect(),
            );
        }
        cells
    }

    /// The segment that a row's `segment="cell-{line}"` names.
    fn home_of(&self, template: &Template, fleet: &Fleet, row: usize) -> String {
        let mut name = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => name.push_str(self.model.names.text(*text)),
                Piece::Placeholder(Placeholder::Name) => name.push_str(fleet.member(row)),
                Piece::Placeholder(Placeholder::Attribute(attribute) | Placeholder::Property(attribute)) => {
                    name.push_str(fleet.column(*attribute).map_or("", |column| column.value(row)));
                }
                Piece::Placeholder(Placeholder::Environment) => {
                    name.push_str(
                        self.model
                            .project
                            .environment
                            .map_or("", |environment| self.model.names.text(environment)),
                    );
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
                ) => {}
            }
        }
        name
    }
}
