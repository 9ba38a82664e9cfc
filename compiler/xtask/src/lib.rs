//! Chores of the workspace, and its tidy rules as tests.
//!
//! - [`catalogue`] and [`schema`] pack facts about AWS from published packages into `stdlib/catalogue/`.
//! - [`seal`] writes the digest of a data file that is kept by hand.
//! - [`tidy`] is the rules of the house that a machine can see to.
//! - [`ci`] is exactly what CI runs; [`new`] makes the files of a new check, target, service or command.

pub mod catalogue;
pub mod ci;
pub mod files;
pub mod new;
pub mod schema;
pub mod seal;
pub mod tidy;
