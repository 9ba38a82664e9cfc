//! Reads the packed table of actions, line by line. Its shape is described where it is written: `xtask/src/catalogue/mod.rs`.

use crate::action::Scope;
use crate::effect::{Effects, Returns};
use crate::service::{ActionRow, ConditionKey, LinkRow, Reach, ResourceType, Service, Value};
use crate::{Catalogue, Malformed};

/// The table of one text.
pub(crate) fn parse(text: &'static str) -> Result<Catalogue, Malformed> {
    let mut catalogue = Catalogue::default();
    let mut number = 0;
    for line in text.lines() {
        number += 1;
        let (tag, rest) = line.split_once('\t').unwrap_or((line, ""));
        record(&mut catalogue, tag, rest).map_err(|message| Malformed {
            line: number,
            message,
        })?;
    }
    if catalogue.digest.is_empty() {
        return Err(Malformed {
            line: number,
            message: "the table names no digest",
        });
    }
    Ok(catalogue)
}

fn record(catalogue: &mut Catalogue, tag: &'static str, rest: &'static str) -> Result<(), &'static str> {
    let mut fields = rest.split('\t');
    let mut next = || fields.next().unwrap_or("");
    match tag {
        "leastwise-catalogue" => {
            if rest != "1" {
                return Err("the table has another version");
            }
        }
        "version" => catalogue.version = rest,
        "date" => catalogue.date = rest,
        "digest" => catalogue.digest = rest,
        "package" | "archive-sha256" | "licence" | "overrides-sha256" => {}
        "g" => {
            let key = condition_key(next(), next(), next() == "everywhere")?;
            catalogue.globals.push(key);
        }
        "k" => {
            let keys = if rest.is_empty() {
                Vec::new()
            } else {
                rest.split('\t').collect()
            };
            catalogue.lists.push(keys);
        }
        "s" => {
            let service = Service {
                prefix: next(),
                name: next(),
                keys: Vec::new(),
                resources: Vec::new(),
                actions: Vec::new(),
            };
            catalogue.services.push(service);
        }
        "c" => open(catalogue)?.keys.push(condition_key(next(), next(), false)?),
        "r" => {
            let resource = ResourceType {
                name: next(),
                arn: next(),
                list: next().parse().map_err(|_| "a list of keys is not a number")?,
                characters: next(),
            };
            open(catalogue)?.resources.push(resource);
        }
        "a" => {
            let action = ActionRow {
                name: next(),
                levels: next(),
                list: next().parse().map_err(|_| "a list of keys is not a number")?,
                links: links(next())?,
                scope: scope(next())?,
            };
            open(catalogue)?.actions.push(action);
        }
        "e" => {
            let name = next();
            let effects = Effects::parse(next()).ok_or("the effect is unknown")?;
            catalogue.effects.push((name, effects));
        }
        "m" => {
            let name = next();
            catalogue.same.push((name, fields.collect()));
        }
        "n" => catalogue.managing.push(next()),
        "o" => {
            let (name, key) = (next(), next());
            let nothing = fields.collect();
            catalogue.returns.push((name, Returns { key, nothing }));
        }
        _ => return Err("the record is unknown"),
    }
    Ok(())
}

fn open(catalogue: &mut Catalogue) -> Result<&mut Service, &'static str> {
    catalogue
        .services
        .last_mut()
        .ok_or("a record stands before its service")
}

fn links(text: &'static str) -> Result<Vec<LinkRow>, &'static str> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split('|')
        .map(|link| LinkRow::parse(link).ok_or("a link's list of keys is not a number"))
        .collect()
}

fn scope(text: &'static str) -> Result<Option<Scope>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    Scope::parse(text).map(Some).ok_or("the scope is unknown")
}

fn condition_key(name: &'static str, kind: &str, everywhere: bool) -> Result<ConditionKey, &'static str> {
    let (kind, is_multi_valued) = match kind.strip_prefix("ArrayOf") {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let value = match kind {
        "String" => Value::String,
        "ARN" => Value::Arn,
        "Bool" => Value::Bool,
        "Numeric" => Value::Numeric,
        "Date" => Value::Date,
        "IPAddress" => Value::IpAddress,
        _ => return Err("the type of a condition key is unknown"),
    };
    let reach = if everywhere {
        Reach::Everywhere
    } else {
        Reach::Listed
    };
    Ok(ConditionKey {
        name,
        value,
        is_multi_valued,
        reach,
    })
}
