//! Family members that are reached by others: variables become the members of the inventory.

use std::collections::BTreeMap;

use arena::Name;
use checks::Checked;
use graph::access::{Access, Pairs, Principal, Resource};
use graph::lonely::lonely;
use model::fleet::Fleet;
use model::thing::{Detail, ThingId};
use pattern::pattern::Pattern;
use pattern::word::{Letter, Word};

/// Turns a pattern of the graph into the patterns of one document.
pub(crate) struct Expand<'a> {
    pub(crate) checked: &'a Checked<'a>,
    fleets: BTreeMap<ThingId, &'a Fleet>,
}

/// The key of a variable that stands for the reached member: `of:name`, `of:attr:line`.
const REACHED: &str = "of:";

impl<'a> Expand<'a> {
    pub(crate) fn new(checked: &'a Checked<'a>) -> Self {
        let fleets = checked
            .model()
            .fleets
            .iter()
            .map(|(_, fleet)| (fleet.class, fleet))
            .collect();
        Self { checked, fleets }
    }

    /// One pattern if it names no reached member; else one for each member, sorted, each once.
    pub(crate) fn patterns(&self, access: &Access, pattern: &Pattern) -> Result<Vec<Pattern>, String> {
        let variables = &self.checked.graph().addresses.variables;
        let reached: Vec<(u32, &str)> = pattern
            .unknowns()
            .filter_map(|letter| match letter {
                Letter::Variable(id) => {
                    let key = variables.text(Name::new(id));
                    key.strip_prefix(REACHED).map(|key| (id, key))
                }
                Letter::Symbol(_) | Letter::Scalar(_) => None,
            })
            .collect();
        match self.checked.graph().pairs.get(access.pairs) {
            // Who meets whom counts also where the name does not tell the members apart.
            Some(Pairs::Equal(attributes)) => self.equal(access, attributes, pattern, &reached),
            _ if reached.is_empty() => Ok(vec![pattern.clone()]),
            Some(Pairs::All) => self.every_member(access, pattern, &reached),
            Some(Pairs::Own | Pairs::Others) | None => {
                Err("members of another class, paired in a way that no document can say".to_owned())
            }
        }
    }

    fn every_member(
        &self,
        access: &Access,
        pattern: &Pattern,
        reached: &[(u32, &str)],
    ) -> Result<Vec<Pattern>, String> {
        let model = self.checked.model();
        let family = match access.resource {
            Resource::Thing(thing) => model
                .things
                .get(thing)
                .and_then(|declared| match declared.detail {
                    Detail::Class(_) => Some(thing),
                    Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => {
                        declared.family
                    }
                }),
            Resource::Part(_) | Resource::Identity(_) | Resource::Unscoped => None,
        };
        let fleet = family
            .and_then(|class| self.fleets.get(&class))
            .ok_or("a family without an inventory")?;
        let mut columns = BTreeMap::new();
        for (id, key) in reached {
            if let Some(attribute) = key.strip_prefix("attr:") {
                let name = model
                    .names
                    .find(attribute)
                    .ok_or("an attribute that no inventory has")?;
                columns.insert(
                    *id,
                    fleet
                        .column(name)
                        .ok_or("an attribute that the inventory lacks")?,
                );
            }
        }
        let mut patterns = Vec::with_capacity(fleet.len());
        for row in 0..fleet.len() {
            patterns.push(pattern.map_letters(&mut |letter| {
                let Letter::Variable(id) = letter else {
                    return Word::of([letter]).map(|word| Pattern::exactly(&word));
                };
                if !reached.iter().any(|(reached, _)| *reached == id) {
                    return Word::of([letter]).map(|word| Pattern::exactly(&word));
                }
                let value = columns
                    .get(&id)
                    .map_or_else(|| fleet.member(row), |column| column.value(row));
                Pattern::literal(value)
            }));
        }
        patterns.sort();
        patterns.dedup();
        Ok(patterns)
    }

    /// Attributes that must be equal are the acting member's own; a member without a partner has no document that says so.
    fn equal(
        &self,
        access: &Access,
        attributes: &[graph::Word],
        pattern: &Pattern,
        reached: &[(u32, &str)],
    ) -> Result<Vec<Pattern>, String> {
        let graph = self.checked.graph();
        let variables = &graph.addresses.variables;
        if !matches!(access.principal, Principal::Class(_)) {
            return Err("`same` between people and an inventory, which no document can say".to_owned());
        }
        let (mut own, mut written) = (BTreeMap::new(), Vec::new());
        for (id, key) in reached {
            let equal = key.strip_prefix("attr:").and_then(|attribute| {
                attributes
                    .iter()
                    .find(|name| graph.words.text(**name) == attribute)
            });
            written.extend(equal);
            let variable = variables.find(key).filter(|_| equal.is_some());
            own.insert(
                *id,
                variable.ok_or("`same` leaves a part of the name free, which no document can say")?,
            );
        }
        if let Some(lonely) = lonely(self.checked.model(), graph, access, attributes, &written) {
            let member = lonely.member;
            return Err(format!(
                "`same` leaves `{member}` without a partner, and its document would name what is nobody's"
            ));
        }
        Ok(vec![pattern.map_letters(&mut |letter| match letter {
            Letter::Variable(id) => {
                let name = own.get(&id)?;
                Word::of([Letter::Variable(name.index() as u32)]).map(|word| Pattern::exactly(&word))
            }
            Letter::Symbol(_) | Letter::Scalar(_) => None,
        })])
    }
}
