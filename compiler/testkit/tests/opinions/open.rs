//! Where the two are known to differ.

use testkit::naive::draw;

/// What is left out, since the two are known to differ there. Each line goes once it is settled; `LEASTWISE_OPEN=1` shows all.
pub const OPEN: &[Open] = &[
    // `a/+` beside `a/b/c` of one subject: the documents' `a/*` is cut to the level of the one filter.
    ("a filter with a level beside a literal", |spec, claim| {
        spec.says(&["a/+", "c/+/x"]) && (claim.contains("subscribe") || !claim.contains("allow publish"))
    }),
    // `besides t4` of rows g1 and g2 takes out `c/s2/x` as well.
    ("besides a family", |spec, claim| {
        claim.contains("besides ") && spec.says(&["of=sensor", "of=gateway"])
    }),
    // `iot:Connect` as oneself breaks `never sensor -> * { besides … }`, and nothing names a session.
    ("a device's own session", |spec, claim| {
        claim.contains("-> *") && spec.says(&["identity x509"])
    }),
    // With `allow peek` it is every bucket that is reached, without it is not.
    (
        "what an action denotes that reaches another kind",
        |spec, claim| {
            spec.says(&["kind shelf"])
                && ["far", "peek", "limit ", "list "]
                    .iter()
                    .any(|text| claim.contains(text))
        },
    ),
    ("a rule's entrance as an object of a limit", |spec, claim| {
        claim.starts_with("limit") && spec.says(&["$aws/rules"])
    }),
    // `a/b/c` is in no `a/+`.
    ("a level at the end of a topic", |spec, _| spec.says(&["a/+"])),
    ("a level in a topic of a test or limit", |spec, claim| {
        (claim.starts_with("can") || claim.starts_with("limit")) && spec.says(&["c/+/x"])
    }),
    // `under "{line}/"` with `attribute line l1` is `l1/` alone.
    ("a part by an attribute that a condition fixes", |spec, claim| {
        claim.contains("under=") && spec.says(&["attribute line l1"])
    }),
    // `internet -> web.http` beside a source of `web.admin` opens `web.admin` to everybody.
    ("other ports of what is open to everybody", |spec, claim| {
        spec.says(&["trust internet"])
            && (claim.contains("web") || claim.contains("-> *") || claim.starts_with("limit"))
    }),
    ("rows that no guard tells apart", |spec, claim| {
        claim.contains("cam") && spec.says(&["same line"])
    }),
    (
        "chains from people and from the internet, and to who is a subject too",
        |spec, claim| {
            claim.contains("through data")
                && (spec.says(&["trust internet"])
                    || [
                        "never * ->",
                        "never internet ->",
                        "agent -> agent",
                        "cam -> cam",
                        "robot -> robot",
                    ]
                    .iter()
                    .any(|text| claim.contains(text)))
        },
    ),
    // Nothing names a service, so `besides` never takes out the way to it; `can decrypt` of a key asks for a way to its service.
    ("the way to a service", |spec, claim| {
        spec.says(&["workload w3 segment=ingest"])
            && (claim.contains("besides ") || claim.starts_with("can ") && claim.contains("crypt"))
    }),
    ("`can`, of what another capability does", |_, claim| {
        ["can look", "can stow", "can list"]
            .iter()
            .any(|text| claim.contains(text))
    }),
    // Two that share addresses: whether `besides` the one takes out the other.
    ("besides a thing that shares addresses", |spec, claim| {
        claim.contains("besides ") && spec.says(&["segment c1"])
    }),
    // `r2` connects to `r2` where `others` are let in.
    ("a row and itself", |_, claim| {
        claim.starts_with("can") && claim.contains("robot.")
    }),
    // A host firewall that lets nothing out is not asked where a site's `leaves-by` is admitted.
    ("a host firewall before leaves-by", |spec, claim| {
        spec.says(&["source \"203.0.113.0/28\""]) && !claim.starts_with("isolate")
    }),
];

/// What is left out: its name, and whether a claim of a spec is one.
pub type Open = (&'static str, fn(&draw::Drawn, &str) -> bool);

/// Whether a claim is left out.
pub fn is_left_out(spec: &draw::Drawn, claim: &str) -> bool {
    OPEN.iter().any(|(_, is)| is(spec, claim))
}
