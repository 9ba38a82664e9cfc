//! What is measured: which commands, on which specs, at which sizes.

use crate::generate::{Kind, Targets};

/// What a user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    /// `check`.
    Check,
    /// `compile` into an empty folder.
    FirstCompile,
    /// `compile` where nothing has changed.
    Compile,
    /// `plan` where nothing has changed.
    Plan,
    /// `plan` where every tenth trust has changed.
    PlanChanged,
    /// `test`.
    Test,
    /// `why`, one question.
    Why,
    /// `fmt --check`.
    Fmt,
}

/// A sort of spec, its sizes, and what is done with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) targets: Targets,
    pub(crate) sizes: &'static [usize],
    pub(crate) actions: &'static [Action],
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) targets: Targets,
    pub(crate) action: Action,
    pub(crate) size: usize,
}

const WORKLOADS: &[usize] = &[100, 1_000, 10_000];
const USUAL: &[Action] = &[
    Action::Check,
    Action::FirstCompile,
    Action::Compile,
    Action::Plan,
    Action::PlanChanged,
    Action::Why,
];
const WHOLE: &[Action] = &[Action::Check, Action::FirstCompile];

/// Everything that is measured.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Kind::Workloads, Targets::Own, WORKLOADS, USUAL),
    subject(Kind::Workloads, Targets::All, WORKLOADS, USUAL),
    subject(Kind::Tests, Targets::Own, WORKLOADS, &[Action::Test]),
    subject(Kind::Tests, Targets::All, WORKLOADS, &[Action::Test]),
    subject(Kind::Promises, Targets::Own, WORKLOADS, &[Action::Check]),
    subject(Kind::Promises, Targets::All, WORKLOADS, &[Action::Check]),
    subject(Kind::Text, Targets::Own, WORKLOADS, &[Action::Fmt]),
    subject(Kind::Network, Targets::Own, &[90, 900], WHOLE),
    subject(Kind::Flows, Targets::Own, &[1_000, 10_000], WHOLE),
    subject(Kind::Fleet, Targets::All, &[100_000, 1_000_000], WHOLE),
    subject(Kind::Conditions, Targets::Own, &[1_000, 10_000], WHOLE),
    subject(Kind::Inventories, Targets::All, &[10_000, 100_000], WHOLE),
    subject(Kind::Profiles, Targets::Own, &[1_000, 10_000], WHOLE),
];

const fn subject(
    kind: Kind,
    targets: Targets,
    sizes: &'static [usize],
    actions: &'static [Action],
) -> Subject {
    Subject {
        kind,
        targets,
        sizes,
        actions,
    }
}

impl Row {
    /// What is done, of what: without the size.
    pub(crate) fn what(self) -> String {
        let action = match self.action {
            Action::Check => "check",
            Action::FirstCompile => "first compile",
            Action::Compile => "unchanged compile",
            Action::Plan => "plan, nothing changed",
            Action::PlanChanged => "plan, trusts changed",
            Action::Test => "test, 1,000 tests",
            Action::Why => "why, one question",
            Action::Fmt => "fmt --check",
        };
        let of = match self.kind {
            Kind::Workloads | Kind::Changed | Kind::Tests | Kind::Text => "",
            Kind::Promises => ", 200 promises",
            Kind::Network | Kind::Flows => ", one network",
            Kind::Fleet => ", a fleet",
            Kind::Conditions => ", wide conditions",
            Kind::Inventories => ", long inventories",
            Kind::Profiles => ", deep profiles",
        };
        let targets = match (self.kind, self.targets) {
            (Kind::Text, _) => "",
            (Kind::Network | Kind::Flows, Targets::Own) => ", groups and terraform",
            (_, Targets::Own) => ", aws-iam",
            (_, Targets::All) => ", all targets",
        };
        format!("{action}{of}{targets}")
    }

    /// The size, and what it counts.
    pub(crate) fn size(self) -> String {
        let unit = match self.kind {
            Kind::Workloads | Kind::Changed | Kind::Promises | Kind::Tests | Kind::Profiles => "workloads",
            Kind::Text => "x 8 workloads",
            Kind::Network => "workloads, 5 flows each",
            Kind::Flows => "flows",
            Kind::Fleet => "devices",
            Kind::Conditions => "trusts",
            Kind::Inventories => "rows",
        };
        format!("{} {unit}", thousands(self.size))
    }

    /// Whether the row has each of these words.
    pub(crate) fn has(self, words: &str) -> bool {
        let text = format!("{} {}", self.what(), self.size());
        let size = self.size.to_string();
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == ',';
        let own: Vec<&str> = text
            .split(|letter| !is_letter(letter))
            .map(|word| word.trim_end_matches(','))
            .chain([size.as_str()])
            .collect();
        words.split_whitespace().all(|word| own.contains(&word))
    }
}

impl Subject {
    /// Its rows at one size.
    pub(crate) fn rows(self, size: usize) -> impl Iterator<Item = Row> {
        self.actions.iter().map(move |action| Row {
            kind: self.kind,
            targets: self.targets,
            action: *action,
            size,
        })
    }
}

/// A number with its thousands apart.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_chosen_by_whole_words() {
        let row = Row {
            kind: Kind::Workloads,
            targets: Targets::Own,
            action: Action::Check,
            size: 1_000,
        };
        assert!(row.has("") && row.has("check 1000") && row.has("1,000 aws-iam"));
        assert!(!row.has("check 100") && !row.has("plan") && !row.has("all"));
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(thousands(1), "1");
        assert_eq!(thousands(900), "900");
        assert_eq!(thousands(1_000_000), "1,000,000");
    }

    #[test]
    fn no_two_rows_are_called_alike() {
        let mut names = std::collections::BTreeSet::new();
        for subject in SUBJECTS {
            for row in subject.sizes.iter().flat_map(|size| subject.rows(*size)) {
                assert!(names.insert((row.what(), row.size())), "{row:?}");
            }
        }
    }
}
