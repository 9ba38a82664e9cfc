//! Profiles: trusts and promises with typed parameters, applied as often as a project likes.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use diagnostics::{Code, Diagnostic, Safety, Severity};
use model::Unused;
use model::kind::PropertySort;
use source::Span;

use crate::body::UNKNOWN_FACT;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{Gathered, Item, Sort};
use crate::heard::{Taken, Use};
use crate::kinds::SORTS;
use crate::line::{Arg, Bindings, Line};
use crate::names::{Aside, UNDECLARED_NAME};
use crate::template::Members;
use crate::{names, promises, trusts};

pub(crate) static PROFILE_CYCLE: Code = Code {
    name: "profile-cycle",
    severity: Severity::Error,
    summary: "a profile applies itself",
    docs: include_str!("pages/profile_cycle.md"),
};

pub(crate) static MISSING_PARAMETER: Code = Code {
    name: "missing-parameter",
    severity: Severity::Error,
    summary: "a profile is applied without one of its parameters",
    docs: include_str!("pages/missing_parameter.md"),
};

pub(crate) static TOO_MANY_APPLIED: Code = Code {
    name: "too-many-applied",
    severity: Severity::Error,
    summary: "profiles that apply profiles grow beyond the limit",
    docs: include_str!("pages/too_many_applied.md"),
};

/// How many lines all `apply` of a project may make: profiles that apply profiles double at each step.
pub const LINES_MAX: usize = 1_000_000;

/// What a parameter takes.
#[derive(Clone, Debug)]
enum Takes<'a> {
    /// A declared thing of a kind, or something else that a word declares.
    Kind(Cow<'a, str>),
    /// A value.
    Value(PropertySort),
}

#[derive(Debug)]
struct Parameter<'a> {
    name: Cow<'a, str>,
    takes: Takes<'a>,
    span: Span,
}

/// A profile, read once.
#[derive(Debug)]
struct Profile<'a> {
    name: Cow<'a, str>,
    span: Span,
    parameters: Vec<Parameter<'a>>,
    lines: Vec<(Cow<'a, str>, Line<'a>)>,
}

/// Every profile that the project may apply.
#[derive(Debug, Default)]
pub(crate) struct Profiles<'a> {
    all: Vec<Profile<'a>>,
    /// Lines made so far.
    made: usize,
}

/// Reads the profiles; their lines are resolved where they are applied.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) -> Profiles<'a> {
    let mut profiles = Profiles::default();
    for decl in gathered.of(Sort::Profile) {
        if let Some(entries) = Entries::of_head(cx, &decl.lines) {
            entries.finish(cx);
        }
        let mut profile = Profile {
            name: decl.name.text.clone(),
            span: decl.head(),
            parameters: Vec::new(),
            lines: Vec::new(),
        };
        for line in decl.lines.iter().flat_map(Line::children) {
            let word = line.word();
            match &*word {
                "param" => parameter(cx, &line, &mut profile),
                "trust" | "never" | "isolate" | "require" | "limit" | "apply" => {
                    profile.lines.push((word, line))
                }
                _ => {
                    let message = format!("a profile has no `{word}`");
                    let known = ["param", "trust", "never", "isolate", "require", "limit", "apply"];
                    let near = cx.near.find(&word, known.into_iter());
                    let mut diagnostic = Diagnostic::new(&UNKNOWN_FACT, line.word_span(), message)
                        .note("a profile holds trusts and promises, and declares no things");
                    if let Some(near) = near {
                        diagnostic = near.offer(diagnostic, line.word_span(), Safety::Safe);
                    }
                    cx.push(diagnostic);
                }
            }
        }
        unused_parameters(cx, &profile);
        let aside = Aside {
            target: profiles.all.len(),
            span: decl.name.span,
            is_used: false,
        };
        cx.scope.profiles.insert(decl.name.text.clone(), aside);
        profiles.all.push(profile);
    }
    profiles
}

fn parameter<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, profile: &mut Profile<'a>) {
    let mut entries = Entries::of(cx, line);
    let name = entries.need(cx, "a name");
    let (kind, sort) = (entries.prop("kind"), entries.prop("type"));
    entries.finish_leaf(cx);
    let Some(name) = name else { return };
    cx.text(&name);
    crate::spelling::check_text(cx, &name.text, name.span);
    let takes = match (kind, sort) {
        (Some(kind), None) => {
            let text = cx.text(&kind);
            cx.hear_kind(&text, kind.span);
            cx.hear_words(kind.span, STRUCTURAL.iter().copied());
            if !cx.kinds.contains_key(&*text) && !STRUCTURAL.contains(&&*text) {
                crate::kinds::unknown_kind(cx, &text, kind.span);
            }
            Takes::Kind(text)
        }
        (None, Some(sort)) if cx.kinds.contains_key(&*sort.text) => {
            let message = format!("`{}` is a kind, and no type of a value", sort.text);
            cx.push(
                Diagnostic::new(&crate::convert::UNKNOWN_WORD, sort.span, message)
                    .help(format!("write `kind={}`", sort.text)),
            );
            return;
        }
        (None, Some(sort)) => match cx.word(&sort, "a type", SORTS) {
            Some(PropertySort::Reference) | None => return,
            Some(sort) => Takes::Value(sort),
        },
        (Some(_), Some(_)) | (None, None) => {
            let message = format!("the parameter `{}` does not say what it takes", name.text);
            cx.push(
                Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message)
                    .help("write `kind=device`, or `type=duration`"),
            );
            return;
        }
    };
    if let Some(first) = profile
        .parameters
        .iter()
        .find(|earlier| earlier.name == name.text)
    {
        let first = first.span;
        names::duplicate_declaration(cx, &name.text, name.span, first);
        return;
    }
    profile.parameters.push(Parameter {
        name: name.text,
        takes,
        span: name.span,
    });
}

/// What a `kind=` may name besides kinds.
const STRUCTURAL: &[&str] = &["team", "account", "segment", "site", "network"];

fn unused_parameters(cx: &mut Cx<'_, '_>, profile: &Profile<'_>) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<Line<'_>> = profile.lines.iter().map(|(_, line)| line.clone()).collect();
    while let Some(line) = open.pop() {
        for (_, arg) in line.entries() {
            if let Some(parameter) = arg
                .text
                .strip_prefix('$')
                .filter(|_| arg.value.is_bare_identifier())
            {
                used.insert(parameter.split('.').next().unwrap_or_default().to_owned());
            }
        }
        open.extend(line.children());
    }
    for parameter in profile
        .parameters
        .iter()
        .filter(|parameter| !used.contains(&*parameter.name))
    {
        let name = cx.intern(&parameter.name);
        cx.model.unused.push(Unused {
            word: "param",
            name,
            span: parameter.span,
        });
    }
}

/// Resolves an `apply` line: the profile's lines, with what the line gives.
pub(crate) fn apply<'a>(cx: &mut Cx<'a, '_>, profiles: &mut Profiles<'a>, item: &Item<'a>) {
    let mut open: Vec<usize> = Vec::new();
    apply_line(cx, profiles, item, &mut open);
}

fn apply_line<'a>(cx: &mut Cx<'a, '_>, profiles: &mut Profiles<'a>, item: &Item<'a>, open: &mut Vec<usize>) {
    let line = &item.line;
    let mut entries = Entries::of(cx, line);
    let Some(name) = entries.need(cx, "the name of a profile") else {
        return;
    };
    let text = cx.text(&name);
    cx.hear_name(name.span, "profile");
    let Some(found) = cx.scope.profiles.get_mut(&text) else {
        unknown_profile(cx, &text, name.span);
        entries.free();
        entries.finish_leaf(cx);
        return;
    };
    found.is_used = true;
    let (index, declared) = (found.target, found.span);
    cx.hear_use(name.span, declared);
    if open.contains(&index) {
        let message = format!("the profile `{text}` applies itself");
        cx.push(
            Diagnostic::new(&PROFILE_CYCLE, line.head(), message).help("leave out one `apply` of the circle"),
        );
        return;
    }
    let Some(profile) = profiles.all.get(index) else {
        return;
    };
    let bindings = bind(cx, profile, line, &mut entries);
    entries.finish_leaf(cx);
    let Some(bindings) = bindings else { return };
    let bindings = Rc::new(bindings);
    let parameters: Vec<Box<str>> = profile
        .parameters
        .iter()
        .map(|own| own.name.as_ref().into())
        .collect();
    let items: Vec<Item<'a>> = profile
        .lines
        .iter()
        .map(|(word, line)| {
            let line = Line {
                node: line.node,
                bindings: Some(Rc::clone(&bindings)),
            };
            // The file of the `apply` line gives owner and expiry: a profile is nobody's.
            Item {
                word: word.clone(),
                line,
                file: item.file,
            }
        })
        .collect();
    let is_full = profiles.made >= LINES_MAX;
    profiles.made += items.len() + 1;
    if profiles.made > LINES_MAX {
        if !is_full {
            let message = format!("the profiles of this project make more than {LINES_MAX} lines");
            cx.push(Diagnostic::new(&TOO_MANY_APPLIED, line.head(), message));
        }
        return;
    }
    open.push(index);
    cx.applied.push(line.head());
    let parameters = std::mem::replace(&mut cx.parameters, parameters);
    for item in &items {
        match &*item.word {
            "trust" => trusts::read(cx, item),
            "apply" => apply_line(cx, profiles, item, open),
            _ => promises::read(cx, item),
        }
    }
    cx.applied.pop();
    cx.parameters = parameters;
    open.pop();
}

fn unknown_profile(cx: &mut Cx<'_, '_>, text: &str, span: Span) {
    let mut diagnostic = Diagnostic::new(&UNDECLARED_NAME, span, format!("no profile is called `{text}`"));
    diagnostic = match cx.near.find(text, cx.scope.profiles.keys().map(|name| &**name)) {
        Some(near) => near.offer(diagnostic, span, Safety::Unsafe),
        None => diagnostic
            .help("those of the standard library are `use`d by file: `use \"std/profile/telemetry\"`"),
    };
    cx.push(diagnostic);
}

/// What the line gives to each parameter; all are given, each of its type.
fn bind<'a>(
    cx: &mut Cx<'a, '_>,
    profile: &Profile<'a>,
    line: &Line<'a>,
    entries: &mut Entries<'a>,
) -> Option<Bindings<'a>> {
    hear_parameters(cx, profile, line);
    let mut bindings = Bindings::default();
    let mut is_whole = true;
    for parameter in &profile.parameters {
        let Some(given) = entries.take(&parameter.name) else {
            let message = format!(
                "`{}` is applied without its parameter `{}`",
                profile.name, parameter.name
            );
            cx.push(
                Diagnostic::new(&MISSING_PARAMETER, line.head(), message)
                    .label(parameter.span, "declared here")
                    .help(format!("write `{}=…`", parameter.name)),
            );
            is_whole = false;
            continue;
        };
        is_whole &= fits(cx, parameter, &given);
        bindings.values.insert(parameter.name.clone(), given);
    }
    let surplus = entries.free();
    for (name, span, _) in surplus {
        let message = format!("the profile `{}` has no parameter `{name}`", profile.name);
        let mut diagnostic = Diagnostic::new(&crate::entries::UNKNOWN_PROPERTY, span, message)
            .label(profile.span, "declared here");
        let missing: Vec<&str> = profile
            .parameters
            .iter()
            .map(|parameter| &*parameter.name)
            .filter(|parameter| !bindings.values.contains_key(*parameter))
            .collect();
        let near = cx
            .near
            .find(&name, profile.parameters.iter().map(|parameter| &*parameter.name));
        let only = match missing.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        diagnostic = match near.map(|near| near.name).or(only) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                let all: Vec<String> = profile
                    .parameters
                    .iter()
                    .map(|one| format!("`{}`", one.name))
                    .collect();
                diagnostic.help(format!("its parameters are {}", all.join(", ")))
            }
        };
        cx.push(diagnostic);
    }
    is_whole.then_some(bindings)
}

/// Notes which parameters the line takes, and which it gives.
fn hear_parameters<'a>(cx: &mut Cx<'a, '_>, profile: &Profile<'a>, line: &Line<'a>) {
    let Some(heard) = &mut cx.heard else { return };
    let names = profile.parameters.iter();
    heard.properties.push(Taken {
        head: line.head(),
        words: names.map(|parameter| parameter.name.to_string()).collect(),
    });
    for (name, _) in line.entries() {
        let Some((name, at)) = name else { continue };
        let declared = profile.parameters.iter().find(|parameter| parameter.name == name);
        heard.uses.extend(declared.map(|parameter| Use {
            at,
            declared: parameter.span,
        }));
    }
}

fn fits<'a>(cx: &mut Cx<'a, '_>, parameter: &Parameter<'a>, given: &Arg<'a>) -> bool {
    cx.wanted_by = Some(parameter.span);
    let found = match &parameter.takes {
        Takes::Value(sort) => crate::properties::value(cx, *sort, None, given, Members::Own).is_some(),
        Takes::Kind(kind) => match &**kind {
            "team" => cx.team(given).is_some(),
            "account" => cx.account(given).is_some(),
            "segment" => cx.segment(given).is_some(),
            "site" => cx.site(given).is_some(),
            "network" => cx.network(given).is_some(),
            "listener" | "local-topic" => part(cx, given, kind),
            kind => cx.thing(given, Some(kind)).is_some(),
        },
    };
    cx.wanted_by = None;
    found
}

fn part<'a>(cx: &mut Cx<'a, '_>, given: &Arg<'a>, kind: &str) -> bool {
    let Some(named) = cx.end(given) else { return false };
    let own = match named.end {
        model::trust::End::Part(part) => cx
            .model
            .parts
            .get(part)
            .and_then(|part| cx.model.kinds.get(part.kind)),
        model::trust::End::Thing(_) | model::trust::End::Account(_) | model::trust::End::Internet => None,
    };
    if own.is_some_and(|own| cx.text_of(own.name) == kind) {
        return true;
    }
    let message = format!("`{}` is not a `{kind}`", given.text);
    cx.push(Diagnostic::new(&names::MISMATCHED_NAME, given.span, message));
    false
}
