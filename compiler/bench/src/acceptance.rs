//! The figures that were agreed on, computed from a run. Machines differ: a line that is not met fails nothing.

use std::fmt::Write as _;
use std::time::Duration;

use crate::generate::{Kind, Targets};
use crate::measure::Figures;
use crate::rows::{Action, Row};
use crate::table::{Measured, megabytes, seconds};

/// The size that the figures are about.
const SIZE: usize = 10_000;

/// An agreed line: what, how much it is, how much it may be.
#[derive(Debug)]
struct Line {
    what: String,
    measured: Option<Figures>,
    /// Nothing where a part of it was not measured.
    time_max: Option<Duration>,
    kib_max: Option<u64>,
}

/// The agreed lines as a table.
pub(crate) fn acceptance(all: &[Measured]) -> String {
    let mut text =
        String::from("| agreed, at 10,000 workloads | measured | at most | |\n|---|--:|--:|---|\n");
    for line in lines(all) {
        let memory = |kib: Option<u64>| kib.map_or_else(String::new, |kib| format!(", {}", megabytes(kib)));
        let (measured, verdict) = match (line.measured, line.time_max) {
            (Some(figures), Some(time_max)) => {
                let is_met =
                    figures.time <= time_max && line.kib_max.is_none_or(|kib_max| figures.kib <= kib_max);
                let shown = line.kib_max.map(|_| figures.kib);
                (
                    format!("{}{}", seconds(figures.time), memory(shown)),
                    if is_met { "met" } else { "not met" },
                )
            }
            _ => (String::new(), "not measured"),
        };
        let at_most = line.time_max.map(seconds).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {measured} | {at_most}{} | {verdict} |",
            line.what,
            memory(line.kib_max)
        );
    }
    text
}

fn lines(all: &[Measured]) -> Vec<Line> {
    let of = |kind, targets, action| {
        let row = Row {
            kind,
            targets,
            action,
            size: SIZE,
        };
        all.iter().find(|one| one.row == row)
    };
    let mut lines = Vec::new();
    for (targets, name, millis, megabytes) in [
        (Targets::Own, "aws-iam", 1_200, 400),
        (Targets::All, "all targets", 2_500, 500),
    ] {
        let check = of(Kind::Workloads, targets, Action::Check);
        lines.push(Line {
            what: format!("check, {name}"),
            measured: check.map(|one| one.figures),
            time_max: Some(Duration::from_millis(millis)),
            kib_max: Some(kib(megabytes)),
        });
        let first = of(Kind::Workloads, targets, Action::FirstCompile);
        lines.push(Line {
            what: format!("first compile, {name}: check and 3 x `cp -r` of its output"),
            measured: first.map(|one| one.figures),
            time_max: first
                .zip(check)
                .map(|(first, check)| check.figures.time + first.yardstick * 3),
            kib_max: None,
        });
        for (action, what, times) in [
            (Action::Compile, "unchanged compile", 1.2),
            (Action::Plan, "plan, nothing changed", 1.6),
            (Action::PlanChanged, "plan, 5,000 trusts changed", 2.0),
        ] {
            lines.push(Line {
                what: format!("{what}, {name}: {times:.1} x check"),
                measured: of(Kind::Workloads, targets, action).map(|one| one.figures),
                time_max: check.map(|check| check.figures.time.mul_f64(times)),
                kib_max: None,
            });
        }
    }
    lines.push(Line {
        what: "fmt --check".to_owned(),
        measured: of(Kind::Text, Targets::Own, Action::Fmt).map(|one| one.figures),
        time_max: Some(Duration::from_millis(600)),
        kib_max: Some(kib(150)),
    });
    lines
}

/// Megabytes in KiB.
fn kib(megabytes: u64) -> u64 {
    megabytes * 1_000_000 / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(millis: u64, megabytes: u64) -> Measured {
        Measured {
            row: Row {
                kind: Kind::Workloads,
                targets: Targets::Own,
                action: Action::Check,
                size: SIZE,
            },
            figures: Figures {
                time: Duration::from_millis(millis),
                kib: kib(megabytes),
            },
            yardstick: Duration::from_millis(10),
            beside: None,
        }
    }

    fn first_line(all: &[Measured]) -> String {
        acceptance(all).lines().nth(2).unwrap().to_owned()
    }

    #[test]
    fn a_line_is_met_by_time_and_memory_or_not_at_all() {
        assert!(first_line(&[check(1_200, 400)]).ends_with("| met |"));
        assert!(first_line(&[check(1_201, 400)]).ends_with("| not met |"));
        assert!(first_line(&[check(1_200, 401)]).ends_with("| not met |"));
        assert!(first_line(&[]).ends_with("| not measured |"));
    }

    #[test]
    fn a_compile_is_judged_by_what_was_measured_beside_it() {
        let mut compile = check(1_030, 400);
        compile.row.action = Action::FirstCompile;
        let text = acceptance(&[check(1_000, 400), compile.clone()]);
        assert!(
            text.lines()
                .nth(3)
                .unwrap()
                .ends_with("| 1.03 s | 1.03 s | met |"),
            "{text}"
        );
        compile.figures.time = Duration::from_millis(1_031);
        let text = acceptance(&[check(1_000, 400), compile]);
        assert!(text.lines().nth(3).unwrap().ends_with("| not met |"), "{text}");
    }
}
