//! One session of measuring: every row so often, both binaries in turn.

use std::path::PathBuf;

use crate::measure;
use crate::prepared::Prepared;
use crate::rows::{Row, SUBJECTS};
use crate::table::Measured;

/// What is run, and how often.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) binary: PathBuf,
    pub(crate) beside: Option<PathBuf>,
    pub(crate) runs: usize,
    /// Words that a row must have.
    pub(crate) only: String,
}

impl Session {
    /// Measures all rows. What could not be run is the second half: one failure does not hide the next.
    pub(crate) fn run(&self) -> (Vec<Measured>, Vec<String>) {
        let (mut measured, mut failures) = (Vec::new(), Vec::new());
        for subject in SUBJECTS {
            for size in subject.sizes {
                let rows: Vec<Row> = subject.rows(*size).filter(|row| row.has(&self.only)).collect();
                if !rows.is_empty() {
                    self.subject(&rows, &mut measured, &mut failures);
                }
            }
        }
        // One below the other: the sizes of what is the same.
        let place = |one: &Measured| {
            let subjects = SUBJECTS.iter();
            let same = |kind, targets| (kind, targets) == (one.row.kind, one.row.targets);
            let subject = subjects
                .take_while(|subject| !same(subject.kind, subject.targets))
                .count();
            (subject, one.row.action, one.row.size)
        };
        measured.sort_by_key(place);
        (measured, failures)
    }

    /// The rows of one spec.
    fn subject(&self, rows: &[Row], measured: &mut Vec<Measured>, failures: &mut Vec<String>) {
        let own = match Prepared::new(&self.binary, rows) {
            Ok(own) => own,
            Err(error) => {
                let names: Vec<String> = rows.iter().map(|row| name(*row)).collect();
                failures.push(format!("{}: {error}", names.join("; ")));
                return;
            }
        };
        // On a copy of its own: its outputs and its lock are not ours.
        let beside = self.beside.as_deref();
        let beside = beside.and_then(|binary| Prepared::new(binary, rows).ok());
        for row in rows {
            eprintln!("{}", name(*row));
            match self.row(*row, &own, beside.as_ref()) {
                Ok(one) => measured.push(one),
                Err(error) => failures.push(format!("{}: {error}", name(*row))),
            }
        }
    }

    /// Both binaries in turn, so that what else the machine does meets both.
    fn row(&self, row: Row, own: &Prepared, beside: Option<&Prepared>) -> Result<Measured, String> {
        let (mut runs, mut yardsticks, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let (figures, yardstick) = own.measure(row).map_err(|error| error.to_string())?;
            runs.push(figures);
            yardsticks.push(yardstick);
            // A command that the other lacks is left out.
            let other = beside.and_then(|other| other.measure(row).ok());
            others.extend(other.map(|(figures, _)| figures));
        }
        Ok(Measured {
            row,
            figures: measure::summary(&runs).unwrap_or_default(),
            yardstick: measure::median(&yardsticks).unwrap_or_default(),
            beside: measure::summary(&others),
        })
    }
}

fn name(row: Row) -> String {
    format!("{}, {}", row.what(), row.size())
}
