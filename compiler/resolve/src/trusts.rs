//! Trusts: who may do what to what, and what narrows it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::actor::IdentityWord;
use model::thing::Detail;
use model::trust::{End, Named, Trust};
use source::Span;

use crate::attributes::{class_of, host};
use crate::body::{self, Body};
use crate::conditions;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::{self, Item};
use crate::heard::Takes;
use crate::limits::{self, MEANINGLESS_LIMIT};
use crate::line::{Arg, Line};
use crate::project;

pub(crate) static NOT_AN_ACTOR: Code = Code {
    name: "not-an-actor",
    severity: Severity::Error,
    summary: "a trust gives access to something that does not act",
    docs: include_str!("pages/not_an_actor.md"),
};

/// Capabilities that no target can express yet.
const REFUSED: &[&str] = &["session", "forward", "enroll", "activate"];

/// Reads one trust.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, item: &Item<'a>) {
    let line = &item.line;
    let Some((subjects, objects)) = ends(cx, line) else {
        return;
    };
    let mut body = Body::of(Cow::Borrowed("trust"), std::slice::from_ref(line));
    let allow = body.one(cx, "allow");
    let (allow, accept_segment) = match allow {
        Some(allow) => allowed(cx, &allow),
        None => {
            body::missing(
                cx,
                "a trust",
                "allow",
                line.head(),
                "say what may be done: `allow read`",
            );
            (Vec::new(), None)
        }
    };
    if is_turned_round(cx, &subjects, &objects, &allow) {
        turn_round(cx, line, &subjects, &objects);
        return;
    }
    check_capabilities(cx, &objects, &allow);
    check_subjects(cx, &subjects, &objects);
    let narrow = limits::narrowing(cx, &mut body, &subjects, &objects, &allow);
    let same = limits::same(cx, &mut body, &subjects, &objects);
    let others = body.one(cx, "others").map(|line| {
        Entries::of(cx, &line).finish_leaf(cx);
        let one_class = subjects.iter().any(|subject| {
            objects.iter().any(|object| {
                class_of(cx, subject.end).is_some_and(|class| host(cx, object.end) == Some(class))
            })
        });
        if !one_class {
            let message = "`others` is for a trust within one class";
            cx.push(Diagnostic::new(&MEANINGLESS_LIMIT, line.head(), message).help("leave it out"));
        }
        line.head()
    });
    let when = conditions::read(cx, &mut body, &subjects);
    conditions::check_sources(cx, &subjects, &objects, &allow, &when);
    let with = body.one(cx, "with").and_then(|line| with(cx, &line, &subjects));
    if let Some(line) = body.one(cx, "below-floor") {
        Entries::of(cx, &line).finish_leaf(cx);
        gather::refuse(cx, "`below-floor`", line.head());
    }
    let because = because(cx, &mut body);
    let owner = project::owner(cx, &mut body, item.file);
    let expires = match body.one(cx, "expires") {
        Some(line) => {
            let mut entries = Entries::of(cx, &line);
            let date = entries.need(cx, "a date, `\"2027-06-30\"`");
            entries.finish_leaf(cx);
            date.and_then(|date| Some((cx.date(&date)?, date.span)))
        }
        None => cx.file_defaults(item.file).expires,
    };
    body.finish(cx);
    let applied = cx.applied.first().copied();
    cx.model.trusts.push(Trust {
        span: line.head(),
        subjects,
        objects,
        allow,
        narrow,
        same,
        others,
        when,
        accept_segment,
        with,
        because,
        owner,
        expires,
        applied,
    });
}

/// `because "…"`
pub(crate) fn because<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Option<(Name, Span)> {
    let line = body.one(cx, "because")?;
    let mut entries = Entries::of(cx, &line);
    let why = entries.need(cx, "a reason");
    entries.finish_leaf(cx);
    let why = why?;
    let text = cx.text(&why);
    if text.trim().is_empty() && why.is_text() {
        cx.push(Diagnostic::new(
            &crate::entries::MISSING_VALUE,
            why.span,
            "`because` gives no reason",
        ));
    }
    Some((cx.intern(&text), why.span))
}

fn ends<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<(Vec<Named>, Vec<Named>)> {
    let mut entries = Entries::of(cx, line);
    let [subjects, objects] = crate::sides::sides(cx, line, &mut entries)?;
    entries.finish(cx);
    let (wanted, wanted_objects) = (subjects.len(), objects.len());
    let subjects = named(cx, &subjects);
    let objects = named(cx, &objects);
    // A name that is not there was reported; what is left of the trust would mean something else.
    (subjects.len() == wanted && objects.len() == wanted_objects).then_some((subjects, objects))
}

fn named<'a>(cx: &mut Cx<'a, '_>, args: &[Arg<'a>]) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::with_capacity(args.len());
    let mut seen: BTreeMap<End, Span> = BTreeMap::new();
    for arg in args {
        let Some(named) = cx.end(arg) else { continue };
        match seen.get(&named.end).copied() {
            Some(first) => body::duplicate(cx, &arg.text, named.span, first),
            None if args.len() > 1 => drop(seen.insert(named.end, named.span)),
            None => {}
        }
        found.push(named);
    }
    found
}

/// A substitute that a capability may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Substitute {
    /// Of `activate`, which is refused below.
    Review,
    /// Of `connect`: a guard that knows addresses admits all who hold them.
    Segment,
}

/// `allow CAPABILITY… accept=SUBSTITUTE`: the capabilities, and where `segment` is accepted.
fn allowed<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> (Vec<(Name, Span)>, Option<Span>) {
    let mut entries = Entries::of(cx, line);
    let mut found: Vec<(Name, Span)> = Vec::new();
    for capability in entries.need_rest(cx, "a capability, `allow read`") {
        cx.hear(capability.span, || Takes::Capability);
        let text = cx.text(&capability);
        let name = cx.intern(&text);
        match found.iter().find(|(earlier, _)| *earlier == name) {
            Some((_, first)) => {
                let first = *first;
                body::duplicate(cx, &text, capability.span, first);
            }
            None => found.push((name, capability.span)),
        }
    }
    let mut accept_segment = None;
    if let Some(accept) = entries.prop("accept") {
        let words = [("review", Substitute::Review), ("segment", Substitute::Segment)];
        let substitute = cx.word(&accept, "a substitute for this fact", &words);
        let has = |word: &str| found.iter().any(|(name, _)| cx.text_of(*name) == word);
        let (activates, connects) = (has("activate"), has("connect"));
        let fits = match substitute {
            Some(Substitute::Review) => activates,
            Some(Substitute::Segment) => connects,
            None => activates || connects,
        };
        if !fits {
            let message = match substitute {
                Some(Substitute::Segment) => "only `connect` has the substitute `segment`",
                Some(Substitute::Review) | None => "nothing here has a substitute",
            };
            cx.push(Diagnostic::new(
                &crate::entries::UNKNOWN_PROPERTY,
                accept.span,
                message,
            ));
        }
        if fits && substitute == Some(Substitute::Segment) {
            accept_segment = Some(accept.span);
        }
    }
    entries.finish_leaf(cx);
    (found, accept_segment)
}

/// The kind of an object of a trust.
pub(crate) fn kind_of(cx: &Cx<'_, '_>, end: End) -> Option<model::kind::KindId> {
    match end {
        End::Thing(thing) => cx.model.things.get(thing).map(|thing| thing.kind),
        End::Part(part) => cx.model.parts.get(part).map(|part| part.kind),
        End::Account(_) | End::Internet => None,
    }
}

/// The parts of a thing that have a capability; all of them, if none has it.
fn parts_with(cx: &Cx<'_, '_>, thing: model::thing::ThingId, capability: Name) -> Vec<String> {
    let Some(thing) = cx.model.things.get(thing) else {
        return Vec::new();
    };
    let own = cx.text_of(thing.name);
    let parts = || thing.parts.iter().filter_map(|part| cx.model.parts.get(*part));
    let has = |part: &&model::thing::Part| {
        let kind = cx.model.kinds.get(part.kind);
        kind.is_some_and(|kind| {
            kind.words
                .capabilities
                .iter()
                .any(|known| known.name == capability)
        })
    };
    let shown = |part: &model::thing::Part| format!("`{own}.{}`", cx.text_of(part.name));
    let fitting: Vec<String> = parts().filter(has).map(shown).collect();
    if fitting.is_empty() {
        parts().map(shown).collect()
    } else {
        fitting
    }
}

fn check_capabilities(cx: &mut Cx<'_, '_>, objects: &[Named], allow: &[(Name, Span)]) {
    let (mut problems, mut refused): (Vec<Diagnostic>, Vec<(Span, String)>) = (Vec::new(), Vec::new());
    for (capability, span) in allow {
        let text = cx.text_of(*capability);
        for object in objects {
            match object.end {
                End::Account(_) if matches!(text, "findings" | "deploy") => {
                    refused.push((*span, format!("`allow {text}` on an account")));
                    continue;
                }
                End::Account(_) => {
                    let message = format!("an account has no capability `{text}`");
                    problems.push(
                        Diagnostic::new(&crate::capabilities::UNKNOWN_CAPABILITY, *span, message)
                            .label(object.span, "this is an account")
                            .help("it is one of `findings`, `deploy`"),
                    );
                    continue;
                }
                End::Internet => {
                    let message = format!("`internet` has no capability `{text}`");
                    problems.push(
                        Diagnostic::new(&crate::capabilities::UNKNOWN_CAPABILITY, *span, message)
                            .label(object.span, "every address that nothing declares")
                            .help("declare whom it reaches: `external NAME { at \"…\"; listens … }`"),
                    );
                    continue;
                }
                End::Thing(_) | End::Part(_) => {}
            }
            let Some(kind) = kind_of(cx, object.end).and_then(|kind| cx.model.kinds.get(kind)) else {
                continue;
            };
            if !kind.words.capabilities.iter().any(|own| own.name == *capability) {
                let kind_text = cx.text_of(kind.name);
                let mut problem =
                    crate::capabilities::unknown_capability(cx, text, kind_text, &kind.words, *span);
                problem = problem.label(object.span, format!("this is a `{kind_text}`"));
                let parts: Vec<String> = match object.end {
                    End::Thing(thing) => parts_with(cx, thing, *capability),
                    End::Part(_) | End::Account(_) | End::Internet => Vec::new(),
                };
                if !parts.is_empty() {
                    problem = problem.help(format!(
                        "in a trust, the whole does not hold its parts: name the part, {}",
                        parts.join(" or ")
                    ));
                }
                problems.push(problem);
                continue;
            }
            if REFUSED.contains(&text) && matches!(cx.text_of(kind.name), "device" | "listener") {
                refused.push((*span, format!("`allow {text}`")));
                break;
            }
        }
    }
    for problem in problems {
        cx.push(problem);
    }
    for (span, what) in refused {
        gather::refuse(cx, &what, span);
    }
}

/// Whether the object acts, the subject does not, and has what is allowed.
fn is_turned_round(cx: &Cx<'_, '_>, subjects: &[Named], objects: &[Named], allow: &[(Name, Span)]) -> bool {
    let ([subject], [object]) = (subjects, objects) else {
        return false;
    };
    let has = |end: End| {
        let kind = kind_of(cx, end).and_then(|kind| cx.model.kinds.get(kind));
        kind.is_some_and(|kind| {
            allow
                .iter()
                .all(|(name, _)| kind.words.capabilities.iter().any(|own| own.name == *name))
        })
    };
    let acts = |end: End| never_acts(cx, end, false).is_none();
    !allow.is_empty() && !acts(subject.end) && acts(object.end) && has(subject.end) && !has(object.end)
}

fn turn_round(cx: &mut Cx<'_, '_>, line: &Line<'_>, subjects: &[Named], objects: &[Named]) {
    let mut sides = line
        .node
        .arguments()
        .filter_map(|value| value.as_str())
        .filter(|text| text != "->");
    let (Some(subject), Some(object)) = (sides.next(), sides.next()) else {
        return;
    };
    let (Some(from), Some(to)) = (subjects.first(), objects.first()) else {
        return;
    };
    let message = format!("`{subject}` does not act, and `{object}` does");
    cx.push(
        Diagnostic::new(&NOT_AN_ACTOR, from.span, message)
            .label(to.span, "who acts stands first")
            .help(format!("turn it round: `trust {object} -> {subject}`")),
    );
}

fn check_subjects(cx: &mut Cx<'_, '_>, subjects: &[Named], objects: &[Named]) {
    let listeners_only = objects.iter().all(|object| matches!(object.end, End::Part(_)));
    for subject in subjects {
        if let Some(why) = never_acts(cx, subject.end, listeners_only) {
            let message = format!("a trust is given to something that does not act: {why}");
            cx.push(
                Diagnostic::new(&NOT_AN_ACTOR, subject.span, message)
                    .help("who acts is a workload, a class of devices, people, or an external: name one before the `->`"),
            );
        }
    }
}

/// Why a name is no subject; `connects` if what opens connections only is one.
pub(crate) fn never_acts(cx: &Cx<'_, '_>, end: End, connects: bool) -> Option<String> {
    match end {
        End::Internet => None,
        End::Account(_) => Some("an account does not act; name who does".to_owned()),
        End::Part(_) => Some("a part does not act; name the whole".to_owned()),
        End::Thing(thing) => cx.model.things.get(thing).and_then(|thing| match &thing.detail {
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => None,
            Detail::Resource => {
                let kind = cx.model.kinds.get(thing.kind)?;
                // What stands in a segment may open connections; what acts has a role.
                let acts = kind.words.acts.is_some() || (connects && thing.segment.is_some());
                (!acts).then(|| format!("a `{}` does not act", cx.text_of(kind.name)))
            }
        }),
    }
}

/// `with IDENTITY`
fn with<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>, subjects: &[Named]) -> Option<(IdentityWord, Span)> {
    let mut entries = Entries::of(cx, line);
    let word = entries.need(cx, "an identity of the subject");
    entries.finish_leaf(cx);
    let words = [
        ("x509", Some(IdentityWord::X509)),
        ("roles-anywhere", Some(IdentityWord::RolesAnywhere)),
        ("dot1x", Some(IdentityWord::Dot1x)),
        ("ssh-host", Some(IdentityWord::SshHost)),
        ("ssm", None),
    ];
    let word = word?;
    let Some(identity) = cx.word(&word, "an identity of a device", &words)? else {
        gather::refuse(cx, "`with ssm`", line.head());
        return None;
    };
    for subject in subjects {
        let has = match subject.end {
            End::Thing(thing) => cx
                .model
                .things
                .get(thing)
                .is_some_and(|thing| match &thing.detail {
                    Detail::Class(class) => class.identities.iter().any(|own| own.word == identity),
                    Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => false,
                }),
            End::Part(_) | End::Account(_) | End::Internet => false,
        };
        if !has {
            let message = format!("the subject has no identity `{}`", word.text);
            cx.push(Diagnostic::new(&MEANINGLESS_LIMIT, word.span, message).label(subject.span, "of this"));
        }
    }
    Some((identity, line.head()))
}
