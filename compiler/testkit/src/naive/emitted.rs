//! The emitted bytes, sorted by the guard that each file belongs to.

use std::collections::BTreeMap;

use model::Model;
use model::project::Account;
use model::thing::{Detail, Thing};

use crate::label::fault::Faults;
use crate::label::module::written;
use crate::label::packet::Rule;
use crate::label::policy::{self, Kind, Statement};
use crate::label::{device, group, host};
use crate::mutate::json;

/// Texts of documents by account and name.
type Documents = BTreeMap<(String, String), Vec<String>>;

/// What a build wrote.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    /// What roles may do.
    pub identities: Documents,
    /// Who may become a role.
    pub trusts: Documents,
    /// What resources admit.
    pub resources: Documents,
    /// What devices of a class may do.
    pub devices: BTreeMap<String, Vec<String>>,
    /// Rules of all security groups.
    pub groups: Vec<Rule>,
    /// Rules of host firewalls, by whom they guard: `CLASS`, `CLASS/segment/NAME`, `CLASS/member/NAME`.
    pub firewalls: BTreeMap<String, Vec<Rule>>,
}

/// Sorts the files of a build.
///
/// # Errors
/// A file of a guard that the labelling evaluators do not read.
pub fn sorted<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Emitted, String> {
    let mut out = Emitted::default();
    for (path, bytes) in files {
        let text = || String::from_utf8_lossy(bytes).into_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["aws", account, "iam", file] => {
                if let Some((name, _)) = file
                    .strip_suffix(".json")
                    .and_then(|file| file.split_once(".identity"))
                {
                    let key = ((*account).to_owned(), name.to_owned());
                    out.identities.entry(key).or_default().push(text());
                }
                if let Some(name) = file.strip_suffix(".trust.json") {
                    // One that has no reading is refused here, since it is read again for each question.
                    statements(&[text()], Kind::Trust, &[])?;
                    let key = ((*account).to_owned(), name.to_owned());
                    out.trusts.entry(key).or_default().push(text());
                }
            }
            ["aws", account, "resources", file] => {
                if let Some(name) = file.strip_suffix(".policy.json") {
                    let key = ((*account).to_owned(), name.to_owned());
                    out.resources.entry(key).or_default().push(text());
                }
            }
            ["aws", _, "security-groups", _, "groups.json"] => {
                out.groups
                    .extend(group::all_rules(bytes).ok_or_else(|| format!("{path} is not read"))?);
            }
            ["devices", class, "tree", "etc", "nftables.d", ..] => {
                let name = parts.get(3..).unwrap_or_default().join("/");
                let name = device::guarded(class, &name).ok_or_else(|| format!("{path} guards nobody"))?;
                let rules = host::all_rules(&name, bytes).map_err(|what| format!("{path}: {what}"))?;
                out.firewalls.insert(name, rules);
            }
            ["devices", class, "tree", "policy", _] => {
                out.devices.entry((*class).to_owned()).or_default().push(text());
            }
            _ => {}
        }
    }
    Ok(out)
}

/// Sorts what modules write.
///
/// # Errors
/// What the labelling evaluators do not read, or what belongs to nobody who is declared.
pub fn of_modules(model: &Model, files: &BTreeMap<String, Vec<u8>>) -> Result<Emitted, String> {
    let written = written::read(files)?;
    let mut out = Emitted {
        groups: written.groups,
        ..Emitted::default()
    };
    for document in written.documents {
        let mut accounts = model.accounts.iter().map(|(_, account)| account);
        let account = accounts.find(|account| model.names.text(account.number) == document.account);
        let account = account.ok_or("an account that is not declared")?;
        let key = (model.names.text(account.name).to_owned(), document.owner.clone());
        match document.kind {
            Kind::Identity => out.identities.entry(key).or_default().push(document.text),
            Kind::Trust => {
                statements(std::slice::from_ref(&document.text), Kind::Trust, &[])?;
                out.trusts.entry(key).or_default().push(document.text);
            }
            Kind::Resource => {
                let key = (key.0, declared(model, account, &document.owner));
                out.resources.entry(key).or_default().push(document.text);
            }
            Kind::Iot => {
                let class = class(model, &document.owner).ok_or("a policy of no class")?;
                out.devices.entry(class).or_default().push(document.text);
            }
            Kind::Endpoint => {}
        }
    }
    Ok(out)
}

/// The declared name of what the provider calls so; its own, if nothing is declared to be called so.
fn declared(model: &Model, account: &Account, called: &str) -> String {
    let is_called = |thing: &&Thing| {
        let home = thing.account.or(model.project.default_account);
        let is_here = home
            .and_then(|home| model.accounts.get(home))
            .is_some_and(|home| home.name == account.name);
        let existing = thing.existing.map(|existing| existing.name);
        let name = model.names.text(existing.unwrap_or(thing.physical.name));
        is_here
            && matches!(thing.detail, Detail::Resource)
            && name.strip_prefix("alias/").unwrap_or(name) == called
    };
    let mut things = model.things.iter().map(|(_, thing)| thing);
    let found = things.find(is_called).map(|thing| model.names.text(thing.name));
    found.unwrap_or(called).to_owned()
}

/// The class whose policy it is: `NAME`, or `NAME-2` and so on.
fn class(model: &Model, policy: &str) -> Option<String> {
    let classes = model.things.iter().map(|(_, thing)| thing);
    let mut classes = classes.filter(|thing| matches!(thing.detail, Detail::Class(_)));
    let is_of = |physical: &str| {
        let rest = policy.strip_prefix(physical);
        let number = rest.and_then(|rest| rest.strip_prefix('-'));
        rest == Some("") || number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let class = classes.find(|thing| is_of(model.names.text(thing.physical.name)))?;
    Some(model.names.text(class.name).to_owned())
}

/// The statements of documents, once every variable that has a value is replaced by it.
///
/// # Errors
/// What has no reading.
pub fn statements(
    texts: &[String],
    kind: Kind,
    values: &[(String, String)],
) -> Result<Vec<Statement>, String> {
    let mut out = Vec::new();
    for text in texts {
        let mut text = text.clone();
        for (variable, value) in values {
            text = text.replace(variable, value);
        }
        let document = json::parse(text.as_bytes())?;
        let mut faults = Faults::default();
        out.extend(policy::read(&document, kind, &mut faults));
        if let Some(what) = faults.unreadable.first() {
            return Err(format!("{what} in {text}"));
        }
    }
    Ok(out)
}
