//! Names that compare ignoring case: prefixes, actions, condition keys.

use crate::service::ConditionKey;
use std::cmp::Ordering;

/// The order of packed lists.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(lower).cmp(right.bytes().map(lower))
}

/// The key of a name: the one spelled so before one with something that varies.
pub(crate) fn find<'k>(keys: &'k [ConditionKey], name: &str) -> Option<&'k ConditionKey> {
    if let Ok(found) = keys.binary_search_by(|key| compare(key.name, name)) {
        return keys.get(found);
    }
    // What holds nothing that varies would have been found.
    keys.iter()
        .filter(|key| key.name.contains('$'))
        .find(|key| matches(key.name, name))
}

/// Whether `name` is `template` with something for each `${…}`.
pub(crate) fn matches(template: &str, name: &str) -> bool {
    let Some((head, rest)) = template.split_once("${") else {
        return template.eq_ignore_ascii_case(name);
    };
    let Some((_, tail)) = rest.split_once('}') else {
        return false;
    };
    let middle = name
        .get(..head.len())
        .filter(|start| start.eq_ignore_ascii_case(head))
        .and_then(|_| name.len().checked_sub(tail.len()))
        .filter(|end| name.get(*end..).is_some_and(|end| end.eq_ignore_ascii_case(tail)))
        .and_then(|end| name.get(head.len()..end));
    // A key that starts with what varies is named after a host; without the dot, `aws:sub` would pass for one.
    middle.is_some_and(|middle| !middle.is_empty() && (!head.is_empty() || middle.contains('.')))
}

/// Whether `name` fits a pattern with `*` and `?`, ignoring case.
pub(crate) fn glob(pattern: &str, name: &str) -> bool {
    let mut reached = vec![false; name.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for wanted in pattern.bytes() {
        let mut next = vec![false; name.len() + 1];
        let mut open = false;
        for (place, slot) in next.iter_mut().enumerate() {
            let here = reached.get(place).copied().unwrap_or(false);
            open |= here;
            let before = place.checked_sub(1).and_then(|before| {
                Some((
                    reached.get(before).copied()?,
                    name.as_bytes().get(before).copied()?,
                ))
            });
            *slot = match wanted {
                b'*' => open,
                b'?' => before.is_some_and(|(here, _)| here),
                _ => before.is_some_and(|(here, byte)| here && byte.eq_ignore_ascii_case(&wanted)),
            };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_must_be_filled_in() {
        assert!(matches("aws:ResourceTag/${TagKey}", "AWS:resourcetag/team"));
        assert!(!matches("aws:ResourceTag/${TagKey}", "aws:ResourceTag/"));
        assert!(!matches("aws:ResourceTag/${TagKey}", "aws:RequestTag/team"));
        assert!(matches(
            "events:Metadata/${Key}/Matcher",
            "events:Metadata/a/matcher"
        ));
    }

    #[test]
    fn an_issuer_is_a_host() {
        assert!(matches("${OidcIssuer}:sub", "idp.example.com/realm:sub"));
        assert!(!matches("${OidcIssuer}:sub", "aws:sub"));
    }

    #[test]
    fn a_glob_ignores_case_and_must_match_to_the_end() {
        assert!(glob("s3:get*", "s3:GetObject"));
        assert!(glob("s3:Get?bject", "s3:GetObject"));
        assert!(!glob("s3:Get", "s3:GetObject"));
        assert!(glob("s3:*Object", "s3:GetObject"));
        assert!(!glob("s3:*Objec", "s3:GetObject"));
    }
}
