//! Which members of two classes meet in a flow, when only some segments of them are meant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arena::Name;
use model::actor::Class;
use model::fleet::{Column, Fleet};
use model::place::SegmentId;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, ThingId};

use super::Index;
use super::select::{Selected, Where};
use crate::access::Pairs;
use crate::flow::{Endpoint, Flow};

/// Distinct values of attributes by the name of the segment.
pub(super) type Cells = BTreeMap<String, BTreeSet<Vec<Box<str>>>>;

/// Answers by class and attributes.
pub(super) type Answers = BTreeMap<(ThingId, Vec<Name>), Arc<Cells>>;

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
    #[must_use]
    pub fn cells(
        &self,
        class: ThingId,
        segments: &BTreeSet<SegmentId>,
        attributes: &[Name],
    ) -> BTreeSet<Vec<Box<str>>> {
        let by_home = self.cells_by_home(class, attributes);
        let anywhere = by_home.get("").into_iter();
        let names = segments.iter().filter_map(|segment| {
            let name = self.model.segments.get(*segment)?.name;
            by_home.get(self.model.names.text(name))
        });
        anywhere.chain(names).flatten().cloned().collect()
    }

    /// The distinct values of these attributes by the name of the segment; of a class without a place, by no name.
    ///
    /// - Cost: one pass over the rows for each class and list of attributes, however often it is asked.
    fn cells_by_home(&self, class: ThingId, attributes: &[Name]) -> Arc<Cells> {
        let key = (class, attributes.to_vec());
        if let Some(known) = self.cells.lock().ok().and_then(|cells| cells.get(&key).cloned()) {
            return known;
        }
        let cells = Arc::new(self.distinct(class, attributes).unwrap_or_default());
        if let Ok(mut known) = self.cells.lock() {
            known.insert(key, Arc::clone(&cells));
        }
        cells
    }

    fn distinct(&self, class: ThingId, attributes: &[Name]) -> Option<Cells> {
        let detail = self.class(class)?;
        let fleet = self.model.fleets.get(detail.fleet?)?;
        let columns: Vec<Option<&Column>> = attributes.iter().map(|name| fleet.column(*name)).collect();
        let pieces = detail.segment.iter().flat_map(|template| &template.pieces);
        let mut deciding: Vec<&Column> = columns.iter().copied().flatten().collect();
        let mut by_name = false;
        for piece in pieces {
            match piece {
                Piece::Placeholder(Placeholder::Attribute(name) | Placeholder::Property(name)) => {
                    deciding.extend(fleet.column(*name));
                }
                Piece::Placeholder(Placeholder::Name) => by_name = true,
                Piece::Placeholder(_) | Piece::Text(_) => {}
            }
        }
        // Rows of equal values in all columns that decide are looked at once.
        let mut seen: BTreeSet<Vec<u32>> = BTreeSet::new();
        let mut key: Vec<u32> = Vec::with_capacity(deciding.len());
        let mut cells = Cells::new();
        for row in 0..fleet.len() {
            key.clear();
            key.extend(
                deciding
                    .iter()
                    .map(|column| column.rows.get(row).copied().unwrap_or(u32::MAX)),
            );
            if !by_name {
                if seen.contains(&key) {
                    continue;
                }
                seen.insert(key.clone());
            }
            let home = detail
                .segment
                .as_ref()
                .map_or(String::new(), |template| self.home_of(template, fleet, row));
            let values = columns
                .iter()
                .map(|column| column.map_or("", |column| column.value(row)).into())
                .collect();
            cells.entry(home).or_default().insert(values);
        }
        Some(cells)
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
