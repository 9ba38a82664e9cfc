//! From names of the spec to sets: who a subject is, and what an object holds. The only place where ids and sets meet.

mod act;
mod taken;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use arena::Name;
use graph::TrustGraph;
use graph::question::Index;
use graph::question::select::{Selected, Where};
use graph::words::{self, Asked, Meaning};
use model::Model;
use model::project::AccountId;
use model::promise::Selector;
use model::thing::{Detail, PartDetail, PartId, ThingId};
use model::value::Ports;
use pattern::pattern::Pattern;
use pattern::region::Region;
use source::Span;

use crate::rows::{Fleets, Members, Rows};

use crate::topic::Stars;
pub use act::{acts_like, entrance, reads_from_without, returning, same};
pub use taken::{Taken, TakenWord};

/// Who is meant.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// Declared actors, and which members of a class.
    pub things: BTreeMap<ThingId, Rows>,
    /// `*`: every principal and address but stewards and roots.
    pub everybody: bool,
    /// Every public address.
    pub internet: bool,
    /// The provider's services.
    pub provider: bool,
    /// Who was taken out.
    pub except: BTreeSet<ThingId>,
    /// Whether the internet was taken out.
    pub except_internet: bool,
    /// Who is among them only because somebody who is meant may be that one as well: each with somebody who is meant.
    pub shared: BTreeMap<ThingId, ThingId>,
}

/// What an action set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// Whatever is done.
    Any,
    /// These, in lower case.
    These(BTreeSet<String>),
}

/// Requests that are an act on a thing.
#[derive(Clone, Debug)]
pub struct Act {
    /// By which actions.
    pub actions: Actions,
    /// On which words; letters are of `Whole::members`.
    pub within: Pattern,
    /// In which contexts it is what is meant; every context but for writes that return what they overwrote.
    pub when: Region,
    /// What a `*` within stands for.
    pub stars: Stars,
    /// Whether this is to become the thing.
    pub becomes: bool,
}

/// One declared thing as an object.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The thing.
    pub thing: ThingId,
    /// The account that holds it.
    pub account: Option<AccountId>,
    /// The members whose letters its words hold: of its family, or its own.
    pub members: Option<Members>,
    /// Requests that reach it.
    pub acts: Vec<Act>,
    /// Whether its addresses are meant, whatever the port.
    pub addresses: bool,
    /// Parts that are meant, if not the whole.
    pub parts: BTreeSet<PartId>,
}

/// What is meant.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Declared things.
    pub wholes: Vec<Whole>,
    /// Every service of the provider.
    pub provider: bool,
    /// Every public address.
    pub internet: bool,
    /// What is taken out.
    pub besides: Taken,
    /// Whether whatever is done counts: no capability is named.
    pub any: bool,
}

/// Names to sets.
#[derive(Clone, Debug)]
pub struct Sets<'a> {
    /// The spec.
    pub model: &'a Model,
    /// Where everything is.
    pub graph: &'a TrustGraph,
    /// The members of fleets.
    pub fleets: Fleets<'a>,
    index: &'a Index<'a>,
    /// What the words of each thing mean: worked out once, for all questions.
    meanings: Arc<OnceLock<Vec<Vec<Meaning>>>>,
}

impl<'a> Sets<'a> {
    /// Sets of a spec.
    #[must_use]
    pub fn new(index: &'a Index<'a>) -> Self {
        let (model, graph) = (index.model, index.graph);
        Self {
            model,
            graph,
            fleets: Fleets { model, graph },
            index,
            meanings: Arc::default(),
        }
    }

    fn select(&self, selectors: &[(Selector, Span)]) -> Selected {
        let mut selected = Selected::default();
        for (selector, _) in selectors {
            selected.add(self.index.select(*selector));
        }
        selected
    }

    /// Who some selectors mean, and who shares members with them, but for those who are taken out.
    #[must_use]
    pub fn subjects(&self, selectors: &[(Selector, Span)], except: &[(Selector, Span)]) -> Subjects {
        let everybody = selectors
            .iter()
            .any(|(selector, _)| *selector == Selector::Everything);
        let selected = self.select(selectors);
        let except = self.select(except);
        let except_internet = except.internet;
        let except: BTreeSet<ThingId> = except.things.into_keys().collect();
        let meant = selected.things.into_iter();
        let meant = meant.filter(|(thing, _)| !except.contains(thing));
        let mut things: BTreeMap<ThingId, Rows> = meant
            .map(|(thing, place)| match place {
                Where::Everywhere => (thing, Rows::All),
                Where::Segments(segments) => (thing, Rows::In(segments)),
            })
            .collect();
        let mut shared = BTreeMap::new();
        for other in self.sharing(&things) {
            let mut meant = things.keys().copied();
            let meant = meant.find(|one| graph::shared::shares_members(self.model, *one, other));
            shared.extend(meant.map(|meant| (other, meant)));
        }
        things.extend(shared.keys().map(|other| (*other, Rows::All)));
        Subjects {
            things,
            everybody,
            internet: selected.internet,
            provider: selected.provider,
            except,
            except_internet,
            shared,
        }
    }

    /// Who has members in common with some of these.
    #[must_use]
    pub fn sharing(&self, things: &BTreeMap<ThingId, Rows>) -> Vec<ThingId> {
        let may_share = |thing: &ThingId| match self.model.things.get(*thing).map(|thing| &thing.detail) {
            Some(Detail::People(_)) => true,
            // Jobs and pods: who gives the claims of two may be either.
            Some(Detail::Workload(workload)) => !workload.claims.is_empty(),
            Some(Detail::External(external)) => external.role.is_some() || external.account.is_some(),
            Some(Detail::Class(_) | Detail::Resource) | None => false,
        };
        let own: Vec<ThingId> = things.keys().copied().filter(may_share).collect();
        if own.is_empty() {
            return Vec::new();
        }
        let others = self.model.things.ids().filter(may_share);
        others
            .filter(|other| {
                !things.contains_key(other)
                    && own
                        .iter()
                        .any(|one| graph::shared::shares_members(self.model, *one, *other))
            })
            .collect()
    }

    /// What some selectors mean, by these capabilities; by whatever is done if none is named.
    #[must_use]
    pub fn objects(
        &self,
        selectors: &[(Selector, Span)],
        allow: &[Name],
        besides: &[(Selector, Span)],
    ) -> Objects {
        let mut selected = self.select(selectors);
        if selected.provider && !allow.is_empty() {
            // A capability that is named is one of some declared thing, and each is some service's.
            let of_service = |thing: &ThingId| !self.service(*thing).is_empty();
            let things = self.model.things.ids().filter(of_service);
            selected
                .things
                .extend(things.map(|thing| (thing, Where::Everywhere)));
        }
        let besides = self.select(besides);
        let mut wanted: BTreeMap<ThingId, (Rows, bool, BTreeSet<PartId>)> = BTreeMap::new();
        for (thing, place) in &selected.things {
            if besides.things.contains_key(thing) {
                continue;
            }
            let rows = match place {
                Where::Everywhere => Rows::All,
                Where::Segments(segments) => Rows::In(segments.clone()),
            };
            wanted.insert(*thing, (rows, true, BTreeSet::new()));
        }
        for part in selected.parts.iter().filter(|part| !besides.parts.contains(part)) {
            let Some(of) = self.model.parts.get(*part).map(|part| part.of) else {
                continue;
            };
            let slot = wanted
                .entry(of)
                .or_insert_with(|| (Rows::All, false, BTreeSet::new()));
            slot.2.insert(*part);
        }
        let mut wholes = Vec::with_capacity(wanted.len());
        for (thing, (rows, whole, parts)) in wanted {
            let meanings = whole.then(|| self.meanings(thing));
            wholes.extend(self.whole(thing, rows, meanings, parts, allow));
        }
        Objects {
            any: allow.is_empty(),
            wholes,
            // A capability that is named is one of some declared thing.
            provider: selected.provider && allow.is_empty(),
            internet: selected.internet,
            besides: self.taken(&besides),
        }
    }

    /// What the words of a whole thing mean, without what they need of other things.
    ///
    /// - Cost: the first question works it out for every thing.
    #[must_use]
    pub fn meanings(&self, thing: ThingId) -> &[Meaning] {
        let all = self.all_meanings();
        all.get(thing.index()).map_or(&[], Vec::as_slice)
    }

    /// The same of every thing, by its id.
    pub fn all_meanings(&self) -> &[Vec<Meaning>] {
        self.meanings.get_or_init(|| {
            let asked: Vec<Asked> = self
                .model
                .things
                .ids()
                .map(|thing| Asked {
                    object: thing,
                    capability: None,
                    part: None,
                    needs: false,
                })
                .collect();
            words::meanings(self.model, self.graph, &asked)
        })
    }

    /// What a `*` in the words of a thing stands for, where it is a topic.
    #[must_use]
    pub fn stars(&self, thing: ThingId) -> Stars {
        let stars = self.meanings(thing).iter().map(act::stars);
        stars.max().unwrap_or_default()
    }

    fn whole(
        &self,
        thing: ThingId,
        rows: Rows,
        meanings: Option<&[Meaning]>,
        parts: BTreeSet<PartId>,
        allow: &[Name],
    ) -> Option<Whole> {
        let declared = self.model.things.get(thing)?;
        let is_class = matches!(declared.detail, Detail::Class(_));
        let class = if is_class { Some(thing) } else { declared.family };
        let members = class.map(|class| Members { class, rows });
        let mut acts = Vec::new();
        let is_whole = meanings.is_some();
        if let Some(meanings) = meanings {
            if allow.is_empty() {
                acts.extend(self.every_act(thing, meanings));
                acts.extend(self.identity(thing));
            } else {
                acts.extend(self.acts_of(thing, meanings, allow));
                acts.extend(self.policy_acts(thing));
            }
            let stars = self.stars(thing);
            acts.iter_mut().for_each(|act| act.stars = stars);
        }
        Some(Whole {
            thing,
            account: declared.account.or(self.model.project.default_account),
            members,
            acts,
            addresses: is_whole,
            parts,
        })
    }

    /// A thing with these acts, its parts and addresses with it.
    #[must_use]
    pub fn bare(&self, thing: ThingId, mut acts: Vec<Act>) -> Option<Whole> {
        let stars = self.stars(thing);
        acts.iter_mut().for_each(|act| act.stars = stars);
        let declared = self.model.things.get(thing)?;
        let is_class = matches!(declared.detail, Detail::Class(_));
        let class = if is_class { Some(thing) } else { declared.family };
        Some(Whole {
            thing,
            account: declared.account.or(self.model.project.default_account),
            members: class.map(|class| Members {
                class,
                rows: Rows::All,
            }),
            acts,
            addresses: true,
            parts: declared.parts.iter().copied().collect(),
        })
    }

    fn service(&self, thing: ThingId) -> &'a str {
        let kind = self
            .model
            .things
            .get(thing)
            .and_then(|thing| self.model.kinds.get(thing.kind));
        kind.and_then(|kind| kind.words.service)
            .map_or("", |service| self.model.names.text(service))
    }

    /// The ports of a listener.
    #[must_use]
    pub fn ports(&self, part: PartId) -> &'a [Ports] {
        match self.model.parts.get(part).map(|part| &part.detail) {
            Some(PartDetail::Listener(listener)) => &listener.ports,
            Some(PartDetail::LocalTopic(_)) | None => &[],
        }
    }
}
