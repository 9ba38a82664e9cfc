//! Second opinions that take a tool or time: asked if `LEASTWISE_ORACLES` is set, and the long ones too if it says `full`.

use std::io::Write as _;

/// The switch.
const SWITCH: &str = "LEASTWISE_ORACLES";

/// Whether a second opinion is asked. If not, it is said aloud what is left out.
///
/// Where it is asked, a tool that is missing is a fault.
#[must_use]
pub fn is_asked(what: &str) -> bool {
    if !is_set() {
        skipped(what, "set LEASTWISE_ORACLES=1 and run .ci/tools to have it");
    }
    is_set()
}

/// Whether second opinions are asked at all.
#[must_use]
pub fn is_set() -> bool {
    said().is_some()
}

/// Whether the long draws are asked as well.
#[must_use]
pub fn is_full() -> bool {
    said().is_some_and(|value| value == "full")
}

/// Says what is left out, and why, past the harness: it keeps what a test prints that passes.
pub fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}; {why}");
}

fn said() -> Option<String> {
    std::env::var(SWITCH).ok().filter(|value| !value.is_empty())
}
