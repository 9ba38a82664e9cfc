//! What `plan` is asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plan::show::human;
use plan::told::Plan;

use crate::session::SpecArguments;

/// Arguments of `plan`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) against: Against,
    /// With `--against-git`: read the output that was committed there, `out` if no folder is named, and compile nothing.
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "out",
        conflicts_with = "against"
    )]
    pub(super) output: Option<PathBuf>,
    /// How to print the plan.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
    /// Show the provider's actions and resources as well.
    #[arg(long)]
    pub(super) actions: bool,
    /// At most so many lines for people; all of them if 0.
    #[arg(long, value_name = "N", default_value_t = human::LINES)]
    pub(super) lines: usize,
    /// Follow chains however many things there are.
    #[arg(long)]
    pub(super) chains: bool,
    /// Exit 1 if the change does this; several by commas, or by saying it several times.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(super) fail_on: Vec<FailOn>,
    /// Exit 0 if nothing changes, 2 if something does, 1 on errors.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    #[command(flatten)]
    pub(super) spec: SpecArguments,
}

/// The side that is compared with.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Against {
    /// The output to compare with, or the folder of another state of the project.
    #[arg(long, value_name = "DIR")]
    pub(super) against: Option<PathBuf>,
    /// The commit whose spec to compare with, compiled by this binary.
    #[arg(long, value_name = "REF")]
    pub(super) against_git: Option<String>,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// For programs; versioned, with a schema.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// A page without scripts.
    Html,
}

/// What a pipeline does not let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum FailOn {
    /// Somebody may do or reach more.
    Broadening,
    /// Everybody may.
    Public,
    /// It leads to more than it gives: known ways, power over policies, chains of control.
    Escalation,
    /// Anything differs.
    Any,
    /// A trust ends within 30 days.
    ExpiredSoon,
}

impl FailOn {
    /// As it is typed.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Broadening => "broadening",
            Self::Public => "public",
            Self::Escalation => "escalation",
            Self::Any => "any",
            Self::ExpiredSoon => "expired-soon",
        }
    }

    /// Whether a plan does it.
    pub(super) fn is_met(self, plan: &Plan) -> bool {
        match self {
            Self::Broadening => plan.broadens(),
            Self::Public => plan.is_public(),
            Self::Escalation => plan.escalates(),
            Self::Any => !plan.is_empty(),
            Self::ExpiredSoon => !plan.ending.is_empty(),
        }
    }
}
