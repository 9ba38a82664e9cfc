//! Refusals, each with a concrete witness where the statement is about permission.

use diagnostics::{Code, Diagnostic, Severity};
use read::facts::Place;
use source::Span;

use crate::replay::Replay;

/// Why the bytes are not what was declared.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong.
    pub sort: Sort,
    /// The target whose bytes are meant.
    pub target: &'static str,
    /// One line for people.
    pub message: String,
    /// The concrete case, which spec and bytes judge differently: replayed before it is shown.
    pub witness: Option<Witness>,
    /// Where in the emitted files.
    pub place: Option<Place>,
    /// The declaration that is missing or exceeded.
    pub declared: Option<Span>,
    /// Of a promise or a test: what is told, as it stands.
    pub told: Option<Box<Diagnostic>>,
    /// What to write instead, where it is known.
    help: Option<String>,
    /// Declarations whose conditions together have no answer; empty unless that is what is wrong.
    pub entangled: Vec<Span>,
    /// Of something too large: the trusts that use it.
    pub users: Vec<Span>,
}

/// So many declarations are shown one by one.
const SHOWN_MAX: usize = 5;

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// They permit what was not declared.
    Exceeds,
    /// They do not permit what was declared.
    FallsShort,
    /// A declared setting does not hold, or one of the closed list is weakened.
    Setting,
    /// Something emitted changes nothing.
    Idle,
    /// A leaf that no rule reads.
    Unread,
    /// Outside the fragment in which equality is decided.
    NotDecided,
    /// Over a limit of the provider.
    Quota,
    /// A promise or a test does not hold of the bytes.
    Promise,
}

/// A concrete request or packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A request.
    Request {
        /// The guard that decides.
        guard: String,
        /// Who asks; the guard's own principal if empty.
        principal: String,
        /// The action.
        action: String,
        /// The resource.
        resource: String,
        /// The context, key by key; what is not named is absent.
        context: Vec<(String, String)>,
    },
    /// A packet.
    Packet {
        /// The guard that decides.
        guard: String,
        /// From where: an address, or a group's.
        from: String,
        /// To where.
        to: String,
        /// Protocol.
        protocol: u8,
        /// Destination port.
        port: u16,
        /// IPv6.
        six: bool,
    },
}

macro_rules! code {
    ($name:ident, $text:literal, $summary:literal, $page:literal) => {
        static $name: Code = Code {
            name: $text,
            severity: Severity::Error,
            summary: $summary,
            docs: include_str!($page),
        };
    };
}

code!(
    EXCEEDS,
    "output-exceeds-intent",
    "the emitted files permit what no trust declares",
    "pages/exceeds.md"
);
code!(
    FALLS_SHORT,
    "output-falls-short",
    "the emitted files do not permit what a trust declares",
    "pages/falls_short.md"
);
code!(
    SETTING,
    "setting-not-held",
    "an emitted object lacks a declared setting",
    "pages/setting.md"
);
code!(
    IDLE,
    "idle-output",
    "something emitted changes nothing",
    "pages/idle.md"
);
code!(
    UNREAD,
    "unread-output",
    "an emitted leaf has no meaning that we know",
    "pages/unread.md"
);
code!(
    NOT_DECIDED,
    "not-decided",
    "whether output and intent agree cannot be decided exactly",
    "pages/not_decided.md"
);
code!(
    QUOTA,
    "over-quota",
    "an emitted object is larger than the provider accepts",
    "pages/quota.md"
);
/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &EXCEEDS,
    &FALLS_SHORT,
    &SETTING,
    &IDLE,
    &UNREAD,
    &NOT_DECIDED,
    &QUOTA,
];

impl Refusal {
    pub(crate) fn new(sort: Sort, target: &'static str, message: impl Into<String>) -> Self {
        Self {
            sort,
            target,
            message: message.into(),
            witness: None,
            place: None,
            declared: None,
            told: None,
            help: None,
            entangled: Vec::new(),
            users: Vec::new(),
        }
    }

    /// A promise or a test that does not hold.
    pub(crate) fn told(diagnostic: Diagnostic) -> Self {
        let mut refusal = Self::new(Sort::Promise, "", diagnostic.message.clone());
        refusal.declared = diagnostic.span;
        refusal.told = Some(Box::new(diagnostic));
        refusal
    }

    pub(crate) fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// Shows a witness that was replayed. One that tells nothing apart is a fault of ours, and no reason to write: what is
    /// refused stays refused, as not decided.
    pub(crate) fn witness(mut self, witness: Witness, replay: Replay) -> Self {
        match replay {
            Replay::Confirmed => self.witness = Some(witness),
            Replay::Refuted => {
                self.sort = Sort::NotDecided;
                self.message = format!(
                    "replaying the witness does not confirm it, which is a fault of leastwise: {}",
                    self.message
                );
            }
        }
        self
    }

    /// What to write instead.
    pub(crate) fn help(mut self, help: String) -> Self {
        self.help = Some(help);
        self
    }

    pub(crate) fn declared(mut self, span: Option<Span>) -> Self {
        self.declared = span;
        self
    }

    /// The declarations whose conditions together have no answer, in order of what they say.
    pub(crate) fn entangled(mut self, declared: Vec<Span>) -> Self {
        self.declared = declared.first().copied();
        self.entangled = declared;
        self
    }

    /// The trusts by which something is as large as it is, in order of what they say.
    pub(crate) fn users(mut self, trusts: Vec<Span>) -> Self {
        self.declared = self.declared.or(trusts.first().copied());
        self.users = trusts;
        self
    }

    /// As people see it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        if let Some(told) = &self.told {
            return Diagnostic::clone(told);
        }
        let code = match self.sort {
            Sort::Exceeds => &EXCEEDS,
            Sort::FallsShort => &FALLS_SHORT,
            Sort::Setting => &SETTING,
            Sort::Idle => &IDLE,
            Sort::Unread => &UNREAD,
            // What a promise tells stands above.
            Sort::NotDecided | Sort::Promise => &NOT_DECIDED,
            Sort::Quota => &QUOTA,
        };
        let mut diagnostic = match self.declared {
            Some(span) => Diagnostic::new(code, span, self.message.clone()),
            None => Diagnostic::global(code, self.message.clone()),
        };
        if !self.entangled.is_empty() {
            for span in self.entangled.iter().take(SHOWN_MAX).skip(1) {
                diagnostic = diagnostic.label(*span, "this has conditions too");
            }
            diagnostic = diagnostic
                .note(format!(
                    "{} declarations have conditions here; at most {} cases of them are followed",
                    self.entangled.len(),
                    pattern::union::NODES_MAX
                ))
                .help(
                    "give these trusts fewer alternatives in `when`, or split their subject or their object",
                );
        }
        if !self.users.is_empty() {
            for span in self.users.iter().take(SHOWN_MAX).skip(1) {
                diagnostic = diagnostic.label(*span, "this trust needs it too");
            }
            let count = self.users.len();
            diagnostic = diagnostic
                .note(match count {
                    1 => "one trust makes it so large".to_owned(),
                    count => format!("{count} trusts make it so large"),
                })
                .help("split the actor, narrow these trusts, or say what the account was granted: `quota \"…\" N` in the account");
        }
        if let Some(help) = &self.help {
            diagnostic = diagnostic.help(help.clone());
        }
        if self.declared.is_some() && diagnostic.help.is_none() {
            diagnostic = diagnostic.help(match self.sort {
                Sort::Unread | Sort::Setting => {
                    "say it otherwise in this declaration: the provider takes other values here, or it does not go with the rest"
                }
                Sort::Quota => "let this declaration be smaller, or divide it in two",
                Sort::Exceeds | Sort::FallsShort | Sort::Idle | Sort::NotDecided | Sort::Promise => {
                    "say it otherwise in this declaration, in smaller steps"
                }
            });
        }
        // A promise is not one target's.
        if !self.target.is_empty() {
            diagnostic = diagnostic.note(format!("target: {}", self.target));
        }
        if let Some(place) = &self.place {
            diagnostic = diagnostic.note(format!("at: {} {}", place.path, place.pointer));
        }
        if let Some(witness) = &self.witness {
            diagnostic = diagnostic.note(format!("witness: {witness}"));
        }
        diagnostic
    }
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Request {
                guard,
                principal,
                action,
                resource,
                context,
            } => {
                let who = if principal.is_empty() {
                    "the principal of the guard"
                } else {
                    principal.as_str()
                };
                write!(f, "{who} asks {action} on {resource}")?;
                for (index, (key, value)) in context.iter().enumerate() {
                    write!(f, "{}{key} {value}", if index == 0 { " with " } else { ", " })?;
                }
                write!(f, "; decided by {guard}")
            }
            Self::Packet {
                guard,
                from,
                to,
                protocol,
                port,
                six,
            } => {
                let family = if *six { "IPv6" } else { "IPv4" };
                write!(
                    f,
                    "{family} protocol {protocol} from {from} to {to} port {port}; decided by {guard}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_that_does_not_replay_is_not_shown_and_stops_the_build() {
        let witness = Witness::Packet {
            guard: "sg:a".to_owned(),
            from: "sg:b".to_owned(),
            to: "sg:a".to_owned(),
            protocol: 6,
            port: 443,
            six: false,
        };
        let refusal = || Refusal::new(Sort::Exceeds, "terraform", "too much");
        let shown = refusal().witness(witness.clone(), Replay::Confirmed);
        assert_eq!(
            (shown.sort, shown.witness),
            (Sort::Exceeds, Some(witness.clone()))
        );
        let refuted = refusal().witness(witness, Replay::Refuted);
        assert_eq!((refuted.sort, refuted.witness.clone()), (Sort::NotDecided, None));
        assert!(refuted.message.ends_with(": too much"), "{}", refuted.message);
        assert_eq!(refuted.diagnostic().code.severity, Severity::Error);
    }
}
