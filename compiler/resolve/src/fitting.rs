//! What would fit where a name does not: the names that are declared of the sort that a place takes.

use diagnostics::Diagnostic;
use source::Span;

use crate::cx::Cx;
use crate::names::{Declared, MISMATCHED_NAME, Target};

/// So many names are listed in a help.
const NAMES_MAX: usize = 8;

impl Cx<'_, '_> {
    /// What is declared of the sort that a place takes, or that there is none.
    pub(crate) fn declared_so(&self, what: &str) -> String {
        let fits = |declared: &Declared| match declared.target {
            Target::Account(_) => what == "account",
            Target::Authority(_) => what == "authority",
            Target::Provider(_) => what == "provider",
            Target::Network(_) => what == "network",
            Target::Site(_) => what == "site",
            Target::Segment(_) => what == "segment",
            Target::Thing(id) => what == "thing" || self.scope.kind_of(id) == Some(what),
            Target::Refused => false,
        };
        let mut names: Vec<&str> = self
            .scope
            .names
            .iter()
            .filter(|(_, declared)| fits(declared))
            .map(|(name, _)| &**name)
            .collect();
        names.sort_unstable();
        let shown: Vec<String> = names
            .iter()
            .take(NAMES_MAX)
            .map(|name| format!("`{name}`"))
            .collect();
        match (names.len(), what) {
            (0, "thing") => "declare it: a line with its kind and its name".to_owned(),
            (0, _) => format!("declare it: `{what} NAME`"),
            (count, _) if count > NAMES_MAX => {
                format!(
                    "declare it, or name one that is: {} and {} more",
                    shown.join(", "),
                    count - NAMES_MAX
                )
            }
            _ => format!("declare it, or name one that is: {}", shown.join(", ")),
        }
    }

    /// Reports a thing of another kind, with the names that the place would take.
    pub(crate) fn mismatched_kind(&mut self, text: &str, span: Span, kind: &str) {
        let mut fitting: Vec<&str> = self
            .scope
            .names
            .iter()
            .filter(|(_, declared)| {
                matches!(declared.target, Target::Thing(id) if self.scope.kind_of(id) == Some(kind))
            })
            .map(|(name, _)| &**name)
            .collect();
        fitting.sort_unstable();
        let help = match fitting.as_slice() {
            [] => format!("declare one: `{kind} NAME`"),
            names => {
                let shown: Vec<String> = names
                    .iter()
                    .take(NAMES_MAX)
                    .map(|name| format!("`{name}`"))
                    .collect();
                format!("each of these is a `{kind}`: {}", shown.join(", "))
            }
        };
        let mut diagnostic = Diagnostic::new(&MISMATCHED_NAME, span, format!("`{text}` is not a `{kind}`"));
        if let Some(declared) = self.scope.names.get(text) {
            diagnostic = diagnostic.label(declared.span, "declared here");
        }
        self.push(diagnostic.help(help));
    }
}
