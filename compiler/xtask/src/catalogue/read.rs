//! The package and the overrides, as read.

use crate::files;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the project takes from the package.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// The day of the last update, `2026-09-26`.
    pub(super) date: String,
    /// Global condition keys and their types, in order of name.
    pub(super) globals: BTreeMap<String, String>,
    pub(super) services: Vec<Service>,
}

pub(super) struct Service {
    pub(super) prefix: String,
    pub(super) name: String,
    pub(super) keys: BTreeMap<String, String>,
    pub(super) resources: Vec<Resource>,
    /// By name in lower case: readers search in this order.
    pub(super) actions: BTreeMap<String, Action>,
}

pub(super) struct Resource {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) keys: Vec<String>,
}

pub(super) struct Action {
    pub(super) name: String,
    pub(super) levels: String,
    pub(super) keys: Vec<String>,
    pub(super) links: Vec<Link>,
}

pub(super) struct Link {
    pub(super) resource: String,
    pub(super) is_required: bool,
    pub(super) keys: Vec<String>,
}

impl Package {
    pub(super) fn read(folder: &Path, overrides: &Overrides) -> Result<Self, String> {
        let about: About = json(&folder.join("package.json"))?;
        let globals = globals(&files::read_text(
            &folder.join("dist/esm/globalConditionKeys.js"),
        )?);
        if globals.is_empty() {
            return Err("the package's JavaScript lists no global condition key".to_owned());
        }
        let names: BTreeMap<String, String> = json(&folder.join("data/serviceNames.json"))?;
        let mut services = Vec::new();
        for prefix in &overrides.services {
            services.push(service(
                folder,
                prefix,
                names.get(prefix).map_or("", String::as_str),
                overrides,
            )?);
        }
        let date = about.updated.split('T').next().unwrap_or_default().to_owned();
        Ok(Self {
            name: about.name,
            version: about.version,
            date,
            globals,
            services,
        })
    }
}

#[derive(Deserialize)]
struct About {
    name: String,
    version: String,
    #[serde(rename = "updatedAt")]
    updated: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAction {
    name: String,
    access_level: String,
    resource_types: Vec<RawLink>,
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLink {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResource {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct RawKey {
    key: String,
    #[serde(rename = "type")]
    kind: String,
}

fn service(folder: &Path, prefix: &str, name: &str, overrides: &Overrides) -> Result<Service, String> {
    let data = folder.join("data");
    let file = format!("{prefix}.json");
    let raw_keys: BTreeMap<String, RawKey> = json(&data.join("conditionKeys").join(&file))?;
    let raw_resources: BTreeMap<String, RawResource> = json(&data.join("resourceTypes").join(&file))?;
    let raw_actions: BTreeMap<String, RawAction> = json(&data.join("actions").join(&file))?;

    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for raw in raw_keys.into_values() {
        keys.insert(template(&raw.key), raw.kind);
    }
    let mut resources = Vec::new();
    for raw in raw_resources.into_values() {
        // Greengrass writes two templates of one type into one text.
        for arn in raw.arn.split(", ") {
            let keys = raw.condition_keys.iter().map(|key| template(key)).collect();
            resources.push(Resource {
                name: raw.key.clone(),
                arn: arn.to_owned(),
                keys,
            });
        }
    }
    let mut actions = BTreeMap::new();
    for raw in raw_actions.into_values() {
        let name = format!("{prefix}:{}", raw.name);
        let links = raw.resource_types.into_iter().map(|link| Link {
            resource: link.name,
            is_required: link.required,
            keys: link.condition_keys.iter().map(|key| template(key)).collect(),
        });
        let action = Action {
            levels: levels(&raw.access_level)?,
            keys: raw.condition_keys.iter().map(|key| template(key)).collect(),
            links: links.collect(),
            name: name.clone(),
        };
        actions.insert(name.to_lowercase(), action);
    }
    for extra in overrides
        .actions
        .iter()
        .filter(|extra| owner(&extra.name) == prefix)
    {
        let link = |resource: &String| Link {
            resource: resource.clone(),
            is_required: true,
            keys: Vec::new(),
        };
        let action = Action {
            name: extra.name.clone(),
            levels: levels(&extra.level)?,
            keys: Vec::new(),
            links: extra.resources.iter().map(link).collect(),
        };
        if actions.insert(extra.name.to_lowercase(), action).is_some() {
            return Err(format!(
                "the package has `{}` by now: take it out of the overrides",
                extra.name
            ));
        }
    }
    for extra in overrides.keys.iter().filter(|extra| extra.service == prefix) {
        keys.insert(extra.key.clone(), extra.kind.clone());
        for name in &extra.actions {
            let Some(action) = actions.get_mut(&name.to_lowercase()) else {
                return Err(format!(
                    "the overrides give a key to `{name}`, which is no action"
                ));
            };
            action.keys.push(extra.key.clone());
        }
    }
    Ok(Service {
        prefix: prefix.to_owned(),
        name: name.to_owned(),
        keys,
        resources,
        actions,
    })
}

/// One spelling for what varies in a key: `${…}`.
fn template(key: &str) -> String {
    if let Some(head) = key.strip_suffix("/tag-key") {
        return format!("{head}/${{TagKey}}");
    }
    match (key.find('<'), key.ends_with('>')) {
        (Some(_), true) => key.replacen('<', "${", 1).replace('>', "}"),
        _ => key.to_owned(),
    }
}

/// A letter for each access level: R, W, L, T, P.
fn levels(text: &str) -> Result<String, String> {
    let mut letters = String::new();
    for level in text.split(", ") {
        letters.push(match level {
            "Read" => 'R',
            "Write" => 'W',
            "List" => 'L',
            "Tagging" => 'T',
            "Permissions management" => 'P',
            _ => return Err(format!("unknown access level `{level}`")),
        });
    }
    Ok(letters)
}

/// The global keys stand in the package's JavaScript, a `key:` and a `type:` each.
fn globals(script: &str) -> BTreeMap<String, String> {
    let quoted = |line: &str, field: &str| {
        let value = line.trim().strip_prefix(field)?.trim().strip_prefix('\'')?;
        value.split_once('\'').map(|(value, _)| value.to_owned())
    };
    let mut keys = BTreeMap::new();
    let mut key = None;
    for line in script.lines() {
        if let Some(name) = quoted(line, "key:") {
            key = Some(name);
        } else if let Some(kind) = quoted(line, "type:")
            && let Some(name) = key.take()
        {
            keys.insert(template(&name), kind);
        }
    }
    keys
}

/// `stdlib/catalogue/overrides.json`.
#[derive(Deserialize)]
pub(super) struct Overrides {
    services: Vec<String>,
    #[serde(rename = "globals_only_where_listed")]
    listed: ListedOnly,
    actions: Vec<ExtraAction>,
    keys: Vec<ExtraKey>,
    scopes: Vec<Scopes>,
    names: Names,
    effects: Vec<Effects>,
    same: Vec<Same>,
    managing: Vec<Managing>,
    returns: Vec<Returns>,
    /// Global keys that an action has only if it lists them.
    #[serde(skip)]
    pub(super) listed_only: BTreeSet<String>,
}

#[derive(Deserialize)]
struct ListedOnly {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct ExtraAction {
    name: String,
    level: String,
    resources: Vec<String>,
}

#[derive(Deserialize)]
struct ExtraKey {
    service: String,
    key: String,
    #[serde(rename = "type")]
    kind: String,
    actions: Vec<String>,
}

#[derive(Deserialize)]
struct Scopes {
    scope: String,
    actions: Vec<String>,
}

/// What actions do, where the source's level says something else.
#[derive(Deserialize)]
struct Effects {
    effect: String,
    actions: Vec<String>,
}

/// Actions by each of which may be done what each of the first does.
#[derive(Deserialize)]
struct Same {
    of: Vec<String>,
    by: Vec<String>,
}

/// Actions that manage a thing.
#[derive(Deserialize)]
struct Managing {
    actions: Vec<String>,
}

/// Writes that return what they overwrote.
#[derive(Deserialize)]
pub(super) struct Returns {
    actions: Vec<String>,
    pub(super) key: String,
    /// Its values under which nothing is returned.
    pub(super) nothing: Vec<String>,
}

#[derive(Deserialize)]
struct Names {
    types: BTreeMap<String, String>,
}

impl Overrides {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut overrides: Self =
            serde_json::from_str(text).map_err(|error| format!("overrides: {error}"))?;
        overrides.listed_only = overrides.listed.keys.iter().cloned().collect();
        Ok(overrides)
    }

    pub(super) fn scope(&self, action: &str) -> &str {
        let curated = self
            .scopes
            .iter()
            .find(|scopes| scopes.actions.iter().any(|name| name == action));
        curated.map_or("", |scopes| scopes.scope.as_str())
    }

    pub(super) fn characters(&self, prefix: &str, resource: &str) -> &str {
        self.names
            .types
            .get(&format!("{prefix}:{resource}"))
            .map_or("", String::as_str)
    }

    /// The effects of each action that has an exception, in order of name.
    pub(super) fn effects(&self) -> Result<Vec<(&str, String)>, String> {
        let mut found = BTreeMap::new();
        for exception in &self.effects {
            let mut letters = String::new();
            for word in exception.effect.split(' ') {
                letters.push_str(match word {
                    "none" => "none",
                    "read" => "R",
                    "write" => "W",
                    "control" => "C",
                    _ => return Err(format!("unknown effect `{word}`")),
                });
            }
            for action in &exception.actions {
                if found
                    .insert(action.to_lowercase(), (action.as_str(), letters.clone()))
                    .is_some()
                {
                    return Err(format!("the overrides give two effects to `{action}`"));
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// An action, and one by which the same may be done.
    pub(super) fn same(&self) -> impl Iterator<Item = (&str, &str)> {
        self.same.iter().flat_map(|same| {
            let by = |of| same.by.iter().map(move |by: &String| (of, by.as_str()));
            same.of.iter().flat_map(move |of| by(of.as_str()))
        })
    }

    /// Actions that set how a thing is kept, or do away with it whole, in order of name.
    pub(super) fn managing(&self) -> BTreeSet<&str> {
        let all = self.managing.iter().flat_map(|one| &one.actions);
        all.map(String::as_str).collect()
    }

    /// The writes that return something, in order of name.
    pub(super) fn returning(&self) -> Vec<(&str, &Returns)> {
        let mut found = BTreeMap::new();
        for returns in &self.returns {
            for action in &returns.actions {
                found.insert(action.to_lowercase(), (action.as_str(), returns));
            }
        }
        found.into_values().collect()
    }

    /// An override that names nothing is a typing mistake.
    pub(super) fn all_used(&self, package: &Package) -> Result<(), String> {
        let has_action = |name: &str| {
            package
                .services
                .iter()
                .any(|service| service.actions.values().any(|action| action.name == name))
        };
        let has_resource = |name: &str| {
            let Some((prefix, resource)) = name.split_once(':') else {
                return false;
            };
            let mut services = package.services.iter().filter(|service| service.prefix == prefix);
            services.any(|service| service.resources.iter().any(|known| known.name == resource))
        };
        for name in self.scopes.iter().flat_map(|scopes| &scopes.actions) {
            if !has_action(name) {
                return Err(format!("the overrides scope `{name}`, which is no action"));
            }
        }
        let mut named: Vec<&String> = self.effects.iter().flat_map(|one| &one.actions).collect();
        named.extend(self.same.iter().flat_map(|one| one.of.iter().chain(&one.by)));
        named.extend(self.managing.iter().flat_map(|one| &one.actions));
        named.extend(self.returns.iter().flat_map(|one| &one.actions));
        for name in named {
            if !has_action(name) {
                return Err(format!(
                    "the overrides say what `{name}` does, which is no action"
                ));
            }
        }
        for name in self.names.types.keys() {
            if !has_resource(name) {
                return Err(format!("the overrides name `{name}`, which is no resource type"));
            }
        }
        for key in &self.listed_only {
            if !package.globals.contains_key(key) {
                return Err(format!(
                    "the overrides name `{key}`, which is no global condition key"
                ));
            }
        }
        Ok(())
    }
}

fn owner(action: &str) -> &str {
    action.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    serde_json::from_slice(&files::read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}
