//! What the words of kinds denote: the actions of a thing's capabilities, each on the resource words that it means there.
//!
//! Nothing here comes from a trust. A question asks for whole things or for parts of them; a letter of a family's member
//! is the reached one's, `of:name` and `of:attr:ATTRIBUTE`.

use arena::Name;
use diagnostics::Report;
use model::Model;
use model::thing::ThingId;
use pattern::pattern::Pattern;
use pattern::region::Region;

use crate::TrustGraph;
use crate::access::Resource;
use crate::build::{Build, Whose};

/// What is asked of one thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The thing.
    pub object: ThingId,
    /// One capability, a name of the model; every capability of its kind if `None`.
    pub capability: Option<Name>,
    /// What `{part}` stands for; the whole if `None`.
    pub part: Option<Pattern>,
    /// Whether what it needs of other things is asked for besides.
    pub needs: bool,
}

/// What an action has to do with the capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The capability means it.
    Means,
    /// Callers need it besides.
    Helps,
    /// A thing that the object refers to needs it (`via key decrypt`).
    Via,
}

/// One action on one set of resource words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The capability, a name of the model.
    pub capability: Name,
    /// In lower case.
    pub action: String,
    /// The resource words; everything for an action that has no resource.
    pub within: Pattern,
    /// The conditions of the words.
    pub when: Region,
    /// What it has to do with the capability.
    pub role: Role,
    /// Whether it lies outside the thing's own addresses: `reaches KIND`.
    pub is_outside: bool,
}

/// What each question means, in order of the questions.
///
/// - Cost: linear in the questions; the addresses of the graph are copied once.
#[must_use]
pub fn meanings(model: &Model, graph: &TrustGraph, asked: &[Asked]) -> Vec<Vec<Meaning>> {
    let mut report = Report::default();
    let mut build = Build::of_words(model, graph, &mut report);
    asked.iter().map(|asked| one(model, &mut build, asked)).collect()
}

fn one(model: &Model, build: &mut Build<'_>, asked: &Asked) -> Vec<Meaning> {
    let kind = model
        .things
        .get(asked.object)
        .and_then(|thing| model.kinds.get(thing.kind));
    let capabilities = kind.map_or(&[][..], |kind| kind.words.capabilities.as_slice());
    let wanted = capabilities
        .iter()
        .filter(|capability| asked.capability.is_none_or(|wanted| capability.name == wanted));
    let parts: Vec<Pattern> = asked.part.iter().cloned().collect();
    let mut found = Vec::new();
    for capability in wanted {
        for line in &capability.actions {
            let mut grants = Vec::new();
            build.action_grants(asked.object, line, &parts, Whose::Reached, &mut grants);
            let role = if line.helper { Role::Helps } else { Role::Means };
            let meant = grants
                .iter()
                .filter_map(|grant| meaning(build, capability.name, *grant, role));
            found.extend(meant.map(|meaning| Meaning {
                is_outside: !line.reaches.is_empty(),
                ..meaning
            }));
        }
        if !asked.needs {
            continue;
        }
        let needs = build.needs(asked.object, capability, Whose::Reached);
        found.extend(
            needs
                .iter()
                .filter_map(|grant| meaning(build, capability.name, *grant, Role::Via)),
        );
    }
    found
}

fn meaning(build: &Build<'_>, capability: Name, grant: crate::build::Grant, role: Role) -> Option<Meaning> {
    let within = match grant.resource {
        Resource::Unscoped => Pattern::everything(),
        Resource::Thing(_) | Resource::Part(_) | Resource::Identity(_) => {
            build.graph.patterns.get(grant.within)?.clone()
        }
    };
    Some(Meaning {
        capability,
        action: build.graph.words.text(grant.action).to_ascii_lowercase(),
        within,
        when: build.graph.regions.get(grant.when)?.clone(),
        role,
        is_outside: false,
    })
}
