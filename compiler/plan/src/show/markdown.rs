//! A plan as a comment on a pull request: a table, then what needs a look, then the rest folded.
//!
//! Nothing that somebody wrote is markup: texts stand as code in which every sign is an entity, so that they neither format, nor
//! link, nor call anybody.

use std::fmt::Write as _;

use super::{Item, Part, Section, Whole, risks};
use crate::told::Kind;

/// A comment may have 65,536 characters on GitHub; what is longer is refused whole. Source: its API, as of 2026-11.
const CHARS_MAX: usize = 60_000;

/// The whole comment, with a final newline.
#[must_use]
pub fn text(whole: &Whole<'_>) -> String {
    let mut out = String::from("### Access plan\n\n");
    if !whole.inputs.is_empty() {
        out.push_str("Besides the spec, these are not what they were:\n\n");
        for input in whole.inputs {
            let _ = writeln!(out, "- {}", code(input.input));
        }
        if whole.is_same_spec {
            out.push_str("\nThe spec itself is unchanged: what follows comes from these.\n");
        }
        out.push('\n');
    }
    for part in whole.parts {
        environment(part, whole.actions, &mut out);
    }
    out
}

fn environment(part: &Part<'_>, actions: bool, out: &mut String) {
    if let Some(name) = part.environment {
        let _ = writeln!(out, "#### Environment {}\n", code(name));
    }
    let plan = part.plan;
    if plan.is_empty() {
        out.push_str("Nothing changes.\n\n");
        if plan.ending.is_empty() {
            return;
        }
    } else {
        table(part, out);
    }
    let mut left = 0;
    for section in part.sections(actions) {
        left += self::section(&section, out);
    }
    if left > 0 {
        let _ = writeln!(
            out,
            "**{left} more are left out, since a comment has a limit:** `leastwise plan` shows them.\n"
        );
    }
    for note in part.footnotes() {
        let _ = writeln!(out, "- {note}");
    }
    if !plan.late.is_empty() {
        out.push('\n');
    }
    if plan.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details><summary>{}</summary>\n", part.files());
    for path in part.paths() {
        if out.len() > CHARS_MAX {
            out.push_str("- …\n");
            break;
        }
        let _ = writeln!(out, "- {}", code(&path));
    }
    out.push_str("\n</details>\n\n");
}

fn table(part: &Part<'_>, out: &mut String) {
    let plan = part.plan;
    let kinds = Kind::ALL.into_iter();
    let kinds: Vec<(&str, usize)> = kinds
        .map(|kind| (kind.word(), plan.count(kind)))
        .filter(|(_, count)| *count > 0)
        .collect();
    if kinds.is_empty() {
        let _ = writeln!(out, "{}\n", part.summary());
        return;
    }
    out.push_str("| accesses | |\n|---|--:|\n");
    for (word, count) in kinds {
        let _ = writeln!(out, "| {word} | {count} |");
    }
    for (word, count) in risks(plan) {
        let _ = writeln!(out, "| **risk: {word}** | **{count}** |");
    }
    out.push('\n');
}

/// How many of its items found no room.
fn section(section: &Section, out: &mut String) -> usize {
    let count: usize = section.items.iter().map(|item| item.count).sum();
    if section.is_open {
        let _ = writeln!(out, "**{}**\n", section.title);
    } else {
        let _ = writeln!(out, "<details><summary>{} ({count})</summary>\n", section.title);
    }
    let mut left = 0;
    for item in &section.items {
        if out.len() > CHARS_MAX {
            left += item.count;
        } else {
            self::item(item, out);
        }
    }
    out.push_str(if section.is_open { "\n" } else { "\n</details>\n\n" });
    left
}

fn item(item: &Item, out: &mut String) {
    let risks: Vec<String> = item.risks.iter().map(|risk| format!(" **[{risk}]**")).collect();
    let _ = writeln!(
        out,
        "- {}{}",
        code(format!("{} {}", item.sign, item.head).trim_start()),
        risks.concat()
    );
    for note in &item.notes {
        let _ = writeln!(out, "  - {}", code(note));
    }
}

/// A text as code in which every sign stands for itself.
fn code(text: &str) -> String {
    let mut out = String::from("<code>");
    for letter in text.chars() {
        match letter {
            letter if letter.is_whitespace() => out.push(' '),
            letter if letter.is_control() => {
                let _ = write!(out, "{}", letter.escape_unicode());
            }
            letter if letter.is_ascii_punctuation() => {
                let _ = write!(out, "&#{};", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push_str("</code>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        let hostile = "`a` | <img src=x onerror=y> @everyone #1 **b** [c](http://d)\n</code></details>";
        let shown = code(hostile);
        let inside = shown
            .strip_prefix("<code>")
            .and_then(|rest| rest.strip_suffix("</code>"))
            .unwrap();
        assert!(
            !inside.contains(['`', '|', '<', '>', '@', '*', '[', '(', '\n', '\\', '_', '"']),
            "{inside}"
        );
    }
}
