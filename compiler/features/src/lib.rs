//! One set of features for the tests of every crate.
//!
//! Cargo builds a dependency with the features that the selected crates ask for. So `cargo test -p leastwise-NAME` built
//! clap, serde and all that stands on them again, each crate in its own way, and after it `cargo test --workspace` did the
//! same. Every crate has this one among its dependencies for tests, and this one has everything from elsewhere: whichever
//! crates are selected, the features are those of the whole workspace. `cargo test -p leastwise-xtask` compares them.

use biodivine_lib_bdd as _;
use clap as _;
use clap_complete as _;
use clap_mangen as _;
use crossbeam_channel as _;
use csv as _;
use flate2 as _;
use foldhash as _;
use gen_lsp_types as _;
use indexmap as _;
use indicatif as _;
use kdl as _;
use libtest_mimic as _;
use lsp_server as _;
use memchr as _;
use miette as _;
use mimalloc as _;
use minijinja as _;
use proptest as _;
use rayon as _;
use regex_automata as _;
use serde as _;
use serde_json as _;
use sha2 as _;
use similar as _;
use tar as _;
use tempfile as _;
use terminal_size as _;
use textwrap as _;
