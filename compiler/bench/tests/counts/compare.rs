//! Whether a count may stand beside the committed one, and where it grew.

use std::fmt::Write as _;

use super::cachegrind::Counted;

/// How far a count may be from the committed one, in hundredths. Two runs of one binary differ by far less.
const PERCENT: u64 = 5;
/// Functions that are shown.
const SHOWN: usize = 8;

/// What follows from a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// About as many as before.
    Same(String),
    /// Far fewer: the file should say so, or the gain can be lost again unseen.
    Fewer(String),
    /// Too many; with the functions that grew.
    More(String),
}

/// Compares a command's count with the committed one.
pub fn compare(command: &str, before: &Counted, now: &Counted) -> Verdict {
    let percent = (now.total as f64 / before.total as f64 - 1.0) * 100.0;
    let sentence = format!(
        "{command}: {} instructions, {percent:+.2} % of {}",
        now.total, before.total
    );
    // In whole numbers, so that the bound is where it is said to be.
    if now.total * 100 > before.total * (100 + PERCENT) {
        return Verdict::More(format!(
            "{sentence}; at most +{PERCENT} % is allowed\n{}",
            grown(before, now)
        ));
    }
    if now.total * 100 < before.total * (100 - PERCENT) {
        return Verdict::Fewer(format!("{sentence}; bless it, so that it stays so"));
    }
    Verdict::Same(sentence)
}

/// The functions that grew most, in millions of instructions.
fn grown(before: &Counted, now: &Counted) -> String {
    // What is not kept had at most as many as the last one that is.
    let floor = before.functions.last().map_or(0, |(_, count)| *count);
    let mut grown: Vec<(i64, &str, u64, Option<u64>)> = Vec::new();
    for (function, count) in &now.functions {
        let was = before.functions.iter().find(|(name, _)| name == function);
        let was = was.map(|(_, count)| *count);
        let by = count.cast_signed() - was.unwrap_or(floor).cast_signed();
        if by > 0 {
            grown.push((by, function, *count, was));
        }
    }
    grown.sort_by_key(|(by, ..)| -by);
    let millions = |count: u64| format!("{:.1} M", count as f64 / 1e6);
    let mut text = String::from("    where it grew, without what is called from there:\n");
    for (_, function, count, was) in grown.into_iter().take(SHOWN) {
        let was = was.map_or_else(|| format!("at most {}", millions(floor)), millions);
        let _ = writeln!(text, "    {was} before, {} now: {function}", millions(count));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(total: u64, functions: &[(&str, u64)]) -> Counted {
        Counted {
            total,
            functions: functions
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
        }
    }

    #[test]
    fn above_five_percent_fails_and_names_what_grew() {
        let before = counted(1_000_000_000, &[("a", 600_000_000), ("b", 100_000_000)]);
        let at_the_bound = counted(1_050_000_000, &[]);
        assert!(matches!(
            compare("check", &before, &at_the_bound),
            Verdict::Same(_)
        ));
        let now = counted(
            1_050_000_001,
            &[("a", 600_000_000), ("new", 130_000_000), ("b", 120_000_000)],
        );
        let Verdict::More(text) = compare("check", &before, &now) else {
            panic!("it is more");
        };
        let shown: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            shown,
            [
                "    at most 100.0 M before, 130.0 M now: new",
                "    100.0 M before, 120.0 M now: b"
            ]
        );
    }

    #[test]
    fn below_five_percent_asks_for_a_blessing() {
        let before = counted(1_000, &[]);
        assert!(matches!(
            compare("check", &before, &counted(950, &[])),
            Verdict::Same(_)
        ));
        assert!(matches!(
            compare("check", &before, &counted(949, &[])),
            Verdict::Fewer(_)
        ));
    }
}
