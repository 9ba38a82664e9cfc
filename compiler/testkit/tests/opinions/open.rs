//! Where the two are known to differ.

use testkit::naive::draw;

/// What is left out, since the two are known to differ there. Each line goes once it is settled; `LEASTWISE_OPEN=1` shows all.
pub const OPEN: &[Open] = &[
    // With `allow peek` it is every bucket that is reached, without it is not.
    (
        "what an action denotes that reaches another kind",
        |spec, claim| {
            spec.says(&["kind shelf"])
                && (claim.contains("far") || claim.starts_with("limit") || claim.contains("peek"))
        },
    ),
    ("a rule's entrance as an object of a limit", |spec, claim| {
        claim.starts_with("limit") && spec.says(&["$aws/rules"])
    }),
    // A filter with a `+` above the part that is asked about.
    ("a part of what a filter with a level brings", |spec, claim| {
        claim.starts_with("can") && claim.contains("under=") && spec.says(&["c/+/x"])
    }),
    // `can decrypt` of a key asks for a way to its service.
    ("the way to a service", |spec, claim| {
        spec.says(&["workload w3 segment=ingest"]) && claim.starts_with("can ") && claim.contains("crypt")
    }),
    // `under "{line}/"` with `attribute line l1` is `l1/` alone.
    ("a part by an attribute that a condition fixes", |spec, claim| {
        claim.starts_with("can") && claim.contains("under=") && spec.says(&["when { attribute"])
    }),
    // `swap` does `look` and has not the helper of `look`.
    ("`can`, of what another capability does", |_, claim| {
        ["can look", "can stow"]
            .iter()
            .any(|text| claim.starts_with(text))
    }),
    // Two that share addresses: whether `besides` the one takes out the other.
    ("besides a thing that shares addresses", |spec, claim| {
        claim.contains("besides ") && spec.says(&["segment c1"])
    }),
    // A host firewall that lets nothing out, and a limit, where a site's `leaves-by` is admitted.
    ("a site's leaves-by as a source", |spec, claim| {
        spec.says(&["source \"203.0.113.0/28\""]) && !claim.starts_with("isolate")
    }),
    // People without a trust, at a source that a test fixes.
    ("people where a test says that they are", |spec, claim| {
        claim.starts_with("can") && claim.contains("connect") && spec.asks(" source=")
    }),
];

/// What is left out: its name, and whether a claim of a spec is one.
pub type Open = (&'static str, fn(&draw::Drawn, &str) -> bool);

/// Whether a claim is left out.
pub fn is_left_out(spec: &draw::Drawn, claim: &str) -> bool {
    OPEN.iter().any(|(_, is)| is(spec, claim))
}
