//! All text files: places of one machine, notes without a number, guides that name what is not there.

use super::File;
use std::collections::BTreeSet;

/// Folders of the machine that a file was written on; put together here so that this file has none.
const MACHINE: &[&str] = &[
    concat!("/", "work"),
    concat!("/", "tmp", "/"),
    concat!("/", "root"),
];
const NOTE: &str = concat!("TO", "DO");
/// Where a path in a guide starts, if it is one of the repository.
const TOP: &[&str] = &[
    "compiler/",
    "stdlib/",
    "examples/",
    "golden/",
    "editors/",
    "docs/",
    "fuzz/",
];

/// What is wrong in the words of each file.
#[must_use]
pub fn problems(files: &[File]) -> Vec<String> {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for file in files {
        let mut path = String::new();
        for part in file.path.split('/') {
            path.push_str(part);
            paths.insert(path.clone());
            path.push('/');
        }
    }
    let mut problems = Vec::new();
    for file in files {
        for (number, line) in (1_usize..).zip(file.text.lines()) {
            let place = format!("{}:{number}", file.path);
            if let Some(folder) = MACHINE.iter().find(|folder| has_place(line, folder)) {
                problems.push(format!("{place}: `{folder}` is a place of one machine"));
            }
            if !file.path.ends_with(".md") && has_loose_note(line) {
                problems.push(format!("{place}: a {NOTE} carries the number of an issue"));
            }
            if is_guide(&file.path) {
                for path in named_paths(line).filter(|path| !paths.contains(*path)) {
                    problems.push(format!("{place}: `{path}` does not exist"));
                }
            }
        }
    }
    problems
}

/// Whether a line names a folder from the root of a file system, and not a part of another path.
fn has_place(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(place, _)| {
        let before = line.get(..place).and_then(|head| head.chars().next_back());
        let after = line
            .get(place + folder.len()..)
            .and_then(|tail| tail.chars().next());
        let starts = before.is_none_or(|letter| " \t\"'`(=:<,[".contains(letter));
        let ends = folder.ends_with('/')
            || !after.is_some_and(|letter| letter.is_alphanumeric() || "_-".contains(letter));
        starts && ends
    })
}

/// Whether a note stands without an issue's number right after it.
fn has_loose_note(line: &str) -> bool {
    line.match_indices(NOTE).any(|(place, _)| {
        let before = line.get(..place).and_then(|head| head.chars().next_back());
        let after = line.get(place + NOTE.len()..).unwrap_or("");
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        if before.is_some_and(is_word) || after.starts_with(is_word) {
            return false;
        }
        let number = after.trim_start_matches(['(', ' ', ':']).strip_prefix('#');
        !number.is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit()))
    })
}

/// Guides lie at the root, in `docs/`, or are a folder's `README.md`; pages of codes are examples.
fn is_guide(path: &str) -> bool {
    path.ends_with(".md")
        && (!path.contains('/') || path.starts_with("docs/") || path.ends_with("/README.md"))
}

/// The paths of the repository that a line has between backticks; those with something to fill in apart.
fn named_paths(line: &str) -> impl Iterator<Item = &str> {
    let between = line
        .split('`')
        .enumerate()
        .filter(|(place, _)| place % 2 == 1)
        .map(|(_, text)| text);
    between
        .filter(|text| TOP.iter().any(|top| text.starts_with(top)))
        .filter(|text| !text.contains(['<', '*', '{', '…', ' ', '$']))
        .map(|text| {
            text.split(['#', ':'])
                .next()
                .unwrap_or(text)
                .trim_end_matches('/')
        })
        .filter(|path| !path.split('/').any(is_blank))
}

/// Whether a part of a path is there to be filled in, `GROUP` or `NAME.rs` but not `README.md`; or is `out`,
/// what a build writes.
fn is_blank(part: &str) -> bool {
    let (stem, ending) = part.split_once('.').unwrap_or((part, ""));
    if part == "out" {
        return true;
    }
    ending != "md" && !stem.is_empty() && stem.chars().all(|letter| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        problems(&[File {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
        .len()
    }

    #[test]
    fn places_of_one_machine_are_found() {
        assert_eq!(found("a.rs", concat!("read(\"/", "work/main/x\")")), 1);
        assert_eq!(found("a.rs", concat!("in /", "root, there")), 1);
        assert_eq!(
            found(
                "a.rs",
                concat!("frame/", "work/x and /", "root-ca and https://x.y/", "tmp/")
            ),
            0
        );
    }

    #[test]
    fn a_note_carries_a_number() {
        assert_eq!(found("a.rs", concat!("// TO", "DO: later")), 1);
        assert_eq!(found("a.rs", concat!("// TO", "DO(#12): later")), 0);
        assert_eq!(found("a.rs", concat!("// TO", "DO #12")), 0);
        assert_eq!(found("a.rs", concat!("MASTO", "DON")), 0);
    }

    #[test]
    fn guides_name_what_is_there() {
        assert_eq!(
            found("README.md", "see `compiler/attic` and `docs/README.md#top`"),
            2
        );
        assert_eq!(
            found(
                "README.md",
                "write `stdlib/aws/<service>.kdl` or `stdlib/aws/NAME.kdl`, see `examples/x/out`"
            ),
            0
        );
        assert_eq!(
            found("docs/README.md", "this is `docs/README.md#top`, in `docs/`"),
            0
        );
        assert_eq!(found("compiler/checks/src/x.md", "`compiler/attic`"), 0);
    }
}
