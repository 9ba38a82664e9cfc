//! Quotas, as data with a date.
//!
//! AWS changes its quotas, so they are data with a date, and no numbers in code. Each says what is measured and in which unit:
//! white space counts in some documents and not in others. An account to which AWS granted more says so in the spec.

use crate::Malformed;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Every quota that the compiler measures.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    digest: String,
    limits: BTreeMap<String, Limit>,
}

/// One quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// `iam.role.inline`.
    pub id: String,
    /// What is limited, in words that stand in a message.
    pub what: String,
    /// The quota as it is unless somebody asked AWS for more.
    pub value: u64,
    /// What is counted, and how.
    pub counting: Counting,
    /// The most that AWS grants on request; nothing if it grants none or the ceiling is unknown.
    pub ceiling: Option<u64>,
    /// Whether AWS grants more on request.
    pub is_adjustable: bool,
    /// How sure we are.
    pub confidence: Confidence,
    /// Who says so.
    pub source: String,
    /// The day it was last looked at, `2026-11-21`.
    pub date: String,
}

/// What is counted, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    /// Characters, white space not counted.
    NonWhitespace,
    /// Every character.
    Characters,
    /// Bytes of UTF-8, white space included.
    Bytes,
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

/// How sure we are of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// AWS's text or API model, and nothing newer contradicts it.
    Documented,
    /// AWS's text of some years ago, or apt to vary.
    Dated,
    /// Somebody else's text, or our own knowledge.
    Reported,
}

/// Why an override is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No quota has this id.
    Unknown(String),
    /// AWS grants no more of this one.
    Fixed(String),
    /// AWS grants no more than this.
    AboveCeiling(String, u64),
}

impl Limits {
    /// The quotas that the compiler is built with.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Limits> = OnceLock::new();
        // A test parses the embedded file; if it were broken, nothing could be measured, which callers refuse.
        EMBEDDED.get_or_init(|| {
            Self::parse(include_str!("../../../stdlib/catalogue/limits.json")).unwrap_or_default()
        })
    }

    /// Quotas of one's own.
    ///
    /// # Errors
    /// If the text is no such file, or two quotas have one id.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let file: File = serde_json::from_str(text).map_err(|error| Malformed {
            line: u32::try_from(error.line()).unwrap_or(u32::MAX),
            message: "the limits are not as they should be",
        })?;
        let mut limits = BTreeMap::new();
        for row in file.limits {
            let limit = Limit {
                id: row.id.clone(),
                what: row.what,
                value: row.value,
                counting: row.counting,
                ceiling: row.ceiling,
                is_adjustable: row.adjustable,
                confidence: row.confidence,
                source: row.source,
                date: row.date,
            };
            if limits.insert(row.id, limit).is_some() {
                return Err(Malformed {
                    line: 1,
                    message: "two limits have one id",
                });
            }
        }
        Ok(Self {
            digest: file.digest,
            limits,
        })
    }

    /// SHA-256 of the file, everything after the line that holds it.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A quota.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Limit> {
        self.limits.get(id)
    }

    /// Every quota, in order of id.
    pub fn all(&self) -> impl Iterator<Item = &Limit> {
        self.limits.values()
    }

    /// The same quotas with an account's own values. Lower is always allowed: it is headroom.
    ///
    /// # Errors
    /// Every value that AWS would not grant.
    pub fn with(&self, own: &BTreeMap<String, u64>) -> Result<Self, Vec<Refused>> {
        let mut limits = self.clone();
        let mut refused = Vec::new();
        for (id, value) in own {
            match limits.limits.get_mut(id) {
                None => refused.push(Refused::Unknown(id.clone())),
                Some(limit) if *value > limit.value && !limit.is_adjustable => {
                    refused.push(Refused::Fixed(id.clone()));
                }
                Some(Limit {
                    ceiling: Some(ceiling),
                    ..
                }) if value > ceiling => {
                    refused.push(Refused::AboveCeiling(id.clone(), *ceiling));
                }
                Some(limit) => limit.value = *value,
            }
        }
        if refused.is_empty() {
            Ok(limits)
        } else {
            Err(refused)
        }
    }
}

/// The adjustable limits against which something is measured: of these alone a granted value changes an answer.
pub const ASKED: [&str; 17] = [
    "ec2.interface.security-groups",
    "ec2.network-acl.rules",
    "ec2.region.elastic-ips",
    "ec2.region.gateway-endpoints",
    "ec2.region.security-groups",
    "ec2.region.vpcs",
    "ec2.route-table.routes",
    "ec2.security-group.rules",
    "ec2.vpc.interface-endpoints",
    "ec2.vpc.network-acls",
    "ec2.vpc.route-tables",
    "ec2.vpc.subnets",
    "iam.account.managed-policies",
    "iam.account.roles",
    "iam.role.attached",
    "iam.role.trust",
    "iot.connection.subscriptions",
];

/// The id of the limit of a service's resource policies; `None` if its resources have none.
///
/// It is one table, so that what is emitted and what is read back are measured by one quota.
#[must_use]
pub fn resource_policy(service: &str) -> Option<&'static str> {
    Some(match service {
        "s3" => "s3.bucket.policy",
        "kms" => "kms.key.policy",
        "sqs" => "sqs.queue.policy",
        "sns" => "sns.topic.policy",
        "secretsmanager" => "secretsmanager.secret.policy",
        "dynamodb" => "dynamodb.resource-policy",
        "kinesis" => "kinesis.resource-policy",
        "logs" => "logs.resource-policy",
        "lambda" => "lambda.function.policy",
        _ => return None,
    })
}

impl Counting {
    /// The size of a document, counted so; nothing if documents are not what is counted.
    #[must_use]
    pub fn measure(self, document: &str) -> Option<u64> {
        let size = match self {
            Self::NonWhitespace => document.chars().filter(|letter| !letter.is_whitespace()).count(),
            Self::Characters => document.chars().count(),
            Self::Bytes => document.len(),
            Self::Count | Self::Seconds => return None,
        };
        u64::try_from(size).ok()
    }

    /// The unit, as it stands in a message.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::NonWhitespace => "characters without white space",
            Self::Characters => "characters",
            Self::Bytes => "bytes",
            Self::Count => "",
            Self::Seconds => "seconds",
        }
    }
}

#[derive(Deserialize)]
struct File {
    digest: String,
    limits: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    what: String,
    value: u64,
    counting: Counting,
    adjustable: bool,
    #[serde(default)]
    ceiling: Option<u64>,
    confidence: Confidence,
    source: String,
    date: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sha256;

    const FILE: &str = include_str!("../../../stdlib/catalogue/limits.json");

    #[test]
    fn the_file_parses_and_its_digest_is_right() {
        let limits = Limits::parse(FILE).unwrap();
        let (_, body) = FILE
            .split_once(&format!("\"digest\": \"{}\",\n", limits.digest()))
            .unwrap();
        assert_eq!(
            limits.digest(),
            sha256(body),
            "run `cargo xtask seal stdlib/catalogue/limits.json`"
        );
        for limit in limits.all() {
            assert!(limit.value > 0, "{}", limit.id);
            assert!(
                limit
                    .ceiling
                    .is_none_or(|ceiling| ceiling >= limit.value && limit.is_adjustable),
                "{}",
                limit.id
            );
            assert!(limit.date.len() == 10 && !limit.source.is_empty(), "{}", limit.id);
        }
    }

    #[test]
    fn white_space_counts_where_aws_says_so() {
        let limits = Limits::embedded();
        assert_eq!(
            limits
                .get("iam.role.inline")
                .unwrap()
                .counting
                .measure("{ \"a\": 1\n}"),
            Some(7)
        );
        assert_eq!(
            limits
                .get("ec2.vpc-endpoint.policy")
                .unwrap()
                .counting
                .measure("{ }"),
            Some(3)
        );
        assert_eq!(
            limits.get("s3.bucket.policy").unwrap().counting.measure("ä"),
            Some(2)
        );
        assert_eq!(
            limits
                .get("ec2.security-group.rules")
                .unwrap()
                .counting
                .measure("x"),
            None
        );
    }

    #[test]
    fn an_account_may_have_more_where_aws_grants_more() {
        let limits = Limits::embedded();
        let own = |id: &str, value| limits.with(&BTreeMap::from([(id.to_owned(), value)]));
        assert_eq!(
            own("iam.role.trust", 4096)
                .unwrap()
                .get("iam.role.trust")
                .unwrap()
                .value,
            4096
        );
        assert_eq!(
            own("iam.role.inline", 10241).unwrap_err(),
            [Refused::Fixed("iam.role.inline".to_owned())]
        );
        assert!(own("iam.role.inline", 5000).is_ok());
        assert_eq!(
            own("iam.rolle", 1).unwrap_err(),
            [Refused::Unknown("iam.rolle".to_owned())]
        );
        assert!(matches!(
            own("iam.role.attached", 1000).unwrap_err()[..],
            [Refused::AboveCeiling(_, 25)]
        ));
    }
}
