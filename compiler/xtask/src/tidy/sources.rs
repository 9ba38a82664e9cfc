//! Rust files: their first line, their name, their length, where they lie.

use super::File;
use super::metadata::Metadata;
use std::collections::BTreeSet;

const LINES_MAX: usize = 800;
/// Names that say nothing of what is in a file.
const NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "types"];

/// What is wrong with the shape of each file.
#[must_use]
pub fn problems(files: &[File]) -> Vec<String> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let path = &file.path;
        if !file.text.starts_with("//!") {
            problems.push(format!("{path}: the first line is no `//!`"));
        }
        for part in path.trim_end_matches(".rs").split('/') {
            if NAMES.contains(&part) {
                problems.push(format!("{path}: `{part}` says nothing of what is in it"));
            }
        }
        let lines = lines(file);
        if lines > LINES_MAX {
            problems.push(format!(
                "{path}: {lines} lines, more than {LINES_MAX}; split it along a noun or a phase"
            ));
        }
        let folder = format!("{}/", path.trim_end_matches(".rs"));
        if !["lib.rs", "main.rs", "mod.rs"].contains(&file.name())
            && paths
                .range(folder.as_str()..)
                .next()
                .is_some_and(|next| next.starts_with(&folder))
        {
            problems.push(format!("{path}: its folder has a `mod.rs` of its own"));
        }
    }
    problems
}

/// Lines before the tests.
fn lines(file: &File) -> usize {
    if file.name() == "tests.rs" || file.path.split('/').any(|part| part == "tests") {
        return 0;
    }
    let mut lines = file.text.lines().peekable();
    let mut count = 0;
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]"
            && lines
                .peek()
                .is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'))
        {
            break;
        }
        count += 1;
    }
    count
}

/// Dependencies that no file of a crate names.
#[must_use]
pub fn unused(metadata: &Metadata, files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in metadata.ours() {
        let folder = format!("compiler/{}/", package.folder());
        let own: Vec<&File> = files
            .iter()
            .filter(|file| file.is_rust() && file.path.starts_with(&folder))
            .collect();
        for dependency in &package.dependencies {
            let name = dependency
                .rename
                .as_deref()
                .unwrap_or(&dependency.name)
                .replace('-', "_");
            // It is there for what it makes cargo do.
            if dependency.name == "leastwise-features" {
                continue;
            }
            if !own.iter().any(|file| names(&file.text, &name)) {
                problems.push(format!(
                    "`{}` depends on `{name}` and never names it",
                    package.folder()
                ));
            }
        }
    }
    problems
}

/// Whether a text has `name::`, `use name;`, or `name` as the start of a path.
fn names(text: &str, name: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(name).any(|(place, _)| {
        let before = text.get(..place).and_then(|head| head.chars().next_back());
        let after = text.get(place + name.len()..).unwrap_or("");
        !before.is_some_and(is_word)
            && (after.starts_with("::") || after.starts_with(';') || after.starts_with(" as "))
    })
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

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(problems(&[file("compiler/a/src/lib.rs", "use b;")]).len(), 1);
        assert!(problems(&[file("compiler/a/src/lib.rs", "//! A.\n")]).is_empty());
    }

    #[test]
    fn a_name_that_says_nothing_is_refused() {
        assert_eq!(problems(&[file("compiler/a/src/util.rs", "//! A.\n")]).len(), 1);
        assert_eq!(
            problems(&[file("compiler/a/src/helpers/mod.rs", "//! A.\n")]).len(),
            1
        );
    }

    #[test]
    fn tests_do_not_count() {
        let long = "x\n".repeat(LINES_MAX);
        assert_eq!(
            problems(&[file("compiler/a/src/lib.rs", &format!("//! A.\n{long}"))]).len(),
            1
        );
        let tests = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert!(problems(&[file("compiler/a/src/lib.rs", &tests)]).is_empty());
        // A declaration of tests elsewhere ends nothing.
        let hidden = format!("//! A.\n#[cfg(test)]\nmod tests;\n{long}");
        assert_eq!(problems(&[file("compiler/a/src/lib.rs", &hidden)]).len(), 1);
        assert!(problems(&[file("compiler/a/src/tests.rs", &format!("//! A.\n{long}"))]).is_empty());
    }

    #[test]
    fn a_folder_has_a_mod() {
        let beside = [
            file("compiler/a/src/b.rs", "//! B.\n"),
            file("compiler/a/src/b/c.rs", "//! C.\n"),
        ];
        assert_eq!(problems(&beside).len(), 1);
    }

    #[test]
    fn a_dependency_is_named_as_a_path() {
        assert!(names("use sha2::Digest;", "sha2"));
        assert!(names("use arena;", "arena"));
        assert!(!names("use my_arena::Id;", "arena"));
        assert!(!names("// the arena of things", "arena"));
    }
}
