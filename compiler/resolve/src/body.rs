//! The facts of one declaration: each asked for by its word, said once, and none left unread.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Safety, Severity};
use source::Span;

use crate::cx::Cx;
use crate::heard::Taken;
use crate::line::Line;
use crate::meant;
use crate::order;

pub(crate) static UNKNOWN_FACT: Code = Code {
    name: "unknown-fact",
    severity: Severity::Error,
    summary: "a declaration has a fact that its word does not take",
    docs: include_str!("pages/unknown_fact.md"),
};

pub(crate) static DUPLICATE_FACT: Code = Code {
    name: "duplicate-fact",
    severity: Severity::Error,
    summary: "a fact is said twice",
    docs: include_str!("pages/duplicate_fact.md"),
};

pub(crate) static MISSING_FACT: Code = Code {
    name: "missing-fact",
    severity: Severity::Error,
    summary: "a declaration lacks a fact that it needs",
    docs: include_str!("pages/missing_fact.md"),
};

/// The facts of a declaration, from whatever block they come.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    /// The first head line, if there is one.
    head: Option<Span>,
    what: Cow<'a, str>,
    lines: Vec<(Cow<'a, str>, Line<'a>, bool)>,
    asked: Vec<&'static str>,
    asked_names: Vec<Name>,
}

impl<'a> Body<'a> {
    /// The blocks of all these lines together.
    pub(crate) fn of(what: Cow<'a, str>, lines: &[Line<'a>]) -> Self {
        let head = lines.first().map(Line::head);
        let lines = lines
            .iter()
            .flat_map(Line::children)
            .map(|line| (line.word(), line, false))
            .collect();
        Self {
            head,
            what,
            lines,
            asked: Vec::with_capacity(16),
            asked_names: Vec::new(),
        }
    }

    /// The fact of a word that is said at most once.
    pub(crate) fn one(&mut self, cx: &mut Cx<'a, '_>, word: &'static str) -> Option<Line<'a>> {
        let mut found: Option<Line<'a>> = None;
        for (own, line, is_read) in &mut self.lines {
            if *own != word {
                continue;
            }
            *is_read = true;
            match &found {
                Some(first) => duplicate(cx, word, line.head(), first.head()),
                None => found = Some(line.clone()),
            }
        }
        self.asked.push(word);
        found
    }

    /// The same for a word that a kind declares.
    pub(crate) fn one_named(&mut self, cx: &mut Cx<'a, '_>, word: Name) -> Option<Line<'a>> {
        let mut found: Option<Line<'a>> = None;
        for (own, line, is_read) in &mut self.lines {
            if *own != cx.text_of(word) {
                continue;
            }
            *is_read = true;
            match &found {
                Some(first) => duplicate(cx, own, line.head(), first.head()),
                None => found = Some(line.clone()),
            }
        }
        self.asked_names.push(word);
        found
    }

    /// The facts of a word that may be said several times, told apart by the first argument.
    pub(crate) fn several(&mut self, cx: &mut Cx<'a, '_>, word: &'static str) -> Vec<Line<'a>> {
        let found = self.all(word);
        if found.len() > 1 {
            let mut seen: BTreeMap<Cow<'a, str>, Span> = BTreeMap::new();
            for line in &found {
                let Some(first) = line.first() else { continue };
                match seen.get(&first.text) {
                    Some(earlier) => {
                        let shown = format!("{word} {}", first.text);
                        duplicate(cx, &shown, line.head(), *earlier);
                    }
                    None => {
                        seen.insert(first.text, line.head());
                    }
                }
            }
        }
        found
    }

    /// The lines of a word that may be repeated as they are.
    pub(crate) fn all(&mut self, word: &'static str) -> Vec<Line<'a>> {
        self.asked.push(word);
        let mut found = Vec::new();
        for (own, line, is_read) in &mut self.lines {
            if *own == word {
                *is_read = true;
                found.push(line.clone());
            }
        }
        found
    }

    /// Every line that was not asked for so far, for blocks whose words are free.
    pub(crate) fn others(&mut self) -> Vec<(Cow<'a, str>, Line<'a>)> {
        let mut found = Vec::new();
        for (word, line, is_read) in self.lines.iter_mut().filter(|(_, _, is_read)| !is_read) {
            *is_read = true;
            found.push((word.clone(), line.clone()));
        }
        found
    }

    /// Notes the facts that the block takes.
    fn hear(&self, cx: &mut Cx<'a, '_>) {
        if cx.heard.is_none() {
            return;
        }
        let names = self.asked_names.iter().map(|name| cx.text_of(*name).to_owned());
        let words = self
            .asked
            .iter()
            .map(|word| (*word).to_owned())
            .chain(names)
            .collect();
        if let (Some(heard), Some(head)) = (&mut cx.heard, self.head) {
            heard.facts.push(Taken { head, words });
        }
    }

    /// Reports whatever was not asked for.
    pub(crate) fn finish(self, cx: &mut Cx<'a, '_>) {
        self.hear(cx);
        for (word, line, is_read) in &self.lines {
            if *is_read {
                continue;
            }
            let what = if self.what.contains('`') {
                self.what.to_string()
            } else {
                format!("`{}`", self.what)
            };
            let message = format!("{what} has no fact `{word}`");
            let mut diagnostic = Diagnostic::new(&UNKNOWN_FACT, line.word_span(), message);
            let names = self.asked_names.iter().map(|name| cx.text_of(*name));
            let near = cx.near.find(word, self.asked.iter().copied().chain(names));
            let declaration = self.what.split([' ', '`']).find(|word| !word.is_empty());
            let declaration = declaration.unwrap_or_default();
            if meant::is_on_head(declaration, word) {
                let value = line
                    .first()
                    .map_or(Cow::Borrowed("…"), |value| value.text.clone());
                diagnostic = diagnostic.help(format!(
                    "it stands on the head line, behind the name: `{word}={value}`"
                ));
            } else if let Some(meant) = meant::in_block(declaration, word) {
                diagnostic = diagnostic.help(meant);
            } else if let Some(near) = near {
                diagnostic = near.offer(diagnostic, line.word_span(), Safety::Safe);
            } else if *word == "region" {
                diagnostic = diagnostic.help(
                    "a thing lives in the region of its account: give it `account=NAME` with an account of that region",
                );
            } else {
                let own = self.asked_names.iter().map(|name| cx.text_of(*name));
                let common = self.asked.iter().copied();
                let common = common.filter(|word| !meant::NOT_LOWERED.contains(word));
                let known: Vec<String> = own.chain(common).map(|known| format!("`{known}`")).collect();
                diagnostic = diagnostic.help(match known.is_empty() {
                    true => "it takes no facts: leave the block out".to_owned(),
                    false => format!("its facts are {}", known.join(", ")),
                });
            }
            cx.push(diagnostic);
        }
    }
}

/// Reports a fact that is said twice.
pub(crate) fn duplicate(cx: &mut Cx<'_, '_>, what: &str, one: Span, other: Span) {
    let (first, at) = order::in_order_of_place(one, other);
    cx.push(
        Diagnostic::new(&DUPLICATE_FACT, at, format!("`{what}` is said twice"))
            .label(first, "first said here")
            .help(match what {
                "allow" | "besides" | "data-classes" | "differ" | "environments" | "except" | "only" | "same"
                | "source" | "speaks" | "targets" | "through" | "under" | "zones"
                => {
                    "one line holds them all, with spaces between"
                }
                "fleet" => "several devices are rows of a file, `fleet \"FILE.csv\"`, or `fleet count=2 name=\"press-{n}\"`",
                _ => "keep one: the last one never wins",
            }),
    );
}

/// Reports a fact that is missing.
pub(crate) fn missing(cx: &mut Cx<'_, '_>, what: &str, fact: &str, at: Span, help: &str) {
    cx.push(Diagnostic::new(&MISSING_FACT, at, format!("{what} lacks `{fact}`")).help(help));
}
