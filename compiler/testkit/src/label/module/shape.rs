//! Which values an argument takes, as the provider's pages and the services' manuals say.

use super::template::Piece;
use super::value::Ref;
use crate::label::packet;

/// A shape of values.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// `true` or `false`.
    Flag,
    /// A whole number between two.
    Within(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text of so many characters, out of letters, digits and these.
    Word(usize, &'static str),
    /// The same, and it starts so.
    Head(&'static str, usize, &'static str),
    /// Anything.
    Any,
    /// A block of IPv4 addresses.
    Block,
    /// The value of an attribute of one of these types, or an id that starts so, if any may.
    Id(&'static [(&'static str, &'static str)], &'static str),
    /// A name of the DNS, or the value of an attribute of one of these types.
    Host(&'static [(&'static str, &'static str)]),
    /// A key, by any of the names that the provider takes.
    Key,
    /// An ARN of a service whose last field starts so.
    Arn(&'static str, &'static str),
    /// A zone of the module's region.
    Zone,
    /// `com.amazonaws.REGION.SERVICE` of the module's region.
    Service,
    /// A substitution template of the broker.
    Substitution,
}

/// Where a value stands.
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
}

impl Shape {
    /// Whether a value has the shape.
    pub(super) fn fits(self, pieces: &[Piece<Ref>], place: &Place<'_>) -> bool {
        let text = match pieces {
            [Piece::Text(text)] => text.as_str(),
            [Piece::Ref(to)] => {
                return match self {
                    Self::Id(wanted, _) | Self::Host(wanted) => wanted
                        .iter()
                        .any(|(sort, attribute)| to.sort == *sort && to.attribute == *attribute),
                    Self::Key => {
                        matches!(
                            (to.sort.as_str(), to.attribute.as_str()),
                            ("aws_kms_key", "arn" | "key_id" | "id")
                                | ("aws_kms_alias", "target_key_arn" | "target_key_id")
                        )
                    }
                    Self::Arn(service, _) => to.attribute == "arn" && to.sort.contains(service),
                    Self::Any => true,
                    _ => false,
                };
            }
            _ => return matches!(self, Self::Any),
        };
        match self {
            Self::Flag => matches!(text, "true" | "false"),
            Self::Within(least, most) => text
                .parse::<i64>()
                .is_ok_and(|n| n.to_string() == text && least <= n && n <= most),
            Self::OneOf(words) => words.contains(&text),
            Self::Word(most, others) => is_word(text, most, others),
            Self::Head(head, most, others) => text
                .strip_prefix(head)
                .is_some_and(|rest| is_word(rest, most, others)),
            Self::Any => true,
            Self::Block => packet::peer(text).is_some() && !text.contains(':'),
            // The id of a key: 32 digits, in groups or behind `mrk-`.
            Self::Id(_, "key") => {
                let digits = match text.strip_prefix("mrk-") {
                    Some(rest) => rest.to_owned(),
                    None if text.split('-').count() == 5 => text.replace('-', ""),
                    None => return false,
                };
                digits.len() == 32
                    && digits
                        .chars()
                        .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
            }
            Self::Id(_, head) => {
                let rest = text.strip_prefix(head).filter(|_| !head.is_empty());
                rest.is_some_and(|rest| {
                    !rest.is_empty()
                        && rest
                            .chars()
                            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
                })
            }
            Self::Host(_) => is_word(text, 255, ".-"),
            Self::Key => {
                // By its ARN, of whatever account; by a name, of this one.
                let fields: Vec<&str> = text.splitn(6, ':').collect();
                let name = match fields.as_slice() {
                    ["arn", "aws", "kms", region, account, name] => {
                        let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
                        (*region == place.region && is_account).then_some(*name)
                    }
                    _ => text.starts_with("alias/").then_some(text),
                };
                name.and_then(|name| name.strip_prefix("alias/").or_else(|| name.strip_prefix("key/")))
                    .is_some_and(|rest| is_word(rest, 250, "/_-"))
            }
            Self::Arn(service, head) => {
                let fields: Vec<&str> = text.splitn(6, ':').collect();
                fields.len() == 6
                    && fields[0] == "arn"
                    && fields[1] == "aws"
                    && fields[2] == service
                    && fields[5]
                        .strip_prefix(head)
                        .is_some_and(|rest| is_word(rest, 512, "+=,.@_/-"))
            }
            Self::Zone => text
                .strip_prefix(place.region)
                .is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_lowercase())),
            Self::Service => text
                .strip_prefix(&format!("com.amazonaws.{}.", place.region))
                .is_some_and(|rest| is_word(rest, 100, ".-")),
            Self::Substitution => {
                let mut rest = text;
                while let Some((_, after)) = rest.split_once("${") {
                    match after.split_once('}') {
                        Some((_, after)) => rest = after,
                        None => return false,
                    }
                }
                !text.is_empty()
            }
        }
    }
}

fn is_word(text: &str, most: usize, others: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= most
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}
