//! Who a member is: its name, its key's place, what it asks its authority for. No key is made or held.

use aws::deployment::device::{Class, Identity};
use minijinja::context;
use serde_json::{Map, Value, json};

use super::text::{Refused, render};

/// What every certificate of a class asks for.
const KEY_TYPE: &str = "EC P-256";

/// `identity.json`.
pub(super) fn identity(class: &Class) -> Value {
    let identities: Vec<Value> = class.identities.iter().map(one).collect();
    json!({
        "name": "the member's name in the inventory",
        "thing-type": class.account.as_ref().map(|_| class.physical.clone()),
        "subject": "CN = the member's name",
        "key-type": KEY_TYPE,
        "identities": identities,
    })
}

fn one(identity: &Identity) -> Value {
    let mut members = Map::new();
    members.insert("word".to_owned(), identity.word.clone().into());
    if let Some(authority) = &identity.ca {
        members.insert("authority".to_owned(), authority.clone().into());
    }
    if let Some(key) = &identity.key {
        members.insert("key".to_owned(), key.clone().into());
    }
    if let Some(seconds) = identity.rotate_seconds {
        members.insert("rotate-seconds".to_owned(), seconds.into());
    }
    let more: Map<String, Value> = identity
        .more
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    if !more.is_empty() {
        members.insert("more".to_owned(), Value::Object(more));
    }
    Value::Object(members)
}

/// `csr.cnf`, for the first identity that has a certificate with a key of its own.
pub(super) fn request(class: &Class) -> Result<Option<Vec<u8>>, Refused> {
    let certified =
        |identity: &&Identity| matches!(identity.word.as_str(), "x509" | "roles-anywhere" | "dot1x");
    let Some(identity) = class.identities.iter().find(certified) else {
        return Ok(None);
    };
    let of = |name: &str| {
        identity
            .more
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let values = context! {
        class => class.name.as_str(),
        key => identity.key.as_deref().unwrap_or_default(),
        handle => of("handle"),
        library => of("library"),
    };
    render(
        "the request for a certificate",
        include_str!("csr.cnf.txt"),
        values,
    )
    .map(Some)
}
