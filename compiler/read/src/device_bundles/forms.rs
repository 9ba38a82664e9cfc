//! Files of a fixed form: who a member is, what it asks its authority for, which services it uses.

use super::{unread, unread_at};
use crate::facts::Place;
use crate::facts::device::{Identity, Provisioning, Service};
use crate::json::Json;
use crate::sink::{Class, Sink};

/// The lines of the request for a certificate besides remarks.
///
/// Source: openssl-req(1), "CONFIGURATION FILE FORMAT"; config(5), `$ENV::name`.
const REQUEST: [&str; 8] = [
    "[ req ]",
    "prompt = no",
    "default_md = sha256",
    "string_mask = utf8only",
    "distinguished_name = subject",
    "",
    "[ subject ]",
    "CN = $ENV::LEASTWISE_NAME",
];

/// What a member is called, wherever it is: the same words for every class.
const NAME: &str = "the member's name in the inventory";
const SUBJECT: &str = "CN = the member's name";
/// What every certificate asks for.
const KEY_TYPE: &str = "EC P-256";
/// A service has all of its members.
const SERVICE_MEMBERS: usize = 5;

/// Remarks, and then the one request that we know: no extension, no other name.
pub(super) fn request(path: &str, bytes: &[u8], sink: &mut Sink) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return unread(sink, path, "no text");
    };
    let remarks = text.lines().take_while(|line| line.starts_with('#')).count();
    let is_known = text.lines().skip(remarks).eq(REQUEST) && text.ends_with('\n') && !text.contains('\r');
    // A remark that ends in a backslash would go on.
    let goes_on = text.lines().take(remarks).any(|line| line.ends_with('\\'));
    if is_known && !goes_on {
        sink.count(Class::Inert, remarks as u64);
        sink.count(Class::Setting, REQUEST.len() as u64);
    } else {
        unread(sink, path, "another request than the known one");
    }
}

/// A bundle of which nothing has been read.
pub(super) fn said(class: &str, root: &str) -> Provisioning {
    Provisioning {
        class: class.to_owned(),
        project: String::new(),
        environment: None,
        hardware: String::new(),
        members: String::new(),
        inventory: None,
        thing_type: None,
        identities: Vec::new(),
        has_request: false,
        services: Vec::new(),
        place: Place {
            path: root.into(),
            pointer: String::new(),
        },
    }
}

/// `identity.json`
pub(super) fn identity(path: &str, value: &Json<'_>, said: &mut Provisioning, sink: &mut Sink) {
    let Json::Object(members) = value else {
        return unread(sink, path, "no object");
    };
    for (name, value) in members {
        let is_known = match (name.as_ref(), value) {
            ("name", Json::Text(text)) => text == NAME,
            ("subject", Json::Text(text)) => text == SUBJECT,
            ("key-type", Json::Text(text)) => text == KEY_TYPE,
            ("thing-type", Json::Null) => true,
            ("thing-type", Json::Text(text)) => {
                said.thing_type = Some(text.to_string());
                true
            }
            ("identities", Json::List(items)) => {
                let read: Option<Vec<Identity>> = items.iter().map(one_identity).collect();
                read.is_some_and(|read| {
                    said.identities = read;
                    true
                })
            }
            _ => false,
        };
        counted(path, name, value, is_known, sink);
    }
    for missing in ["name", "subject", "key-type", "identities"]
        .iter()
        .filter(|name| !members.iter().any(|(known, _)| known == *name))
    {
        unread(sink, path, &format!("`{missing}` is missing"));
    }
}

fn one_identity(value: &Json<'_>) -> Option<Identity> {
    let Json::Object(members) = value else {
        return None;
    };
    let mut identity = Identity::default();
    for (name, value) in members {
        match (name.as_ref(), value) {
            ("word", Json::Text(word)) => identity.word = word.to_string(),
            ("authority", Json::Text(text)) => identity.authority = Some(text.to_string()),
            ("key", Json::Text(text)) => identity.key = Some(text.to_string()),
            ("rotate-seconds", Json::Number(number)) => {
                identity.rotate_seconds = Some((*number).to_owned());
            }
            ("more", Json::Object(more)) => {
                for (name, value) in more {
                    identity.more.push((name.to_string(), value.text()?.to_owned()));
                }
                identity.more.sort_unstable();
            }
            _ => return None,
        }
    }
    (!identity.word.is_empty()).then_some(identity)
}

/// `endpoints.json`
pub(super) fn endpoints(path: &str, value: &Json<'_>, said: &mut Provisioning, sink: &mut Sink) {
    let Json::List(items) = value else {
        return unread(sink, path, "no list");
    };
    for (index, item) in items.iter().enumerate() {
        let service = service(item);
        counted(path, &index.to_string(), item, service.is_some(), sink);
        said.services.extend(service);
    }
}

fn service(value: &Json<'_>) -> Option<Service> {
    let Json::Object(members) = value else {
        return None;
    };
    let mut service = Service::default();
    for (name, value) in members {
        match (name.as_ref(), value) {
            ("use", Json::Text(text)) => service.protocol = text.to_string(),
            ("service", Json::Text(text)) => service.service = text.to_string(),
            ("region", Json::Text(text)) => service.region = text.to_string(),
            ("ports", Json::List(ports)) => {
                for port in ports {
                    let Json::Number(number) = port else { return None };
                    service.ports.push(number.parse().ok()?);
                }
            }
            ("alpn", Json::Object(words)) => {
                for (port, word) in words {
                    service.alpn.push((port.parse().ok()?, word.text()?.to_owned()));
                }
                service.alpn.sort_unstable();
            }
            _ => return None,
        }
    }
    (members.len() == SERVICE_MEMBERS).then_some(service)
}

fn counted(path: &str, name: &str, value: &Json<'_>, is_known: bool, sink: &mut Sink) {
    if is_known {
        sink.count(Class::Setting, value.leaves());
    } else {
        unread_at(
            sink,
            path,
            format!("/{name}"),
            "an entry that no rule reads".to_owned(),
        );
    }
}
