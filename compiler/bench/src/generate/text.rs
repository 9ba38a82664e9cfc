//! A long text for the formatter: eight times the workloads, all in one file.

use super::workloads::{self, Trusts};
use super::{Files, Targets};

/// How many times the workloads: 10,000 give 552,000 lines and 45 MB, below the limit of a file.
const TIMES: usize = 8;

/// The project, and one file with all the rest.
pub(super) fn files(count: usize, targets: Targets) -> Files {
    let mut files = workloads::files(count * TIMES, targets, Trusts::AsUsual).into_iter();
    let project = files.next();
    let mut whole = String::from("owner bench\n");
    for (_, text) in files {
        // Each file says whose it is; one file says it once.
        whole.push_str(text.trim_start_matches("owner bench\n"));
    }
    project
        .into_iter()
        .chain([("teams.kdl".to_owned(), whole)])
        .collect()
}
