//! Promises and waivers: they grant nothing, and nothing is emitted for them.

use std::borrow::Cow;

use arena::Name;
use diagnostics::{Code, Diagnostic, Safety, Severity};
use model::promise::{Promise, RequiredFact, Rule, Selector, Through, Waiver};
use source::Span;

use crate::attributes;
use crate::body::{self, Body};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Item;
use crate::heard::Taken;
use crate::line::{Arg, Line};
use crate::names;
use crate::project;
use crate::trusts;

pub(crate) static EMPTY_PROMISE: Code = Code {
    name: "empty-promise",
    severity: Severity::Error,
    summary: "a promise says nothing",
    docs: include_str!("pages/empty_promise.md"),
};

/// Reads a `never`, `isolate`, `require` or `limit`.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, item: &Item<'a>) {
    let line = &item.line;
    let mut entries = Entries::of(cx, line);
    let name = entries.prop("name").map(|name| {
        let text = cx.text(&name);
        crate::spelling::check_text(cx, &text, name.span);
        if let Some(first) = cx.scope.promises.get(&text).copied() {
            names::duplicate_declaration(cx, &text, name.span, first);
        } else {
            cx.scope.promises.insert(text.clone(), name.span);
        }
        cx.intern(&text)
    });
    let mut body = Body::of(item.word.clone(), std::slice::from_ref(line));
    let rule = match &*item.word {
        "never" => never(cx, line, &mut entries, &mut body),
        "isolate" => isolate(cx, &mut entries),
        "require" => require(cx, line, &mut entries, &mut body),
        _ => limit(cx, line, &mut entries, &mut body),
    };
    entries.finish(cx);
    // Every line of a `require` is a fact that it requires, `because` and `owner` among them.
    let (because, owner) = match &*item.word {
        "require" => (None, cx.file_defaults(item.file).owner),
        _ => (
            trusts::because(cx, &mut body),
            project::owner(cx, &mut body, item.file),
        ),
    };
    body.finish(cx);
    let Some(rule) = rule else { return };
    cx.model.promises.push(Promise {
        span: line.head(),
        name,
        because,
        owner,
        rule,
    });
}

fn selectors<'a>(cx: &mut Cx<'a, '_>, args: &[Arg<'a>]) -> Option<Vec<(Selector, Span)>> {
    let found: Vec<(Selector, Span)> = args.iter().filter_map(|arg| cx.selector(arg)).collect();
    (found.len() == args.len()).then_some(found)
}

fn never<'a>(
    cx: &mut Cx<'a, '_>,
    line: &Line<'a>,
    entries: &mut Entries<'a>,
    body: &mut Body<'a>,
) -> Option<Rule> {
    let sides = crate::sides::sides(cx, line, entries);
    let allow = body
        .one(cx, "allow")
        .map_or_else(Vec::new, |line| capabilities(cx, &line));
    let differ = body
        .one(cx, "differ")
        .map_or_else(Vec::new, |line| attributes(cx, &line));
    let except = exceptions(cx, body, "except");
    let besides = exceptions(cx, body, "besides");
    let through = body.one(cx, "through").map(|line| {
        let mut through = Through {
            control: false,
            data: false,
        };
        let mut entries = Entries::of(cx, &line);
        for step in entries.need_rest(cx, "a sort of step: `control`, `data`") {
            match cx.word(&step, "a sort of step", &[("control", true), ("data", false)]) {
                Some(true) => through.control = true,
                Some(false) => through.data = true,
                None => {}
            }
        }
        entries.finish_leaf(cx);
        through
    });
    let [subjects, objects] = sides?;
    let (subjects, objects) = (selectors(cx, &subjects), selectors(cx, &objects));
    let (subjects, objects) = (subjects?, objects?);
    differ_exists(cx, &differ, &subjects, &objects);
    all_act(
        cx,
        &subjects,
        "a promise about something that does not act says nothing",
    );
    all_act(
        cx,
        &except,
        "what does not act is no exception: what is reached is taken out by `besides`",
    );
    Some(Rule::Never {
        subjects,
        objects,
        allow,
        differ,
        except,
        besides,
        through,
    })
}

/// Who never acts breaks no promise: one about it says nothing.
fn all_act(cx: &mut Cx<'_, '_>, subjects: &[(Selector, Span)], message: &str) {
    for (selector, span) in subjects {
        let Selector::End(end) = selector else { continue };
        if let Some(why) = trusts::never_acts(cx, *end, true) {
            let message = format!("{message}: {why}");
            cx.push(Diagnostic::new(&trusts::NOT_AN_ACTOR, *span, message));
        }
    }
}

/// `except` takes subjects out, `besides` objects. Names, no selectors: an exception must not grow by itself.
fn exceptions<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, word: &'static str) -> Vec<(Selector, Span)> {
    let Some(line) = body.one(cx, word) else {
        return Vec::new();
    };
    let mut entries = Entries::of(cx, &line);
    let names = entries.need_rest(cx, "a name");
    entries.finish_leaf(cx);
    names
        .iter()
        .filter_map(|name| cx.plain_end(name))
        .map(|(end, span)| (Selector::End(end), span))
        .collect()
}

/// The capabilities after `allow`: each exists in some kind that the project uses.
fn capabilities<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Vec<(Name, Span)> {
    let mut entries = Entries::of(cx, line);
    let named = entries.need_rest(cx, "a capability");
    entries.finish_leaf(cx);
    let mut found = Vec::new();
    for capability in &named {
        let text = cx.text(capability);
        let name = cx.intern(&text);
        known_capability(cx, name, &text, capability.span);
        found.push((name, capability.span));
    }
    found
}

/// Reports a capability that no kind has.
pub(crate) fn known_capability(cx: &mut Cx<'_, '_>, name: Name, text: &str, span: Span) {
    let has = |kind: &model::kind::Kind| {
        kind.words
            .capabilities
            .iter()
            .any(|capability| capability.name == name)
    };
    if cx.model.kinds.iter().any(|(_, kind)| has(kind)) {
        return;
    }
    let known = cx
        .model
        .kinds
        .iter()
        .flat_map(|(_, kind)| &kind.words.capabilities);
    let known: Vec<&str> = known
        .map(|capability| cx.model.names.text(capability.name))
        .collect();
    let message = format!("no kind that the project uses has the capability `{text}`");
    let mut diagnostic = Diagnostic::new(&crate::capabilities::UNKNOWN_CAPABILITY, span, message);
    if let Some(near) = cx.near.find(text, known.into_iter()) {
        diagnostic = near.offer(diagnostic, span, Safety::Unsafe);
    }
    cx.push(diagnostic);
}

fn attributes<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Vec<(Name, Span)> {
    let mut entries = Entries::of(cx, line);
    let named = entries.need_rest(cx, "an attribute");
    entries.finish_leaf(cx);
    let mut found = Vec::new();
    for attribute in &named {
        let text = cx.text(attribute);
        found.push((cx.intern(&text), attribute.span));
    }
    found
}

/// A side that lacks what `differ` compares differs from every value; an attribute that nobody has is a slip of the pen.
fn differ_exists(
    cx: &mut Cx<'_, '_>,
    differ: &[(Name, Span)],
    subjects: &[(Selector, Span)],
    objects: &[(Selector, Span)],
) {
    let sides = || subjects.iter().chain(objects);
    let has = |cx: &Cx<'_, '_>, attribute: Name, selector: &Selector| {
        let Selector::End(end) = selector else { return true };
        // The name is the first column.
        let is_name = cx.text_of(attribute) == "name" && !attributes::classes(cx, *end).is_empty();
        is_name || attributes::actor_has(cx, *end, attribute)
    };
    for (attribute, span) in differ {
        if sides().any(|(selector, _)| has(cx, *attribute, selector)) {
            continue;
        }
        let message = format!("no side has an attribute `{}`", cx.text_of(*attribute));
        let diagnostic = Diagnostic::new(&attributes::UNKNOWN_ATTRIBUTE, *span, message);
        let diagnostic = sides().fold(diagnostic, |diagnostic, (_, at)| {
            diagnostic.label(*at, "not this")
        });
        cx.push(
            diagnostic
                .help("leave `differ` out, or name an attribute of the devices or people that are meant"),
        );
    }
}

fn isolate<'a>(cx: &mut Cx<'a, '_>, entries: &mut Entries<'a>) -> Option<Rule> {
    let args = entries.need_rest(cx, "a device class");
    let mut classes = Vec::new();
    for arg in &args {
        if arg.is_text() && arg.text.contains(['*', ':']) {
            let message = format!("`{}` is a selector, and here each class is named", arg.text);
            cx.push(
                Diagnostic::new(&crate::names::MISMATCHED_NAME, arg.span, message)
                    .help("name the classes of devices, with spaces between: `isolate CLASS CLASS`"),
            );
            continue;
        }
        if let Some(class) = cx.thing(arg, Some("device")) {
            classes.push((class, arg.span));
        }
    }
    (!args.is_empty() && classes.len() == args.len()).then_some(Rule::Isolate { classes })
}

/// Words besides kinds that `require` takes.
const REQUIRED_WORDS: &[&str] = &["trust", "network", "site", "segment", "account"];

fn require<'a>(
    cx: &mut Cx<'a, '_>,
    line: &Line<'a>,
    entries: &mut Entries<'a>,
    body: &mut Body<'a>,
) -> Option<Rule> {
    let word = entries.need(cx, "a word: `trust`, or a kind")?;
    let text = cx.text(&word);
    cx.hear_kind(&text, word.span);
    cx.hear_words(word.span, REQUIRED_WORDS.iter().copied());
    let known = required_facts(cx, &text);
    if let Some(heard) = &mut cx.heard {
        heard.facts.push(Taken {
            head: line.head(),
            words: known.clone(),
        });
    }
    if known.is_empty() {
        let words = REQUIRED_WORDS.iter().copied();
        let kinds: Vec<String> = cx.kinds.keys().map(|kind| kind.to_string()).collect();
        let message = format!("nothing is declared by the word `{text}`");
        let mut diagnostic = Diagnostic::new(&crate::convert::UNKNOWN_WORD, word.span, message);
        if let Some(near) = cx.near.find(&text, words.chain(kinds.iter().map(String::as_str))) {
            diagnostic = near.offer(diagnostic, word.span, Safety::Safe);
        } else {
            diagnostic =
                diagnostic.help("say the word of a declaration: `require bucket { … }`, one line for each");
        }
        cx.push(diagnostic);
        body.others();
        return None;
    }
    let (mut facts, mut is_wrong) = (Vec::new(), false);
    for (fact, line) in body.others() {
        let mut entries = Entries::of(cx, &line);
        let at_most = entries.prop("at-most").and_then(|most| cx.duration(&most));
        for (name, span, _) in entries.free() {
            let message = format!("`require` asks whether `{fact}` is said, not what");
            cx.push(
                Diagnostic::new(&crate::entries::UNKNOWN_PROPERTY, span, message)
                    .help(format!("leave `{name}=` out: `{fact}`")),
            );
        }
        entries.finish_leaf(cx);
        if !known.iter().any(|known| *known == fact) {
            is_wrong = true;
            let message = format!("a `{text}` has no fact `{fact}`");
            let mut diagnostic = Diagnostic::new(&body::UNKNOWN_FACT, line.word_span(), message);
            if let Some(near) = cx.near.find(&fact, known.iter().map(String::as_str)) {
                diagnostic = near.offer(diagnostic, line.word_span(), Safety::Safe);
            } else {
                let all: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
                diagnostic = diagnostic.help(format!("it is one of {}", all.join(", ")));
            }
            cx.push(diagnostic);
            continue;
        }
        if let Some(earlier) = facts
            .iter()
            .find(|earlier: &&RequiredFact| cx.text_of(earlier.name) == fact)
        {
            let first = earlier.span;
            body::duplicate(cx, &fact, line.head(), first);
            continue;
        }
        facts.push(RequiredFact {
            name: cx.intern(&fact),
            at_most,
            span: line.head(),
        });
    }
    if facts.is_empty() && !is_wrong {
        let message = format!("`require {text}` requires nothing");
        cx.push(Diagnostic::new(&EMPTY_PROMISE, line.head(), message).help("say a fact: `{ owner }`"));
    }
    Some(Rule::Require {
        word: cx.intern(&text),
        word_span: word.span,
        facts,
    })
}

/// The facts that a declaration of a word may be required to have; none for a word that declares nothing.
fn required_facts(cx: &Cx<'_, '_>, word: &str) -> Vec<String> {
    let own: &[&str] = match word {
        "trust" => {
            return ["because", "owner", "expires", "consent"]
                .map(str::to_owned)
                .into();
        }
        "network" | "site" | "segment" | "account" => &["owner"],
        "people" => &["group", "mfa", "session", "attributes"],
        "device" => &["hardware", "identity", "speaks", "credentials", "listens"],
        "workload" => &["claim", "listens"],
        "external" => &["at", "role", "external-id", "listens"],
        _ => &["listens"],
    };
    let kind = cx.kinds.get(word).and_then(|kind| cx.model.kinds.get(*kind));
    let mut found: Vec<String> = own.iter().map(|fact| (*fact).to_owned()).collect();
    match kind {
        Some(kind) => {
            found
                .extend(["physical", "owner", "open-to", "tag", "data-class", "existing"].map(str::to_owned));
            found.extend(
                kind.words
                    .properties
                    .iter()
                    .map(|property| cx.text_of(property.name).to_owned()),
            );
        }
        None if REQUIRED_WORDS.contains(&word) => {
            if word == "segment" {
                found.extend(["tag", "endpoints", "exposure"].map(str::to_owned));
            }
        }
        None => found.clear(),
    }
    found
}

fn limit<'a>(
    cx: &mut Cx<'a, '_>,
    line: &Line<'a>,
    entries: &mut Entries<'a>,
    body: &mut Body<'a>,
) -> Option<Rule> {
    let subjects = entries.need_rest(cx, "a subject");
    let objects = body.one(cx, "objects");
    let Some(objects) = objects else {
        body::missing(
            cx,
            "`limit`",
            "objects",
            line.head(),
            "write `{ objects at-most=5 }`",
        );
        return None;
    };
    let mut inner = Entries::of(cx, &objects);
    let most = inner.need_prop(cx, "at-most", "5");
    inner.finish_leaf(cx);
    let at_most = most.and_then(|most| cx.count(&most, u32::MAX));
    let subjects = selectors(cx, &subjects)?;
    all_act(
        cx,
        &subjects,
        "a promise about something that does not act says nothing",
    );
    Some(Rule::Limit {
        subjects,
        at_most: at_most?,
        span: objects.head(),
    })
}

/// Reads `waive NAME on=… until=… by=… { because … }`.
pub(crate) fn waiver<'a>(cx: &mut Cx<'a, '_>, item: &Item<'a>) {
    let line = &item.line;
    let mut entries = Entries::of(cx, line);
    let waived = entries.need(cx, "the name of a promise or of a check");
    let on = entries.need_prop(cx, "on", "NAME");
    let until = entries.need_prop(cx, "until", "\"2027-01-31\"");
    let by = entries.need_prop(cx, "by", "TEAM");
    entries.finish(cx);
    let mut body = Body::of(Cow::Borrowed("waive"), std::slice::from_ref(line));
    let because = trusts::because(cx, &mut body);
    body.finish(cx);
    let until = until.and_then(|until| Some((cx.date(&until)?, until.span)));
    let by = by.and_then(|by| cx.team(&by));
    let on = on.and_then(|on| {
        let text = cx.text(&on);
        // One declared thing of whatever sort, or a part of one.
        if text.contains('.') {
            cx.end(&on)?;
        } else {
            cx.find(&text, on.span, "declaration")?;
        }
        Some((cx.intern(&text), on.span))
    });
    let waived = waived.map(|waived| {
        let text = cx.text(&waived);
        cx.hear_name(waived.span, "promise");
        if let Some(declared) = cx.scope.promises.get(&text).copied() {
            cx.hear_use(waived.span, declared);
        }
        (cx.intern(&text), waived.span)
    });
    if let (Some(waived), Some(on), Some(until), Some(by)) = (waived, on, until, by) {
        cx.model.waivers.push(Waiver {
            span: line.head(),
            waived,
            on,
            until,
            by,
            because,
        });
    }
}
