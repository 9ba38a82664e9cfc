//! What was added and is not whole: a rule without its page, its line or its cases; targets that know each other.

use super::File;
use std::collections::BTreeSet;

/// What lacks a part.
#[must_use]
pub fn problems(files: &[File]) -> Vec<String> {
    let mut problems = checks(files);
    problems.extend(pages(files));
    problems.extend(targets(files));
    problems.extend(tests(files));
    problems
}

/// Every file of tests is a module of its crate's binary, or a binary by its path: one that is neither would never run.
fn tests(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some((folder, name)) = file.path.split_once("/tests/") else {
            continue;
        };
        if !folder.starts_with("compiler/") || name == "main.rs" || name.ends_with("/main.rs") {
            continue;
        }
        let named = match name.split_once('/') {
            Some((module, _)) => module,
            None => name.trim_end_matches(".rs"),
        };
        let manifest = text(files, &format!("{folder}/Cargo.toml"));
        let is_binary = |path: &str| manifest.contains(&format!("path = \"tests/{path}\""));
        let line = format!("mod {named};");
        let mut lines = text(files, &format!("{folder}/tests/main.rs")).lines();
        let is_module = is_binary("main.rs") && lines.any(|own| own == line);
        if !is_module && !is_binary(name) && !is_binary(&format!("{named}/main.rs")) {
            problems.push(format!(
                "{}: no test binary has it; add `{line}` to {folder}/tests/main.rs",
                file.path
            ));
        }
    }
    problems
}

/// Every check has a page, a line in the list, a case that fires and one that stays quiet.
fn checks(files: &[File]) -> Vec<String> {
    let list = text(files, "compiler/checks/src/lib.rs");
    let mut problems = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.is_rust() && file.path.starts_with("compiler/checks/src/"))
    {
        let Some(name) = check_name(&file.text) else {
            continue;
        };
        let path = &file.path;
        let module = path
            .trim_start_matches("compiler/checks/src/")
            .trim_end_matches(".rs")
            .replace('/', "::");
        if !list.contains(&format!("{module}::CHECK")) {
            problems.push(format!("{path}: `{module}::CHECK` is not in `ALL`"));
        }
        if !has(files, &format!("{}.md", path.trim_end_matches(".rs"))) {
            problems.push(format!("{path}: its page is missing"));
        }
        for ending in [".fail.kdl", ".pass.kdl"] {
            let folder = format!("golden/checks/{name}/");
            if !files
                .iter()
                .any(|file| file.path.starts_with(&folder) && file.path.ends_with(ending))
            {
                problems.push(format!("{path}: {folder} has no `{ending}`"));
            }
        }
    }
    problems
}

/// The code's name, if a file holds the record of a check.
fn check_name(text: &str) -> Option<&str> {
    text.contains("CHECK: Check").then_some(())?;
    let (_, after) = text.split_once("name: \"")?;
    after.split_once('"').map(|(name, _)| name)
}

/// Every page beside the code is shown to somebody.
fn pages(files: &[File]) -> Vec<String> {
    let is_page = |file: &&File| file.path.starts_with("compiler/") && file.path.contains("/src/");
    let pages = files
        .iter()
        .filter(is_page)
        .filter(|file| file.path.ends_with(".md"));
    pages
        .filter(|page| {
            let stem = page.name().trim_end_matches(".md");
            let own = page.path.split_once("/src/").map_or("", |(own, _)| own);
            let shows = |file: &&File| file.is_rust() && file.path.starts_with(own);
            !files.iter().filter(shows).any(|file| {
                // A path put together by a macro still has the page's name as a word.
                file.text.contains("include_str!")
                    && (includes(file).contains(&page.path) || has_word(&file.text, stem))
            })
        })
        .map(|page| format!("{}: no file includes this page", page.path))
        .collect()
}

/// Whether a text has a word, spelled with `_` or `-`.
fn has_word(text: &str, word: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    [word.to_owned(), word.replace('_', "-")]
        .iter()
        .any(|word| text.split(|c| !is_word(c)).any(|own| own == word))
}

/// The paths that a file includes, from the root.
fn includes(file: &File) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for part in file.text.split("include_str!(\"").skip(1) {
        let Some((named, _)) = part.split_once('"') else {
            continue;
        };
        let mut parts: Vec<&str> = folder.split('/').collect();
        for step in named.split('/') {
            if step == ".." {
                parts.pop();
            } else {
                parts.push(step);
            }
        }
        found.push(parts.join("/"));
    }
    found
}

/// No target names another: what two of them share is decided before them.
fn targets(files: &[File]) -> Vec<String> {
    const ROOT: &str = "compiler/targets/src/";
    let records = files
        .iter()
        .filter(|file| file.is_rust() && file.text.contains("TARGET: Target"));
    let of = |path: &str| {
        path.strip_prefix(ROOT)?
            .split(['/', '.'])
            .next()
            .map(str::to_owned)
    };
    let names: BTreeSet<String> = records.filter_map(|file| of(&file.path)).collect();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(own) = of(&file.path).filter(|own| names.contains(own)) else {
            continue;
        };
        for other in names.iter().filter(|other| **other != own) {
            if file.text.contains(&format!("crate::{other}::")) {
                problems.push(format!("{}: imports the target `{other}`", file.path));
            }
        }
    }
    problems
}

fn has(files: &[File], path: &str) -> bool {
    files.iter().any(|file| file.path == path)
}

fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    files
        .iter()
        .find(|file| file.path == path)
        .map_or("", |file| file.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn whole() -> Vec<File> {
        let rule =
            "pub static CHECK: Check = x; Code { name: \"open-door\", docs: include_str!(\"door.md\") }";
        vec![
            file("compiler/checks/src/lib.rs", "&[&trust::door::CHECK]"),
            file("compiler/checks/src/trust/door.rs", rule),
            file("compiler/checks/src/trust/door.md", "# open-door"),
            file("golden/checks/open-door/first.fail.kdl", ""),
            file("golden/checks/open-door/first.pass.kdl", ""),
        ]
    }

    #[test]
    fn a_check_without_a_part_is_found() {
        assert!(problems(&whole()).is_empty());
        for missing in [0, 2, 3, 4] {
            let mut files = whole();
            files.remove(missing);
            assert_eq!(problems(&files).len(), 1, "{missing}");
        }
    }

    #[test]
    fn a_page_that_nobody_shows_is_found() {
        let files = [
            file("compiler/aws/src/names/long.md", ""),
            file("compiler/aws/src/a.rs", ""),
        ];
        assert_eq!(problems(&files).len(), 1);
        let shown = file("compiler/aws/src/a.rs", "include_str!(\"names/long.md\")");
        assert!(problems(&[file("compiler/aws/src/names/long.md", ""), shown]).is_empty());
    }

    #[test]
    fn a_file_of_tests_that_never_runs_is_found() {
        let files = [
            file(
                "compiler/graph/Cargo.toml",
                "path = \"tests/main.rs\"\npath = \"tests/golden/main.rs\"",
            ),
            file("compiler/graph/tests/main.rs", "mod heard;\n"),
            file("compiler/graph/tests/heard.rs", ""),
            file("compiler/graph/tests/golden/main.rs", ""),
            file("compiler/graph/tests/golden/dump.rs", ""),
        ];
        assert_eq!(problems(&files), Vec::<String>::new());
        let mut lost = Vec::from(files);
        lost.push(file("compiler/graph/tests/unheard.rs", ""));
        lost.push(file("compiler/aws/tests/names.rs", ""));
        assert_eq!(problems(&lost).len(), 2);
    }

    #[test]
    fn targets_do_not_import_each_other() {
        let record = "static TARGET: Target";
        let files = [
            file("compiler/targets/src/nft/mod.rs", record),
            file("compiler/targets/src/terraform/mod.rs", record),
            file("compiler/targets/src/terraform/emit.rs", "use crate::nft::emit;"),
        ];
        assert_eq!(problems(&files).len(), 1);
    }
}
