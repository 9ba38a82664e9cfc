//! What names the provider takes, by what bears them.

/// What a name may be.
pub(super) struct Shape {
    /// Of what, in a message.
    pub(super) of: &'static str,
    pub(super) chars_min: usize,
    pub(super) chars_max: usize,
    /// What it may hold besides ASCII letters and digits.
    also: &'static str,
    /// The same in words.
    pub(super) words: &'static str,
}

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(super) const ROLE: Shape = Shape {
    of: "a role",
    chars_min: 1,
    chars_max: 64,
    also: "_+=,.@-",
    words: "letters, digits and `_+=,.@-`",
};

/// A thing type, and an IoT policy with room for `-10`.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThingType.html>, `API_CreatePolicy`
pub(super) const CLASS: Shape = Shape {
    of: "a thing type",
    chars_min: 1,
    chars_max: 125,
    also: "_-",
    words: "letters, digits, `_` and `-`",
};

/// Per service prefix. Sources: the API reference of each service, read 2026-11-21.
const SHAPES: &[(&str, Shape)] = &[
    (
        "dynamodb",
        Shape {
            of: "a table",
            chars_min: 3,
            chars_max: 255,
            also: "_.-",
            words: "letters, digits and `_.-`",
        },
    ),
    (
        "elasticloadbalancing",
        Shape {
            of: "a balancer",
            chars_min: 1,
            chars_max: 32,
            also: "-",
            words: "letters, digits and hyphens, no hyphen at an end, and not `internal-` at the beginning",
        },
    ),
    (
        "iot",
        Shape {
            of: "a topic rule",
            chars_min: 1,
            chars_max: 128,
            also: "_",
            words: "letters, digits and `_`, no hyphen",
        },
    ),
    (
        "kinesis",
        Shape {
            of: "a stream",
            chars_min: 1,
            chars_max: 128,
            also: "_.-",
            words: "letters, digits and `_.-`",
        },
    ),
    (
        "kms",
        Shape {
            of: "a key's alias",
            chars_min: 1,
            chars_max: 250,
            also: "/_-",
            words: "letters, digits and `/_-`",
        },
    ),
    (
        "lambda",
        Shape {
            of: "a function",
            chars_min: 1,
            chars_max: 64,
            also: "_-",
            words: "letters, digits, `_` and `-`",
        },
    ),
    (
        "logs",
        Shape {
            of: "a log group",
            chars_min: 1,
            chars_max: 512,
            also: "_-/.#",
            words: "letters, digits and `_-/.#`, and not `aws/` at the beginning",
        },
    ),
    (
        "rds",
        Shape {
            of: "a database",
            chars_min: 1,
            chars_max: 63,
            also: "-",
            words: "lower-case letters, digits and single hyphens between them, a letter first, and not `default`",
        },
    ),
    (
        "s3",
        Shape {
            of: "a bucket",
            chars_min: 3,
            chars_max: 63,
            also: ".-",
            words: "lower-case letters, digits, `.` and `-`, a letter or digit at both ends",
        },
    ),
    (
        "secretsmanager",
        Shape {
            of: "a secret",
            chars_min: 1,
            chars_max: 512,
            also: "/_+=.@-",
            words: "letters, digits and `/_+=.@-`",
        },
    ),
    (
        "sqs",
        Shape {
            of: "a queue",
            chars_min: 1,
            chars_max: 80,
            also: "_-.",
            words: "letters, digits, `_` and `-`, and `.fifo` at the end of a queue that is one",
        },
    ),
    (
        "ssm",
        Shape {
            of: "a parameter",
            chars_min: 1,
            // 1011 with what stands before it in its address.
            chars_max: 960,
            also: "_.-/",
            words: "letters, digits and `_.-`, in up to 15 levels, and neither `aws` nor `ssm` at the beginning",
        },
    ),
    (
        "timestream",
        Shape {
            of: "a time series",
            chars_min: 3,
            // The service takes 256, Terraform's provider 64.
            chars_max: 64,
            also: "_.-",
            words: "letters, digits and `_.-`",
        },
    ),
];

/// The shape of the names of a service's things, if it has one.
pub(super) fn of(service: &str) -> Option<&'static Shape> {
    SHAPES
        .iter()
        .find(|(of, _)| *of == service)
        .map(|(_, shape)| shape)
}

/// Whether a service takes a name for one of its things.
pub(super) fn takes(service: &str, shape: &Shape, name: &str, is_fifo: bool) -> bool {
    fits(name, shape)
        && match service {
            "elasticloadbalancing" => is_balancer(name),
            "kms" => !name.starts_with("aws/"),
            "logs" => !name.starts_with("aws/"),
            "rds" => is_database(name),
            "s3" => is_bucket(name),
            "sqs" => is_queue(name, is_fifo),
            "ssm" => is_parameter(name),
            _ => true,
        }
}

pub(super) fn fits(name: &str, shape: &Shape) -> bool {
    (shape.chars_min..=shape.chars_max).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || shape.also.contains(c))
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(name: &str) -> bool {
    const HEADS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const TAILS: [&str; 6] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"];
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_address = name.split('.').count() == 4 && name.parse::<std::net::Ipv4Addr>().is_ok();
    ends(name.chars().next())
        && ends(name.chars().last())
        && !name.contains(|c: char| c.is_ascii_uppercase())
        && !name.contains("..")
        && !is_address
        && !HEADS.iter().any(|head| name.starts_with(head))
        && !TAILS.iter().any(|tail| name.ends_with(tail))
}

fn is_queue(name: &str, fifo: bool) -> bool {
    let stem = name.strip_suffix(".fifo");
    stem.is_some() == fifo && !stem.unwrap_or(name).contains('.') && stem != Some("")
}

/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>, read 2026-11-30.
fn is_balancer(name: &str) -> bool {
    has_no_hyphen_at_an_end(name) && !name.starts_with("internal-")
}

/// Whether a name begins and ends with something else than a hyphen: names of balancers and of their targets do.
pub(crate) fn has_no_hyphen_at_an_end(name: &str) -> bool {
    !name.starts_with('-') && !name.ends_with('-')
}

/// The instance, its group of subnets and its parameters bear one name.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>, `API_CreateDBSubnetGroup`, read 2026-11-30.
fn is_database(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.contains(|c: char| c.is_ascii_uppercase())
        && !name.contains("--")
        && !name.ends_with('-')
        && name != "default"
}

/// Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>, read 2026-11-30.
fn is_parameter(name: &str) -> bool {
    const LEVELS_MAX: usize = 15;
    let levels = || name.strip_prefix('/').unwrap_or(name).split('/');
    let first = levels().next().unwrap_or_default().to_ascii_lowercase();
    !first.starts_with("aws")
        && !first.starts_with("ssm")
        && levels().count() <= LEVELS_MAX
        && levels().all(|level| !level.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_names_of_their_own() {
        for name in ["a-1", "example-notes-111122223333", "a.b.c"] {
            assert!(is_bucket(name), "{name}");
        }
        for name in [
            "-a1",
            "a1-",
            "A-b",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "abc-s3alias",
        ] {
            assert!(!is_bucket(name), "{name}");
        }
    }

    #[test]
    fn queues_say_what_they_are() {
        assert!(is_queue("jobs", false) && is_queue("jobs.fifo", true));
        assert!(!is_queue("jobs.fifo", false) && !is_queue("jobs", true) && !is_queue("a.b", false));
        assert!(!is_queue(".fifo", true));
    }

    #[test]
    fn balancers_databases_and_parameters_have_names_of_their_own() {
        assert!(is_balancer("front-1") && is_balancer("internal"));
        for name in ["internal-front", "front-", "-front"] {
            assert!(!is_balancer(name), "{name}");
        }
        assert!(is_database("orders-2") && is_database("d"));
        for name in ["1db", "my--db", "db-", "Orders", "default", "-db"] {
            assert!(!is_database(name), "{name}");
        }
        assert!(is_parameter("/app/pw") && is_parameter("app/pw") && is_parameter("pw"));
        for name in [
            "/aws/pw",
            "ssm-x",
            "a//b",
            "a/",
            "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16",
        ] {
            assert!(!is_parameter(name), "{name}");
        }
    }
}
