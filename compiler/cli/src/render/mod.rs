//! Diagnostics as text: for people, for programs, and for what pipelines show.

use clap::ValueEnum;

pub(crate) mod finding;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod sanitise;
pub(crate) mod sarif;
mod snippet;
pub(crate) mod told;

/// How `check` and `test` print what they find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs; versioned, with a schema.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// Code Quality of GitLab.
    Gitlab,
    /// JUnit XML, for lists of tests.
    Junit,
}
