//! Pages of Markdown: their fenced blocks, and their sentences.

use std::collections::BTreeMap;
use std::path::Path;

use crate::golden;

/// One fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of its opening fence, from 1.
    pub line: usize,
    /// What stands behind the opening fence.
    pub tag: String,
    /// What is between the fences, each line with its end.
    pub text: String,
}

/// The fenced blocks of a page, in order. One that is not closed is left out: the page then fails as a whole.
#[must_use]
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(tag), None) => {
                open = Some(Block {
                    line: index + 1,
                    tag: tag.trim().to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// A page in which some blocks, named by the lines of their fences, have another text.
#[must_use]
pub fn with_blocks(page: &str, texts: &BTreeMap<usize, String>) -> String {
    let mut whole = String::new();
    let (mut is_inside, mut is_replaced) = (false, false);
    for (index, line) in page.lines().enumerate() {
        let is_fence = line.starts_with("```");
        if is_fence || !is_replaced {
            whole.push_str(line);
            whole.push('\n');
        }
        if is_fence {
            is_inside = !is_inside;
            let text = texts.get(&(index + 1)).filter(|_| is_inside);
            is_replaced = text.is_some();
            whole.push_str(text.map_or("", String::as_str));
        }
    }
    whole
}

/// Every page below `docs/`, by its path from the root.
#[must_use]
pub fn docs() -> BTreeMap<String, String> {
    golden::tree(&golden::root().join("docs"))
        .into_iter()
        .filter(|(path, _)| Path::new(path).extension().is_some_and(|ending| ending == "md"))
        .map(|(path, bytes)| {
            let page = String::from_utf8_lossy(&bytes).into_owned();
            (format!("docs/{path}"), page)
        })
        .collect()
}

/// One sentence of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The line on which its paragraph, entry or row begins, from 1.
    pub line: usize,
    /// Its words, without marks. What stands between backticks is one word.
    pub words: Vec<String>,
}

/// The sentences of a page. Headings, entries of lists and cells of tables each stand for themselves; fenced blocks say none.
#[must_use]
pub fn sentences(page: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut paragraph = (0, String::new());
    let mut is_code = false;
    for (index, line) in page.lines().enumerate() {
        let text = line.trim();
        let is_fence = text.starts_with("```");
        let is_row = text.starts_with('|');
        let entry = entry(text);
        if is_fence || is_code || is_row || text.is_empty() || text.starts_with('#') || entry.is_some() {
            let (line, text) = std::mem::take(&mut paragraph);
            split(line, &text, &mut sentences);
        }
        is_code ^= is_fence;
        if is_code || is_fence || text.is_empty() {
            continue;
        }
        if is_row {
            for cell in text.split('|') {
                split(index + 1, cell, &mut sentences);
            }
        } else if text.starts_with('#') {
            split(index + 1, text.trim_start_matches('#'), &mut sentences);
        } else {
            if paragraph.1.is_empty() {
                paragraph.0 = index + 1;
            }
            paragraph.1.push_str(entry.unwrap_or(text));
            paragraph.1.push(' ');
        }
    }
    split(paragraph.0, &paragraph.1, &mut sentences);
    sentences
}

/// What an entry of a list says behind its mark.
fn entry(text: &str) -> Option<&str> {
    text.strip_prefix("- ").or_else(|| {
        let (number, rest) = text.split_once(". ")?;
        number.parse::<u32>().ok().map(|_| rest)
    })
}

/// Splits a text at the ends of its sentences.
fn split(line: usize, text: &str, sentences: &mut Vec<Sentence>) {
    let mut words: Vec<String> = Vec::new();
    for word in without_code(text).split_whitespace() {
        // A link is its text; where it leads is no word.
        let word = word.split("](").next().unwrap_or(word);
        let bare = word.trim_matches(['(', ')', '*', '"', '[', ']', '<', '>']);
        let is_last = bare.ends_with(['.', '!', '?']) && !matches!(bare, "e.g." | "i.e." | "etc.");
        let bare = bare.trim_matches(['.', ',', ':', ';', '!', '?']);
        if bare.chars().any(char::is_alphanumeric) {
            words.push(bare.to_owned());
        }
        if is_last {
            end(line, &mut words, sentences);
        }
    }
    end(line, &mut words, sentences);
}

fn end(line: usize, words: &mut Vec<String>, sentences: &mut Vec<Sentence>) {
    if !words.is_empty() {
        sentences.push(Sentence {
            line,
            words: std::mem::take(words),
        });
    }
}

/// A text in which whatever stands between backticks is one word, and links have lost where they lead.
fn without_code(text: &str) -> String {
    let mut plain = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            plain.push_str("code");
        } else {
            plain.push_str(part);
        }
    }
    let mut unlinked = String::new();
    let mut rest = plain.as_str();
    while let Some((before, behind)) = rest.split_once("](") {
        unlinked.push_str(before);
        rest = behind.split_once(')').map_or("", |(_, behind)| behind);
    }
    unlinked.push_str(rest);
    unlinked
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\nOne two\nthree. Four (`a. b c`) [five six](x.md).\n\n- Seven\n- eight\n  nine!\n\n| ten | eleven twelve |\n|---|---|\n\n```kdl a\nno. no\n```\n";

    #[test]
    fn sentences_end_where_they_end() {
        let words: Vec<(usize, usize)> = sentences(PAGE)
            .iter()
            .map(|sentence| (sentence.line, sentence.words.len()))
            .collect();
        assert_eq!(words, [(1, 1), (3, 3), (3, 4), (6, 1), (7, 2), (10, 1), (10, 2)]);
    }

    #[test]
    fn a_block_is_replaced_and_nothing_else() {
        let found = blocks(PAGE);
        assert_eq!((found[0].line, found[0].tag.as_str()), (13, "kdl a"));
        let other = with_blocks(PAGE, &BTreeMap::from([(13, "yes\n".to_owned())]));
        assert_eq!(other, PAGE.replace("no. no", "yes"));
        assert_eq!(with_blocks(PAGE, &BTreeMap::new()), PAGE);
        let bare = "```\na\n```\n\n```x\nb\n```\n";
        let other = with_blocks(bare, &BTreeMap::from([(5, "c\n".to_owned())]));
        assert_eq!(other, "```\na\n```\n\n```x\nc\n```\n");
    }
}
