//! Words that begin no line: those of other tools, and of the language where they stand elsewhere.

/// What other tools call what the language has another word for, and words of the language that stand elsewhere.
const AT_THE_TOP: &[(&str, &str)] = &[
    (
        "always",
        "a promise forbids: `never SUBJECT -> OBJECT { … }`; what must be is a `test`",
    ),
    (
        "allow",
        "it stands in a trust: `trust SUBJECT -> OBJECT { allow read; because \"…\" }`",
    ),
    ("alert", "an alarm is no access: the language has no word for it"),
    ("cluster", "what runs on it is a `workload NAME runs-on=ecs`"),
    ("container", "write `workload NAME runs-on=ecs`"),
    (
        "deny",
        "leave it out: everything that no trust allows is denied; a `never` proves it",
    ),
    ("dynamodb", "write `table NAME { … }`"),
    ("ec2", "write `workload NAME runs-on=ec2`"),
    ("ecs", "write `workload NAME runs-on=ecs`"),
    ("eks", "write `workload NAME runs-on=eks`"),
    ("endpoint", "say `endpoints` in a segment of the network"),
    (
        "grant",
        "write `trust SUBJECT -> OBJECT { allow read; because \"…\" }`",
    ),
    (
        "iam",
        "write `trust SUBJECT -> OBJECT { allow read; because \"…\" }`",
    ),
    (
        "if",
        "what is of some environments only stands in `in ENVIRONMENT { … }`",
    ),
    (
        "import",
        "write `use \"std/…\"`; every `*.kdl` of the folder is read by itself",
    ),
    (
        "include",
        "write `use \"std/…\"`; every `*.kdl` of the folder is read by itself",
    ),
    ("kinesis", "write `stream NAME { … }`"),
    ("kms", "write `key NAME`"),
    ("lambda", "write `workload NAME runs-on=lambda`"),
    ("lb", "write `balancer NAME segment=SEGMENT { … }`"),
    (
        "module",
        "what is applied several times is a `profile`, and `apply` names it",
    ),
    (
        "only",
        "write `never * -> OBJECT { except SUBJECT; because \"…\" }`",
    ),
    (
        "permission",
        "write `trust SUBJECT -> OBJECT { allow read; because \"…\" }`",
    ),
    (
        "policy",
        "write `trust SUBJECT -> OBJECT { allow read; because \"…\" }`",
    ),
    ("rds", "write `database NAME segment=SEGMENT { … }`"),
    (
        "resource",
        "write the kind itself: `bucket NAME { … }`, `queue NAME { … }`",
    ),
    (
        "role",
        "a role is made of what acts: `workload NAME runs-on=lambda`; of others it is an `external NAME { role \"arn:…\" }`",
    ),
    ("s3", "write `bucket NAME { … }`"),
    (
        "security-group",
        "it is made of the trusts: declare what listens, and who may connect",
    ),
    ("server", "write `workload NAME segment=SEGMENT runs-on=ec2`"),
    (
        "sns",
        "declare a kind of your own: `kind notification service=sns { … }`",
    ),
    ("sqs", "write `queue NAME { … }`"),
    ("subnet", "write `segment NAME cidr=\"…\"` in a network or a site"),
    (
        "segment",
        "it stands in a network or a site: `network NAME cidr=\"…\" { segment … }`",
    ),
    ("user", "write `people NAME from=PROVIDER { … }`"),
    (
        "variable",
        "what a profile is given is its `param`; the environment's name is `{environment}`",
    ),
    ("vpc", "write `network NAME cidr=\"…\" { … }`"),
    (
        "assert",
        "a promise forbids: `never SUBJECT -> OBJECT { … }`; what must be is a `test \"…\" { as SUBJECT { can CAPABILITY OBJECT } }`",
    ),
    (
        "backend",
        "the backend of the state is yours, in a file of your own beside the modules",
    ),
    (
        "conduit",
        "write `trust SUBJECT -> OBJECT.LISTENER { allow connect; because \"…\" }`",
    ),
    (
        "data-classes",
        "it stands in the project: `project NAME edition=\"2026\" { data-classes … }`",
    ),
    (
        "default",
        "it stands in the project: `project NAME edition=\"2026\" { default account=NAME }`",
    ),
    (
        "environment",
        "what is of some environments only stands in `in ENVIRONMENT { … }`",
    ),
    (
        "environments",
        "it stands in the project: `project NAME edition=\"2026\" { environments dev prod }`",
    ),
    (
        "firewall",
        "it is made of the trusts: declare what listens, and who may connect",
    ),
    ("instance", "write `workload NAME segment=SEGMENT runs-on=ec2`"),
    (
        "output",
        "what is made is found by its name: there are no outputs",
    ),
    (
        "promise",
        "a promise is one line: `never SUBJECT -> OBJECT { because \"…\" }`",
    ),
    (
        "tag",
        "it stands in the project, or in what bears it: `tag KEY=\"VALUE\"`",
    ),
    (
        "tags",
        "they stand in the project, or in what bears them: `tag KEY=\"VALUE\"`",
    ),
    (
        "targets",
        "they stand in the project: `project NAME edition=\"2026\" { targets aws-iam terraform }`",
    ),
    (
        "terraform",
        "what is made for Terraform is chosen in the project: `targets terraform`",
    ),
    ("zone", "write `segment NAME cidr=\"…\"` in a network or a site"),
    (
        "zones",
        "they stand in a network: `network NAME cidr=\"…\" { zones a b }`",
    ),
];

/// What somebody may have meant who began a line with a word that is none.
pub(crate) fn at_the_top(word: &str) -> Option<&'static str> {
    let found = AT_THE_TOP.iter().find(|(other, _)| *other == word);
    found.map(|(_, help)| *help)
}
