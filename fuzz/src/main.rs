//! Feeds the reader and the formatter mutated documents until something does not hold.

mod mutate;
mod target;

use std::path::Path;

use mutate::{Random, SEEDS};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(seed), Some(rounds)) = (number(arguments.next()), number(arguments.next())) else {
        eprintln!("usage: leastwise-fuzz SEED ROUNDS [FOLDER]…");
        std::process::exit(2);
    };
    let mut corpus: Vec<String> = SEEDS.iter().map(|text| (*text).to_owned()).collect();
    for folder in arguments {
        collect(Path::new(&folder), &mut corpus);
    }
    println!("{} documents, seed {seed}, {rounds} rounds", corpus.len());
    let mut random = Random::new(seed);
    for round in 0..rounds {
        let text = mutate::mutate(&corpus, &mut random);
        if std::panic::catch_unwind(|| target::check(&text)).is_err() {
            println!("round {round} does not hold for:\n{text:?}");
            std::process::exit(1);
        }
    }
    println!("all held");
}

fn number(argument: Option<String>) -> Option<u64> {
    argument?.parse().ok()
}

/// Every `*.kdl` below a folder, in order of path.
fn collect(folder: &Path, corpus: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, corpus);
        } else if path.extension().is_some_and(|extension| extension == "kdl")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            corpus.push(text);
        }
    }
}
