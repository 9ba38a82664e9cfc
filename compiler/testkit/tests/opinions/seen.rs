//! What came of drawn specs, one after another.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Severity;
use testkit::naive::draw;
use testkit::project::{self, Depth};

use super::{BROKEN, Counts, built, claim, looked_at, open, sorts, told};

/// What is said of differences, by sort: seed and claim.
pub type Differences = BTreeMap<String, BTreeSet<(u64, String)>>;

/// What came of some specs.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Specs that were compared.
    pub compared: usize,
    /// Their claims.
    pub claims: usize,
    /// Claims that were left out.
    pub left: usize,
    /// How often each word and option was answered either way.
    pub counts: Counts,
    /// Specs that a build refuses for another reason.
    pub dropped: BTreeMap<String, usize>,
    /// Where the two differ.
    pub differences: Differences,
}

impl Seen {
    /// Looks at specs, on as many threads as there are cores. Which thread looks at which spec makes no difference.
    pub fn of(seeds: std::ops::Range<u64>, shows_open: bool) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut out = Self::default();
        std::thread::scope(|scope| {
            let seeds = &seeds;
            let started: Vec<_> = (0..threads)
                .map(|thread| {
                    scope.spawn(move || {
                        let mut seen = Self::default();
                        for seed in seeds.clone().skip(thread).step_by(threads) {
                            seen.look(seed, shows_open);
                        }
                        seen
                    })
                })
                .collect();
            for thread in started {
                match thread.join() {
                    Ok(seen) => out.merge(seen),
                    Err(panicked) => std::panic::resume_unwind(panicked),
                }
            }
        });
        out
    }

    fn merge(&mut self, other: Self) {
        self.compared += other.compared;
        self.claims += other.claims;
        self.left += other.left;
        for (sort, (held, broken)) in other.counts {
            let counts = self.counts.entry(sort).or_default();
            counts.0 += held;
            counts.1 += broken;
        }
        for (why, count) in other.dropped {
            *self.dropped.entry(why).or_default() += count;
        }
        for (sort, list) in other.differences {
            self.differences.entry(sort).or_default().extend(list);
        }
    }

    fn differs(&mut self, sort: &str, seed: u64, text: String) {
        self.differences
            .entry(sort.to_owned())
            .or_default()
            .insert((seed, text));
    }

    fn look(&mut self, seed: u64, shows_open: bool) {
        let spec = draw::spec(seed);
        let files = spec.project();
        let outcomes = project::compile(&files, Depth::Proof);
        let Some(outcome) = outcomes.first() else { return };
        let other = outcome
            .report
            .diagnostics()
            .iter()
            .find(|found| found.code.severity == Severity::Error && !BROKEN.contains(&found.code.name));
        if let Some(found) = other {
            let why = format!("{}: {}", found.code.name, found.message);
            *self.dropped.entry(why).or_default() += 1;
            return;
        }
        let answers = match looked_at(&files, outcome) {
            Ok(answers) => answers,
            Err(why) => return self.differs("not looked at", seed, why),
        };
        self.compared += 1;
        let again = spec.shuffled(seed);
        let outcomes = project::compile(&again, Depth::Proof);
        let said = told(&files, outcome);
        let said_again = outcomes.first().map(|outcome| told(&again, outcome));
        let said_again = said_again.unwrap_or_default();
        let other: Vec<_> = said.symmetric_difference(&said_again).collect();
        if !other.is_empty() {
            self.differs("shuffled", seed, format!("{other:#?}"));
        }
        let broken = built(outcome);
        for (place, holds) in answers {
            let text = claim(&files, place);
            self.claims += 1;
            for sort in sorts(&text) {
                let (held, broken) = self.counts.entry(sort).or_default();
                *(if holds { held } else { broken }) += 1;
            }
            let is_open = !shows_open && open::is_left_out(&spec, &text);
            self.left += usize::from(is_open);
            if holds == broken.contains(&place) && !is_open {
                let said = if holds { "holds" } else { "is broken" };
                let sort = format!("{}, {said} by looking", sorts(&text).join(" "));
                self.differs(&sort, seed, text);
            }
        }
    }
}
