//! Which requests reach a thing: by its words, by what does the same, by its identity, by its policy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use arena::Name;
use catalogue::Catalogue;
use graph::words::{Meaning, Role};
use model::kind::Capability;
use model::project::AccountId;
use model::thing::ThingId;
use model::value::Value;
use pattern::key::Key;
use pattern::pattern::{Builder, Pattern};
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;

use super::{Act, Actions, Sets};
use crate::topic::Stars;

impl<'a> Sets<'a> {
    /// Every request on the words of a thing.
    #[must_use]
    pub fn every_act(&self, thing: ThingId, meanings: &[Meaning]) -> Vec<Act> {
        let mut within: BTreeSet<Pattern> = BTreeSet::new();
        if let Some(arn) = self.graph.addresses.things.get(&thing) {
            within.insert(arn.clone());
            // What is in it, and its versions and indexes, which the provider names behind it.
            let behind = self.behind(thing).iter();
            within.extend(behind.filter_map(|more| Some(arn.concat(&Pattern::glob(more)?))));
        }
        let own = meanings
            .iter()
            .filter(|meaning| !meaning.is_outside && !meaning.within.is_everything());
        within.extend(own.map(|meaning| meaning.within.clone()));
        let act = |actions, within| Act {
            actions,
            within,
            when: Region::everything(),
            stars: Stars::Any,
            becomes: false,
        };
        let within = within.into_iter().map(|within| act(Actions::Any, within));
        // What is published to the entrance of a topic rule reaches the rule.
        let entrance = self.graph.addresses.things.get(&thing).map(entrance);
        let publish = Actions::These(BTreeSet::from(["iot:publish".to_owned()]));
        let entrance = entrance.into_iter().flatten();
        // Beyond its own words it is what its actions mean there, and by these actions only.
        let beyond = meanings.iter().filter(|meaning| {
            meaning.role != Role::Via && meaning.is_outside && !meaning.within.is_everything()
        });
        let by_path = meanings.iter().filter(|meaning| !meaning.is_outside);
        within
            .chain(by_path.flat_map(Self::by_path))
            .chain(entrance.map(|within| act(publish.clone(), within)))
            .chain(beyond.flat_map(acts_beyond))
            .collect()
    }

    /// How the names of what is in a thing go on behind its own.
    fn behind(&self, thing: ThingId) -> &'static [&'static str] {
        if self.index.may_overlap(thing) {
            return &[];
        }
        match self.service(thing) {
            "s3" | "dynamodb" | "kinesis" => &["/*"],
            "lambda" | "logs" | "sqs" | "sns" => &[":*"],
            "iam" | "iot" | "kms" => &[],
            _ => &["/*", ":*"],
        }
    }

    /// Who changes a thing's policy may do everything to it.
    pub(crate) fn policy_acts(&self, thing: ThingId) -> Vec<Act> {
        let act = |actions, within| Act {
            actions: Actions::These(actions),
            within,
            when: Region::everything(),
            stars: Stars::Any,
            becomes: false,
        };
        let actions = policy_actions(self.service(thing));
        let Some(within) = self
            .graph
            .addresses
            .things
            .get(&thing)
            .filter(|_| !actions.is_empty())
        else {
            return Vec::new();
        };
        let mut acts = vec![act(actions, within.clone())];
        // Of a bucket that we make, lists of access are off; of another one nobody says so.
        let declared = self.model.things.get(thing);
        let is_ours = declared.is_none_or(|thing| thing.existing.is_none());
        if self.service(thing) == "s3" && !is_ours {
            let actions = ["s3:putobjectacl", "s3:putobjectversionacl"].map(str::to_owned);
            let objects = Pattern::glob("/*").map(|more| within.concat(&more));
            acts.extend(objects.map(|objects| act(BTreeSet::from(actions), objects)));
        }
        acts
    }

    /// Capabilities of a thing's kind by which that can be done which these mean.
    #[must_use]
    pub fn kind_does(&self, thing: ThingId, allow: &[Name]) -> BTreeSet<Name> {
        let kind = self
            .model
            .things
            .get(thing)
            .and_then(|thing| self.model.kinds.get(thing.kind));
        let capabilities = kind.map_or(&[][..], |kind| kind.words.capabilities.as_slice());
        let mut meant: BTreeSet<Name> = allow.iter().copied().collect();
        // `does` may follow `does`.
        loop {
            let before = meant.len();
            for capability in capabilities {
                if capability.does.iter().any(|(name, _)| meant.contains(name)) {
                    meant.insert(capability.name);
                }
            }
            if meant.len() == before {
                return meant;
            }
        }
    }

    /// Actions of capabilities that `does` joins with some others, by which the others are not done: a capability that
    /// does none of them has the action as well. Where every action of a capability is so, its word stands.
    #[must_use]
    pub fn not_telling(&self, thing: ThingId, allow: &[Name]) -> BTreeSet<(Name, String)> {
        let kind = self
            .model
            .things
            .get(thing)
            .and_then(|thing| self.model.kinds.get(thing.kind));
        let capabilities = kind.map_or(&[][..], |kind| kind.words.capabilities.as_slice());
        let meant = self.kind_does(thing, allow);
        let actions = |capability: &Capability| -> BTreeSet<Name> {
            let lines = capability.actions.iter().filter(|line| !line.helper);
            lines.flat_map(|line| &line.actions).copied().collect()
        };
        let others: BTreeSet<Name> = capabilities
            .iter()
            .filter(|capability| !meant.contains(&capability.name))
            .flat_map(actions)
            .collect();
        let mut found = BTreeSet::new();
        let joined =
            |capability: &&Capability| meant.contains(&capability.name) && !allow.contains(&capability.name);
        for capability in capabilities.iter().filter(joined) {
            let own = actions(capability);
            if own.is_subset(&others) {
                continue;
            }
            let shared = own.intersection(&others);
            found.extend(shared.map(|action| {
                let action = self.model.names.text(*action).to_ascii_lowercase();
                (capability.name, action)
            }));
        }
        found
    }

    /// The requests of the actions that some capabilities mean, and of what does the same.
    pub(super) fn acts_of(&self, thing: ThingId, meanings: &[Meaning], allow: &[Name]) -> Vec<Act> {
        let meant = self.kind_does(thing, allow);
        let not_telling = self.not_telling(thing, allow);
        let is_meant = |meaning: &&Meaning| {
            meaning.role == Role::Means
                && meant.contains(&meaning.capability)
                && !meaning.within.is_everything()
                && !not_telling.contains(&(meaning.capability, meaning.action.to_ascii_lowercase()))
        };
        let mut acts = Vec::new();
        for meaning in meanings.iter().filter(is_meant) {
            if meaning.is_outside {
                acts.extend(acts_beyond(meaning));
                continue;
            }
            acts.extend(self.acts_on(thing, meaning));
        }
        acts
    }

    /// The requests that do what an action does to a thing. A version of a function, a consumer of a stream: what goes on
    /// behind its name is the thing too.
    #[must_use]
    pub fn acts_on(&self, thing: ThingId, meaning: &Meaning) -> Vec<Act> {
        let mut acts = self.acts_by(thing, meaning);
        let Some(address) = self.graph.addresses.things.get(&thing) else {
            return acts;
        };
        acts.extend(Self::by_path(meaning));
        if *address == meaning.within {
            for more in self.behind(thing).iter().filter_map(|more| Pattern::glob(more)) {
                acts.extend(self.acts_by(
                    thing,
                    &Meaning {
                        within: meaning.within.concat(&more),
                        ..meaning.clone()
                    },
                ));
            }
        } else if !meaning.is_outside {
            // A rule of a bucket deletes what is in it, and is set on the bucket.
            let actions = from_without(&meaning.action);
            if !actions.is_empty() {
                acts.push(Act {
                    actions: Actions::These(actions),
                    within: address.clone(),
                    when: Region::everything(),
                    stars: Stars::Any,
                    becomes: false,
                });
            }
        }
        acts
    }

    /// The requests by which what an action means of a thing may be done. In a bucket that keeps no versions, what names none does
    /// the same to the only one.
    fn acts_by(&self, thing: ThingId, meaning: &Meaning) -> Vec<Act> {
        let mut acts = acts_like(meaning);
        let action = meaning.action.to_ascii_lowercase();
        let plain = action
            .replace("objectversion", "object")
            .replace("bucketversions", "bucket");
        if self.service(thing) == "s3" && plain != action && !self.keeps_versions(thing) {
            acts.extend(acts_like(&Meaning {
                action: plain,
                ..meaning.clone()
            }));
        }
        acts
    }

    /// Whether a bucket is said to keep superseded versions.
    fn keeps_versions(&self, thing: ThingId) -> bool {
        let thing = self.model.things.get(thing);
        let mut properties = thing.into_iter().flat_map(|thing| &thing.properties);
        properties.any(|property| {
            self.model.names.text(property.name) == "versioned"
                && property.values.contains(&Value::Flag(true))
        })
    }

    /// A parameter is read under each path above it as well.
    ///
    /// Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>
    fn by_path(meaning: &Meaning) -> Vec<Act> {
        let by_path = "ssm:getparametersbypath";
        if !meaning.action.starts_with("ssm:") || !same(&meaning.action).contains(by_path) {
            return Vec::new();
        }
        let text = meaning.within.display(&|_| "*".to_owned());
        let Some((head, path)) = text.split_once(":parameter/") else {
            return Vec::new();
        };
        let told = path.split(['*', '?']).next().unwrap_or("");
        let above = told.match_indices('/').filter_map(|(at, _)| told.get(..at));
        let words = above
            .chain([""])
            .filter_map(|path| Pattern::literal(&format!("{head}:parameter/{path}")));
        let act = |within| Act {
            actions: Actions::These(BTreeSet::from([by_path.to_owned()])),
            within,
            when: Region::everything(),
            stars: Stars::Any,
            becomes: false,
        };
        words.map(act).collect()
    }

    /// To speak as a thing: to assume its role, to connect as its client.
    pub(super) fn identity(&self, thing: ThingId) -> Vec<Act> {
        let first = (thing, AccountId::new(0));
        let roles = self.graph.addresses.roles.range(first..);
        let own = roles.take_while(|((of, _), _)| *of == thing);
        let mut acts: Vec<Act> = own
            .filter_map(|(_, role)| Pattern::literal(&role.arn))
            .map(|within| Act {
                actions: Actions::Any,
                within,
                when: Region::everything(),
                stars: Stars::Any,
                becomes: true,
            })
            .collect();
        // A device is its client, its entry in the registry, and what the provider keeps for it there.
        let kept = self.registered(thing);
        acts.extend(self.client(thing).into_iter().chain(kept).map(|within| Act {
            actions: Actions::Any,
            within,
            when: Region::everything(),
            stars: Stars::Any,
            becomes: true,
        }));
        acts
    }

    /// The client ids of a class's members, with the reached member's letter.
    #[must_use]
    pub fn client(&self, class: ThingId) -> Option<Pattern> {
        self.of_registry(class, "client/", "")
    }

    /// The things of a class's members in the registry, and the topics that the provider keeps for each: its shadow, its
    /// jobs.
    #[must_use]
    pub fn registered(&self, class: ThingId) -> Vec<Pattern> {
        let kept = Pattern::everything();
        let topics = ["topic/$aws/things/", "topicfilter/$aws/things/"].into_iter();
        let topics = topics.filter_map(|before| Some(self.of_registry(class, before, "/")?.concat(&kept)));
        self.of_registry(class, "thing/", "")
            .into_iter()
            .chain(topics)
            .collect()
    }

    fn of_registry(&self, class: ThingId, before: &str, behind: &str) -> Option<Pattern> {
        let thing = self.model.things.get(class)?;
        if !self.fleets.has_things(class) {
            return None;
        }
        let account = thing.account.or(self.model.project.default_account)?;
        let account = self.model.accounts.get(account)?;
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| self.model.names.text(name));
        let variables = &self.graph.addresses.variables;
        // A spec in which nobody reaches a member has no letter for one: then its own stands for it.
        let letter = variables.find("of:name").or_else(|| variables.find("name"))?;
        Builder::new()
            .text(&format!("arn:{partition}:iot:{region}:{number}:{before}"))
            .variable(letter.index() as u32)
            .text(behind)
            .finish()
    }
}

/// The actions by which that can be done which an action does, in lower case.
#[must_use]
pub fn same(action: &str) -> BTreeSet<String> {
    Catalogue::embedded()
        .same(action)
        .map(str::to_ascii_lowercase)
        .collect()
}

/// Of these actions, in lower case, the ones that name another sort of resource: what holds the one that is meant.
fn from_without(action: &str) -> BTreeSet<String> {
    let catalogue = Catalogue::embedded();
    let sorts = |name| catalogue.action(name).into_iter().flat_map(|found| found.links());
    let own: Vec<&str> = sorts(action).map(|link| link.resource.name).collect();
    let others = catalogue
        .same(action)
        .filter(|other| !other.eq_ignore_ascii_case(action));
    let others = others.filter(|other| {
        let mut sorts = sorts(other).peekable();
        sorts.peek().is_some() && sorts.all(|link| !own.contains(&link.resource.name))
    });
    others.map(str::to_ascii_lowercase).collect()
}

/// Whether an action of the holding thing does what reads its content.
#[must_use]
pub fn reads_from_without(action: &str) -> bool {
    // The few that the catalogue has.
    static KNOWN: OnceLock<BTreeSet<String>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let catalogue = Catalogue::embedded();
        let actions = catalogue
            .services()
            .flat_map(|service| catalogue.actions(service));
        let reads = actions.map(|action| action.name()).filter(|name| {
            catalogue
                .effects(name)
                .is_some_and(|effects| effects.reads && !effects.writes)
        });
        reads.flat_map(from_without).collect()
    });
    known.contains(action)
}

/// The requests that do what an action of a capability does.
pub fn acts_like(meaning: &Meaning) -> Vec<Act> {
    let act = |actions, when| Act {
        actions: Actions::These(actions),
        within: meaning.within.clone(),
        when,
        stars: stars(meaning),
        becomes: false,
    };
    let mut acts = vec![act(same(&meaning.action), Region::everything())];
    let catalogue = Catalogue::embedded();
    let reads = catalogue
        .effects(&meaning.action)
        .is_some_and(|effects| effects.reads && !effects.writes);
    let service = meaning
        .action
        .split_once(':')
        .and_then(|(prefix, _)| catalogue.service(prefix));
    if let Some(service) = service.filter(|_| reads) {
        // A write that returns what it overwrote reads.
        for action in catalogue.actions(service) {
            if let Some(when) = returning(action.name()) {
                acts.push(act(BTreeSet::from([action.name().to_ascii_lowercase()]), when));
            }
        }
    }
    acts
}

/// The same of an action that reaches beyond its thing: in the contexts of its words only, since another's may be elsewhere.
fn acts_beyond(meaning: &Meaning) -> Vec<Act> {
    let mut acts = acts_like(meaning);
    acts.iter_mut()
        .for_each(|act| act.when = act.when.and(&meaning.when));
    acts
}

/// The contexts in which a write returns what it overwrote; `None` for an action that returns nothing.
#[must_use]
pub fn returning(action: &str) -> Option<Region> {
    let returns = Catalogue::embedded().returns(action)?;
    let nothing: Vec<Word> = returns
        .nothing
        .iter()
        .filter_map(|value| Word::text(value))
        .collect();
    let something = Words::from_words(&nothing).not();
    Some(Region::only(Key::new(returns.key), Values::text(something)))
}

/// The topics that lead straight into a topic rule, by its address.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html>
#[must_use]
pub fn entrance(rule: &Pattern) -> Vec<Pattern> {
    let text = rule
        .word()
        .and_then(|word| word.as_text().map(|text| text.into_owned()));
    let Some((head, name)) = text.as_ref().and_then(|text| text.split_once(":rule/")) else {
        return Vec::new();
    };
    let topics = ["", "/*"].into_iter();
    topics
        .filter_map(|more| Pattern::glob(&format!("{head}:topic/$aws/rules/{name}{more}")))
        .collect()
}

/// Actions by which who may do what to a thing of a service is changed, in lower case.
fn policy_actions(service: &str) -> BTreeSet<String> {
    // Who writes policies of roles, and who commands code, reaches actors: that is a step of a chain.
    if matches!(service, "" | "iam" | "sts" | "iot") {
        return BTreeSet::new();
    }
    static KNOWN: OnceLock<BTreeMap<&'static str, BTreeSet<String>>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let catalogue = Catalogue::embedded();
        let of = |service: &catalogue::service::Service| {
            let actions = catalogue.actions(service).map(|action| action.name());
            let changes = actions.filter(|name| {
                let is_code = name.starts_with("lambda:Update") || name.starts_with("lambda:Create");
                !is_code && catalogue.effects(name).is_some_and(|effects| effects.controls)
            });
            changes.map(str::to_ascii_lowercase).collect()
        };
        catalogue
            .services()
            .map(|service| (service.prefix, of(service)))
            .collect()
    });
    known.get(service).cloned().unwrap_or_default()
}

/// What `*` in the words of a topic stands for: the filter of its path says so.
pub(super) fn stars(meaning: &Meaning) -> Stars {
    if !meaning.action.starts_with("iot:") {
        return Stars::Any;
    }
    let text = meaning.within.to_string();
    if !text.contains(":topicfilter/") || !text.split('/').any(|level| level == "+") {
        return Stars::Any;
    }
    if text.ends_with(['#', '*']) {
        Stars::LevelsAndRest
    } else {
        Stars::Levels
    }
}
