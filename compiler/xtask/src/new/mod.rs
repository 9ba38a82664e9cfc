//! `cargo xtask new`: the files of a new check, target, service or command, with a case that fails.

use crate::files;
use std::path::Path;

const EXPECTED: &str = include_str!("../../templates/expected.txt");
const PROJECT: &str = include_str!("../../templates/project.kdl.txt");

/// What is to be made: files, and the lines that no file can hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Path below the root, and text.
    pub files: Vec<(String, String)>,
    /// The one line in a list, and where.
    pub lines: Vec<String>,
}

/// Makes the files, and none of them if one is there already; returns what is left to do by hand.
///
/// # Errors
/// If the kind is unknown, the name is not kebab-case, or a file exists.
pub fn make(kind: &str, name: &str) -> Result<Vec<String>, String> {
    let plan = plan(kind, name)?;
    let root = files::root();
    if let Some((path, _)) = plan.files.iter().find(|(path, _)| root.join(path).exists()) {
        return Err(format!("{path} exists"));
    }
    let mut told = Vec::new();
    for (path, text) in &plan.files {
        files::write(&root.join(Path::new(path)), text)?;
        told.push(format!("wrote {path}"));
    }
    told.extend(plan.lines);
    Ok(told)
}

/// What `make` would do.
///
/// # Errors
/// If the kind is unknown or the name is not kebab-case.
pub fn plan(kind: &str, name: &str) -> Result<Plan, String> {
    let (group, own) = name
        .rsplit_once('/')
        .map_or((None, name), |(group, own)| (Some(group), own));
    if !is_kebab(own) || !group.is_none_or(is_kebab) {
        return Err(format!("`{name}` is not kebab-case"));
    }
    match (kind, group) {
        ("check", Some(group)) => Ok(check(group, own)),
        ("check", None) => Err("a check has a group: identity/wildcard-action".to_owned()),
        (_, Some(_)) => Err(format!("a {kind} has no group")),
        ("target", None) => Ok(target(own)),
        ("service", None) => Ok(service(own)),
        ("command", None) => Ok(command(own)),
        _ => Err(format!("`{kind}` is none of check, target, service, command")),
    }
}

fn check(group: &str, name: &str) -> Plan {
    let (group, snake) = (snake(group), snake(name));
    let folder = format!("compiler/checks/src/{group}");
    let cases = format!("golden/checks/{name}");
    Plan {
        files: vec![
            (
                format!("{folder}/{snake}.rs"),
                fill(include_str!("../../templates/check.rs.txt"), name),
            ),
            (
                format!("{folder}/{snake}.md"),
                fill(include_str!("../../templates/check.md.txt"), name),
            ),
            (format!("{cases}/first.fail.kdl"), fill(PROJECT, name)),
            (format!("{cases}/first.fail.txt"), EXPECTED.to_owned()),
            (format!("{cases}/first.pass.kdl"), fill(PROJECT, name)),
        ],
        lines: vec![
            format!("add `pub mod {snake};` to {folder}/mod.rs"),
            format!("add `&{group}::{snake}::CHECK` to `ALL` in compiler/checks/src/lib.rs"),
            "add the name to golden/codes.txt: it is public from then on".to_owned(),
        ],
    }
}

fn target(name: &str) -> Plan {
    let snake = snake(name);
    let case = format!("golden/targets/{name}/first");
    Plan {
        files: vec![
            (
                format!("compiler/targets/src/{snake}/mod.rs"),
                fill(include_str!("../../templates/target.rs.txt"), name),
            ),
            (
                format!("compiler/targets/src/{snake}/emit.rs"),
                fill(include_str!("../../templates/emit.rs.txt"), name),
            ),
            (
                format!("compiler/read/src/{snake}/mod.rs"),
                fill(include_str!("../../templates/reader.rs.txt"), name),
            ),
            (format!("{case}/main.kdl"), fill(PROJECT, name)),
            (format!("{case}/report.txt"), EXPECTED.to_owned()),
        ],
        lines: vec![
            format!("add `{snake}::TARGET` to `ALL` in compiler/targets/src/lib.rs"),
            format!(
                "add `{snake}` to the readers in compiler/read/src/lib.rs: nothing is emitted that is not read"
            ),
        ],
    }
}

fn service(name: &str) -> Plan {
    let case = format!("golden/stdlib/aws/{name}");
    Plan {
        files: vec![
            (
                format!("stdlib/aws/{name}.kdl"),
                fill(include_str!("../../templates/kind.kdl.txt"), name),
            ),
            (format!("{case}/main.kdl"), fill(PROJECT, name)),
            (format!("{case}/report.txt"), EXPECTED.to_owned()),
        ],
        lines: vec![format!(
            "if IAM's prefix of `{name}` is new, add it to stdlib/catalogue/overrides.json and pack"
        )],
    }
}

fn command(name: &str) -> Plan {
    let snake = snake(name);
    let case = format!("golden/cli/{name}");
    Plan {
        files: vec![
            (
                format!("compiler/cli/src/commands/{snake}.rs"),
                fill(include_str!("../../templates/command.rs.txt"), name),
            ),
            (format!("{case}/main.kdl"), fill(PROJECT, name)),
            (format!("{case}/stdout.txt"), EXPECTED.to_owned()),
        ],
        lines: vec![
            format!("add `mod {snake};` to compiler/cli/src/commands/mod.rs"),
            "add a variant to the `Command` enum".to_owned(),
        ],
    }
}

fn fill(template: &str, name: &str) -> String {
    template
        .replace("@NAME@", name)
        .replace("@SNAKE@", &snake(name))
        .replace("@SUMMARY@", &name.replace('-', " "))
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

fn is_kebab(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.split('-').all(is_word) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_a_rule_a_page_and_cases() {
        let plan = plan("check", "identity/wildcard-action").unwrap();
        let paths: Vec<&str> = plan.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "compiler/checks/src/identity/wildcard_action.rs",
                "compiler/checks/src/identity/wildcard_action.md",
                "golden/checks/wildcard-action/first.fail.kdl",
                "golden/checks/wildcard-action/first.fail.txt",
                "golden/checks/wildcard-action/first.pass.kdl",
            ]
        );
        assert!(plan.files[0].1.contains("include_str!(\"wildcard_action.md\")"));
        assert!(plan.files.iter().all(|(_, text)| !text.contains('@')));
    }

    #[test]
    fn names_are_kebab_case() {
        for name in ["Wildcard", "wild_card", "-x", "x-", "1x", "", "a/b/c"] {
            assert!(plan("service", name).is_err(), "{name}");
        }
        assert!(plan("check", "wildcard-action").is_err());
        assert!(plan("service", "identity/x").is_err());
        assert!(plan("floor", "x").is_err());
    }

    #[test]
    fn nothing_is_written_over() {
        assert_eq!(
            make("service", "queue").unwrap_err(),
            "stdlib/aws/queue.kdl exists"
        );
    }
}
