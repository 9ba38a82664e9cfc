//! The rules of the house, on the workspace as it is.

use xtask::tidy::metadata::Metadata;
use xtask::tidy::{additions, features, floors, licences, sources, texts, tracked};

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn a_crate_depends_only_on_lower_floors() {
    none(&floors::problems(&Metadata::ask().unwrap()));
}

#[test]
fn licences_and_sources_are_allowed() {
    none(&licences::problems(&Metadata::ask().unwrap()));
}

#[test]
fn every_dependency_is_used() {
    none(&sources::unused(&Metadata::ask().unwrap(), &tracked().unwrap()));
}

#[test]
fn a_crate_alone_is_built_with_the_features_of_all() {
    none(&features::problems(&Metadata::ask().unwrap()).unwrap());
}

#[test]
fn files_have_a_first_line_a_name_and_an_end() {
    none(&sources::problems(&tracked().unwrap()));
}

#[test]
fn words_name_what_is_there_and_no_machine() {
    none(&texts::problems(&tracked().unwrap()));
}

#[test]
fn what_was_added_is_whole() {
    none(&additions::problems(&tracked().unwrap()));
}
