//! Why a question about packets has no answer.

use std::error::Error;
use std::fmt;

/// Why a question about packets has no answer; never a sign that the answer is yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The diagram would outgrow its budget.
    OverBudget {
        /// The budget, in edges.
        edges_max: usize,
    },
    /// A box reaches outside its dimension, for example an IPv6 range among IPv4 packets.
    OutsideDomain,
    /// The set was made by another `Packets`.
    ForeignSet,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unanswered::OverBudget { edges_max } => {
                write!(f, "the set of packets needs more than {edges_max} edges")
            }
            Unanswered::OutsideDomain => {
                f.write_str("a range reaches outside its protocol, port or address family")
            }
            Unanswered::ForeignSet => f.write_str("a set of packets was used outside the task that made it"),
        }
    }
}

impl Error for Unanswered {}
