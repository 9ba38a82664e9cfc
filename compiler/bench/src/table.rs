//! The rows as a Markdown table, and the rows that grow faster than they may.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::Figures;
use crate::rows::Row;

/// How much more a command may take for ten times the size. Ten is linear; the rest is caches and noise.
const GROWTH_MAX: f64 = 12.0;

/// What was measured of a row.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) row: Row,
    pub(crate) figures: Figures,
    /// Copying the output, or reading the input.
    pub(crate) yardstick: Duration,
    /// The same by another binary, which may lack the command.
    pub(crate) beside: Option<Figures>,
}

/// How a row compares with the same at the next smaller size.
#[derive(Clone, Copy, Debug)]
struct Growth {
    /// How many times the size.
    size: f64,
    time: f64,
    memory: f64,
}

impl Growth {
    /// The most that time and memory may grow by.
    fn bound(self) -> f64 {
        GROWTH_MAX.powf(self.size.log10())
    }
}

/// The table. With figures of another binary it has their columns.
pub(crate) fn table(all: &[Measured], has_beside: bool) -> String {
    let mut text = String::from(
        "| what | size | median | memory | yardstick | of the yardstick | time, of the size before | memory, of the size before |",
    );
    if has_beside {
        text.push_str(
            " the other's median | the other's memory | time, of the other's | memory, of the other's |",
        );
    }
    text.push('\n');
    text.push_str("|---|---|--:|--:|--:|--:|--:|--:|");
    if has_beside {
        text.push_str("--:|--:|--:|--:|");
    }
    text.push('\n');
    for one in all {
        let growth = growth(all, one);
        let factor = |factor: Option<f64>| factor.map_or_else(String::new, |factor| format!("{factor:.1}"));
        let _ = write!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            one.row.what(),
            one.row.size(),
            seconds(one.figures.time),
            megabytes(one.figures.kib),
            seconds(one.yardstick),
            factor(ratio(one.figures.time, one.yardstick)),
            factor(growth.map(|growth| growth.time)),
            factor(growth.map(|growth| growth.memory)),
        );
        if has_beside {
            text.push_str(&beside(one));
        }
        text.push('\n');
    }
    text
}

/// The columns of the other binary: blank where it has no such command.
fn beside(one: &Measured) -> String {
    let Some(other) = one.beside else {
        return " | | | |".to_owned();
    };
    let factor = |factor: Option<f64>| factor.map_or_else(String::new, |factor| format!("{factor:.2}"));
    format!(
        " {} | {} | {} | {} |",
        seconds(other.time),
        megabytes(other.kib),
        factor(ratio(one.figures.time, other.time)),
        factor(quotient(one.figures.kib as f64, other.kib as f64)),
    )
}

/// The rows that take more for ten times the size than they may, each with what it takes.
pub(crate) fn too_steep(all: &[Measured]) -> Vec<String> {
    let mut found = Vec::new();
    for one in all {
        let Some(growth) = growth(all, one) else { continue };
        for (what, factor) in [("time", growth.time), ("memory", growth.memory)] {
            if factor > growth.bound() {
                found.push(format!(
                    "{}, {}: {what} is {factor:.1} times that of the size before; at most {:.1} times is allowed",
                    one.row.what(),
                    one.row.size(),
                    growth.bound()
                ));
            }
        }
    }
    found
}

/// Against the largest smaller size of the same.
fn growth(all: &[Measured], one: &Measured) -> Option<Growth> {
    let is_same = |other: &&Measured| {
        let at_this_size = Row {
            size: one.row.size,
            ..other.row
        };
        other.row.size < one.row.size && at_this_size == one.row
    };
    let before = all.iter().filter(is_same).max_by_key(|other| other.row.size)?;
    Some(Growth {
        size: one.row.size as f64 / before.row.size as f64,
        time: ratio(one.figures.time, before.figures.time)?,
        // Where the system does not say it, memory does not grow.
        memory: quotient(one.figures.kib as f64, before.figures.kib as f64).unwrap_or_default(),
    })
}

fn ratio(time: Duration, of: Duration) -> Option<f64> {
    quotient(time.as_secs_f64(), of.as_secs_f64())
}

fn quotient(number: f64, of: f64) -> Option<f64> {
    (of > 0.0).then_some(number / of)
}

/// Three digits that say something, for people.
pub(crate) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.01 {
        format!("{:.2} ms", seconds * 1_000.0)
    } else if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1_000.0)
    } else {
        format!("{seconds:.2} s")
    }
}

pub(crate) fn megabytes(kib: u64) -> String {
    format!("{:.0} MB", kib as f64 * 1_024.0 / 1_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Kind, Targets};
    use crate::rows::Action;

    fn measured(action: Action, size: usize, millis: u64, kib: u64) -> Measured {
        Measured {
            row: Row {
                kind: Kind::Workloads,
                targets: Targets::Own,
                action,
                size,
            },
            figures: Figures {
                time: Duration::from_millis(millis),
                kib,
            },
            yardstick: Duration::from_millis(1),
            beside: None,
        }
    }

    #[test]
    fn twelve_times_for_ten_times_is_allowed_and_thirteen_is_not() {
        let before = measured(Action::Check, 1_000, 100, 100);
        assert!(too_steep(&[before.clone(), measured(Action::Check, 10_000, 1_200, 1_000)]).is_empty());
        let time = too_steep(&[before.clone(), measured(Action::Check, 10_000, 1_300, 1_000)]);
        assert!(
            time.len() == 1 && time[0].contains("check, aws-iam, 10,000 workloads: time"),
            "{time:?}"
        );
        let memory = too_steep(&[before.clone(), measured(Action::Check, 10_000, 1_000, 1_300)]);
        assert!(memory.len() == 1 && memory[0].contains("memory"), "{memory:?}");
        // A hundred times the size is two factors of ten.
        assert!(too_steep(&[before.clone(), measured(Action::Check, 100_000, 14_000, 100)]).is_empty());
        assert_eq!(
            too_steep(&[before, measured(Action::Check, 100_000, 15_000, 100)]).len(),
            1
        );
    }

    #[test]
    fn a_row_is_compared_with_its_own_kind_and_the_size_just_before() {
        let rows = [
            measured(Action::Check, 100, 1, 1),
            measured(Action::Plan, 1_000, 1, 1),
            measured(Action::Check, 1_000, 10, 10),
            measured(Action::Check, 10_000, 100, 100),
        ];
        assert!(too_steep(&rows).is_empty());
        let text = table(&rows, false);
        assert_eq!(
            text.lines()
                .filter(|line| line.contains("| 10.0 | 10.0 |"))
                .count(),
            2,
            "{text}"
        );
    }

    #[test]
    fn a_command_that_the_other_lacks_is_blank() {
        let mut row = measured(Action::Plan, 100, 10, 1_000);
        assert!(table(&[row.clone()], true).contains("| | | | |"));
        row.beside = Some(Figures {
            time: Duration::from_millis(20),
            kib: 2_000,
        });
        assert!(table(&[row], true).contains("| 20.0 ms | 2 MB | 0.50 | 0.50 |"));
    }
}
