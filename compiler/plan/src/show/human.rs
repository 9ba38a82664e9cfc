//! A plan for a person at a terminal: few lines, whole words, and counts for what is left out.

use std::collections::BTreeMap;

use super::{Item, Section, Whole};

/// What a person reads without being asked: lines.
pub const LINES: usize = 60;
/// Paths of files, of those that there is room for.
const PATHS_MAX: usize = 10;
/// Under which a note stands.
const NOTE: &str = "      ";

/// How it is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// At most so many lines; all if 0.
    pub lines: usize,
}

/// The whole text, with a final newline.
#[must_use]
pub fn text(whole: &Whole<'_>, layout: Layout) -> String {
    let mut out: Vec<String> = inputs(whole, layout);
    let share = layout.lines.saturating_sub(out.len()) / whole.parts.len().max(1);
    for part in whole.parts {
        out.extend(part.environment.map(|name| format!("environment {name}")));
        if part.plan.is_empty() && part.plan.ending.is_empty() {
            out.push("nothing changes".to_owned());
            continue;
        }
        let mut head = Vec::new();
        if part.plan.is_empty() {
            head.push("nothing changes".to_owned());
        } else {
            head.extend(wrapped(&part.summary(), layout.width, "", "  "));
        }
        let mut foot: Vec<String> = Vec::new();
        for note in part.footnotes() {
            foot.extend(wrapped(&note, layout.width, "", "  "));
        }
        if !part.plan.is_empty() {
            foot.push(part.files());
        }
        let sections = part.sections(whole.actions);
        let room = match layout.lines {
            0 => usize::MAX,
            _ => share.saturating_sub(head.len() + foot.len() + usize::from(part.environment.is_some())),
        };
        let body = body(&sections, layout.width, room);
        let left = room.saturating_sub(body.len());
        out.extend(head);
        out.extend(body);
        out.extend(foot);
        out.extend(paths(&part.paths(), layout, left));
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}

fn inputs(whole: &Whole<'_>, layout: Layout) -> Vec<String> {
    let mut out = Vec::new();
    if whole.inputs.is_empty() {
        return out;
    }
    out.push("besides the spec, these are not what they were:".to_owned());
    let brief = |digest: Option<&str>| {
        digest
            .map_or("none", |text| text.get(..12).unwrap_or(text))
            .to_owned()
    };
    let most = if layout.lines == 0 { usize::MAX } else { PATHS_MAX };
    for input in whole.inputs.iter().take(most) {
        out.push(format!(
            "  {} {} -> {}",
            input.input,
            brief(input.before),
            brief(input.after)
        ));
    }
    let more = whole.inputs.len().saturating_sub(most);
    if more > 0 {
        out.push(format!("  and {more} more"));
    }
    if whole.is_same_spec {
        out.push("the spec itself is unchanged: what follows comes from these".to_owned());
    }
    out.push(String::new());
    out
}

/// Sections as far as there is room, the first ones first; what is left out is counted.
fn body(sections: &[Section], width: usize, room: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    let blocks: Vec<Vec<Vec<String>>> = sections
        .iter()
        .map(|section| section.items.iter().map(|item| block(item, width)).collect())
        .collect();
    let all: usize = blocks
        .iter()
        .map(|section| 1 + section.iter().map(Vec::len).sum::<usize>())
        .sum();
    // The last lines say what is left out.
    let room = if all <= room { room } else { room.saturating_sub(2) };
    let mut is_full = false;
    for (section, blocks) in sections.iter().zip(blocks) {
        let mut is_titled = false;
        for (item, block) in section.items.iter().zip(blocks) {
            let needed = block.len() + usize::from(!is_titled);
            is_full |= out.len() + needed > room;
            if is_full {
                *left.entry(item.sort).or_default() += item.count;
                continue;
            }
            if !is_titled {
                out.push(format!("{}:", section.title));
                is_titled = true;
            }
            out.extend(block);
        }
    }
    let more: usize = left.values().sum();
    if more > 0 {
        let counts: Vec<String> = left
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(sort, count)| format!("{count} {sort}"))
            .collect();
        let counts = counts.join(", ");
        let text = format!("and {more} more ({counts}); `--lines 0` shows all");
        out.extend(wrapped(&text, width, "", "  "));
    }
    out
}

fn block(item: &Item, width: usize) -> Vec<String> {
    let mut head = String::new();
    if !item.sign.is_empty() {
        head = format!("{:<9} ", item.sign);
    }
    head.push_str(&item.head);
    for risk in &item.risks {
        head.push_str(&format!(" [{risk}]"));
    }
    let mut out = wrapped(&head, width, "  ", NOTE);
    for note in &item.notes {
        out.extend(wrapped(note, width, NOTE, "        "));
    }
    out
}

fn paths(all: &[String], layout: Layout, left: usize) -> Vec<String> {
    let most = match layout.lines {
        0 => usize::MAX,
        _ => left.saturating_sub(1).min(PATHS_MAX),
    };
    let mut out: Vec<String> = all.iter().take(most).map(|path| format!("  {path}")).collect();
    let more = all.len().saturating_sub(most);
    if more > 0 && left > 0 {
        out.push(format!("  and {more} more"));
    }
    out
}

/// A text as lines of whole words: the first after `first`, the others after `next`. Spaces of the first two words stay.
fn wrapped(text: &str, width: usize, first: &str, next: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = first.to_owned();
    let mut is_new = true;
    // Line breaks of what somebody wrote are no line breaks here.
    let text: String = text
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .collect();
    for word in text.split(' ') {
        let length = line.chars().count() + usize::from(!is_new) + word.chars().count();
        if !is_new && length > width && !word.is_empty() {
            lines.push(
                std::mem::replace(&mut line, next.to_owned())
                    .trim_end()
                    .to_owned(),
            );
            is_new = true;
        }
        if !is_new {
            line.push(' ');
        }
        line.push_str(word);
        is_new = false;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_broken_and_no_line_is_wider_than_its_longest_word() {
        let lines = wrapped(
            "+ gained  api -> uploads: read\nwrite a-very-long-word-that-is-wider",
            24,
            "  ",
            "      ",
        );
        assert_eq!(
            lines,
            [
                "  + gained  api ->",
                "      uploads: read",
                "      write",
                "      a-very-long-word-that-is-wider"
            ]
        );
    }
}
