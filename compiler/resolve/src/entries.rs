//! What stands on one line: arguments and properties, each asked for by name, so that nothing is left unread.

use std::borrow::Cow;

use diagnostics::{Code, Diagnostic, Safety, Severity};
use source::Span;

use crate::cx::Cx;
use crate::heard::Taken;
use crate::line::{Arg, Line};
use crate::meant;

pub(crate) static UNKNOWN_PROPERTY: Code = Code {
    name: "unknown-property",
    severity: Severity::Error,
    summary: "a line has a property that it does not take",
    docs: include_str!("pages/unknown_property.md"),
};

pub(crate) static SURPLUS_VALUE: Code = Code {
    name: "surplus-value",
    severity: Severity::Error,
    summary: "a line has more values than it takes",
    docs: include_str!("pages/surplus_value.md"),
};

pub(crate) static MISSING_VALUE: Code = Code {
    name: "missing-argument",
    severity: Severity::Error,
    summary: "a line lacks a value that it needs",
    docs: include_str!("pages/missing_argument.md"),
};

#[derive(Debug)]
struct Given<'a> {
    name: Cow<'a, str>,
    name_span: Span,
    value: Arg<'a>,
    is_read: bool,
}

/// The arguments and properties of a line, or of the head lines of one declaration.
#[derive(Debug)]
pub(crate) struct Entries<'a> {
    word: Cow<'a, str>,
    head: Span,
    has_block: bool,
    args: std::vec::IntoIter<Arg<'a>>,
    given: Vec<Given<'a>>,
    asked: Vec<&'static str>,
    is_head: bool,
}

impl<'a> Entries<'a> {
    /// Everything on a line.
    pub(crate) fn of(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Self {
        let mut args = Vec::new();
        let mut given: Vec<Given<'a>> = Vec::new();
        if let Some(annotation) = line.node.annotation() {
            refuse_annotation(cx, annotation.span);
        }
        let word = line.word();
        for (at, (name, value)) in line.entries().enumerate() {
            if let Some(annotation) = value.value.annotation() {
                refuse_annotation(cx, annotation.span);
            }
            // One message, and what stands behind is not read as if it belonged here.
            if at > 0 && name.is_none() && begins_a_fact(cx, &word, &value) {
                break;
            }
            match name {
                None => args.push(value),
                // A property that is given twice was reported by the reader.
                Some((name, name_span)) => given.push(Given {
                    name,
                    name_span,
                    value,
                    is_read: false,
                }),
            }
        }
        // In order of what they say: which one of two stays, is no matter of place.
        given.sort_by(|one, two| {
            (&one.name, one.value.value.literal()).cmp(&(&two.name, two.value.value.literal()))
        });
        Self {
            word: line.word(),
            head: line.head(),
            has_block: line.node.has_children_block(),
            args: args.into_iter(),
            given,
            asked: Vec::new(),
            is_head: false,
        }
    }

    /// The head of a declaration: its name is read; properties of additions join those of the first line.
    pub(crate) fn of_head(cx: &mut Cx<'a, '_>, lines: &[Line<'a>]) -> Option<Self> {
        let (first, more) = lines.split_first()?;
        let mut entries = Self::of(cx, first);
        entries.is_head = true;
        entries.args.next();
        for line in more {
            let mut addition = Self::of(cx, line);
            addition.args.next();
            for given in addition.given {
                match entries.given.iter().find(|earlier| earlier.name == given.name) {
                    Some(earlier) => {
                        let (earlier, at) = (earlier.value.span, given.value.span);
                        crate::body::duplicate(cx, &given.name, at, earlier);
                    }
                    None => entries.given.push(given),
                }
            }
            refuse_surplus(cx, &entries.word, addition.args);
        }
        Some(entries)
    }

    /// The head line.
    pub(crate) fn head(&self) -> Span {
        self.head
    }

    /// The next argument, if there is one.
    pub(crate) fn arg(&mut self) -> Option<Arg<'a>> {
        self.args.next()
    }

    /// The next argument; its absence is reported, with what it should have been.
    pub(crate) fn need(&mut self, cx: &mut Cx<'a, '_>, what: &str) -> Option<Arg<'a>> {
        let found = self.args.next();
        if found.is_none() {
            cx.push(Diagnostic::new(
                &MISSING_VALUE,
                self.head,
                format!("`{}` lacks {what}", self.word),
            ));
        }
        found
    }

    /// Every further argument.
    pub(crate) fn rest(&mut self) -> Vec<Arg<'a>> {
        std::mem::take(&mut self.args).collect()
    }

    /// Every further argument, at least one.
    pub(crate) fn need_rest(&mut self, cx: &mut Cx<'a, '_>, what: &str) -> Vec<Arg<'a>> {
        let found = self.rest();
        if found.is_empty() {
            cx.push(Diagnostic::new(
                &MISSING_VALUE,
                self.head,
                format!("`{}` lacks {what}", self.word),
            ));
        }
        found
    }

    /// The value of a property.
    pub(crate) fn prop(&mut self, name: &'static str) -> Option<Arg<'a>> {
        self.asked.push(name);
        self.take(name)
    }

    /// The value of a property whose name the spec itself declares.
    pub(crate) fn take(&mut self, name: &str) -> Option<Arg<'a>> {
        let mut found = None;
        for given in self.given.iter_mut().filter(|given| given.name == name) {
            given.is_read = true;
            found = Some(given.value.clone());
        }
        found
    }

    /// Every property that was not asked for so far: for lines whose properties have free names.
    pub(crate) fn free(&mut self) -> Vec<(Cow<'a, str>, Span, Arg<'a>)> {
        let mut found = Vec::new();
        for given in self.given.iter_mut().filter(|given| !given.is_read) {
            given.is_read = true;
            found.push((given.name.clone(), given.name_span, given.value.clone()));
        }
        found
    }

    /// The value of a property; its absence is reported.
    pub(crate) fn need_prop(
        &mut self,
        cx: &mut Cx<'a, '_>,
        name: &'static str,
        example: &str,
    ) -> Option<Arg<'a>> {
        let found = self.prop(name);
        if found.is_none() {
            cx.push(
                Diagnostic::new(
                    &MISSING_VALUE,
                    self.head,
                    format!("`{}` lacks `{name}=`", self.word),
                )
                .help(format!("write `{name}={example}`")),
            );
        }
        found
    }

    /// Reports whatever was not asked for, and a block where the line takes none.
    pub(crate) fn finish_leaf(self, cx: &mut Cx<'a, '_>) {
        if self.has_block {
            cx.push(
                Diagnostic::new(
                    &crate::body::UNKNOWN_FACT,
                    self.head,
                    format!("`{}` takes no block", self.word),
                )
                .help(match &*self.word {
                    "apply" => "a parameter stands on the line: `apply NAME PARAMETER=VALUE`",
                    "environments" => "they stand on the line: `environments dev stage prod`",
                    _ => "delete the braces and what is in them",
                }),
            );
        }
        self.finish(cx);
    }

    /// Reports whatever was not asked for.
    pub(crate) fn finish(self, cx: &mut Cx<'a, '_>) {
        if let Some(heard) = &mut cx.heard {
            heard.properties.push(Taken {
                head: self.head,
                words: self.asked.iter().map(|word| (*word).to_owned()).collect(),
            });
        }
        refuse_surplus(cx, &self.word, self.args);
        for given in self.given.iter().filter(|given| !given.is_read) {
            let mut diagnostic = Diagnostic::new(
                &UNKNOWN_PROPERTY,
                given.name_span,
                format!("`{}` does not take the property `{}`", self.word, given.name),
            );
            let near = cx.near.find(&given.name, self.asked.iter().copied());
            let known = ELSEWHERE
                .iter()
                .find(|(of, ours)| *of == &*given.name && self.asked.contains(ours))
                .map(|(_, ours)| *ours);
            let value = &given.value;
            if let Some(known) = known {
                diagnostic = diagnostic.help(format!("did you mean `{known}`?"));
            } else if let Some(meant) = meant::on_head(&self.word, &given.name) {
                diagnostic = diagnostic.help(meant);
            } else if let Some(near) = near {
                diagnostic = near.offer(diagnostic, given.name_span, Safety::Safe);
            } else if meant::is_fact(&self.word, &given.name) || cx.is_property(&self.word, &given.name) {
                let shown = if value.is_text() && !value.value.is_bare_identifier() {
                    format!("\"{}\"", value.text)
                } else {
                    value.value.literal().to_owned()
                };
                diagnostic = diagnostic.help(format!(
                    "it goes into the block, with a space: `{{ {} {shown} }}`",
                    given.name
                ));
            } else if given.name == "region" {
                diagnostic = diagnostic.help("a thing lives in the region of its account: give it `account=NAME` with an account of that region");
            } else {
                let known: Vec<String> = self.asked.iter().map(|known| format!("`{known}=`")).collect();
                diagnostic = diagnostic.help(match known.is_empty() {
                    true => "leave it out: no property stands here".to_owned(),
                    false => format!("it takes {}", known.join(", ")),
                });
            }
            cx.push(diagnostic);
        }
    }
}

/// Facts that begin with a word that is hardly ever a name or a value.
const FACTS: [&str; 14] = [
    "allow",
    "because",
    "data-class",
    "encrypted",
    "endpoints",
    "existing",
    "expires",
    "exposure",
    "listens",
    "owner",
    "physical",
    "retain",
    "under",
    "when",
];

/// Of these, what no capability is called: the others may be one of a kind of the project's own.
const FACTS_OF_A_TRUST: [&str; 4] = ["because", "expires", "under", "when"];

/// Reports a fact that begins on the line of another one, without a `;` between the two. Lines that hold names of the project's own
/// choice, such as attributes and tags, hold any word.
fn begins_a_fact<'a>(cx: &mut Cx<'a, '_>, word: &str, value: &Arg<'a>) -> bool {
    let facts = match word {
        "allow" => &FACTS_OF_A_TRUST[..],
        "because" | "when" => &[],
        "except" | "besides" | "through" | "differ" => &["because"],
        _ if FACTS.contains(&word) => &FACTS,
        _ => &[],
    };
    let fact = facts.iter().find(|fact| value.is_word(fact));
    let Some(fact) = fact.filter(|_| !cx.scope.names.contains_key(&value.text)) else {
        return false;
    };
    let message = format!("`{fact}` begins a fact of its own, and stands behind `{word}`");
    let edit = diagnostics::Edit {
        span: Span {
            end: value.span.start,
            ..value.span
        },
        text: "; ".to_owned(),
    };
    cx.push(
        Diagnostic::new(&SURPLUS_VALUE, value.span, message)
            .help(format!("write `;` before it: `; {fact} …`"))
            .fix("write `;` before it", Safety::Unsafe, vec![edit]),
    );
    true
}

/// What other tools call what a head line or a listener says.
const ELSEWHERE: [(&str, &str); 8] = [
    ("cidr_block", "cidr"),
    ("cidr-block", "cidr"),
    ("cidr_blocks", "cidr"),
    ("subnet", "segment"),
    ("subnet_id", "segment"),
    ("vpc", "network"),
    ("port", "tcp"),
    ("protocol", "tcp"),
];

fn refuse_surplus<'a>(cx: &mut Cx<'a, '_>, word: &str, mut args: std::vec::IntoIter<Arg<'a>>) {
    if let Some(surplus) = args.next()
        && !surplus.is_malformed()
    {
        let message = format!("`{word}` takes no further value: `{}`", surplus.text);
        cx.push(
            Diagnostic::new(&SURPLUS_VALUE, surplus.span, message).help(match word {
                "because" => "write the reason in quotes: `because \"…\"`".to_owned(),
                _ if matches!(&*surplus.text, "--" | "#" | "%" | "//") => {
                    "a comment begins with `//`, or with `/*` and ends with `*/`".to_owned()
                }
                "segment" | "network" | "site" if surplus.text.contains(['.', ':']) => {
                    format!("write `cidr=\"{}\"`", surplus.text)
                }
                "workload" if crate::actors::RUNS_ON.iter().any(|(host, _)| *host == surplus.text) => format!("write `runs-on={}`", surplus.text),
                "workload" | "device" | "database" | "balancer" if cx.is_segment(&surplus.text) => {
                    format!("write `segment={}`", surplus.text)
                }
                "default" => format!("write `account={}`", surplus.text),
                "mfa" => "write `mfa accept=idp-mfa`: the identity provider sees to it".to_owned(),
                "saml" => format!("write `metadata=\"{}\"`", surplus.text),
                "oidc" => format!("write `issuer=\"{}\"`", surplus.text),
                "can" | "cannot" => format!("one line for each capability and object: `{word} {} …`", surplus.text),
                "apply" => "a parameter is given by its name: `NAME=VALUE`".to_owned(),
                _ if surplus.value.as_bool().is_some() => {
                    format!("write `{word}` alone: that it stands there says yes")
                }
                "listens" => format!("a port is said with its protocol: `tcp={}`", surplus.text),
                "session" | "retention" => format!("write `{word} at-most=\"{}\"`", surplus.text),
                "objects" => format!("write `objects at-most={}`", surplus.text),
                "account" => format!("write `id=\"{}\"`", surplus.text),
                "group" => "declare `people` for each group".to_owned(),
                "tag" => "write `tag KEY=\"VALUE\"`".to_owned(),
                "fleet" => "several devices are rows of a file, `fleet \"FILE.csv\"`, or `fleet count=2 name=\"press-{n}\"`".to_owned(),
                "test" => "a test's name of several words stands in quotes: `test \"…\"`".to_owned(),
                _ => "leave it out; what has several values is said in a declaration or a line for each"
                    .to_owned(),
            }),
        );
    }
}

fn refuse_annotation(cx: &mut Cx<'_, '_>, span: Span) {
    cx.push(
        Diagnostic::new(&SURPLUS_VALUE, span, "the language has no type annotations")
            .help("delete the parentheses"),
    );
}
