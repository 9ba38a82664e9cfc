//! Labels of device bundles, by law: which file is data, which is frozen, which is for people.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::Request;
use super::policy::Kind;
use super::{Difference, Label, host, iam, worse};
use crate::mutate::json::{self, Json};
use crate::mutate::seal::{self, Tree};

/// Where host firewalls stand: that of all members, and folders of those of some.
const FIREWALLS: &str = "etc/nftables.d/";
const FIREWALL: &str = "leastwise.nft";
/// What every bundle holds.
const NEEDED: [&str; 6] = [
    "MANIFEST.json",
    "README.txt",
    "SHA256SUMS",
    "verify.sh",
    "identity/identity.json",
    "network/endpoints.json",
];

/// A document whose form is no reading of it.
type Broken = String;

/// Labels a mutant.
#[must_use]
pub fn label(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Label {
    let old = classes(before).unwrap_or_default();
    let new = match classes(after) {
        Ok(new) => new,
        Err(what) => return Label::Unreadable(what),
    };
    let names: BTreeSet<&&str> = old.keys().chain(new.keys()).collect();
    names.into_iter().fold(Label::Equal, |worst, class| {
        let label = match (old.get(class), new.get(class)) {
            (Some(old), Some(new)) if old == new => Label::Equal,
            (Some(old), Some(new)) => one(class, old, new),
            (Some(_), None) => Label::Changed(Difference::Object(format!("the bundle of {class}"))),
            (None, _) => Label::Idle(format!("a bundle of {class}")),
        };
        worse(worst, label)
    })
}

/// A host firewall by the name of whom it guards: `CLASS`, `CLASS/segment/NAME` or `CLASS/member/NAME`.
#[must_use]
pub fn firewall<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Option<&'a [u8]> {
    let (class, part) = match name.split_once('/') {
        Some((class, part)) => (class, format!("{part}/")),
        None => (name, String::new()),
    };
    files
        .get(&format!("devices/{class}/tree/{FIREWALLS}{part}{FIREWALL}"))
        .map(Vec::as_slice)
}

/// Whom of a class a file guards as its host firewall; `None` for another file.
#[must_use]
pub fn guarded(class: &str, name: &str) -> Option<String> {
    let part = name.strip_prefix(FIREWALLS)?.strip_suffix(FIREWALL)?;
    match part.split('/').collect::<Vec<_>>().as_slice() {
        [""] => Some(class.to_owned()),
        [sort @ ("segment" | "member"), name, ""] if !name.is_empty() => {
            Some(format!("{class}/{sort}/{name}"))
        }
        _ => None,
    }
}

/// Whether the IoT policies of some class answer a request differently in original and mutant.
#[must_use]
pub fn replay(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    request: &Request,
) -> bool {
    let (old, new) = (
        classes(before).unwrap_or_default(),
        classes(after).unwrap_or_default(),
    );
    let names: BTreeSet<&&str> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .any(|class| iam::replay_all(Kind::Iot, &of(&old, class), &of(&new, class), request))
}

fn of<'a>(classes: &BTreeMap<&str, Folder<'a>>, class: &str) -> Vec<&'a [u8]> {
    classes
        .get(class)
        .map(|folder| policies(&folder.0))
        .unwrap_or_default()
}

/// The files of a class: its folder, and its archive.
type Folder<'a> = (Tree<'a>, Option<&'a [u8]>);

fn classes(files: &BTreeMap<String, Vec<u8>>) -> Result<BTreeMap<&str, Folder<'_>>, Broken> {
    let mut out: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
    for (path, bytes) in files {
        let place = path
            .strip_prefix("devices/")
            .and_then(|path| path.split_once('/'));
        let Some((class, rest)) = place else {
            return Err(format!("{path} is no file of a class"));
        };
        let folder = out.entry(class).or_default();
        match rest.strip_prefix("tree/") {
            Some(name) => drop(folder.0.insert(name, bytes)),
            None if rest.strip_suffix(".tar.gz") == Some(class) => folder.1 = Some(bytes),
            None => return Err(format!("{path} is no file of a bundle")),
        }
    }
    Ok(out)
}

fn one(class: &str, old: &Folder<'_>, new: &Folder<'_>) -> Label {
    if let Some(missing) = NEEDED.iter().find(|name| !new.0.contains_key(*name)) {
        return Label::Unreadable(format!("{missing} is missing"));
    }
    let holds_key = |bytes: &&[u8]| String::from_utf8_lossy(bytes).contains("PRIVATE KEY");
    if new.0.values().any(holds_key) {
        return Label::Unreadable("what looks like a key".to_owned());
    }
    if new.1 != seal::pack(&new.0).as_deref() {
        return Label::Unreadable("the archive is not that of the folder".to_owned());
    }
    if new.0.get("SHA256SUMS") != Some(&seal::digests(&new.0).as_slice()) {
        return Label::Unreadable("the digests are not those of the files".to_owned());
    }
    let names: BTreeSet<&&str> = old.0.keys().chain(new.0.keys()).collect();
    let mut worst = Label::Equal;
    for name in names {
        let (before, after) = (old.0.get(name).copied(), new.0.get(name).copied());
        if before == after && *name != "MANIFEST.json" {
            continue;
        }
        if let Some(of) = guarded(class, name) {
            // One that was written for other members is a firewall; it lets other packets through.
            let mut others = old.0.iter().filter(|(other, _)| guarded(class, other).is_some());
            let is_of_another = after.is_some() && others.any(|(_, bytes)| Some(*bytes) == after);
            let label = if is_of_another && before.is_some() {
                Label::Changed(Difference::Object(format!("the host firewall of {of}")))
            } else {
                host::label(&of, before, after)
            };
            worst = worse(worst, label);
            continue;
        }
        let label = match *name {
            // The digests are right, and prose is prose.
            "README.txt" | "SHA256SUMS" => Label::Equal,
            "verify.sh" => Label::Unreadable("frozen text".to_owned()),
            "identity/csr.cnf" => request(before, after),
            "MANIFEST.json" => document(class, name, &old.0, &new.0, manifest),
            "identity/identity.json" => document(class, name, &old.0, &new.0, identity),
            "network/endpoints.json" => document(class, name, &old.0, &new.0, endpoints),
            name if is_policy(name) => continue,
            other => Label::Unreadable(format!("{other} is no file of a bundle")),
        };
        worst = worse(worst, label);
    }
    let (before, after) = (policies(&old.0), policies(&new.0));
    if before == after {
        return worst;
    }
    worse(worst, iam::compare_all(Kind::Iot, class, &before, &after))
}

fn is_policy(name: &str) -> bool {
    let number = name
        .strip_prefix("policy/expected-iot-policy")
        .and_then(|rest| rest.strip_suffix(".json"));
    number.is_some_and(|number| {
        number.is_empty()
            || number
                .strip_prefix('-')
                .and_then(|number| number.parse::<u32>().ok())
                .is_some_and(|number| number >= 2)
    })
}

fn policies<'a>(tree: &Tree<'a>) -> Vec<&'a [u8]> {
    tree.iter()
        .filter(|(name, _)| is_policy(name))
        .map(|(_, bytes)| *bytes)
        .collect()
}

/// The lines of a request besides remarks at its head are one text.
fn request(before: Option<&[u8]>, after: Option<&[u8]>) -> Label {
    let (Some(before), Some(after)) = (before, after) else {
        return Label::Changed(Difference::Argument("the request for a certificate".to_owned()));
    };
    let body = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let is_remark = |line: &&str| line.starts_with('#') && !line.trim_end().ends_with('\\');
        text.split_inclusive('\n')
            .skip_while(is_remark)
            .collect::<String>()
    };
    if body(before) == body(after) {
        Label::Equal
    } else {
        Label::Unreadable("another request than the known one".to_owned())
    }
}

/// What a document says, canonically, given the folder that it is in; an error if it has no reading.
type Say = fn(&str, &Json, &Tree<'_>) -> Result<Json, Broken>;

/// Compares what two documents of a name say.
fn document(class: &str, name: &str, old: &Tree<'_>, new: &Tree<'_>, say: Say) -> Label {
    let read = |tree: &Tree<'_>| {
        let document = json::parse(tree.get(name).copied().unwrap_or_default())?;
        if document.repeated(true).is_some() {
            return Err("a name that stands twice".to_owned());
        }
        say(class, &document, tree)
    };
    match (read(old), read(new)) {
        (_, Err(what)) => Label::Unreadable(what),
        (Ok(old), Ok(new)) if old == new => Label::Equal,
        (old, Ok(new)) => Label::Changed(Difference::Argument(format!("{name}: {old:?} became {new:?}"))),
    }
}

/// Members, which must be these, needed ones first.
fn members(value: &Json, needed: &[&str], further: &[&str]) -> Result<Vec<(String, Json)>, Broken> {
    let Json::Object(members) = value else {
        return Err("no object".to_owned());
    };
    for (name, _) in members {
        if !needed.contains(&name.as_str()) && !further.contains(&name.as_str()) {
            return Err(format!("an unknown member {name}"));
        }
    }
    if let Some(missing) = needed.iter().find(|name| value.get(name).is_none()) {
        return Err(format!("{missing} is missing"));
    }
    let mut members = members.clone();
    members.sort();
    Ok(members)
}

fn texts(members: &[(String, Json)], names: &[&str]) -> Result<(), Broken> {
    for (name, value) in members {
        if names.contains(&name.as_str()) && value.as_text().is_none() {
            return Err(format!("{name} is no text"));
        }
    }
    Ok(())
}

fn items<'a>(value: Option<&'a Json>, what: &str) -> Result<&'a [Json], Broken> {
    match value {
        Some(Json::List(items)) => Ok(items),
        _ => Err(format!("{what} is no list")),
    }
}

fn manifest(class: &str, value: &Json, tree: &Tree<'_>) -> Result<Json, Broken> {
    let own = ["format", "project", "class", "hardware", "members", "files"];
    let further = ["environment", "inventory-sha256", "residual-risks"];
    let mut members = members(value, &own, &further)?;
    texts(
        &members,
        &[
            "format",
            "project",
            "class",
            "hardware",
            "environment",
            "inventory-sha256",
        ],
    )?;
    let is = |name: &str, wanted: &str| value.get(name).and_then(Json::as_text) == Some(wanted);
    if !is("format", "leastwise-device-bundle/1") || !is("class", class) {
        return Err("a manifest of something else".to_owned());
    }
    if !matches!(value.get("members"), Some(Json::Number(_))) {
        return Err("members is no number".to_owned());
    }
    if let Some(risks) = value.get("residual-risks") {
        let risks = items(Some(risks), "residual-risks")?;
        if risks.iter().any(|risk| risk.as_text().is_none()) {
            return Err("a risk that is no text".to_owned());
        }
    }
    let files = tree
        .iter()
        .filter(|(name, _)| !matches!(**name, "MANIFEST.json" | "SHA256SUMS"));
    let files: Vec<(&&str, String)> = files.map(|(name, bytes)| (name, seal::digest(bytes))).collect();
    let listed = items(value.get("files"), "files")?;
    let is_listed = |entry: &Json, (name, digest): &(&&str, String)| {
        let is = |member: &str, wanted: &str| entry.get(member).and_then(Json::as_text) == Some(wanted);
        let Json::Object(members) = entry else {
            return false;
        };
        members.len() == 4
            && is("path", name)
            && is("sha256", digest)
            && is("mode", seal::mode(name).1)
            && entry.get("purpose").and_then(Json::as_text).is_some()
    };
    if listed.len() != files.len()
        || !listed
            .iter()
            .zip(&files)
            .all(|(entry, file)| is_listed(entry, file))
    {
        return Err("a list that is not that of the files".to_owned());
    }
    members.retain(|(name, _)| !matches!(name.as_str(), "files" | "residual-risks"));
    Ok(Json::Object(members))
}

fn identity(_: &str, value: &Json, _: &Tree<'_>) -> Result<Json, Broken> {
    let mut all = members(
        value,
        &["name", "subject", "key-type", "identities"],
        &["thing-type"],
    )?;
    texts(&all, &["name", "subject", "key-type"])?;
    let phrases = [
        ("name", "the member's name in the inventory"),
        ("subject", "CN = the member's name"),
        ("key-type", "EC P-256"),
    ];
    if phrases
        .iter()
        .any(|(name, text)| value.get(name).and_then(Json::as_text) != Some(text))
    {
        return Err("a phrase that is not the one of every bundle".to_owned());
    }
    match value.get("thing-type") {
        None | Some(Json::Null) => all.retain(|(name, _)| name != "thing-type"),
        Some(Json::Text(_)) => {}
        Some(_) => return Err("thing-type is no text".to_owned()),
    }
    let mut identities = items(value.get("identities"), "identities")?
        .iter()
        .map(|one| {
            let found = members(one, &["word"], &["authority", "key", "rotate-seconds", "more"])?;
            texts(&found, &["word", "authority", "key"])?;
            if one.get("word").and_then(Json::as_text) == Some("") {
                return Err("no word".to_owned());
            }
            if !matches!(one.get("rotate-seconds"), None | Some(Json::Number(_))) {
                return Err("rotate-seconds is no number".to_owned());
            }
            let found = match one.get("more") {
                None => found,
                Some(Json::Object(more)) if more.iter().all(|(_, value)| value.as_text().is_some()) => {
                    let mut more = more.clone();
                    more.sort();
                    let kept = found.into_iter().filter(|(name, _)| name != "more");
                    let more = more
                        .into_iter()
                        .map(|(name, value)| (format!("more {name}"), value));
                    kept.chain(more).collect()
                }
                Some(_) => return Err("more is not texts".to_owned()),
            };
            Ok(Json::Object(found))
        })
        .collect::<Result<Vec<Json>, Broken>>()?;
    identities.sort();
    all.retain(|(name, _)| name != "identities");
    all.push(("identities".to_owned(), Json::List(identities)));
    Ok(Json::Object(all))
}

fn endpoints(_: &str, value: &Json, _: &Tree<'_>) -> Result<Json, Broken> {
    let mut services = items(Some(value), "the document")?
        .iter()
        .map(|one| {
            let found = members(one, &["use", "service", "region", "ports", "alpn"], &[])?;
            texts(&found, &["use", "service", "region"])?;
            let is_port = |text: &str| text.parse::<u16>().is_ok();
            let ports = items(one.get("ports"), "ports")?;
            let are_ports = ports
                .iter()
                .all(|port| matches!(port, Json::Number(number) if is_port(number)));
            let Some(Json::Object(alpn)) = one.get("alpn") else {
                return Err("alpn is no object".to_owned());
            };
            let are_words = alpn
                .iter()
                .all(|(port, word)| is_port(port) && word.as_text().is_some());
            if are_ports && are_words {
                let sorted = |(name, value): (String, Json)| match value {
                    Json::Object(mut members) => {
                        members.sort();
                        (name, Json::Object(members))
                    }
                    other => (name, other),
                };
                Ok(Json::Object(found.into_iter().map(sorted).collect()))
            } else {
                Err("a port, or a word, that is none".to_owned())
            }
        })
        .collect::<Result<Vec<Json>, Broken>>()?;
    services.sort();
    Ok(Json::List(services))
}
