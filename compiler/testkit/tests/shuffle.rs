//! The order of declarations, facts, files and rows changes no emitted file, no verdict and no witness.
#![expect(clippy::disallowed_methods, reason = "a test may be told how much to do")]

use std::collections::BTreeMap;

use testkit::shuffle::place::Places;
use testkit::shuffle::told::{Difference, differences, told};
use testkit::shuffle::{self, Order, found};

#[test]
fn order_changes_nothing() {
    let mut all: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    let wanted = std::env::var("LEASTWISE_SHUFFLED").unwrap_or_default();
    let seeds: u64 = std::env::var("SEEDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2);
    for (name, files) in found::projects(&["examples", "golden"]) {
        if !name.contains(&wanted) {
            continue;
        }
        let places = match Places::of(&files) {
            Ok(places) => places,
            Err(path) => {
                println!("NOT KDL {name}: {path}");
                continue;
            }
        };
        let own = shuffle::project(&files, Order::Own, false).unwrap();
        let first = told(&own, &places);
        for seed in 0..seeds {
            let rows = seed % 2 == 1;
            let drawn = shuffle::project(&files, Order::of(seed), rows).unwrap();
            let mut first = first.clone();
            let mut again = told(&drawn, &places);
            if rows {
                (first, again) = (first.without_digests(), again.without_digests());
            }
            if std::env::var("SHOW").is_ok() {
                println!("{}", shuffle::told::text(&drawn.files));
            }
            for difference in differences(&first, &again) {
                all.entry(format!("{name} {}", difference.part))
                    .or_default()
                    .push(difference);
            }
        }
    }
    for (name, list) in &all {
        println!("{name}: {}", list.len());
        println!("{}", list[0].shown);
    }
    println!("{} kinds", all.len());
}
