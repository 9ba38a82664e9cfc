//! `leastwise explain CODE`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use crate::commands::completions::known;
use crate::session;
use project::Trouble;

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The code, as diagnostics show it.
    #[arg(add = ArgValueCandidates::new(known::codes))]
    code: String,
}

/// Prints the page of a code.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    match driver::codes::find(&arguments.code) {
        Some(code) => {
            let width = session::style(std::io::stdout().is_terminal()).width;
            print!("{}", page(code.docs, width));
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let codes = driver::codes::all();
            let names = || codes.iter().map(|code| code.name);
            let stem = arguments.code.get(..4).unwrap_or(&arguments.code);
            let help = match resolve::nearest(&arguments.code, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    let near: Vec<&str> = names().filter(|name| name.contains(stem)).take(5).collect();
                    if near.is_empty() {
                        "`leastwise codes` lists them".to_owned()
                    } else {
                        format!("near: {}; `leastwise codes` lists all", near.join(", "))
                    }
                }
            };
            Err(Trouble::new(format!("there is no code {}", arguments.code), help))
        }
    }
}

/// A page as a person reads it, on a terminal of some width.
///
/// What is fenced is indented, and what tells tests what to expect of it is left out. Paragraphs and entries of lists are as wide as
/// the terminal. Headings, tables and what is fenced stay as they are.
fn page(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut is_fenced = false;
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        let is_entry = line.starts_with("- ");
        let is_as_written = is_fence || is_fenced || line.is_empty() || line.starts_with(['#', '|']);
        if is_as_written || is_entry {
            flow(&mut out, &std::mem::take(&mut paragraph), width);
        }
        if is_fence {
            is_fenced = !is_fenced;
        } else if is_as_written {
            out.push_str(if is_fenced && !line.is_empty() { "    " } else { "" });
            out.push_str(line);
            out.push('\n');
        } else {
            paragraph.push_str(line.trim());
            paragraph.push(' ');
        }
    }
    flow(&mut out, &paragraph, width);
    out
}

/// Adds a paragraph; words, so also ARNs and paths, are never broken.
fn flow(out: &mut String, paragraph: &str, width: usize) {
    if paragraph.is_empty() {
        return;
    }
    let options = textwrap::Options::new(width)
        .subsequent_indent(if paragraph.starts_with("- ") { "  " } else { "" })
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    out.push_str(&textwrap::fill(paragraph.trim_end(), options));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_as_wide_as_the_terminal_and_what_is_fenced_stays() {
        let text = "# a-code\n\nOne two three\nfour.\n\n- five six seven\n  eight\n- nine\n\n```kdl fails:a-code\ntrust a -> b { allow c }\n```\n";
        assert_eq!(
            page(text, 14),
            "# a-code\n\nOne two three\nfour.\n\n- five six\n  seven eight\n- nine\n\n    trust a -> b { allow c }\n"
        );
        assert_eq!(
            page(text, 40),
            "# a-code\n\nOne two three four.\n\n- five six seven eight\n- nine\n\n    trust a -> b { allow c }\n"
        );
    }

    /// No page has words that a terminal of 80 columns would break, but for what is fenced.
    #[test]
    fn every_page_fits_80_columns() {
        for code in driver::codes::all() {
            let page = page(code.docs, 80);
            let mut prose = page
                .lines()
                .filter(|line| !line.starts_with("    ") && !line.starts_with('|'));
            assert!(
                prose.all(|line| line.chars().count() <= 80),
                "{}: {page}",
                code.name
            );
        }
    }
}
