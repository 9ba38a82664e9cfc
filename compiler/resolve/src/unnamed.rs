//! Names that nothing has, or something else: what may have been meant.

use diagnostics::{Diagnostic, Safety};
use model::place::Within;
use model::thing::{Detail, Thing};
use source::Span;

use crate::cx::Cx;
use crate::names::{MISMATCHED_NAME, Target, UNDECLARED_NAME};

/// What a trust names.
pub(crate) const AN_END: &str = "something that acts or is reached";

impl Cx<'_, '_> {
    /// A name that nothing has; `word` is where it stands by itself, if it does.
    pub(crate) fn undeclared(&self, text: &str, span: Span, word: Option<Span>, what: &str) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(&UNDECLARED_NAME, span, format!("no {what} is called `{text}`"));
        if let Some(parameter) = text
            .strip_prefix('$')
            .filter(|own| self.scope.names.contains_key(*own))
        {
            diagnostic = diagnostic.help(format!(
                "`$` is for the parameters of a profile: write `{parameter}`"
            ));
        } else if matches!(
            text,
            "segment" | "network" | "site" | "kind" | "level" | "owner" | "tag" | "data-class"
        ) {
            diagnostic = diagnostic.help(format!("a selector is one word: `{text}:NAME`"));
        } else if let Some(parameter) = text.strip_prefix('$') {
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
        } else if self.parameters.iter().any(|known| &**known == text) {
            diagnostic = diagnostic.help(format!("it is a parameter of this profile: write `${text}`"));
        } else if let Some(class) = self.class_of_member(text) {
            diagnostic = diagnostic
                .note(format!("`{text}` is one device of `{class}`"))
                .help(format!(
                    "name the class: `{class}`; `same` and attributes say which of its devices"
                ));
        } else if let Some(environments) = self.only_in.get(text) {
            let environments = environments.join(" ");
            diagnostic = diagnostic
                .note(format!("it is declared in `in {environments}` only"))
                .help(format!("put this into `in {environments} {{ … }}`, too"));
        } else if matches!(text, "and" | "or" | "&" | "und" | "oder" | "et" | "y") {
            diagnostic = diagnostic.help("names stand side by side, with spaces between: delete this word");
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

    /// What to write in place of a name of a place: what stands there, one by one.
    pub(crate) fn held_by(&self, place: &str) -> Option<String> {
        /// More names are no help.
        const NAMES_MAX: usize = 6;
        let target = self.scope.names.get(place)?.target;
        let holds = |segment: model::place::SegmentId| match target {
            Target::Segment(own) => own == segment,
            Target::Network(network) => self
                .model
                .segments
                .get(segment)
                .is_some_and(|segment| segment.within == Within::Network(network)),
            Target::Site(site) => self
                .model
                .segments
                .get(segment)
                .is_some_and(|segment| segment.within == Within::Site(site)),
            Target::Account(_)
            | Target::Provider(_)
            | Target::Authority(_)
            | Target::Thing(_)
            | Target::Refused => false,
        };
        let is_place = matches!(target, Target::Segment(_) | Target::Network(_) | Target::Site(_));
        let stands = |thing: &&Thing| match &thing.detail {
            Detail::Workload(workload) => workload.segment.is_some_and(holds),
            Detail::Class(class) => class.segments.iter().any(|placed| holds(placed.segment)),
            Detail::People(_) | Detail::External(_) | Detail::Resource => thing.segment.is_some_and(holds),
        };
        let things = self.model.things.iter().map(|(_, thing)| thing);
        let mut names: Vec<&str> = things
            .filter(stands)
            .map(|thing| self.text_of(thing.name))
            .collect();
        names.sort_unstable();
        let more = if names.len() > NAMES_MAX { ", …" } else { "" };
        let names: Vec<String> = names
            .iter()
            .take(NAMES_MAX)
            .map(|name| format!("`{name}`"))
            .collect();
        is_place.then(|| match names.is_empty() {
            true => format!("`{place}` is a place, and nothing stands in it: name what acts or is reached"),
            false => format!(
                "`{place}` is a place: name what stands in it: {}{more}",
                names.join(", ")
            ),
        })
    }

    /// The class that has a member of this name.
    fn class_of_member(&self, name: &str) -> Option<&str> {
        let mut fleets = self.model.fleets.iter();
        let (_, fleet) = fleets.find(|(id, fleet)| {
            let rows = self.rows.get(id);
            rows.is_some_and(|rows| rows.find(fleet, name).is_some())
        })?;
        let class = self.model.things.get(fleet.class)?;
        Some(self.text_of(class.name))
    }

    pub(crate) fn mismatched(&mut self, text: &str, span: Span, what: &str) {
        let mut diagnostic = Diagnostic::new(&MISMATCHED_NAME, span, format!("`{text}` is not {what}"));
        if let Some(declared) = self.scope.names.get(text) {
            diagnostic = diagnostic.label(declared.span, "declared here");
            // Only where an actor or an object is to be named, a place may have been meant as all that it holds.
            if what == AN_END
                && let Some(held) = self.held_by(text)
            {
                diagnostic = diagnostic
                    .note(
                        "a place is no actor: a new thing in it is reached by nobody until a trust names it",
                    )
                    .help(held);
            }
        }
        self.push(diagnostic);
    }
}
