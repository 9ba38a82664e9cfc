//! Small specs, drawn from a seed: one line for each declaration, so that they can be shuffled.
//!
//! A spec is about one of a few subjects, so that what is drawn lies near each other and meets.

pub mod broker;
pub mod line;
pub mod network;
pub mod store;

use std::collections::BTreeSet;

use crate::golden::Tree;
use crate::mutate::seed::Seed;

/// A drawn spec.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// Declarations that are no promise and no test.
    pub declarations: Vec<String>,
    /// Promises and tests.
    pub claims: Vec<String>,
    /// Inventories, by path.
    pub files: Vec<(String, String)>,
    /// Whether there is a second account, `other`.
    pub has_two_accounts: bool,
}

/// Draws, one after another.
#[derive(Clone, Debug)]
pub struct Draws(pub Seed);

impl Draws {
    /// One of several.
    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.0.below(of.len())]
    }

    /// True this many times of a hundred.
    pub fn is(&mut self, percent: usize) -> bool {
        self.0.below(100) < percent
    }

    /// Some of several, at least one, in their order.
    pub fn some<'a>(&mut self, of: &[&'a str], most: usize) -> Vec<&'a str> {
        let mut left: Vec<&str> = of.to_vec();
        let count = 1 + self.0.below(most.min(of.len()));
        while left.len() > count {
            let gone = self.0.below(left.len());
            left.remove(gone);
        }
        left
    }
}

/// The spec of a seed.
#[must_use]
pub fn spec(seed: u64) -> Drawn {
    let mut draws = Draws(Seed(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5eed));
    let mut drawn = match draws.0.below(3) {
        0 => broker::spec(&mut draws),
        1 => store::spec(&mut draws),
        _ => network::spec(&mut draws),
    };
    if drawn.has_two_accounts {
        let ids = "{ \"k1\": { \"id\": \"1234abcd-12ab-34cd-56ef-1234567890ab\" }, \"k2\": { \"id\": \"2234abcd-12ab-34cd-56ef-1234567890ab\" } }";
        drawn.files.push(("identifiers.json".to_owned(), ids.to_owned()));
    }
    let head = head(drawn.has_two_accounts);
    drawn.declarations.extend(head);
    let mut seen = BTreeSet::new();
    drawn.claims.retain(|line| seen.insert(line.clone()));
    drawn
}

fn head(has_two_accounts: bool) -> [String; 4] {
    let other = if has_two_accounts {
        "account other id=\"444455556666\" region=eu-central-1 { steward \"role/ops/deploy\" }; default account=main; identifiers \"identifiers.json\"; "
    } else {
        ""
    };
    [
        format!(
            "project drawn edition=\"2026\" {{ account main id=\"111122223333\" region=eu-central-1 {{ steward \"role/ops/deploy\" }}; {other}targets aws-iam security-groups device-bundles }}"
        ),
        "team crew".to_owned(),
        "owner crew".to_owned(),
        "use \"std/baseline/zero-trust\"".to_owned(),
    ]
}

impl Drawn {
    /// As files of a project.
    #[must_use]
    pub fn project(&self) -> Tree {
        self.written(&self.lines())
    }

    /// The same spec, its declarations in another order.
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Tree {
        let mut lines = self.lines();
        let mut seed = Seed(seed);
        for at in (1..lines.len()).rev() {
            lines.swap(at, seed.below(at + 1));
        }
        self.written(&lines)
    }

    /// Whether a declaration holds one of these texts.
    #[must_use]
    pub fn says(&self, texts: &[&str]) -> bool {
        self.declarations
            .iter()
            .any(|line| texts.iter().any(|text| line.contains(text)))
    }

    /// Whether a promise or a test holds a text.
    #[must_use]
    pub fn asks(&self, text: &str) -> bool {
        self.claims.iter().any(|line| line.contains(text))
    }

    fn lines(&self) -> Vec<&str> {
        self.declarations
            .iter()
            .chain(&self.claims)
            .map(String::as_str)
            .collect()
    }

    fn written(&self, lines: &[&str]) -> Tree {
        let text = format!("{}\n", lines.join("\n"));
        let mut files = Tree::from([("leastwise.kdl".to_owned(), text.into_bytes())]);
        files.extend(
            self.files
                .iter()
                .map(|(path, text)| (path.clone(), text.clone().into_bytes())),
        );
        files
    }
}
