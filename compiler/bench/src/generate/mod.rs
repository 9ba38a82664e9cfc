//! Specs of any size, one file for each kind. A seed makes them the same on every machine.

mod conditions;
mod fleet;
mod inventories;
mod network;
mod profiles;
mod promises;
mod random;
mod text;
mod workloads;

pub(crate) use workloads::TRUSTS;

/// Files of a project, by path.
pub(crate) type Files = Vec<(String, String)>;

/// What a spec is made of. What a size counts is said at each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Workloads with five trusts each.
    Workloads,
    /// The same workloads; every second one has one trust that says something else.
    Changed,
    /// Workloads, and 200 promises about them.
    Promises,
    /// Workloads, and 1,000 tests about them.
    Tests,
    /// Workloads in one network, with five connections each.
    Network,
    /// Connections in one network, twelve for each workload.
    Flows,
    /// Devices of one class.
    Fleet,
    /// Trusts of people, with five conditions each.
    Conditions,
    /// Rows of inventories with many columns, in several classes.
    Inventories,
    /// Workloads whose trusts come from profiles, thirty deep.
    Profiles,
    /// A long text for the formatter: eight times the workloads in one file.
    Text,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 11] = [
        Self::Workloads,
        Self::Changed,
        Self::Promises,
        Self::Tests,
        Self::Network,
        Self::Flows,
        Self::Fleet,
        Self::Conditions,
        Self::Inventories,
        Self::Profiles,
        Self::Text,
    ];

    /// The word for it on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Workloads => "workloads",
            Self::Changed => "changed",
            Self::Promises => "promises",
            Self::Tests => "tests",
            Self::Network => "network",
            Self::Flows => "flows",
            Self::Fleet => "fleet",
            Self::Conditions => "conditions",
            Self::Inventories => "inventories",
            Self::Profiles => "profiles",
            Self::Text => "text",
        }
    }
}

/// What the spec asks to be emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Targets {
    /// The targets that the kind is about: `aws-iam`, or those of networks.
    Own,
    /// All: the spec has no `targets` line.
    All,
}

impl Targets {
    /// The line of the project that says so.
    fn line(self, own: &str) -> String {
        match self {
            Self::Own => format!("    targets {own}\n"),
            Self::All => String::new(),
        }
    }
}

/// The files of a spec.
pub(crate) fn files(kind: Kind, size: usize, targets: Targets) -> Files {
    match kind {
        Kind::Workloads => workloads::files(size, targets, workloads::Trusts::AsUsual),
        Kind::Changed => workloads::files(size, targets, workloads::Trusts::Changed),
        Kind::Promises => promises::promises(size, targets),
        Kind::Tests => promises::tests(size, targets),
        Kind::Network => network::network(size, TRUSTS, targets),
        Kind::Flows => network::flows(size, targets),
        Kind::Fleet => fleet::files(size, targets),
        Kind::Conditions => conditions::files(size, targets),
        Kind::Inventories => inventories::files(size, targets),
        Kind::Profiles => profiles::files(size, targets),
        Kind::Text => text::files(size, targets),
    }
}

/// A trust as it is written: who, what, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written<'f> {
    pub(crate) subject: &'f str,
    pub(crate) capability: &'f str,
    pub(crate) object: &'f str,
}

/// The trusts that stand in the files, in order: so that questions need not know how a kind draws them.
pub(crate) fn written(files: &Files) -> impl Iterator<Item = Written<'_>> {
    files
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| {
            let (subject, rest) = line.strip_prefix("trust ")?.split_once(" -> ")?;
            let (object, rest) = rest.split_once(" { allow ")?;
            let (capability, _) = rest.split_once(';')?;
            Some(Written {
                subject,
                capability,
                object,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_accepted() {
        for kind in Kind::ALL {
            // Enough for two teams, each of which has all that a team has.
            let size = match kind {
                Kind::Fleet | Kind::Inventories | Kind::Flows | Kind::Conditions => 240,
                Kind::Network | Kind::Profiles | Kind::Text => 20,
                Kind::Workloads | Kind::Changed | Kind::Promises | Kind::Tests => 20,
            };
            for targets in [Targets::Own, Targets::All] {
                let built = crate::stages::stages(&files(kind, size, targets));
                assert!(built.is_ok(), "{kind:?}, {targets:?}: {built:?}");
            }
        }
    }

    #[test]
    fn so_many_trusts_change_as_half_the_workloads() {
        let before = files(Kind::Workloads, 100, Targets::Own);
        let after = files(Kind::Changed, 100, Targets::Own);
        let lines = |files: &Files| -> Vec<String> {
            let lines = files.iter().flat_map(|(_, text)| text.lines());
            lines.map(str::to_owned).collect()
        };
        let (before, after) = (lines(&before), lines(&after));
        assert_eq!(before.len(), after.len());
        let differ = before.iter().zip(&after).filter(|(one, other)| one != other);
        assert_eq!(differ.count(), 50);
    }

    #[test]
    fn trusts_are_read_from_the_text() {
        let files = files(Kind::Workloads, 100, Targets::Own);
        let all: Vec<Written<'_>> = written(&files).collect();
        assert_eq!(all.len(), 100 * TRUSTS);
        assert!(all[0].subject == "w0-0" && all[0].object.starts_with("b0-"));
    }
}
