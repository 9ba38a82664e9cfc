//! What an action accepts: levels, resources, condition keys.

use crate::service::{ActionRow, ConditionKey, LinkRow, Reach, ResourceType, Service};
use crate::{Catalogue, key};

/// An action of the catalogue.
#[derive(Clone, Copy)]
pub struct Action<'c> {
    pub(crate) catalogue: &'c Catalogue,
    pub(crate) service: &'c Service,
    pub(crate) row: &'c ActionRow,
}

/// What an action does, in AWS's words. An action may have several: tagging is also a write.
///
/// `kms:Decrypt` and `kms:GenerateDataKey` are writes: a level is no measure of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shows that things exist.
    List,
    /// Shows what is in them.
    Read,
    /// Changes them.
    Write,
    /// Changes tags.
    Tagging,
    /// Changes who may do what.
    PermissionsManagement,
}

/// How the resource of a statement has to be written for the action to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Only `*`: an ARN would never match.
    StarOnly,
    /// The one resource type.
    Exact,
    /// One of the resource types, whichever the request is about.
    OneOf,
    /// Every resource that the request touches has to be granted.
    AllOf,
}

/// A resource type that an action accepts.
#[derive(Clone, Copy, Debug)]
pub struct Link<'c> {
    /// The type; one link for each of its templates.
    pub resource: &'c ResourceType,
    /// The source marks it so. It decides little: see [`Action::scope`].
    pub is_required: bool,
}

impl<'c> Action<'c> {
    /// `s3:GetObject`, in AWS's spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row.name
    }

    /// The service whose prefix it has.
    #[must_use]
    pub fn service(self) -> &'c Service {
        self.service
    }

    /// What it does; seldom more than two levels.
    pub fn levels(self) -> impl Iterator<Item = Level> {
        self.row.levels.bytes().filter_map(|letter| match letter {
            b'L' => Some(Level::List),
            b'R' => Some(Level::Read),
            b'W' => Some(Level::Write),
            b'T' => Some(Level::Tagging),
            b'P' => Some(Level::PermissionsManagement),
            _ => None,
        })
    }

    /// Whether it has a level.
    #[must_use]
    pub fn has_level(self, level: Level) -> bool {
        self.levels().any(|own| own == level)
    }

    /// The resource types that it accepts.
    pub fn links(self) -> impl Iterator<Item = Link<'c>> {
        self.row.links.iter().flat_map(move |link| {
            let resources = self.service.resource(link.resource);
            resources.map(|resource| Link {
                resource,
                is_required: link.is_required,
            })
        })
    }

    /// Whether a statement may name resources. If not, an ARN never matches and the statement does nothing.
    #[must_use]
    pub fn has_resource_level(self) -> bool {
        self.scope() != Scope::StarOnly
    }

    /// How its resource has to be written.
    ///
    /// Curated where [`Action::is_scope_curated`]; else worked out from the links, which says too much where
    /// alternatives are marked as required.
    #[must_use]
    pub fn scope(self) -> Scope {
        if let Some(curated) = self.row.scope {
            return curated;
        }
        let required = self.row.links.iter().filter(|link| link.is_required).count();
        match (self.row.links.len(), required) {
            (0, _) => Scope::StarOnly,
            (1, _) => Scope::Exact,
            (_, 0 | 1) => Scope::OneOf,
            _ => Scope::AllOf,
        }
    }

    /// Whether somebody has looked at [`Action::scope`] of this action.
    #[must_use]
    pub fn is_scope_curated(self) -> bool {
        self.row.scope.is_some()
    }

    /// Whether a resource written so can match a request for this action.
    ///
    /// - Shape: `written` is `*` or an ARN with `*` and `?` as in a policy; `{…}` and `${…}` stand for one name.
    /// - Fields are compared one by one; a name does not reach over a `/` or `:` unless the type's names do.
    #[must_use]
    pub fn matches_resource(self, written: &str) -> bool {
        written == "*"
            || (self.has_resource_level() && self.links().any(|link| link.resource.matches(written)))
    }

    /// Every condition key that it lists, itself or through a resource type; in order of name, globals last.
    #[must_use]
    pub fn condition_keys(self) -> Vec<ConditionKey> {
        let mut names: Vec<&str> = self.key_names().collect();
        names.sort_unstable();
        names.dedup();
        let mut keys: Vec<ConditionKey> = names.into_iter().filter_map(|name| self.resolve(name)).collect();
        for global in &self.catalogue.globals {
            if global.reach == Reach::Everywhere && !keys.iter().any(|key| key.name == global.name) {
                keys.push(*global);
            }
        }
        keys
    }

    /// The condition key of a name, ignoring case; nothing if a request for this action never fills it in.
    #[must_use]
    pub fn condition_key(self, name: &str) -> Option<ConditionKey> {
        let global = self.catalogue.global(name);
        if let Some(global) = global
            && global.reach == Reach::Everywhere
        {
            return Some(*global);
        }
        // `key` also finds the more exact of two: a spelled-out tag before any tag.
        let mut listed: Vec<&str> = self
            .key_names()
            .filter(|template| key::matches(template, name))
            .collect();
        listed.sort_unstable_by_key(|template| template.contains("${"));
        listed.first().and_then(|template| self.resolve(template))
    }

    pub(crate) fn key_names(self) -> impl Iterator<Item = &'static str> {
        // A request without a resource has no key of one.
        let links = self.row.links.iter().filter(move |_| self.has_resource_level());
        let through = links.flat_map(move |link| {
            let types = self
                .service
                .resources
                .iter()
                .filter(|resource| resource.name == link.resource);
            types.map(|resource| resource.list).chain(link.list)
        });
        let lists = std::iter::once(self.row.list).chain(through);
        lists
            .filter_map(|list| self.catalogue.lists.get(list))
            .flatten()
            .copied()
    }

    /// A listed key's definition: the service's, or the global one.
    pub(crate) fn resolve(self, listed: &str) -> Option<ConditionKey> {
        let exact = |keys: &[ConditionKey]| {
            let found = keys.binary_search_by(|own| key::compare(own.name, listed)).ok()?;
            keys.get(found).copied()
        };
        exact(&self.service.keys).or_else(|| exact(&self.catalogue.globals))
    }
}

/// Its name: the catalogue behind it is no help to a reader.
impl std::fmt::Debug for Action<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.row.name)
    }
}

impl PartialEq for Action<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.row.name == other.row.name
    }
}

impl Eq for Action<'_> {}

impl LinkRow {
    pub(crate) fn parse(text: &'static str) -> Option<Self> {
        let (text, list) = match text.split_once('#') {
            Some((text, list)) => (text, Some(list.parse().ok()?)),
            None => (text, None),
        };
        let (resource, is_required) = match text.strip_suffix('!') {
            Some(resource) => (resource, true),
            None => (text, false),
        };
        Some(Self {
            resource,
            is_required,
            list,
        })
    }
}

impl Scope {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "star-only" => Some(Self::StarOnly),
            "exact" => Some(Self::Exact),
            "one-of" => Some(Self::OneOf),
            "all-of" => Some(Self::AllOf),
            _ => None,
        }
    }
}
