//! The pages of `docs/guide/`, the README and the pages about the proof and pipelines are followed as somebody would who reads them.
//!
//! A page has a folder, empty at first. What its blocks say is done there in order:
//!
//! | block | is |
//! |---|---|
//! | `kdl` with a `project` line | the spec: it is written to `leastwise.kdl` |
//! | `csv PATH`, `json PATH` | a file beside it |
//! | `diff` | lines with `-` are replaced by those with `+`; without any `-` they are added at the end |
//! | `diff mistake` | the same, and taken back behind the next `console` |
//! | `console` | lines with `$ ` are typed, all else is what is said then |
//! | `console picture` | nothing is typed: it shows what its command says further below |
//!
//! `BLESS=1` writes what is said into the pages. Commands that compare dates get `--as-of` without showing it, so that no page changes
//! with the days.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "pages are files, and to follow one is to write files"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use testkit::golden;
use testkit::page::{Block, blocks, docs, with_blocks};
use testkit::project::AS_OF;

const SPEC: &str = "leastwise.kdl";
const DATED: [&str; 10] = [
    "check", "compile", "plan", "why", "why-not", "who", "reach", "test", "attest", "fix",
];
/// Takes its day from what it reads.
const UNDATED: &str = "leastwise attest verify";

/// A command as it is run: with a date, where dates are compared.
fn dated(command: &str) -> String {
    if command.starts_with(UNDATED) {
        return command.to_owned();
    }
    let dated = DATED.iter().find_map(|word| {
        let rest = command.strip_prefix("leastwise ")?.strip_prefix(word)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| format!("leastwise {word} --as-of {AS_OF}{rest}"))
    });
    dated.unwrap_or_else(|| command.to_owned())
}

/// The page with what its commands said, now.
struct Reader {
    at: PathBuf,
    /// The spec before a mistake.
    before: Option<String>,
    said: BTreeMap<usize, String>,
}

impl Reader {
    fn write(&self, path: &str, text: &str) {
        let path = self.at.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn edit(&mut self, block: &Block) -> Result<(), String> {
        let path = self.at.join(SPEC);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mut removed = String::new();
        let mut added = String::new();
        for line in block.text.lines() {
            let (to, line) = match line.split_at_checked(1) {
                Some(("-", line)) => (&mut removed, line),
                Some(("+", line)) => (&mut added, line),
                _ => {
                    return Err(format!(
                        "line {}: `{line}` is neither removed nor added",
                        block.line
                    ));
                }
            };
            to.push_str(&format!("{line}\n"));
        }
        if text.matches(&removed).count() != 1 && !removed.is_empty() {
            return Err(format!(
                "line {}: the spec has not exactly once:\n{removed}",
                block.line
            ));
        }
        let edited = if removed.is_empty() {
            format!("{text}{added}")
        } else {
            text.replacen(&removed, &added, 1)
        };
        std::fs::write(path, edited).unwrap();
        if block.tag == "diff mistake" {
            self.before = Some(text);
        }
        Ok(())
    }

    fn type_in(&mut self, block: &Block) {
        let mut said = String::new();
        for line in block.text.lines() {
            let Some(command) = line.strip_prefix("$ ") else {
                continue;
            };
            said.push_str(&format!("{line}\n"));
            match command.strip_prefix("cd ") {
                Some(into) => self.at = self.at.join(into),
                None => said.push_str(&crate::cli::run(&dated(command), &self.at)),
            }
        }
        self.said.insert(block.line, said);
        if let Some(before) = self.before.take() {
            self.write(SPEC, &before);
        }
    }
}

/// A command below a line, with what it says; the last one, if it is typed several times.
fn shown(command: &str, line: usize, said: &BTreeMap<usize, String>) -> Option<String> {
    let below = said.range(line..).rev();
    let mut texts = below.filter_map(|(_, text)| text.split_once(&format!("{command}\n")));
    let (_, text) = texts.next()?;
    let text = text.split("\n$ ").next().unwrap_or(text).trim_end();
    Some(format!("{command}\n{text}\n"))
}

/// Follows a page; gives what it should say.
fn followed(page: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = Reader {
        at: folder.path().to_path_buf(),
        before: None,
        said: BTreeMap::new(),
    };
    for block in blocks(page) {
        match block.tag.split_once(' ').unwrap_or((block.tag.as_str(), "")) {
            ("kdl", "") if block.text.lines().any(|line| line.starts_with("project ")) => {
                reader.write(SPEC, &block.text);
            }
            ("csv" | "json", path) => reader.write(path, &block.text),
            ("diff", "" | "mistake") => reader.edit(&block)?,
            ("console", "") => reader.type_in(&block),
            _ => {}
        }
    }
    let mut said = reader.said.clone();
    for block in blocks(page)
        .into_iter()
        .filter(|block| block.tag == "console picture")
    {
        let shown = block
            .text
            .lines()
            .next()
            .and_then(|command| shown(command, block.line, &reader.said))
            .ok_or_else(|| format!("line {}: nothing below says this", block.line))?;
        said.insert(block.line, shown);
    }
    Ok(with_blocks(page, &said))
}

fn followed_pages() -> BTreeMap<String, String> {
    let mut pages = docs();
    pages.retain(|name, _| {
        name.starts_with("docs/guide/") || name == "docs/proof.md" || name == "docs/pipelines.md"
    });
    let readme = std::fs::read_to_string(golden::root().join("README.md")).unwrap();
    pages.insert("README.md".to_owned(), readme);
    pages
}

#[test]
fn who_follows_a_page_sees_what_it_says() {
    let mut wrong = Vec::new();
    for (name, page) in followed_pages() {
        match followed(&page) {
            Err(problem) => wrong.push(format!("{name}: {problem}")),
            Ok(now) if now == page => {}
            Ok(now) if std::env::var("BLESS").is_ok_and(|value| value == "1") => {
                std::fs::write(golden::root().join(&name), now).unwrap();
            }
            Ok(now) => {
                let lines = page.lines().zip(now.lines()).enumerate();
                let differs = lines.into_iter().find(|(_, (page, now))| page != now);
                let (line, (page, now)) = differs.unwrap_or((0, ("", "")));
                wrong.push(format!("{name}:{}: says\n  {page}\nand it is\n  {now}", line + 1));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nrun with BLESS=1, read the diff, and commit it if it is right",
        wrong.join("\n")
    );
}

/// A page of the guide is worked: a spec, what is said of it, a mistake with its message, and a change.
#[test]
fn every_page_of_the_guide_is_worked() {
    let mut wrong = Vec::new();
    for (name, page) in docs() {
        if !name.starts_with("docs/guide/") || name.ends_with("/README.md") {
            continue;
        }
        let found = blocks(&page);
        for wanted in ["kdl", "console", "diff mistake", "diff"] {
            if !found.iter().any(|block| block.tag == wanted) {
                wrong.push(format!("{name}: has no `{wanted}` block"));
            }
        }
        let behind = found.iter().zip(found.iter().skip(1));
        for (_, next) in behind.filter(|(block, _)| block.tag == "diff mistake") {
            if next.tag != "console" || !next.text.contains("[exit 1]") {
                wrong.push(format!("{name}:{}: the mistake is not refused", next.line));
            }
        }
        let link = format!("({})", name.trim_start_matches("docs/guide/"));
        if !docs()["docs/guide/README.md"].contains(&link) {
            wrong.push(format!("{name}: the index does not name it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who has the README alone types what the newcomer of the transcripts types.
#[test]
fn the_readme_is_what_the_newcomer_types() {
    let read = |path: &str| std::fs::read_to_string(golden::root().join(path)).unwrap();
    let transcript = read("golden/cli/newcomer/transcript.txt").replace(&format!(" --as-of {AS_OF}"), "");
    let mut typed = transcript.lines().filter(|line| line.starts_with("$ "));
    let page = read("README.md");
    for block in blocks(&page).iter().filter(|block| block.tag == "console") {
        for line in block.text.lines().filter(|line| line.starts_with("$ ")) {
            assert!(
                typed.any(|typed| typed == line),
                "README.md:{}: the newcomer does not type `{line}` here",
                block.line
            );
        }
    }
}

#[test]
fn a_page_that_says_something_else_is_found() {
    let page = "```kdl\nproject a\nb\n```\n\n```diff mistake\n-b\n+c\n```\n\n```console\n$ cat leastwise.kdl\nx\n```\n\n```diff\n+d\n```\n\n```console\n$ cat leastwise.kdl\n```\n";
    let now = followed(page).unwrap();
    assert!(now.contains("$ cat leastwise.kdl\nproject a\nc\n```"), "{now}");
    assert!(now.contains("$ cat leastwise.kdl\nproject a\nb\nd\n```"), "{now}");
    let picture = "```console picture\n$ echo a\n```\n\n```console\n$ echo a\n$ echo b\n```\n";
    let now = followed(picture).unwrap();
    assert!(now.starts_with("```console picture\n$ echo a\na\n```\n"), "{now}");
    assert!(followed("```kdl\nproject a\n```\n```diff\n-b\n+c\n```\n").is_err());
    assert_eq!(
        dated("leastwise why a b c"),
        format!("leastwise why --as-of {AS_OF} a b c")
    );
    assert_eq!(dated("leastwise new a"), "leastwise new a");
}
