//! What the command line asks for. By hand: the argument parser is the command's (ARCHITECTURE.md), and this is little.

use std::error::Error;
use std::path::PathBuf;

/// How to call it.
pub(crate) const USAGE: &str = "\
leastwise-bench [--runs N] [--only WORDS] [--binary PATH] [--beside OTHER] [--write]
    measures every row, or those that have all the words: --only \"plan 1000\"
    --runs    how often each is run; the median is shown (5)
    --binary  the command to measure; that beside this one if left out
    --beside  another one, run in turn with it
    --write   also writes the tables to RESULTS.md of this crate
leastwise-bench write FOLDER [COUNT] [KIND] [all]
    writes a spec; `all`: for all targets
leastwise-bench stages [COUNT] [KIND] [all]
    shows where the time of one run goes";

/// What to measure, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) runs: usize,
    pub(crate) only: String,
    pub(crate) binary: Option<PathBuf>,
    pub(crate) beside: Option<PathBuf>,
    pub(crate) write: bool,
}

impl Arguments {
    /// Reads the words after the command's name.
    pub(crate) fn read(words: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut read = Self {
            runs: 5,
            only: String::new(),
            binary: None,
            beside: None,
            write: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .ok_or_else(|| format!("`{word}` takes a value\n{USAGE}"))
            };
            match word.as_str() {
                "--runs" => read.runs = value()?.parse::<usize>()?.max(1),
                "--only" => read.only = value()?.clone(),
                "--binary" => read.binary = Some(PathBuf::from(value()?)),
                "--beside" => read.beside = Some(PathBuf::from(value()?)),
                "--write" => read.write = true,
                _ => return Err(format!("`{word}` is not known\n{USAGE}").into()),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Arguments, Box<dyn Error>> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Arguments::read(&words)
    }

    #[test]
    fn options_have_values() {
        let read_one = read("--runs 3 --only check --beside old --write").unwrap();
        assert_eq!(
            (read_one.runs, read_one.only.as_str(), read_one.write),
            (3, "check", true)
        );
        assert_eq!(read_one.beside, Some(PathBuf::from("old")));
        assert!(read("--runs").is_err() && read("--often").is_err());
    }
}
