//! What somebody may have meant who wrote a word that stands somewhere else, or that another tool has: what to write instead.
//!
//! Three places have a table each: the first word of a line, a property of a head line, a fact of a block. A help of this file never
//! sends a word to a place that does not take it.

mod top;

pub(crate) use top::at_the_top;

/// `declaration` is the first word of the line that holds what was written: `bucket`, `trust`, `project`.
struct Elsewhere {
    word: &'static str,
    /// In which declarations; in all if empty.
    of: &'static [&'static str],
    help: &'static str,
}

const fn any(word: &'static str, help: &'static str) -> Elsewhere {
    Elsewhere { word, of: &[], help }
}

const fn of(of: &'static [&'static str], word: &'static str, help: &'static str) -> Elsewhere {
    Elsewhere { word, of, help }
}

const PROMISES: &[&str] = &["never", "limit"];

const SELECTOR: &str = "a selector is one word: `segment:NAME`, `kind:bucket`, `level:1`";

/// What a head line's property was to say.
const ON_HEAD: &[Elsewhere] = &[
    of(
        &["account"],
        "name",
        "the name stands behind `account`, and the number is its `id`: `account main id=\"111122223333\" region=eu-central-1`",
    ),
    of(
        &["never", "isolate", "limit", "waive"],
        "except",
        "it goes into the block: `{ except NAME; because \"…\" }`",
    ),
    of(
        &["never", "isolate", "limit", "waive"],
        "besides",
        "it goes into the block: `{ besides NAME; because \"…\" }`",
    ),
    of(&["oidc"], "url", "write `issuer=\"https://…\"`"),
    of(&["saml"], "url", "write `metadata=\"secret://NAME\"`"),
    of(PROMISES, "segment", SELECTOR),
    of(PROMISES, "network", SELECTOR),
    of(PROMISES, "site", SELECTOR),
    of(PROMISES, "kind", SELECTOR),
    of(PROMISES, "level", SELECTOR),
    of(PROMISES, "tag", SELECTOR),
    of(PROMISES, "account", SELECTOR),
    of(
        &["trust"],
        "environment",
        "what is of some environments only stands in a block: `in dev { trust … }`",
    ),
    any(
        "count",
        "a declaration is one thing: declare each by its own name; many devices are the rows of a `fleet`",
    ),
    any(
        "name",
        "the name stands behind the word; what the provider calls it goes into the block: `{ physical \"NAME\" }`",
    ),
    any(
        "security-group",
        "a security group is made of the trusts: delete it",
    ),
    any(
        "security_groups",
        "a security group is made of the trusts: delete it",
    ),
    any(
        "segment",
        "it stands in no segment: delete this; who reaches it stands in one that has `endpoints`",
    ),
    any("subnet", "it stands in no segment: delete this"),
    any(
        "vlan",
        "a segment is known by its `cidr`, whatever carries it: delete this",
    ),
    any(
        "level",
        "a level is a segment's: `segment NAME cidr=\"…\" level=1`; what stands there has it",
    ),
    any(
        "cidr",
        "the addresses of who acts go into the block: `{ at \"198.51.100.0/28\" }`",
    ),
    any(
        "ip",
        "the addresses of who acts go into the block: `{ at \"198.51.100.7\" }`",
    ),
    any("at", "it goes into the block: `{ at \"198.51.100.7\" }`"),
    any(
        "environment",
        "what is of some environments only stands in a block: `in dev { … }`",
    ),
    any("enabled", "delete it: what stands in the spec is on"),
];

/// What a fact of a block was to say.
const IN_BLOCK: &[Elsewhere] = &[
    of(
        &["project"],
        "backend",
        "the backend of the state is yours, in a file of your own beside the modules: delete this",
    ),
    of(
        &["project"],
        "region",
        "a region is of an account: `account NAME id=\"…\" region=eu-central-1`",
    ),
    of(
        &["project"],
        "team",
        "it stands beside the project, in the first column: close the project's block before it",
    ),
    of(
        &["project"],
        "owner",
        "it stands beside the project, in the first column: close the project's block before it",
    ),
    of(
        &["project"],
        "use",
        "it stands beside the project, in the first column: close the project's block before it",
    ),
    of(
        &["trust"],
        "except",
        "leave it out: a trust names each one, and nobody else is in it; `except` is a promise's",
    ),
    of(
        &["workload"],
        "session",
        "leave it out: a session's length is of `people`",
    ),
    of(
        &["trust"],
        "until",
        "a date after which the provider refuses is a condition: `when { until \"2026-12-31\" }`; one for the spec is `expires`",
    ),
    of(
        &["when"],
        "expires",
        "it stands in the trust, beside `when`; a date for the provider is `until \"…\"`",
    ),
    of(&["when"], "ip", "write `source \"203.0.113.0/24\"`"),
    of(&["when"], "cidr", "write `source \"203.0.113.0/24\"`"),
    of(&["when"], "mfa", "write `mfa-age \"1h\" accept=idp-mfa`"),
    of(
        &["when"],
        "hours",
        "no condition of the provider knows the time of day: leave it out",
    ),
    of(
        &["when"],
        "time",
        "no condition of the provider knows the time of day: leave it out",
    ),
    of(
        &["workload"],
        "policy",
        "no policy is attached by its name: say what it may: `trust WORKLOAD -> OBJECT { allow …; because \"…\" }`",
    ),
    of(
        &["workload", "device", "people", "external"],
        "trust",
        "it stands in the first column: `trust SUBJECT -> OBJECT { allow …; because \"…\" }`",
    ),
    of(
        &["workload"],
        "image",
        "what runs is not made here: delete it; this says who the workload is and what it may",
    ),
    of(&["workload"], "cpu", "what runs is not made here: delete it"),
    of(&["workload"], "memory", "what runs is not made here: delete it"),
    of(
        &["workload"],
        "environment",
        "what runs is not made here: delete it",
    ),
    of(&["database"], "username", "write `administrator \"NAME\"`"),
    of(
        &["database"],
        "password",
        "delete it: the service makes the password, and keeps it as a secret",
    ),
    of(&["database"], "multi-az", "write `both-zones`"),
    of(
        &["secret", "parameter"],
        "value",
        "delete it: no value stands in a spec; who may `write` puts it in",
    ),
    of(&["table"], "hash-key", "write `partition-key NAME`"),
    of(&["queue"], "visibility-timeout", "write `hidden-for \"2m\"`"),
    of(
        &["queue"],
        "dead-letter",
        "declare the other queue, and a `trust` for who reads it; the redrive policy is not made here",
    ),
    of(&["bucket"], "versioning", "write `versioned`"),
    of(
        &["bucket"],
        "acl",
        "delete it: a bucket's list of access is off, and who may what is said by trusts",
    ),
    of(&["external"], "ip", "write `at \"198.51.100.7\"`"),
    of(&["external"], "cidr", "write `at \"198.51.100.0/28\"`"),
    of(
        &["external"],
        "arn",
        "write `role \"arn:…\"`, and the `external-id` that it gives",
    ),
    of(&["provider"], "url", "write `oidc issuer=\"https://…\"`"),
    of(
        &["network", "site"],
        "zone",
        "write `segment NAME cidr=\"…\"`; the zones of a network are `zones a b`",
    ),
    of(&["network"], "subnet", "write `segment NAME cidr=\"…\"`"),
    of(
        &["network"],
        "nat-gateway",
        "delete it: it is made where a trust needs a way to the internet",
    ),
    of(
        &["network", "segment"],
        "route",
        "delete it: routes are made of the trusts",
    ),
    of(
        &["segment"],
        "listens",
        "what listens is a workload, a device or a database that stands there: `workload NAME segment=… { listens … }`",
    ),
    of(
        &["key"],
        "rotate",
        "delete it: a key that is made here is turned each year",
    ),
    any("depends-on", "delete it: the order of what is made is worked out"),
    any(
        "prevent-destroy",
        "delete it: what holds data is protected from deletion",
    ),
    any(
        "lifecycle",
        "delete it: what holds data is protected from deletion",
    ),
    any("tags", "write `tag KEY=\"VALUE\"`"),
    any("arn", "what exists is named by `existing \"…\"`"),
    any(
        "name",
        "the name stands behind the word; what the provider calls it is `physical \"NAME\"`",
    ),
    any(
        "in",
        "it stands around the declaration: `in dev { bucket NAME { … } }`",
    ),
    any(
        "segment",
        "it stands in no segment: delete this; who reaches it stands in one that has `endpoints`",
    ),
    any(
        "level",
        "a level is a segment's: `segment NAME cidr=\"…\" level=1`",
    ),
    any("deny", "leave it out: everything that no trust allows is denied"),
];

/// Facts of the blocks of declarations that no kind says.
const FACTS: &[(&[&str], &[&str])] = &[
    (
        &["workload", "device", "external"],
        &[
            "at",
            "listens",
            "wears",
            "claim",
            "hardware",
            "identity",
            "fleet",
            "speaks",
            "role",
            "external-id",
        ],
    ),
    (&["people"], &["group", "mfa", "session"]),
    (
        &["network", "site", "segment"],
        &["zones", "connects", "leaves-by", "exposure", "endpoints"],
    ),
    (
        &["trust"],
        &[
            "allow", "because", "expires", "others", "owner", "same", "under", "only", "when",
        ],
    ),
    (
        &["never", "isolate", "limit"],
        &["allow", "because", "differ", "objects", "through"],
    ),
];

/// Properties of head lines, by the declarations that take them; `account` is every thing's.
const HEADS: &[(&[&str], &[&str])] = &[
    (&["workload"], &["runs-on", "segment", "from"]),
    (&["device", "database", "balancer", "segment"], &["segment"]),
    (&["people"], &["from"]),
    (&["network", "site", "segment"], &["cidr", "cidr6"]),
    (&["segment"], &["level"]),
    (&["account"], &["id", "region"]),
    (&["project"], &["edition"]),
    (&["kind"], &["service"]),
    (&["topic", "shadow"], &["of"]),
    (&["never", "isolate", "limit"], &["name"]),
    (&["waive"], &["on", "by", "until"]),
];

/// Whether a property stands on the head line of a declaration.
pub(crate) fn is_on_head(declaration: &str, word: &str) -> bool {
    let mut own = HEADS.iter().filter(|(of, _)| of.contains(&declaration));
    let is_line = matches!(
        declaration,
        "trust"
            | "never"
            | "isolate"
            | "limit"
            | "waive"
            | "require"
            | "test"
            | "project"
            | "account"
            | "kind"
    );
    own.any(|(_, words)| words.contains(&word)) || word == "account" && !is_line
}

/// Words that are read and refused: no list offers them.
pub(crate) const NOT_LOWERED: &[&str] = &[
    "approval",
    "below-floor",
    "firmware",
    "greengrass",
    "floor",
    "judged-by",
    "patch",
    "reason",
    "sessions",
    "ssm",
    "state",
    "weekdays",
];

/// Facts that every thing may say.
const OF_ANY: &[&str] = &[
    "data-class",
    "existing",
    "open-to",
    "owner",
    "physical",
    "renamed-from",
    "tag",
];

/// Whether the block of a declaration takes a fact; what its kind says besides is asked of the kind.
pub(crate) fn is_fact(declaration: &str, word: &str) -> bool {
    let own = FACTS.iter().filter(|(of, _)| of.contains(&declaration));
    let is_of_line = matches!(declaration, "trust" | "never" | "isolate" | "limit");
    own.flat_map(|(_, words)| *words).any(|known| *known == word) || !is_of_line && OF_ANY.contains(&word)
}

/// What a property that the head line of `declaration` does not take may have been meant for.
pub(crate) fn on_head(declaration: &str, word: &str) -> Option<&'static str> {
    find(ON_HEAD, declaration, word)
}

/// What a fact that the block of `declaration` does not take may have been meant for.
pub(crate) fn in_block(declaration: &str, word: &str) -> Option<&'static str> {
    find(IN_BLOCK, declaration, word)
}

fn find(table: &'static [Elsewhere], declaration: &str, word: &str) -> Option<&'static str> {
    let has =
        |entry: &&Elsewhere| entry.word == word && (entry.of.is_empty() || entry.of.contains(&declaration));
    table.iter().find(has).map(|entry| entry.help)
}
