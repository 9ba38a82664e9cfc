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
    // By looking, one topic is tried for each filter, and not every one that its attribute allows.
    ("a filter by an attribute that meets a level", |spec, claim| {
        claim.starts_with("can")
            && claim.contains("subscribe")
            && spec.says(&["under \"{peer}/\""])
            && spec.says(&["/+"])
    }),
];

/// What is left out: its name, and whether a claim of a spec is one.
pub type Open = (&'static str, fn(&draw::Drawn, &str) -> bool);

/// Whether a claim is left out.
pub fn is_left_out(spec: &draw::Drawn, claim: &str) -> bool {
    OPEN.iter().any(|(_, is)| is(spec, claim))
}
