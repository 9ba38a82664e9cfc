//! What stands at the top of a file: declarations, `use`, and blocks of environments.

use super::{
    Gathered, Item, Kinds, MISPLACED_DECLARATION, Sort, UNDECLARED_ENVIRONMENT, UNKNOWN_DECLARATION, declare,
    refuse, sort_of, use_line,
};
use crate::cx::Cx;
use crate::line::Line;
use crate::names;
use crate::order::{self, in_order_of_place};
use diagnostics::{Diagnostic, Safety};
use source::{FileId, Span};
use std::borrow::Cow;

pub(super) fn top_level<'a>(
    cx: &mut Cx<'a, '_>,
    gathered: &mut Gathered<'a>,
    kinds: &Kinds<'_>,
    line: Line<'a>,
    file: FileId,
) {
    let word = line.word();
    match &*word {
        "project" => match &gathered.project {
            Some(project) if project.head() != line.head() => {
                let (first, second) = in_order_of_place(project.head(), line.head());
                cx.push(
                    Diagnostic::new(
                        &names::DUPLICATE_DECLARATION,
                        second,
                        "a second `project` is declared",
                    )
                    .label(first, "first declared here")
                    .help("a project nested in another one has a folder of its own"),
                );
            }
            Some(_) | None => {
                for child in line.children().filter(|child| child.word() == "account") {
                    declare(cx, gathered, Sort::Account, child.word(), child, file, false);
                }
            }
        },
        "owner" | "expires" => {
            let earlier = gathered
                .defaults
                .iter_mut()
                .find(|(own, line)| *own == file && line.word() == word);
            match earlier {
                Some((_, kept)) => {
                    crate::body::duplicate(cx, &word, line.head(), kept.head());
                    if order::by_content(line.node, kept.node).is_lt() {
                        *kept = line;
                    }
                }
                None => gathered.defaults.push((file, line)),
            }
        }
        "in" => gathered.blocks.push((line, file)),
        "use" => use_line(cx, &line),
        _ => statement(cx, gathered, kinds, line, file, false),
    }
}

/// A line that may stand at the top level and in an `in` block.
fn statement<'a>(
    cx: &mut Cx<'a, '_>,
    gathered: &mut Gathered<'a>,
    kinds: &Kinds<'_>,
    line: Line<'a>,
    file: FileId,
    is_in: bool,
) {
    let word = line.word();
    match &*word {
        "trust" | "never" | "isolate" | "require" | "limit" | "waive" | "test" | "apply" => {
            gathered.rules.push(Item { word, line, file });
        }
        "posture" | "watch" | "stack" | "retired" => refuse(cx, &format!("`{word}`"), line.head()),
        _ => match sort_of(&word) {
            Some(sort) => {
                if sort == Sort::Refused {
                    refuse(cx, &format!("`{word}`"), line.head());
                }
                if sort == Sort::Kind
                    && let Some(name) = line.first()
                    && kinds.library.has_kind(&name.text)
                {
                    let message = format!("the standard library has a kind `{}`", name.text);
                    cx.push(
                        Diagnostic::new(&names::DUPLICATE_DECLARATION, name.span, message)
                            .help("choose another name: a kind of the library is never changed from here"),
                    );
                    return;
                }
                declare(cx, gathered, sort, word, line, file, is_in);
            }
            None if kinds.has(&word) => declare(cx, gathered, Sort::Thing, word, line, file, is_in),
            None => {
                let message = format!("`{word}` is no word of the language, and no kind");
                let mut diagnostic = Diagnostic::new(&UNKNOWN_DECLARATION, line.word_span(), message);
                let is_elsewhere = crate::meant::at_the_top(&word).is_some();
                let near = cx.near.find(&word, kinds.words().into_iter());
                diagnostic = match near.filter(|_| !is_elsewhere) {
                    Some(near) => near.offer(diagnostic, line.word_span(), Safety::Safe),
                    None if !is_elsewhere && line.entries().any(|(_, arg)| arg.is_word("->")) => {
                        diagnostic.help("write `trust SUBJECT -> OBJECT { allow …; because \"…\" }`, or `never SUBJECT -> OBJECT { because \"…\" }`")
                    }
                    None => diagnostic.help(meant(&word)),
                };
                cx.push(diagnostic);
                // What it was to declare is named elsewhere: that is no second mistake.
                if let Some(name) = line.first().filter(|name| crate::spelling::is_name(&name.text)) {
                    cx.declare_refused(&name);
                }
            }
        },
    }
}

/// What somebody may have meant who wrote a word that is none.
fn meant(word: &str) -> String {
    if let Some(help) = crate::meant::at_the_top(word) {
        return help.to_owned();
    }
    if word.starts_with("<<<<<<<") || word.starts_with("=======") || word.starts_with(">>>>>>>") {
        return "a merge left this: keep one of the two sides, and remove the three lines of signs"
            .to_owned();
    }
    if !crate::spelling::is_name(word) {
        return "a line begins with a word of the language; a comment begins with `//`".to_owned();
    }
    "a line begins with what it declares: `workload`, `people`, `bucket`, `trust`, `never` and others; a service that has no word yet is a kind of your own: `kind NAME service=… { … }`".to_owned()
}

/// Words that may not stand in an `in` block.
pub(crate) const NEVER_IN: &[&str] = &[
    "project", "owner", "expires", "in", "use", "team", "kind", "profile", "baseline",
];

pub(super) fn environment_block<'a>(
    cx: &mut Cx<'a, '_>,
    gathered: &mut Gathered<'a>,
    kinds: &Kinds<'_>,
    line: &Line<'a>,
    file: FileId,
) {
    let declared: Vec<Cow<'a, str>> = gathered.project.iter().flat_map(declared_environments).collect();
    let mut entries = crate::entries::Entries::of(cx, line);
    let mut is_ours = false;
    let named = entries.need_rest(cx, "the environments that it is for");
    for named in &named {
        cx.hear_name(named.span, "environment");
        if let Some((_, at)) = gathered
            .project
            .iter()
            .flat_map(declared_at)
            .find(|(name, _)| *name == named.text)
        {
            cx.hear_use(named.span, at);
        }
        if !declared.contains(&named.text) {
            let message = match declared.is_empty() {
                true => "the project declares no environments".to_owned(),
                false => format!("the project declares no environment `{}`", named.text),
            };
            let mut diagnostic = Diagnostic::new(&UNDECLARED_ENVIRONMENT, named.span, message);
            diagnostic = match cx.near.find(&named.text, declared.iter().map(|name| &**name)) {
                Some(near) => near.offer(diagnostic, named.span, Safety::Unsafe),
                None if matches!(&*named.text, "all" | "any" | "every" | "*") => {
                    diagnostic.help("what is of every environment stands outside of `in`")
                }
                None if matches!(&*named.text, "not" | "!" | "except") => {
                    diagnostic.help("name the environments that it is for: `in stage prod { … }`")
                }
                None => {
                    let all: Vec<&str> = declared
                        .iter()
                        .map(|name| &**name)
                        .chain([&*named.text])
                        .collect();
                    diagnostic.help(format!(
                        "declare it in the project: `environments {}`",
                        all.join(" ")
                    ))
                }
            };
            cx.push(diagnostic);
        }
        is_ours |= cx
            .environment
            .is_some_and(|environment| environment == named.text);
    }
    entries.finish(cx);
    for child in line.children() {
        let word = child.word();
        if NEVER_IN.contains(&&*word) {
            let message = format!("`{word}` may not stand in an `in` block");
            cx.push(
                Diagnostic::new(&MISPLACED_DECLARATION, child.word_span(), message)
                    .help("an `in` block adds declarations and facts; move it out of the block"),
            );
        } else if is_ours {
            statement(cx, gathered, kinds, child, file, true);
        } else if let Some(name) = child
            .first()
            .filter(|_| sort_of(&word).is_some() || kinds.has(&word))
        {
            let only_in = cx.only_in.entry(name.text.as_ref().into()).or_default();
            only_in.extend(named.iter().map(|named| named.text.to_string()));
        }
    }
}

/// `environments dev stage prod` of the project.
pub(crate) fn declared_environments<'a>(project: &Line<'a>) -> Vec<Cow<'a, str>> {
    declared_at(project).into_iter().map(|(name, _)| name).collect()
}

/// The same, with the places.
fn declared_at<'a>(project: &Line<'a>) -> Vec<(Cow<'a, str>, Span)> {
    let lines = project
        .node
        .children()
        .filter(|node| node.name() == "environments");
    lines
        .flat_map(|node| node.arguments())
        .filter_map(|value| Some((value.as_str()?, value.span())))
        .collect()
}
