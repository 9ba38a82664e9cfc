//! Conditions of statements, evaluated one value at a time as the user guide describes them.

mod value;

use std::net::IpAddr;

use crate::label::fault::Faults;
use crate::label::letter::{self, Engine, Letter};
use crate::mutate::json::Json;

pub use value::{block, seconds, step};

/// One key of one operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// The key, lower case.
    pub key: String,
    sort: Sort,
    compare: Compare,
    negated: bool,
    if_exists: bool,
    values: Vec<Json>,
}

/// What values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Text.
    Text,
    /// Names of six fields.
    Arn,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// A second.
    Date,
    /// An address.
    Address,
    /// Several values.
    List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Compare {
    Text { glob: bool },
    Arn,
    Flag,
    Order(Sort, &'static str),
    Address,
    Null,
}

/// What a job of GitHub says of itself and the token service compares: the manual's table for that issuer.
fn is_of_github(host: &str, claim: &str) -> bool {
    host.split('/').next() == Some("token.actions.githubusercontent.com")
        && matches!(
            claim,
            "actor"
                | "actor_id"
                | "enterprise_id"
                | "environment"
                | "job_workflow_ref"
                | "ref"
                | "repository"
                | "repository_id"
                | "repository_owner_id"
                | "workflow"
        )
}

/// Keys by their first letters, as far as anything emitted or mutated uses them.
fn sort(key: &str, engine: Engine) -> Option<Sort> {
    let exact: &[(&str, Sort)] = &[
        ("aws:securetransport", Sort::Flag),
        ("aws:multifactorauthpresent", Sort::Flag),
        ("aws:viaawsservice", Sort::Flag),
        ("kms:grantisforawsresource", Sort::Flag),
        ("aws:multifactorauthage", Sort::Number),
        ("sts:durationseconds", Sort::Number),
        ("aws:currenttime", Sort::Date),
        ("aws:sourceip", Sort::Address),
        ("aws:vpcsourceip", Sort::Address),
        ("iot:sourceip", Sort::Address),
        ("aws:sourcearn", Sort::Arn),
        ("aws:principalarn", Sort::Arn),
        ("lambda:sourcefunctionarn", Sort::Arn),
        ("aws:tagkeys", Sort::List),
        ("aws:calledvia", Sort::List),
        ("dynamodb:leadingkeys", Sort::List),
        ("dynamodb:returnvalues", Sort::Text),
        ("aws:sourceaccount", Sort::Text),
        ("aws:sourcevpc", Sort::Text),
        ("aws:sourcevpce", Sort::Text),
        ("aws:requestedregion", Sort::Text),
        ("aws:resourceaccount", Sort::Text),
        ("aws:principalaccount", Sort::Text),
        ("aws:principalorgid", Sort::Text),
        ("kms:viaservice", Sort::Text),
        ("kms:calleraccount", Sort::Text),
        ("s3:prefix", Sort::Text),
        ("iam:passedtoservice", Sort::Text),
        ("sts:externalid", Sort::Text),
        ("sts:sourceidentity", Sort::Text),
        ("sts:rolesessionname", Sort::Text),
        ("saml:aud", Sort::Text),
        ("saml:edupersonaffiliation", Sort::Text),
    ];
    let open: &[&str] = &[
        "aws:principaltag/",
        "aws:requesttag/",
        "aws:resourcetag/",
        "ssm:resourcetag/",
        "kms:encryptioncontext:",
    ];
    if engine == Engine::Iot {
        return Some(match key {
            "iot:connection.thing.isattached" => Sort::Flag,
            "iot:sourceip" => Sort::Address,
            "iot:connection.thing.thingname"
            | "iot:connection.thing.thingtypename"
            | "iot:clientid"
            | "iot:domainname" => Sort::Text,
            _ if key.starts_with("iot:connection.thing.attributes[")
                || key.starts_with("iot:certificate.") =>
            {
                Sort::Text
            }
            _ => return None,
        });
    }
    let found = exact
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, sort)| *sort);
    let by_head = open
        .iter()
        .any(|head| key.strip_prefix(head).is_some_and(|rest| !rest.is_empty()));
    let claim = key.rsplit_once(':').is_some_and(|(host, claim)| {
        host.contains('.') && ["sub", "aud", "email"].contains(&claim) || is_of_github(host, claim)
    });
    found.or((by_head || claim).then_some(Sort::Text))
}

fn operator(name: &str) -> Option<(Compare, bool)> {
    Some(match name {
        "StringEquals" => (Compare::Text { glob: false }, false),
        "StringNotEquals" => (Compare::Text { glob: false }, true),
        "StringLike" => (Compare::Text { glob: true }, false),
        "StringNotLike" => (Compare::Text { glob: true }, true),
        "ArnEquals" | "ArnLike" => (Compare::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Compare::Arn, true),
        "Bool" => (Compare::Flag, false),
        "IpAddress" => (Compare::Address, false),
        "NotIpAddress" => (Compare::Address, true),
        "Null" => (Compare::Null, false),
        other => {
            let (sort, rest) = match (other.strip_prefix("Numeric"), other.strip_prefix("Date")) {
                (Some(rest), _) => (Sort::Number, rest),
                (None, Some(rest)) => (Sort::Date, rest),
                (None, None) => return None,
            };
            match rest {
                "Equals" => (Compare::Order(sort, "="), false),
                "NotEquals" => (Compare::Order(sort, "="), true),
                "LessThan" => (Compare::Order(sort, "<"), false),
                "LessThanEquals" => (Compare::Order(sort, "<="), false),
                "GreaterThan" => (Compare::Order(sort, ">"), false),
                "GreaterThanEquals" => (Compare::Order(sort, ">="), false),
                _ => return None,
            }
        }
    })
}

/// Reads the value of `Condition`.
pub fn read(value: &Json, engine: Engine, deny: bool, faults: &mut Faults) -> Vec<Term> {
    let mut terms = Vec::new();
    let Json::Object(blocks) = value else {
        faults.unreadable("a condition that is no object");
        return terms;
    };
    for (name, block) in blocks {
        if name.starts_with("ForAllValues:") || name.starts_with("ForAnyValue:") {
            faults.undecided("a set operator");
            continue;
        }
        let (plain, if_exists) = name
            .strip_suffix("IfExists")
            .map_or((name.as_str(), false), |plain| (plain, true));
        if plain.ends_with("IgnoreCase") || plain == "BinaryEquals" {
            faults.undecided("an operator that is not decided");
            continue;
        }
        let (Some((compare, negated)), Json::Object(keys)) = (operator(plain), block) else {
            faults.unreadable("no operator");
            continue;
        };
        if if_exists && compare == Compare::Null {
            faults.unreadable("there is no `NullIfExists`");
            continue;
        }
        for (key, values) in keys {
            let key = key.to_ascii_lowercase();
            let Some(sort) = sort(&key, engine) else {
                faults.unreadable("no condition key");
                continue;
            };
            if sort == Sort::List {
                faults.undecided("a key that holds a list");
                continue;
            }
            let fits = match compare {
                Compare::Text { .. } => matches!(sort, Sort::Text | Sort::Arn),
                Compare::Arn => sort == Sort::Arn,
                Compare::Flag => sort == Sort::Flag,
                Compare::Order(of, _) => sort == of,
                Compare::Address => sort == Sort::Address,
                Compare::Null => true,
            };
            if !fits {
                faults.unreadable("a key with an operator of another type");
                continue;
            }
            let term = Term {
                key,
                sort,
                compare,
                negated,
                if_exists,
                values: values.each().to_vec(),
            };
            for value in values.each() {
                term.check(value, engine, deny, faults);
            }
            terms.push(term);
        }
    }
    terms
}

fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(number.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

impl Term {
    fn check(&self, value: &Json, engine: Engine, deny: bool, faults: &mut Faults) {
        let Some(text) = scalar(value) else {
            return faults.unreadable("a value that is no scalar");
        };
        match self.compare {
            Compare::Text { glob } => self.check_text(&text, glob, engine, deny, faults),
            Compare::Arn => {
                let fields: Vec<&str> = text.splitn(6, ':').collect();
                let [.., last] = fields.as_slice() else { return };
                if fields.len() < 6 {
                    return faults.unreadable("a name of fewer than six fields");
                }
                if fields.iter().take(5).any(|field| field.contains(['*', '?'])) {
                    faults.undecided("wildcards in the first five fields");
                }
                let colonless = matches!(fields[2], "s3" | "sns" | "sqs")
                    || (fields[2] == "iam" && last.starts_with("role/"))
                    || (fields[2] == "iot" && last.starts_with("rule/"));
                if last.contains(['*', '?']) && (!colonless || last.contains(':')) {
                    faults.undecided("a wildcard that may or may not cross a colon");
                }
                self.check_text(&text, true, engine, deny, faults);
            }
            Compare::Flag | Compare::Null if text.contains("${") && self.compare == Compare::Flag => {
                faults.undecided("a variable in `Bool`");
            }
            Compare::Flag | Compare::Null => {
                if !["true", "false"].contains(&text.to_ascii_lowercase().as_str()) {
                    faults.unreadable("neither true nor false");
                }
            }
            Compare::Order(Sort::Date, _) => {
                if seconds(&text).is_none() {
                    faults.unreadable("no date");
                }
            }
            Compare::Order(..) => {
                let digits = text.strip_prefix('-').unwrap_or(&text);
                if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
                    faults.unreadable("no number");
                } else if text.parse::<i64>().is_err() {
                    faults.undecided("no whole number");
                }
            }
            Compare::Address => match block(&text) {
                None => faults.unreadable("no block of addresses"),
                Some((first, _)) if !text.starts_with(&first.to_string()) && !text.contains(':') => {
                    faults.undecided("bits behind the prefix");
                }
                Some(_) => {}
            },
        }
    }

    fn check_text(&self, text: &str, glob: bool, engine: Engine, deny: bool, faults: &mut Faults) {
        match letter::read(text, glob, engine) {
            Err(what) => faults.unreadable(&what),
            Ok(letters) => {
                let variable = letters.iter().any(|letter| matches!(letter, Letter::Value(_)));
                if variable && (self.negated || deny) {
                    faults.undecided("a variable in a negated operator or a deny");
                }
                // Several `*` at the end are one.
                let stem = letters
                    .iter()
                    .rposition(|letter| *letter != Letter::Any)
                    .map_or(0, |last| last + 1);
                if letters
                    .iter()
                    .take(stem)
                    .any(|letter| matches!(letter, Letter::Any | Letter::One))
                {
                    faults.undecided("a wildcard before the end of a condition's value");
                }
            }
        }
    }

    /// Whether a context with this value of the key passes.
    #[must_use]
    pub fn passes(&self, value: Option<&str>, engine: Engine) -> bool {
        if self.compare == Compare::Null {
            return self
                .values
                .iter()
                .filter_map(scalar)
                .any(|text| text.eq_ignore_ascii_case("true") == value.is_none());
        }
        let Some(value) = value else {
            return self.negated || self.if_exists;
        };
        let any = self
            .values
            .iter()
            .filter_map(scalar)
            .any(|text| self.meets(&text, value, engine));
        any != self.negated
    }

    fn meets(&self, text: &str, value: &str, engine: Engine) -> bool {
        match self.compare {
            Compare::Text { .. } | Compare::Arn => {
                let glob = self.compare != Compare::Text { glob: false };
                letter::read(text, glob, engine)
                    .is_ok_and(|pattern| letter::matches(&pattern, &letter::shown(value)))
            }
            Compare::Flag => text.eq_ignore_ascii_case(value),
            Compare::Order(sort, order) => {
                let parse = |text: &str| {
                    if sort == Sort::Date {
                        seconds(text)
                    } else {
                        text.parse::<i64>().ok()
                    }
                };
                let (Some(wanted), Some(found)) = (parse(text), parse(value)) else {
                    return false;
                };
                match order {
                    "=" => found == wanted,
                    "<" => found < wanted,
                    "<=" => found <= wanted,
                    ">" => found > wanted,
                    _ => found >= wanted,
                }
            }
            Compare::Address => {
                let (Some((first, last)), Ok(found)) = (block(text), value.parse::<IpAddr>()) else {
                    return false;
                };
                first.is_ipv4() == found.is_ipv4() && first <= found && found <= last
            }
            Compare::Null => false,
        }
    }

    /// Values of the key at which this term may change its mind, absence aside.
    #[must_use]
    pub fn boundaries(&self, engine: Engine) -> Vec<String> {
        let mut out = Vec::new();
        for text in self.values.iter().filter_map(scalar) {
            match (self.sort, self.compare) {
                (_, Compare::Null) => {}
                (Sort::Text | Sort::Arn | Sort::List, _) => {
                    let glob = self.compare != Compare::Text { glob: false };
                    if let Ok(pattern) = letter::read(&text, glob, engine) {
                        out.extend(letter::words(&pattern).iter().map(|word| letter::spell(word)));
                    }
                }
                (Sort::Flag, _) => {}
                (Sort::Number | Sort::Date, _) => {
                    let middle = if self.sort == Sort::Date {
                        seconds(&text)
                    } else {
                        text.parse().ok()
                    };
                    out.extend(
                        middle
                            .into_iter()
                            .flat_map(|n| [n.saturating_sub(1), n, n.saturating_add(1)])
                            .map(|n| n.to_string()),
                    );
                }
                (Sort::Address, _) => {
                    if let Some((first, last)) = block(&text) {
                        out.extend(
                            [Some(first), Some(last), step(first, false), step(last, true)]
                                .into_iter()
                                .flatten()
                                .map(|a| a.to_string()),
                        );
                    }
                }
            }
        }
        out.extend(match self.sort {
            Sort::Text | Sort::Arn | Sort::List => vec![letter::FRESH.to_string()],
            Sort::Flag => vec!["true".to_owned(), "false".to_owned()],
            Sort::Number | Sort::Date => vec!["4102444800".to_owned(), "1".to_owned()],
            Sort::Address => vec!["192.0.2.99".to_owned(), "2001:db8:ffff::99".to_owned()],
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_blocks_are_read() {
        assert_eq!(seconds("1970-01-02"), Some(86_400));
        assert_eq!(seconds("2027-07-01T00:00:00Z"), Some(1_814_400_000));
        assert_eq!(seconds("2000-02-30"), None);
        assert_eq!(seconds("tomorrow"), None);
        let (first, last) = block("10.1.2.3/8").unwrap();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("10.0.0.0".to_owned(), "10.255.255.255".to_owned())
        );
        assert!(block("10.0.0.0/33").is_none());
    }

    #[test]
    fn absence_is_judged_as_the_manual_says() {
        let json = crate::mutate::json::parse(
            br#"{"StringNotEquals":{"s3:prefix":"a"},"BoolIfExists":{"aws:SecureTransport":"true"}}"#,
        )
        .unwrap();
        let mut faults = Faults::default();
        let terms = read(&json, Engine::Iam, false, &mut faults);
        assert!(faults.is_empty());
        assert!(terms.iter().all(|term| term.passes(None, Engine::Iam)));
        assert!(!terms[0].passes(Some("a"), Engine::Iam) && !terms[1].passes(Some("false"), Engine::Iam));
    }
}
