//! Written values to typed ones, each with the message that shows the right spelling.

use std::borrow::Cow;

use diagnostics::{Code, Diagnostic, Edit, Safety, Severity};
use model::value::{Block, Date, Duration};
use syntax::document::ValueKind;

use crate::address::{self, NoBlock};
use crate::cx::Cx;
use crate::heard::Takes;
use crate::line::Arg;
use crate::literal;

pub(crate) static WRONG_TYPE: Code = Code {
    name: "wrong-type",
    severity: Severity::Error,
    summary: "a value is not of the type that its place has",
    docs: include_str!("pages/wrong_type.md"),
};

pub(crate) static UNKNOWN_WORD: Code = Code {
    name: "unknown-word",
    severity: Severity::Error,
    summary: "a value is none of the words that its place knows",
    docs: include_str!("pages/unknown_word.md"),
};

pub(crate) static MISPLACED_SECRET: Code = Code {
    name: "misplaced-secret",
    severity: Severity::Error,
    summary: "a secret is referred to where no secret may stand",
    docs: include_str!("pages/misplaced_secret.md"),
};

/// What a reference to a value that exists only at installation begins with.
pub(crate) const SECRET: &str = "secret://";

impl<'a> Cx<'a, '_> {
    fn wrong(&mut self, arg: &Arg<'a>, what: &str, help: impl Into<String>) {
        if arg.is_malformed() {
            return;
        }
        let message = format!("`{}` is not {what}", arg.text);
        self.push(Diagnostic::new(&WRONG_TYPE, arg.span, message).help(help));
    }

    /// Text of any sort but a secret's reference. A number is reported and read as it is written.
    pub(crate) fn text(&mut self, arg: &Arg<'a>) -> Cow<'a, str> {
        let text = self.text_or_secret(arg);
        if text.starts_with(SECRET) {
            self.push(
                Diagnostic::new(&MISPLACED_SECRET, arg.span, "no secret may stand here")
                    .note("a `secret://` reference is never resolved: it would reach an output as it is"),
            );
        }
        text
    }

    /// Text that may be a secret's reference.
    pub(crate) fn text_or_secret(&mut self, arg: &Arg<'a>) -> Cow<'a, str> {
        match arg.value.kind() {
            ValueKind::String => {}
            ValueKind::Number => {
                let message = format!("`{}` is a number, and a text is expected", arg.text);
                let quoted = format!("\"{}\"", arg.text);
                let edit = Edit {
                    span: arg.span,
                    text: quoted.clone(),
                };
                self.push(
                    Diagnostic::new(&WRONG_TYPE, arg.span, message)
                        .help(format!("quote it: `{quoted}`"))
                        .fix(format!("write `{quoted}`"), Safety::Safe, vec![edit]),
                );
            }
            ValueKind::Bool | ValueKind::Null => self.wrong(arg, "a text", "write a text in quotes"),
        }
        arg.text.clone()
    }

    /// A text that is a secret's reference and nothing else.
    pub(crate) fn secret(&mut self, arg: &Arg<'a>) -> Cow<'a, str> {
        let text = self.text_or_secret(arg);
        let path = text.strip_prefix(SECRET);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if !path.is_some_and(|path| !path.is_empty() && path.bytes().all(fits)) && arg.is_text() {
            self.wrong(
                arg,
                "a reference to a secret",
                "write where it will be at installation: `\"secret://STORE/NAME\"`",
            );
        }
        text
    }

    pub(crate) fn duration(&mut self, arg: &Arg<'a>) -> Option<Duration> {
        self.hear(arg.span, || Takes::Duration);
        let found = arg.is_text().then(|| literal::duration(&arg.text)).flatten();
        if found.is_none() {
            self.wrong(
                arg,
                "a duration",
                "write a whole number and a unit: `\"90d\"`, `\"12h\"`, `\"15m\"` or `\"30s\"`",
            );
        }
        found
    }

    pub(crate) fn date(&mut self, arg: &Arg<'a>) -> Option<Date> {
        self.hear(arg.span, || Takes::Date);
        let found = arg.is_text().then(|| Date::parse(&arg.text)).flatten();
        if found.is_none() {
            self.wrong(arg, "a date", "write year, month and day: `\"2027-06-30\"`");
        }
        found
    }

    pub(crate) fn block(&mut self, arg: &Arg<'a>, six: bool) -> Option<Block> {
        let family = if six { "an IPv6 block" } else { "an IPv4 block" };
        let example = if six {
            "`\"2001:db8::/56\"`"
        } else {
            "`\"10.40.0.0/16\"`"
        };
        let found = self.any_block(arg)?;
        if found.six != six {
            self.wrong(arg, family, format!("write a block such as {example}"));
            return None;
        }
        Some(found)
    }

    pub(crate) fn any_block(&mut self, arg: &Arg<'a>) -> Option<Block> {
        let found = if arg.is_text() {
            address::block(&arg.text)
        } else {
            Err(NoBlock::Malformed)
        };
        match found {
            Ok(block) => Some(block),
            Err(NoBlock::HostBits(meant)) => {
                self.wrong(
                    arg,
                    "a block: bits behind its prefix are set",
                    format!("did you mean `\"{meant}\"`?"),
                );
                None
            }
            Err(NoBlock::Malformed) => {
                let bits = arg
                    .text
                    .split_once('/')
                    .and_then(|(_, bits)| bits.parse::<u32>().ok());
                let most = if arg.text.contains(':') { 128 } else { 32 };
                let help = match bits {
                    Some(bits) if bits > most => {
                        format!("a prefix has at most {most} bits: `/{most}` is a single address")
                    }
                    _ => "write an address and a prefix: `\"10.40.0.0/16\"`".to_owned(),
                };
                self.wrong(arg, "a block of addresses", help);
                None
            }
        }
    }

    pub(crate) fn flag(&mut self, arg: &Arg<'a>) -> Option<bool> {
        self.hear(arg.span, || Takes::Flag);
        let found = arg.value.as_bool();
        if found.is_none() {
            self.wrong(arg, "a flag", "write `#true` or `#false`");
        }
        found
    }

    pub(crate) fn number(&mut self, arg: &Arg<'a>) -> Option<i64> {
        let found = arg
            .value
            .as_integer()
            .and_then(|number| i64::try_from(number).ok());
        if found.is_none() {
            self.wrong(arg, "a whole number", "write digits, without quotes");
        }
        found
    }

    pub(crate) fn count(&mut self, arg: &Arg<'a>, most: u32) -> Option<u32> {
        let found = arg
            .value
            .as_integer()
            .and_then(|number| u32::try_from(number).ok());
        let found = found.filter(|count| *count <= most);
        if found.is_none() {
            self.wrong(
                arg,
                &format!("a whole number from 0 to {most}"),
                "write digits, without quotes",
            );
        }
        found
    }

    pub(crate) fn version(&mut self, arg: &Arg<'a>) -> Option<Cow<'a, str>> {
        let found = arg.is_text() && literal::is_version(&arg.text);
        if !found {
            self.wrong(
                arg,
                "a version",
                "write numbers with dots, in quotes: `\"2.4.0\"`",
            );
        }
        found.then(|| arg.text.clone())
    }

    /// One of a closed set of words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        arg: &Arg<'a>,
        what: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        self.hear_words(arg.span, words.iter().map(|(word, _)| *word));
        let found = words.iter().find(|(word, _)| arg.is_text() && *word == arg.text);
        if let Some((_, value)) = found {
            return Some(*value);
        }
        self.unknown_word(arg, what, words.iter().map(|(word, _)| *word));
        None
    }

    /// Reports a word that its place does not know.
    pub(crate) fn unknown_word<'w>(
        &mut self,
        arg: &Arg<'a>,
        what: &str,
        words: impl Iterator<Item = &'w str> + Clone,
    ) {
        if arg.is_malformed() {
            return;
        }
        let message = format!("`{}` is not {what}", arg.text);
        let diagnostic = Diagnostic::new(&UNKNOWN_WORD, arg.span, message);
        let diagnostic = match self.near.find(&arg.text, words.clone()) {
            Some(near) => near.offer(diagnostic, arg.span, Safety::Safe),
            None => {
                // What is read and refused next is no way out.
                let offered = words.filter(|word| !crate::meant::NOT_LOWERED.contains(word));
                let all: Vec<String> = offered.map(|word| format!("`{word}`")).collect();
                diagnostic.help(format!("it is one of {}", all.join(", ")))
            }
        };
        self.push(diagnostic);
    }

    /// `accept=SUBSTITUTE`, where the only substitute that the place knows is `substitute`.
    pub(crate) fn accepts(
        &mut self,
        entries: &mut crate::entries::Entries<'a>,
        substitute: &'static str,
    ) -> bool {
        let Some(arg) = entries.prop("accept") else {
            return false;
        };
        self.word(&arg, "a substitute for this fact", &[(substitute, ())])
            .is_some()
    }
}
