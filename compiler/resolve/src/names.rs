//! The one name space of a project: what is declared, and what a name refers to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Safety, Severity};
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use model::Unused;
use model::actor::{AuthorityId, ProviderId};
use model::place::{NetworkId, SegmentId, SiteId};
use model::project::{AccountId, TeamId};
use model::thing::{PartId, ThingId};
use model::trust::{End, Named};
use source::Span;

use crate::cx::Cx;
use crate::heard::Takes;
use crate::line::Arg;
use crate::order;
use crate::unnamed::AN_END;

pub(crate) static UNDECLARED_NAME: Code = Code {
    name: "undeclared-name",
    severity: Severity::Error,
    summary: "a name refers to nothing",
    docs: include_str!("pages/undeclared_name.md"),
};

pub(crate) static DUPLICATE_DECLARATION: Code = Code {
    name: "duplicate-declaration",
    severity: Severity::Error,
    summary: "a name is declared twice",
    docs: include_str!("pages/duplicate_declaration.md"),
};

pub(crate) static MISMATCHED_NAME: Code = Code {
    name: "mismatched-name",
    severity: Severity::Error,
    summary: "a name refers to something of another sort",
    docs: include_str!("pages/mismatched_name.md"),
};

/// What a name of the project stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Account(AccountId),
    Authority(AuthorityId),
    Provider(ProviderId),
    Network(NetworkId),
    Site(SiteId),
    Segment(SegmentId),
    Thing(ThingId),
    /// Declared by a word that is not lowered: naming it is no second mistake.
    Refused,
}

/// A declared name.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) target: Target,
    pub(crate) span: Span,
    pub(crate) is_used: bool,
}

/// A declared name outside the project's one name space: a team or a profile.
#[derive(Clone, Debug)]
pub(crate) struct Aside<T> {
    pub(crate) target: T,
    pub(crate) span: Span,
    pub(crate) is_used: bool,
}

/// Every declared name.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    /// In the order in which they were entered.
    pub(crate) names: IndexMap<Cow<'a, str>, Declared, RandomState>,
    /// Teams own and sign; nothing else is named where a team is, so they do not crowd the names of things.
    pub(crate) teams: BTreeMap<Cow<'a, str>, Aside<TeamId>>,
    /// Profiles, by their index.
    pub(crate) profiles: BTreeMap<Cow<'a, str>, Aside<usize>>,
    pub(crate) parts: BTreeMap<(ThingId, Name), PartId>,
    /// The word of each thing, in order of their ids.
    pub(crate) kinds_of_things: Vec<Cow<'a, str>>,
    /// Names of promises, by which waivers take them.
    pub(crate) promises: BTreeMap<Cow<'a, str>, Span>,
}

impl<'a> Cx<'a, '_> {
    /// Enters a name; a second one is reported and left out.
    pub(crate) fn declare(&mut self, name: &Arg<'a>, target: Target) {
        // What was refused declares nothing: whoever declares the name now has it.
        let earlier = self.scope.names.get(&name.text);
        if let Some(earlier) = earlier.filter(|earlier| !matches!(earlier.target, Target::Refused)) {
            let first = earlier.span;
            duplicate_declaration(self, &name.text, name.span, first);
            return;
        }
        let declared = Declared {
            target,
            span: name.span,
            is_used: false,
        };
        self.scope.names.insert(name.text.clone(), declared);
    }

    /// Enters a name of a declaration that was refused, if nothing else bears it.
    pub(crate) fn declare_refused(&mut self, name: &Arg<'a>) {
        if !self.scope.names.contains_key(&name.text) {
            self.declare(name, Target::Refused);
        }
    }

    /// What a name refers to; a name that refers to nothing is reported.
    pub(crate) fn find(&mut self, text: &str, span: Span, what: &str) -> Option<Target> {
        self.find_within(text, span, Some(span), what)
    }

    /// The same; `word` is where the name stands by itself, if it does.
    fn find_within(&mut self, text: &str, span: Span, word: Option<Span>, what: &str) -> Option<Target> {
        self.hear_name(span, what);
        if let Some(declared) = self.scope.names.get_mut(text) {
            declared.is_used = true;
            let (target, at) = (declared.target, declared.span);
            self.hear_use(span, at);
            return Some(target);
        }
        let diagnostic = self.undeclared(text, span, word, what);
        self.push(diagnostic);
        None
    }

    pub(crate) fn account(&mut self, arg: &Arg<'a>) -> Option<AccountId> {
        let text = self.text(arg);
        match self.find(&text, arg.span, "account")? {
            Target::Account(id) => Some(id),
            Target::Refused => None,
            Target::Authority(_)
            | Target::Provider(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Segment(_)
            | Target::Thing(_) => {
                self.mismatched(&text, arg.span, "an account");
                None
            }
        }
    }

    pub(crate) fn authority(&mut self, arg: &Arg<'a>) -> Option<AuthorityId> {
        let text = self.text(arg);
        match self.find(&text, arg.span, "authority")? {
            Target::Authority(id) => Some(id),
            Target::Refused => None,
            Target::Account(_)
            | Target::Provider(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Segment(_)
            | Target::Thing(_) => {
                self.mismatched(&text, arg.span, "an authority");
                None
            }
        }
    }

    pub(crate) fn provider(&mut self, arg: &Arg<'a>) -> Option<ProviderId> {
        let text = self.text(arg);
        match self.find(&text, arg.span, "provider")? {
            Target::Provider(id) => Some(id),
            Target::Refused => None,
            Target::Account(_)
            | Target::Authority(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Segment(_)
            | Target::Thing(_) => {
                self.mismatched(&text, arg.span, "a provider");
                None
            }
        }
    }

    pub(crate) fn network(&mut self, arg: &Arg<'a>) -> Option<NetworkId> {
        let text = self.text(arg);
        match self.find(&text, arg.span, "network")? {
            Target::Network(id) => Some(id),
            Target::Refused => None,
            Target::Account(_)
            | Target::Authority(_)
            | Target::Provider(_)
            | Target::Site(_)
            | Target::Segment(_)
            | Target::Thing(_) => {
                self.mismatched(&text, arg.span, "a network");
                None
            }
        }
    }

    pub(crate) fn site(&mut self, arg: &Arg<'a>) -> Option<SiteId> {
        let text = self.text(arg);
        match self.find(&text, arg.span, "site")? {
            Target::Site(id) => Some(id),
            Target::Refused => None,
            Target::Account(_)
            | Target::Authority(_)
            | Target::Provider(_)
            | Target::Network(_)
            | Target::Segment(_)
            | Target::Thing(_) => {
                self.mismatched(&text, arg.span, "a site");
                None
            }
        }
    }

    pub(crate) fn segment(&mut self, arg: &Arg<'a>) -> Option<SegmentId> {
        let text = self.text(arg);
        self.segment_named(&text, arg.span)
    }

    pub(crate) fn segment_named(&mut self, text: &str, span: Span) -> Option<SegmentId> {
        match self.find(text, span, "segment")? {
            Target::Segment(id) => Some(id),
            Target::Refused => None,
            Target::Account(_)
            | Target::Authority(_)
            | Target::Provider(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Thing(_) => {
                self.mismatched(text, span, "a segment");
                None
            }
        }
    }

    /// A thing; `kind` is its word, where the place takes one kind only.
    pub(crate) fn thing(&mut self, arg: &Arg<'a>, kind: Option<&str>) -> Option<ThingId> {
        if arg.value.as_bool().is_some() {
            let kind = kind.unwrap_or("thing");
            let message = format!("`{}` names no {kind}", arg.value.literal());
            let help = self.declared_so(kind);
            self.push(Diagnostic::new(&MISMATCHED_NAME, arg.span, message).help(help));
            return None;
        }
        let text = self.text(arg);
        match self.find(&text, arg.span, kind.unwrap_or("thing"))? {
            Target::Thing(id) => {
                let own = self.scope.kind_of(id);
                if let Some(kind) = kind
                    && own.is_some_and(|own| own != kind)
                {
                    self.mismatched_kind(&text, arg.span, kind);
                    return None;
                }
                Some(id)
            }
            Target::Refused => None,
            Target::Account(_)
            | Target::Authority(_)
            | Target::Provider(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Segment(_) => {
                let what = kind.map_or_else(|| "a thing".into(), |kind| format!("a `{kind}`"));
                self.mismatched(&text, arg.span, &what);
                None
            }
        }
    }

    /// A team.
    pub(crate) fn team(&mut self, arg: &Arg<'a>) -> Option<TeamId> {
        let text = self.text(arg);
        self.hear_name(arg.span, "team");
        if let Some(team) = self.scope.teams.get_mut(&*text) {
            team.is_used = true;
            let (target, at) = (team.target, team.span);
            self.hear_use(arg.span, at);
            return Some(target);
        }
        let mut diagnostic =
            Diagnostic::new(&UNDECLARED_NAME, arg.span, format!("no team is called `{text}`"));
        diagnostic = match self.near.find(&text, self.scope.teams.keys().map(|name| &**name)) {
            Some(near) => near.offer(diagnostic, arg.span, Safety::Unsafe),
            None if self.scope.names.contains_key(&*text) => diagnostic
                .note(format!("`{text}` is declared, and is no team: a team owns"))
                .help(self.declared_teams()),
            None if !crate::spelling::is_name(&text) => diagnostic.help(self.declared_teams()),
            None => diagnostic.help(format!("declare it: `team {text}`")),
        };
        self.push(diagnostic);
        None
    }

    fn declared_teams(&self) -> String {
        let teams: Vec<String> = self
            .scope
            .teams
            .keys()
            .take(6)
            .map(|team| format!("`{team}`"))
            .collect();
        match teams.is_empty() {
            true => "declare one, and name it: `team NAME`".to_owned(),
            false => format!("name a team: {}", teams.join(", ")),
        }
    }

    /// What a trust or a test names: a thing, a part, an account, `internet`.
    pub(crate) fn end(&mut self, arg: &Arg<'a>) -> Option<Named> {
        let text = self.text(arg);
        self.hear(arg.span, || Takes::End);
        if arg.is_text() && text == "internet" {
            return Some(Named {
                end: End::Internet,
                span: arg.span,
            });
        }
        if arg.is_text() && (text == "*" || text == "aws" || text.contains(':')) {
            let is_address = text.starts_with("arn:");
            let sort = if is_address {
                "an address of the provider"
            } else {
                "a selector"
            };
            let message = format!("`{text}` is {sort}, and here each thing is named");
            let after = text.split_once(':').map_or("", |(_, name)| name);
            let help = if let Some(own) = self.own_role(&text) {
                format!("did you mean `{own}`? It is of an account of this project")
            } else if is_address && text.contains(":role/") {
                format!(
                    "name what is declared; a role of others is declared so: `external NAME {{ role \"{text}\"; external-id \"…\" }}`"
                )
            } else if is_address {
                "name what is declared; what exists already is declared with `existing`".to_owned()
            } else if let Some((head, _)) = text
                .split_once(':')
                .filter(|(head, _)| self.scope.names.contains_key(*head))
            {
                format!("a part stands behind a `.`: `{head}.{after}`")
            } else if let Some(held) = self.held_by(after) {
                held
            } else if self.scope.names.contains_key(after) {
                format!("write the name alone: `{after}`")
            } else {
                "name each one, with spaces between".to_owned()
            };
            self.push(
                Diagnostic::new(&MISMATCHED_NAME, arg.span, message)
                    .note("what is named one by one does not grow by itself: a new thing is reached by nobody until it is named")
                    .help(help),
            );
            return None;
        }
        if let Some((head, part)) = text.split_once('.') {
            let found = self.find_within(head, arg.span, None, "thing")?;
            let Target::Thing(thing) = found else {
                // What was refused may have had parts: that is no second mistake.
                if !matches!(found, Target::Refused) {
                    self.mismatched(head, arg.span, "a thing with parts");
                }
                return None;
            };
            let found = self
                .model
                .names
                .find(part)
                .and_then(|name| self.scope.parts.get(&(thing, name)));
            if let Some(part) = found.copied() {
                if let Some(declared) = self.model.parts.get(part).map(|part| part.span) {
                    self.hear_use(arg.span, declared);
                }
                return Some(Named {
                    end: End::Part(part),
                    span: arg.span,
                });
            }
            self.no_part(head, part, thing, arg.span);
            return None;
        }
        match self.find(&text, arg.span, "thing")? {
            Target::Thing(id) => Some(Named {
                end: End::Thing(id),
                span: arg.span,
            }),
            Target::Account(id) => Some(Named {
                end: End::Account(id),
                span: arg.span,
            }),
            Target::Refused => None,
            Target::Authority(_)
            | Target::Provider(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Segment(_) => {
                self.mismatched(&text, arg.span, AN_END);
                None
            }
        }
    }

    fn no_part(&mut self, head: &str, part: &str, thing: ThingId, span: Span) {
        let own: Vec<String> = self.model.things.get(thing).map_or_else(Vec::new, |thing| {
            let parts = thing.parts.iter().filter_map(|part| self.model.parts.get(*part));
            parts.map(|part| self.text_of(part.name).to_owned()).collect()
        });
        let mut diagnostic = Diagnostic::new(
            &UNDECLARED_NAME,
            span,
            format!("`{head}` has no part that is called `{part}`"),
        );
        if let Some(near) = self.near.find(part, own.iter().map(String::as_str)) {
            diagnostic = diagnostic.help(format!("did you mean `{head}.{near}`?"));
        } else if own.is_empty() {
            diagnostic = diagnostic.note(format!("`{head}` has no parts"));
        }
        if let Some(thing) = self.model.things.get(thing) {
            let declared = thing.span;
            diagnostic = diagnostic.label(declared, "declared here");
        }
        self.push(diagnostic);
    }
}

impl Scope<'_> {
    pub(crate) fn kind_of(&self, thing: ThingId) -> Option<&str> {
        self.kinds_of_things.get(thing.index()).map(|kind| &**kind)
    }
}

pub(crate) fn duplicate_declaration(cx: &mut Cx<'_, '_>, name: &str, one: Span, other: Span) {
    let (first, at) = order::in_order_of_place(one, other);
    cx.push(
        Diagnostic::new(&DUPLICATE_DECLARATION, at, format!("`{name}` is declared twice"))
            .label(first, "first declared here")
            .help("a project has one name space: choose another name"),
    );
}

/// What nothing refers to.
pub(crate) fn unused(cx: &mut Cx<'_, '_>) {
    let mut found: Vec<(&'static str, String, Span)> = Vec::new();
    for (name, team) in cx.scope.teams.iter().filter(|(_, team)| !team.is_used) {
        found.push(("team", name.to_string(), team.span));
    }
    for (name, profile) in cx.scope.profiles.iter().filter(|(_, profile)| !profile.is_used) {
        found.push(("profile", name.to_string(), profile.span));
    }
    for (name, declared) in cx.scope.names.iter().filter(|(_, declared)| !declared.is_used) {
        let word = match declared.target {
            Target::Authority(_) => "authority",
            Target::Provider(_) => "provider",
            // A place without an actor and an actor without a trust are findings of their own.
            Target::Account(_)
            | Target::Network(_)
            | Target::Site(_)
            | Target::Segment(_)
            | Target::Thing(_)
            | Target::Refused => continue,
        };
        found.push((word, name.to_string(), declared.span));
    }
    // A file of the library is used as a whole.
    found.retain(|(_, _, span)| !cx.library_files.contains(&span.file));
    found.sort_by_key(|(_, _, span)| *span);
    for (word, name, span) in found {
        let name = cx.intern(&name);
        cx.model.unused.push(Unused { word, name, span });
    }
}
