//! A plan as one page: no script, nothing from elsewhere.

use std::fmt::Write as _;

use super::{Item, Part, Section, Whole};

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Access plan</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; }
code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; }
li { margin: .25rem 0; }
li ul { color: #57606a; margin: 0; }
b.risk { color: #a40e26; font-weight: 600; }
summary, h3 { font-size: 1rem; font-weight: 600; margin: 1rem 0 .5rem; cursor: default; }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } li ul { color: #8b949e; } b.risk { color: #ff7b72; } }
</style>
</head>
<body>
<h1>Access plan</h1>
"#;

/// The whole page.
#[must_use]
pub fn text(whole: &Whole<'_>) -> String {
    let mut out = HEAD.to_owned();
    if !whole.inputs.is_empty() {
        out.push_str("<p>Besides the spec, these are not what they were:</p>\n<ul>\n");
        for input in whole.inputs {
            let digest = |digest: Option<&str>| digest.unwrap_or("none").to_owned();
            let line = format!(
                "{} {} -> {}",
                input.input,
                digest(input.before),
                digest(input.after)
            );
            let _ = writeln!(out, "<li><code>{}</code></li>", escaped(&line));
        }
        out.push_str("</ul>\n");
        if whole.is_same_spec {
            out.push_str("<p>The spec itself is unchanged: what follows comes from these.</p>\n");
        }
    }
    for part in whole.parts {
        environment(part, whole.actions, &mut out);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn environment(part: &Part<'_>, actions: bool, out: &mut String) {
    if let Some(name) = part.environment {
        let _ = writeln!(out, "<h2>Environment {}</h2>", escaped(name));
    }
    if part.plan.is_empty() {
        out.push_str("<p>Nothing changes.</p>\n");
    } else {
        let _ = writeln!(out, "<p>{}</p>", escaped(&part.summary()));
    }
    for section in part.sections(actions) {
        self::section(&section, out);
    }
    let notes = part.footnotes();
    if !notes.is_empty() {
        out.push_str("<ul>\n");
        for note in notes {
            let _ = writeln!(out, "<li>{}</li>", escaped(&note));
        }
        out.push_str("</ul>\n");
    }
    if part.plan.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<details>\n<summary>{}</summary>\n<ul>",
        escaped(&part.files())
    );
    for path in part.paths() {
        let _ = writeln!(out, "<li><code>{}</code></li>", escaped(&path));
    }
    out.push_str("</ul>\n</details>\n");
}

fn section(section: &Section, out: &mut String) {
    let count: usize = section.items.iter().map(|item| item.count).sum();
    let open = if section.is_open { " open" } else { "" };
    let _ = writeln!(
        out,
        "<details{open}>\n<summary>{} ({count})</summary>\n<ul>",
        escaped(&section.title)
    );
    section.items.iter().for_each(|item| self::item(item, out));
    out.push_str("</ul>\n</details>\n");
}

fn item(item: &Item, out: &mut String) {
    let head = format!("{} {}", item.sign, item.head);
    let _ = write!(out, "<li><code>{}</code>", escaped(head.trim_start()));
    for risk in &item.risks {
        let _ = write!(out, " <b class=\"risk\">[{risk}]</b>");
    }
    if !item.notes.is_empty() {
        out.push_str("\n<ul>\n");
        for note in &item.notes {
            let _ = writeln!(out, "<li><code>{}</code></li>", escaped(note));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</li>\n");
}

/// A text that is no markup, whatever somebody wrote.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter if letter.is_control() && !letter.is_whitespace() => {
                let _ = write!(out, "{}", letter.escape_unicode());
            }
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        let shown = escaped("<script>alert(\"x\")</script> & 'y' \u{1b}[31m");
        assert_eq!(
            shown,
            "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39; \\u{1b}[31m"
        );
    }
}
