//! By which actions the same may be done: what the overrides say, and what the names of a service's actions say.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Overrides, Package};

/// By which actions that which an action does may be done: an action, and others.
pub(super) type Same = BTreeMap<String, BTreeSet<String>>;

/// Of each action those by which the same may be done, itself apart.
pub(super) fn same(package: &Package, overrides: &Overrides) -> Same {
    let mut found = Same::new();
    let pairs = overrides.same().map(|(of, by)| (of.to_owned(), by.to_owned()));
    for (of, by) in pairs.chain(variants(package)) {
        if of != by {
            found.entry(of).or_default().insert(by);
        }
    }
    found
}

/// Forms of one action that its service tells apart by a word of their names: a batch, several at once, a version.
fn variants(package: &Package) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for service in &package.services {
        let names: BTreeSet<&str> = service
            .actions
            .values()
            .filter_map(|action| action.name.split_once(':'))
            .map(|(_, name)| name)
            .collect();
        for name in &names {
            let several = ["Get", "Put", "Delete"].iter().any(|verb| name.starts_with(verb));
            let forms = [
                Some(format!("Batch{name}")),
                several.then(|| format!("{name}s")),
                (!name.contains("ObjectVersion")).then(|| name.replace("Object", "ObjectVersion")),
            ];
            for form in forms.into_iter().flatten().filter(|form| form != name) {
                if names.contains(form.as_str()) {
                    let full = |name: &str| format!("{}:{name}", service.prefix);
                    pairs.push((full(name), full(&form)));
                    // The current version is a version; of the others, what names none has nothing.
                    if !form.contains("ObjectVersion") {
                        pairs.push((full(&form), full(name)));
                    }
                }
            }
        }
    }
    pairs
}

/// Actions that do more than their levels and the overrides say, since what another one does is done by them: what writes
/// a table out, reads it.
pub(super) fn effects(
    package: &Package,
    overrides: &Overrides,
    same: &Same,
) -> Result<BTreeMap<String, String>, String> {
    let said: BTreeMap<String, String> = overrides
        .effects()?
        .into_iter()
        .map(|(action, effects)| (action.to_owned(), effects))
        .collect();
    let levels: BTreeMap<&str, &str> = package
        .services
        .iter()
        .flat_map(|service| service.actions.values())
        .map(|action| (action.name.as_str(), action.levels.as_str()))
        .collect();
    // Whoever commands by a write has written as well.
    let mut said = said;
    for (action, effects) in &mut said {
        if effects == "C" {
            let mut all = levels
                .get(action.as_str())
                .map(|levels| of_levels(levels))
                .unwrap_or_default();
            all.insert('C');
            *effects = ['R', 'W', 'C']
                .iter()
                .filter(|effect| all.contains(effect))
                .collect();
        }
    }
    let own = |action: &str| -> BTreeSet<char> {
        match said.get(action) {
            Some(said) if said == "none" => BTreeSet::new(),
            Some(said) => said.chars().collect(),
            None => levels
                .get(action)
                .map(|levels| of_levels(levels))
                .unwrap_or_default(),
        }
    };
    let mut found = said.clone();
    // First what reads. What reads another way writes nothing, though its level may say so: it writes elsewhere.
    for effect in ['R', 'W'] {
        for (of, others) in same {
            if own(of) != BTreeSet::from([effect]) {
                continue;
            }
            for by in others {
                let mut all = match found.get(by) {
                    Some(known) if known == "none" => BTreeSet::new(),
                    Some(known) => known.chars().collect(),
                    None => own(by),
                };
                let is_told = all.contains(&effect) || (effect == 'W' && all.contains(&'R'));
                if !is_told {
                    all.insert(effect);
                    let in_order = ['R', 'W', 'C'].iter().filter(|effect| all.contains(effect));
                    found.insert(by.clone(), in_order.collect());
                }
            }
        }
    }
    Ok(found)
}

/// The effects of levels, as the catalogue works them out.
fn of_levels(levels: &str) -> BTreeSet<char> {
    levels
        .chars()
        .map(|level| match level {
            'L' | 'R' => 'R',
            'W' | 'T' => 'W',
            _ => 'C',
        })
        .collect()
}
