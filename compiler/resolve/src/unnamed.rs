//! Names that nothing has, or something else: what may have been meant.

use diagnostics::{Diagnostic, Safety};
use source::Span;

use crate::cx::Cx;
use crate::names::{MISMATCHED_NAME, Target, UNDECLARED_NAME};

/// What a trust names.
pub(crate) const AN_END: &str = "something that acts or is reached";

impl Cx<'_, '_> {
    /// A name that nothing has; `word` is where it stands by itself, if it does.
    pub(crate) fn undeclared(&self, text: &str, span: Span, word: Option<Span>, what: &str) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(&UNDECLARED_NAME, span, format!("no {what} is called `{text}`"));
        if let Some(parameter) = text.strip_prefix('$') {
            diagnostic = diagnostic.help(format!("declare it in the profile: `param {parameter} kind=…`"));
        } else if text.starts_with("alias/aws/") {
            diagnostic = diagnostic
                .note("it is the service's own key, with which the service encrypts what names no key")
                .help("declare a key of yours, `key NAME`, and name that");
        } else if let Some(own) = text
            .rsplit(['.', '_'])
            .find(|own| self.scope.names.contains_key(*own))
            .filter(|_| text.starts_with("aws_"))
        {
            diagnostic = diagnostic.help(format!("write the declared name alone: `{own}`"));
        } else if let Some(other) = text.strip_prefix('!') {
            diagnostic = diagnostic.help(format!(
                "a promise names all and takes some out: `* … {{ except {other} }}`"
            ));
        } else if self.scope.teams.contains_key(text) {
            diagnostic = diagnostic
                .note(format!("`{text}` is a team: it owns, and does not act"))
                .help("name what acts: a workload, `people`, a device, an external");
        } else if let Some(own) = self.own_role(text) {
            diagnostic = diagnostic
                .note("a role of this project is named by what it is made for")
                .help(format!("did you mean `{own}`?"));
        } else if text.starts_with("sg-") {
            diagnostic = diagnostic
                .note("a security group is not named: it is made of the trusts, or `wears` says it of what exists")
                .help("name what listens: `NAME.PART`");
        } else if text.starts_with("alias/") || text.starts_with("arn:") {
            diagnostic = diagnostic.help(format!(
                "declare what exists, and name that here: `{what} NAME {{ existing \"{text}\" }}`"
            ));
        } else if let Some(near) = self.near.find(text, self.scope.names.keys().map(|name| &**name)) {
            diagnostic = match word {
                Some(word) => near.offer(diagnostic, word, Safety::Unsafe),
                None => diagnostic.help(format!("did you mean `{near}`?")),
            };
            if let Some(letter) = text.chars().find(|letter| !letter.is_ascii()) {
                diagnostic = diagnostic.note(format!(
                    "`{letter}` is none of the letters a to z, however it looks"
                ));
            }
        } else {
            diagnostic = diagnostic.help(self.declared_so(what));
        }
        diagnostic
    }

    /// The declared name at the end of a role's address in one of the project's accounts.
    pub(crate) fn own_role(&self, text: &str) -> Option<String> {
        let (account, name) = text
            .split_once(":iam::")
            .and_then(|(_, rest)| rest.split_once(":role/"))?;
        let name = name.rsplit('/').next()?;
        let mut accounts = self.model.accounts.iter();
        let is_ours = accounts.any(|(_, known)| self.text_of(known.number) == account);
        (is_ours && self.scope.names.contains_key(name)).then(|| name.to_owned())
    }

    pub(crate) fn mismatched(&mut self, text: &str, span: Span, what: &str) {
        let mut diagnostic = Diagnostic::new(&MISMATCHED_NAME, span, format!("`{text}` is not {what}"));
        if let Some(declared) = self.scope.names.get(text) {
            diagnostic = diagnostic.label(declared.span, "declared here");
            // Only where an actor or an object is to be named, a place may have been meant as all that it holds.
            let place = match declared.target {
                _ if what != AN_END => None,
                Target::Segment(_) => Some("segment"),
                Target::Network(_) => Some("network"),
                Target::Site(_) => Some("site"),
                Target::Account(_) => Some("account"),
                Target::Provider(_) | Target::Authority(_) | Target::Thing(_) | Target::Refused => None,
            };
            if let Some(place) = place {
                diagnostic = diagnostic.help(format!(
                    "a trust names actors one by one; all that a place holds is named in promises only: `{place}:{text}`"
                ));
            }
        }
        self.push(diagnostic);
    }
}
