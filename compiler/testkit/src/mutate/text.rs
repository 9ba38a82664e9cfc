//! Changes of texts that are no JSON: line by line, and word by word.

use std::collections::BTreeSet;

use super::json;
use super::leaf;
use super::{Change, Operator, Site, format_of};
use crate::label::Files;

/// Longer texts are frozen, and a few changes show that.
const LINES_MAX: usize = 120;

/// Some lines go, others come in their place.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(super) at: usize,
    pub(super) gone: usize,
    pub(super) put: Vec<String>,
}

/// The text with the change made.
pub(crate) fn apply(bytes: &[u8], change: &Lines) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let put: Vec<String> = change.put.iter().map(|line| format!("{line}\n")).collect();
    let end = change
        .at
        .checked_add(change.gone)
        .filter(|end| *end <= lines.len())?;
    lines.splice(change.at..end, put.iter().map(String::as_str));
    Some(lines.concat().into_bytes())
}

pub(crate) fn sites(files: &Files, out: &mut Vec<Site>) {
    for (path, (target, bytes)) in files {
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        // What is one JSON value is changed as such; lines of such values are lines.
        if json::parse(bytes).is_ok() {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        let step = lines.len().div_ceil(LINES_MAX).max(1);
        for (at, line) in lines.iter().enumerate().step_by(step) {
            let mut add = |operator, gone: usize, put: Vec<String>| {
                out.push(Site {
                    operator,
                    format: format_of(target, path),
                    argument: if path.ends_with(".sh") {
                        "(line)".to_owned()
                    } else {
                        shape(line)
                    },
                    change: Change::Lines {
                        path: path.clone(),
                        lines: Lines { at, gone, put },
                    },
                });
            };
            let own = (*line).to_owned();
            add(Operator::Delete, 1, Vec::new());
            add(Operator::Duplicate, 1, vec![own.clone(), own.clone()]);
            add(Operator::Describe, 1, vec![format!("# {}", line.trim())]);
            add(Operator::Respell, 1, vec![format!("{own} ")]);
            if let Some(next) = lines.get(at + 1) {
                add(Operator::Swap, 2, vec![(*next).to_owned(), own.clone()]);
            }
            for (operator, changed) in words(line, &lines) {
                add(operator, 1, vec![changed]);
            }
        }
    }
}

/// A line without what varies in it: numbers and addresses.
fn shape(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        if word.contains(|c: char| c.is_ascii_digit()) && word.len() > 1 {
            "#"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ").chars().take(48).collect()
}

/// The line with one word changed: a number, a block, or what other lines of its shape say there.
fn words(line: &str, lines: &[&str]) -> Vec<(Operator, String)> {
    let parts: Vec<&str> = line.split(' ').collect();
    let mut out = Vec::new();
    for (at, word) in parts.iter().enumerate() {
        let mut put = |operator, new: &str| {
            let mut parts = parts.clone();
            parts[at] = new;
            out.push((operator, parts.join(" ")));
        };
        let (stem, comma) = word.strip_suffix(',').map_or((*word, ""), |stem| (stem, ","));
        for (operator, changed) in numbers(stem) {
            put(operator, &format!("{changed}{comma}"));
        }
        let others: BTreeSet<&str> = lines
            .iter()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .filter(|other| other.len() == parts.len())
            .filter_map(|other| other.get(at).copied())
            .filter(|other| other != word && !other.is_empty() && !word.is_empty())
            .collect();
        for other in others.into_iter().take(3) {
            put(Operator::Borrow, other);
        }
    }
    out
}

/// Neighbours of a number, of the ends of a range, and of a block of addresses.
fn numbers(word: &str) -> Vec<(Operator, String)> {
    let near = |text: &str| {
        let number = text.parse::<i64>().ok();
        number.map_or(Vec::new(), |number| vec![number - 1, number + 1])
    };
    let mut out: Vec<(Operator, String)> = Vec::new();
    for number in near(word) {
        out.push((Operator::Widen, number.to_string()));
    }
    if let Some((first, last)) = word.split_once('-') {
        out.extend(
            near(first)
                .iter()
                .map(|first| (Operator::Widen, format!("{first}-{last}"))),
        );
        out.extend(
            near(last)
                .iter()
                .map(|last| (Operator::Narrow, format!("{first}-{last}"))),
        );
    }
    if let Some((address, bits)) = word.split_once('/')
        && let (Ok(address), Ok(bits)) = (address.parse::<std::net::IpAddr>(), bits.parse::<u8>())
    {
        out.push((Operator::Widen, leaf::block(address, bits.saturating_sub(1))));
        out.push((Operator::Widen, leaf::block(address, 0)));
        out.push((Operator::Narrow, leaf::block(address, bits + 1)));
        out.push((Operator::Narrow, format!("{address}/{}", bits.saturating_sub(1))));
    }
    out.retain(|(_, changed)| changed != word);
    out
}
