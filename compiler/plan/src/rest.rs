//! What neither grants nor opens by itself, and may still decide: network ACLs, routes, endpoints, gateways, names, settings of things.
//!
//! It is compared line by line, as the reader dumps it, of the files that differ. Nothing that was read is left out: what is
//! no grant and no rule of a group or host is here.

use std::collections::{BTreeMap, BTreeSet};

use read::dump;

use crate::access::Half;
use crate::file::Changed;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A way through the network: ACLs, routes, endpoints, gateways, subnets, names.
    Network,
    /// How a thing is kept: encryption, retention, what it refers to.
    Setting,
    /// A device of the provider's registry, with the attributes that policies read of it.
    Device,
    /// That a thing is there.
    Thing,
}

/// One guard or thing of which something besides access differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beside {
    /// What it is about.
    pub about: About,
    /// Of what, for people.
    pub of: String,
    /// What is no more.
    pub less: Vec<String>,
    /// What is new.
    pub more: Vec<String>,
    /// The files that say so.
    pub paths: BTreeSet<String>,
}

impl Beside {
    /// Whether it may let through what was stopped before. Where a line cannot tell, it may.
    #[must_use]
    pub fn is_looser(&self) -> bool {
        match self.about {
            About::Network => !self.more.is_empty() || self.less.iter().any(|line| line.contains(" deny ")),
            About::Device => !self.more.is_empty(),
            About::Setting => {
                let was_on = |line: &&String| line.ends_with("= true");
                self.less
                    .iter()
                    .any(|line| was_on(&line) && !self.more.contains(line))
            }
            About::Thing => false,
        }
    }
}

/// What differs, by what it is of.
pub(crate) fn both(old: Half<'_>, new: Half<'_>, changed: &Changed<'_>) -> Vec<Beside> {
    let lines = |half: Half<'_>| -> BTreeMap<String, String> {
        let Some(facts) = half.facts else {
            return BTreeMap::new();
        };
        let lines = dump::beside(facts, &|path| changed.has(path));
        lines
            .into_iter()
            .map(|(path, line)| (canonical(&line, half.canonical), path))
            .collect()
    };
    let (old, new) = (lines(old), lines(new));
    let mut found: BTreeMap<(About, String), Beside> = BTreeMap::new();
    let mut add = |line: &str, path: &str, is_new: bool| {
        let (about, of, what) = parts(line);
        let slot = found.entry((about, of.clone())).or_insert_with(|| Beside {
            about,
            of,
            less: Vec::new(),
            more: Vec::new(),
            paths: BTreeSet::new(),
        });
        slot.paths.insert(path.to_owned());
        let list = if is_new { &mut slot.more } else { &mut slot.less };
        list.push(what);
    };
    for (line, path) in old.iter().filter(|(line, _)| !new.contains_key(*line)) {
        add(line, path, false);
    }
    for (line, path) in new.iter().filter(|(line, _)| !old.contains_key(*line)) {
        add(line, path, true);
    }
    found.into_values().collect()
}

/// What several targets say alike, once.
pub(crate) fn once(all: Vec<Beside>) -> Vec<Beside> {
    let mut found: BTreeMap<(About, String), Beside> = BTreeMap::new();
    for one in all {
        match found.get_mut(&(one.about, one.of.clone())) {
            Some(known) => {
                known.less.extend(one.less);
                known.more.extend(one.more);
                known.paths.extend(one.paths);
            }
            None => {
                found.insert((one.about, one.of.clone()), one);
            }
        }
    }
    for one in found.values_mut() {
        for list in [&mut one.less, &mut one.more] {
            list.sort();
            list.dedup();
        }
    }
    found.into_values().collect()
}

/// A line in which every address is what both sides call it.
fn canonical(line: &str, canonical: &dyn Fn(&str) -> String) -> String {
    let words = line.split(' ').map(|word| {
        if word.contains(['/', ':', '@']) {
            canonical(word)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a line is about, of what, and what it says.
fn parts(line: &str) -> (About, String, String) {
    let (head, what) = match line.split_once(" | ") {
        Some((head, what)) => (head, what.to_owned()),
        None => (line, String::new()),
    };
    let mut words = head.split(' ');
    match words.next().unwrap_or("") {
        "object" if what.is_empty() => {
            // object SORT ADDRESS in ACCOUNT …
            let rest = head.strip_prefix("object ").unwrap_or(head);
            let (sort, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let (of, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            (About::Thing, of.to_owned(), format!("{sort} {rest}"))
        }
        "object" => (About::Setting, words.next().unwrap_or("").to_owned(), what),
        "class" | "relied-on" => {
            let of = words.next().unwrap_or("").to_owned();
            let rest = if what.is_empty() {
                words.collect::<Vec<_>>().join(" ")
            } else {
                what
            };
            (About::Setting, of, rest)
        }
        // thing NAME of TYPE ATTRIBUTE="VALUE" …
        "thing" => {
            let of = words.next().unwrap_or("").to_owned();
            (About::Device, of, words.collect::<Vec<_>>().join(" "))
        }
        "acl" | "table" => (About::Network, head.to_owned(), what),
        sort => {
            let of = format!("{sort} {}", words.next().unwrap_or(""));
            (About::Network, of, words.collect::<Vec<_>>().join(" "))
        }
    }
}
