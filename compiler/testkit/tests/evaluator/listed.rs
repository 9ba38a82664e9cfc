//! What the evaluator knows otherwise than we do, and what it is not asked: each line with its reason.

use std::collections::BTreeSet;

use testkit::golden;

/// `golden/linters/iam-simulate.txt`: `FINDING | ACTION | DETAIL | REASON`.
pub struct Listed {
    lines: Vec<[String; 4]>,
    used: BTreeSet<usize>,
    /// What is found and not listed.
    pub surplus: BTreeSet<String>,
}

impl Listed {
    pub fn read() -> Self {
        let files = golden::tree(&golden::root().join("golden/linters"));
        let text = String::from_utf8(files["iam-simulate.txt"].clone()).unwrap();
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines = lines.map(|line| {
            let parts: Vec<String> = line.split(" | ").map(str::to_owned).collect();
            parts
                .try_into()
                .unwrap_or_else(|parts| panic!("not four parts: {parts:?}"))
        });
        Self {
            lines: lines.collect(),
            used: BTreeSet::new(),
            surplus: BTreeSet::new(),
        }
    }

    /// Whether a finding is listed; a detail of `…` stands for any.
    pub fn has(&mut self, finding: &str, action: &str, detail: &str) -> bool {
        let found = self
            .lines
            .iter()
            .position(|[own, of, what, _]| own == finding && of == action && (what == detail || what == "…"));
        self.used.extend(found);
        found.is_some()
    }

    /// Takes a finding down if it is not listed.
    pub fn check(&mut self, finding: &str, action: &str, detail: &str) {
        if !self.has(finding, action, detail) {
            self.surplus.insert(format!("{finding} | {action} | {detail}"));
        }
    }

    /// Lines that nothing needed.
    pub fn idle(&self) -> Vec<String> {
        let lines = self.lines.iter().enumerate();
        let idle = lines.filter(|(at, _)| !self.used.contains(at));
        idle.map(|(_, line)| line.join(" | ")).collect()
    }
}
