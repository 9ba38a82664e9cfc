//! Actions that are known to lead to more are those of the published paths.

use std::collections::BTreeSet;

use plan::told::risk::ESCALATION;
use testkit::golden;

/// Actions of the paths that only start, stop or undo: without another of the same path they lead nowhere.
const HELPERS: [&str; 11] = [
    "ec2:runinstances",
    "ec2:startinstances",
    "ec2:stopinstances",
    "ec2:requestspotinstances",
    "ecs:createcluster",
    "ecs:createservice",
    "ecs:registertaskdefinition",
    "ecs:runtask",
    "ecs:starttask",
    "iam:deleteaccesskey",
    "lambda:invokefunction",
];

/// Made by what is passed to it.
const OF_PASSED_ROLES: [&str; 1] = ["lambda:createfunction"];

/// Not in the list of paths, and the same as one that is: it chooses which version of a policy holds.
const MORE: [&str; 1] = ["iam:setdefaultpolicyversion"];

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads the published paths")]
fn published_paths_are_known() {
    let paths = std::fs::read_to_string(golden::root().join("golden/catalogue/escalation.txt")).unwrap();
    let lines = paths.lines().filter(|line| !line.starts_with('#'));
    let published: BTreeSet<String> = lines
        .flat_map(|line| line.split_whitespace().skip(1))
        .map(str::to_ascii_lowercase)
        .collect();
    let known: BTreeSet<String> = ESCALATION
        .iter()
        .chain(&HELPERS)
        .chain(&OF_PASSED_ROLES)
        .filter(|action| !MORE.contains(action))
        .map(|action| (*action).to_owned())
        .collect();
    assert_eq!(published, known);
}
