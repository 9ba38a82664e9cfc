//! What a spec knows of addresses: what they are called on both sides, and which declaration a piece of access comes from.

mod address;
mod bytes;
mod claim;
mod connect;
mod said;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use graph::TrustGraph;
use graph::question::Index;
use graph::question::overlap::Patterns;
use graph::reason::{Reason as Origin, ReasonId};
use model::Model;
use model::thing::{Detail, ThingId};
use model::trust::{End, Trust};
use relation::place::Places;
use source::Sources;

pub(crate) use address::short;
pub(crate) use claim::Claim;

/// A spec of one environment, resolved.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// What is declared.
    pub model: &'a Model,
    /// What it means.
    pub graph: &'a TrustGraph,
    /// Its files.
    pub sources: &'a Sources,
}

/// Why something is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// `stores.kdl:12`.
    pub line: String,
    /// `trust`, `declared`, `baseline`; `file` where only the file is known for which the line stands.
    pub sort: &'static str,
    /// The author's sentence.
    pub because: Option<String>,
    /// The team.
    pub owner: Option<String>,
    /// The last day.
    pub ends: Option<String>,
    /// Whether it is a line of the spec as it was.
    pub was: bool,
}

/// A spec with what finds its names.
pub(crate) struct Known<'a> {
    pub(crate) spec: Spec<'a>,
    pub(crate) index: Index<'a>,
    /// What an address of the files is called: one name for one thing, whatever the target.
    canonical: BTreeMap<String, String>,
    /// Things by the address that both sides use.
    things: BTreeMap<String, ThingId>,
    /// Names that are shown for another: old to new.
    renamed: BTreeMap<String, String>,
    places: OnceLock<Places<'a>>,
    objects: OnceLock<Patterns<ThingId>>,
    by_name: OnceLock<BTreeMap<&'a str, ThingId>>,
}

impl<'a> Known<'a> {
    /// A spec, with the names under which the other side knows some of its things.
    pub(crate) fn new(spec: Spec<'a>, renamed: BTreeMap<String, String>) -> Self {
        let mut known = Self {
            spec,
            index: Index::new(spec.model, spec.graph),
            canonical: BTreeMap::new(),
            things: BTreeMap::new(),
            renamed,
            places: OnceLock::new(),
            objects: OnceLock::new(),
            by_name: OnceLock::new(),
        };
        known.addresses();
        known
    }

    pub(crate) fn model(&self) -> &'a Model {
        self.spec.model
    }

    /// The name of a thing, as both sides call it.
    pub(crate) fn name(&self, thing: ThingId) -> &str {
        let name = self.own_name(thing);
        self.renamed.get(name).map_or(name, String::as_str)
    }

    /// The name of a thing in this spec.
    pub(crate) fn own_name(&self, thing: ThingId) -> &'a str {
        let model = self.spec.model;
        model
            .things
            .get(thing)
            .map_or("", |thing| model.names.text(thing.name))
    }

    /// A thing by the name that both sides use.
    pub(crate) fn thing(&self, name: &str) -> Option<ThingId> {
        let by_name = self.by_name.get_or_init(|| {
            let things = self.spec.model.things.ids();
            things.map(|thing| (self.own_name(thing), thing)).collect()
        });
        let own = self.renamed.iter().find(|(_, new)| *new == name);
        let name = own.map_or(name, |(old, _)| old.as_str());
        by_name.get(name).copied()
    }

    /// The thing of a label: `NAME` or `NAME.PART`.
    pub(crate) fn labelled(&self, label: &str) -> Option<ThingId> {
        self.thing(label).or_else(|| self.thing(label.split('.').next()?))
    }

    pub(crate) fn places(&self) -> &Places<'a> {
        self.places
            .get_or_init(|| Places::new(self.spec.model, self.spec.graph))
    }

    /// An end of a trust.
    pub(crate) fn end(&self, end: End) -> String {
        let model = self.spec.model;
        match end {
            End::Thing(thing) => self.name(thing).to_owned(),
            End::Part(part) => model.parts.get(part).map_or_else(String::new, |part| {
                format!("{}.{}", self.name(part.of), model.names.text(part.name))
            }),
            End::Account(account) => model
                .accounts
                .get(account)
                .map_or_else(String::new, |account| model.names.text(account.name).to_owned()),
            End::Internet => "internet".to_owned(),
        }
    }

    /// An end by the name that both sides use.
    pub(crate) fn end_named(&self, label: &str) -> Option<End> {
        if label == "internet" {
            return Some(End::Internet);
        }
        if let Some(thing) = self.thing(label) {
            return Some(End::Thing(thing));
        }
        let (whole, part) = label.split_once('.')?;
        let model = self.spec.model;
        let whole = model.things.get(self.thing(whole)?)?;
        let mut parts = whole.parts.iter();
        let is_named = |id: &&model::thing::PartId| {
            let own = model.parts.get(**id);
            own.is_some_and(|own| model.names.text(own.name) == part)
        };
        parts.find(is_named).map(|part| End::Part(*part))
    }

    /// Why an entry of the graph is there.
    pub(crate) fn reason(&self, because: ReasonId, was: bool) -> Reason {
        let model = self.spec.model;
        let line = self.index.line(because);
        let line = line.map_or_else(String::new, |span| self.spec.sources.place(span));
        let trust = self
            .index
            .trust_of(because)
            .and_then(|trust| model.trusts.get(trust));
        match trust {
            Some(trust) => self.of_trust(trust, line, was),
            None => {
                let mut root = self.spec.graph.reasons.get(because);
                while let Some(Origin::Entailed { of, .. }) = root {
                    root = self.spec.graph.reasons.get(*of);
                }
                let sort = match root {
                    Some(Origin::Baseline(_)) => "baseline",
                    Some(Origin::Declared(_) | Origin::Trust(_) | Origin::Entailed { .. }) | None => {
                        "declared"
                    }
                };
                Reason {
                    line,
                    sort,
                    was,
                    ..Reason::default()
                }
            }
        }
    }

    pub(crate) fn of_trust(&self, trust: &Trust, line: String, was: bool) -> Reason {
        let model = self.spec.model;
        let because = trust.because.map(|(text, _)| model.names.text(text).to_owned());
        let owner = trust.owner.and_then(|team| model.teams.get(team));
        Reason {
            line,
            sort: "trust",
            because,
            owner: owner.map(|team| model.names.text(team.name).to_owned()),
            ends: trust.expires.map(|(date, _)| date.to_string()),
            was,
        }
    }

    /// Trusts that end within some days of the day of the build, each with its reason.
    pub(crate) fn ending(&self, days: i32) -> Vec<(String, String, Reason)> {
        let model = self.spec.model;
        let last = model.project.as_of.0.saturating_add(days);
        let names = |ends: &[model::trust::Named]| {
            let names: BTreeSet<String> = ends.iter().map(|named| self.end(named.end)).collect();
            names.into_iter().collect::<Vec<_>>().join(" ")
        };
        let trusts = model.trusts.iter().map(|(_, trust)| trust);
        let soon = trusts.filter(|trust| trust.expires.is_some_and(|(date, _)| date.0 <= last));
        soon.map(|trust| {
            let line = self.spec.sources.place(trust.span);
            (
                names(&trust.subjects),
                names(&trust.objects),
                self.of_trust(trust, line, false),
            )
        })
        .collect()
    }

    /// The class that a host firewall is of, with what runs on its hosts.
    fn on_host(&self, class: ThingId) -> Vec<ThingId> {
        let things = self.spec.model.things.iter();
        let runs = things.filter(|(_, thing)| match &thing.detail {
            Detail::Workload(workload) => workload.runs_on == Some(model::actor::RunsOn::Device(class)),
            Detail::Class(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => false,
        });
        std::iter::once(class).chain(runs.map(|(id, _)| id)).collect()
    }
}
