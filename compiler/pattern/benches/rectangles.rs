//! Figures for sets of rectangles: `cargo bench -p leastwise-pattern`.
//!
//! Sets of 10,000 and 100,000 rectangles, shaped like grants on objects: three quarters literals, the rest prefixes, one
//! in ten behind a condition. Each set is compared with itself in another order, with one rectangle less, and searched
//! for what is idle; then the same with one glob in twenty.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench looks at the clock, prints its figures, and stops at the first surprise"
)]

use std::time::Instant;

use pattern::address::Block;
use pattern::boxes::{self, Rectangle};
use pattern::key::Key;
use pattern::pattern::{Builder, Pattern};
use pattern::region::Region;
use pattern::union::Budget;
use pattern::values::Values;
use pattern::words::Words;

fn rectangle(at: u32, globs: bool) -> Rectangle {
    let mut builder = Builder::new();
    builder
        .text("arn:aws:s3:::")
        .text(&format!("{:x}", at.wrapping_mul(2_654_435_761)));
    builder.text("-").symbol(at % 97);
    match at % 20 {
        0 if globs => builder.text("/in/").any().text("/data"),
        1..=5 => builder.text("/").any(),
        _ => builder.text("/object"),
    };
    let pattern = builder.finish().unwrap();
    let region = if at.is_multiple_of(10) {
        let first = 10 << 24 | (at % 256) << 8;
        Region::only(
            Key::new("aws:SourceIp"),
            Values::addresses([Block::V4 {
                first,
                prefix_bits: 24,
            }]),
        )
    } else {
        Region::everything()
    };
    (pattern, region)
}

fn timed<T>(label: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("  {label:<28}{:>9.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    result
}

fn main() {
    for globs in [false, true] {
        for size in [10_000u32, 100_000] {
            println!(
                "{size} rectangles{}",
                if globs { ", one in twenty a glob" } else { "" }
            );
            let left: Vec<Rectangle> = (0..size).map(|at| rectangle(at, globs)).collect();
            let mut right: Vec<Rectangle> = left.iter().rev().cloned().collect();
            let same = timed("difference, none", || {
                boxes::difference(&left, &right, &mut Budget::of_guard())
            });
            assert_eq!(same, Ok(None));
            let gone = right.swap_remove(right.len() / 2);
            let found = timed("difference, one missing", || {
                boxes::difference(&left, &right, &mut Budget::of_guard())
            })
            .unwrap()
            .unwrap();
            assert!(gone.0.matches(&found.word));
            let idle = timed("redundant", || boxes::redundant(&left, &mut Budget::of_guard())).unwrap();
            assert!(idle.is_empty());
            let literals: Vec<Pattern> = left
                .iter()
                .map(|(p, _)| p.clone())
                .filter(Pattern::is_literal)
                .collect();
            let words = timed("words of the literals", || Words::from_patterns(&literals)).unwrap();
            timed("their complement, as a subset", || {
                words.minus(&words.not()).is_subset(&words)
            });
        }
    }
}
