//! Where the two are known to differ.

use testkit::naive::draw;

/// What is left out, since the two are known to differ there. Each line goes once it is settled; `LEASTWISE_OPEN=1` shows all.
pub const OPEN: &[Open] = &[];

/// What is left out: its name, and whether a claim of a spec is one.
pub type Open = (&'static str, fn(&draw::Drawn, &str) -> bool);

/// Whether a claim is left out.
pub fn is_left_out(spec: &draw::Drawn, claim: &str) -> bool {
    OPEN.iter().any(|(_, is)| is(spec, claim))
}
