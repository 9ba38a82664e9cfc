//! Files of a fixed form: who a member is, what it asks its authority for, which services it uses.

use super::{unread, unread_at};
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

/// `identity.json`
pub(super) fn identity(path: &str, value: &Json<'_>, sink: &mut Sink) {
    let Json::Object(members) = value else {
        return unread(sink, path, "no object");
    };
    for (name, value) in members {
        let is_known = match (name.as_ref(), value) {
            ("name" | "subject", Json::Text(_)) | ("thing-type", Json::Text(_) | Json::Null) => true,
            ("key-type", Json::Text(text)) => text == "EC P-256",
            ("identities", Json::List(items)) => items.iter().all(is_identity),
            _ => false,
        };
        counted(path, name, value, is_known, sink);
    }
}

fn is_identity(value: &Json<'_>) -> bool {
    let Json::Object(members) = value else {
        return false;
    };
    members.iter().all(|(name, value)| match (name.as_ref(), value) {
        ("word", Json::Text(word)) => matches!(
            word.as_ref(),
            "x509" | "roles-anywhere" | "ssm" | "dot1x" | "ssh-host"
        ),
        ("authority", Json::Text(_)) => true,
        ("key", Json::Text(key)) => matches!(key.as_ref(), "secure-element" | "tpm" | "pkcs11" | "file"),
        ("rotate-seconds", Json::Number(_)) => true,
        ("more", Json::Object(more)) => more.iter().all(|(_, value)| value.text().is_some()),
        _ => false,
    })
}

/// `endpoints.json`
pub(super) fn endpoints(path: &str, value: &Json<'_>, sink: &mut Sink) {
    let Json::List(items) = value else {
        return unread(sink, path, "no list");
    };
    for (index, item) in items.iter().enumerate() {
        counted(path, &index.to_string(), item, is_service(item), sink);
    }
}

fn is_service(value: &Json<'_>) -> bool {
    let Json::Object(members) = value else {
        return false;
    };
    members.len() == 5
        && members.iter().all(|(name, value)| match (name.as_ref(), value) {
            ("use", Json::Text(word)) => matches!(word.as_ref(), "mqtt" | "https"),
            ("service" | "region", Json::Text(_)) => true,
            ("ports", Json::List(ports)) => ports.iter().all(|port| match port {
                Json::Number(number) => number.parse::<u16>().is_ok(),
                _ => false,
            }),
            ("alpn", Json::Object(words)) => words.iter().all(|(port, word)| {
                port == "443" && matches!(word.text(), Some("x-amzn-mqtt-ca" | "x-amzn-http-ca"))
            }),
            _ => false,
        })
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
