//! The same project with its declarations, facts, files and rows in another order, and what it says then.
//!
//! A shuffled project knows of each byte where it stood, so that what two orders say is compared place by place, and not only
//! as far as messages agree without their line numbers.

#![expect(
    clippy::indexing_slicing,
    reason = "test support: every index was made for the list that it indexes, and a panic fails the test"
)]

pub mod found;
pub mod place;
pub mod rows;
pub mod spec;
pub mod told;
pub mod twice;
pub mod written;

use std::collections::BTreeMap;

use crate::golden::Tree;
use crate::mutate::seed::Seed;
use written::Written;

/// In which order a project is written.
#[derive(Clone, Debug)]
pub enum Order {
    /// As it is.
    Own,
    /// As drawn.
    Drawn(Seed),
}

impl Order {
    /// The draws of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self::Drawn(Seed(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x0dde))
    }

    /// Moves the items of a list.
    pub fn moves<T>(&mut self, list: &mut [T]) {
        if let Self::Drawn(seed) = self {
            for at in (1..list.len()).rev() {
                list.swap(at, seed.below(at + 1));
            }
        }
    }

    /// A number below a bound; the last one if nothing is drawn.
    pub fn below(&mut self, bound: usize) -> usize {
        match self {
            Self::Own => bound.saturating_sub(1),
            Self::Drawn(seed) => seed.below(bound),
        }
    }
}

/// A project in some order.
#[derive(Debug)]
pub struct Shuffled {
    /// Its files.
    pub files: Tree,
    /// Where each byte of a KDL file stood, by path.
    pub specs: BTreeMap<String, Written>,
    /// Which line each line of an inventory was, by path; lines count from 1.
    pub lines: BTreeMap<String, Vec<usize>>,
}

/// Writes a project in an order: one node a line, without comments. Inventories are as they are, unless their `rows` move, too.
///
/// # Errors
/// The path of a file that is no KDL: there is no tree whose parts could be moved.
pub fn project(files: &Tree, mut order: Order, rows: bool) -> Result<Shuffled, String> {
    let mut shuffled = Shuffled {
        files: Tree::new(),
        specs: spec::written(files, &mut order)?,
        lines: BTreeMap::new(),
    };
    for (path, written) in &shuffled.specs {
        shuffled
            .files
            .insert(path.clone(), written.text.clone().into_bytes());
    }
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with(".kdl")) {
        let moved = if rows {
            rows::moved(path, bytes, &mut order)
        } else {
            None
        };
        let bytes = match moved {
            Some((bytes, lines)) => {
                shuffled.lines.insert(path.clone(), lines);
                bytes
            }
            None => bytes.clone(),
        };
        shuffled.files.insert(path.clone(), bytes);
    }
    Ok(shuffled)
}

impl Shuffled {
    /// A message about an inventory with the lines that its rows had.
    #[must_use]
    pub fn unlined(&self, text: &str) -> String {
        let named = self
            .lines
            .iter()
            .find(|(path, _)| text.contains(&format!("`{path}`")));
        let Some((path, lines)) = named else {
            return text.to_owned();
        };
        let header = usize::from(path.ends_with(".csv"));
        let was = |line: usize| lines.get(line.wrapping_sub(1)).copied().unwrap_or(line);
        let text = numbers(text, "line ", was);
        numbers(&text, "row ", |row| was(row + header) - header)
    }
}

/// A text with each number behind a word replaced.
fn numbers(text: &str, word: &str, mut of: impl FnMut(usize) -> usize) -> String {
    let mut parts = text.split(word);
    let mut replaced = parts.next().unwrap_or("").to_owned();
    for part in parts {
        replaced.push_str(word);
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        match number.parse() {
            Ok(number) => replaced.push_str(&of(number).to_string()),
            Err(_) => replaced.push_str(number),
        }
        replaced.push_str(rest);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_behind_a_word_are_replaced() {
        let text = "`f.csv`: `a` stands on line 2 and on line 13, row x";
        assert_eq!(
            numbers(text, "line ", |line| line * 10),
            "`f.csv`: `a` stands on line 20 and on line 130, row x"
        );
    }
}
