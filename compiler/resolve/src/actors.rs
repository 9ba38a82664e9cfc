//! Who acts, and who vouches for them: workloads, people, externals, authorities, providers.

use diagnostics::{Code, Diagnostic, Severity};
use model::actor::{Mfa, People, RunsOn, Workload};
use model::kind::Takes;
use model::thing::Detail;
use model::value::{Duration, Value};

use crate::at::{self, Place};
use crate::body::Body;
use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::Entries;
use crate::gather::Decl;
use crate::line::Arg;
use crate::takes;

pub(crate) static CONTRADICTORY_ACTOR: Code = Code {
    name: "contradictory-actor",
    severity: Severity::Error,
    summary: "facts of an actor exclude each other",
    docs: include_str!("pages/contradictory_actor.md"),
};

/// A fact that is one word alone.
pub(crate) fn bare<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>, word: &'static str) -> bool {
    let Some(line) = body.one(cx, word) else {
        return false;
    };
    Entries::of(cx, &line).finish_leaf(cx);
    true
}

/// A DNS name: labels of letters, digits and `-`, at least two.
pub(crate) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && text.contains('.') && text.split('.').all(label) && !numeric
}

/// Where code runs; anything else is the name of a device class.
pub(crate) const RUNS_ON: &[(&str, RunsOn)] = &[
    ("lambda", RunsOn::Lambda),
    ("ecs", RunsOn::Ecs),
    ("ec2", RunsOn::Ec2),
    ("eks", RunsOn::Eks),
    ("onprem", RunsOn::Onprem),
    ("ci", RunsOn::Ci),
    ("iot-ota", RunsOn::IotOta),
];

/// Reads what is particular to a workload.
pub(crate) fn workload<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    entries: &mut Entries<'a>,
    body: &mut Body<'a>,
) -> Detail {
    let segment = entries.prop("segment");
    let resolved = segment.as_ref().and_then(|segment| cx.segment(segment));
    let runs_on = entries.prop("runs-on");
    let resolved_on = runs_on.as_ref().and_then(|word| runs_on_word(cx, word));
    let from = entries.prop("from");
    let from_id = from.as_ref().and_then(|provider| cx.provider(provider));
    let mut claims = Vec::new();
    for line in body.several(cx, "claim") {
        let mut entries = Entries::of(cx, &line);
        let claim = entries.need(cx, "the name of a claim");
        let values = entries.need_rest(cx, "the exact values of the claim");
        entries.finish_leaf(cx);
        let Some(claim) = claim else { continue };
        let claim = cx.text(&claim);
        let values = values.iter().map(|value| exact(cx, value)).collect();
        claims.push((cx.intern(&claim), values, line.head()));
    }
    check_workload(cx, decl, (&segment, resolved_on, &from), &claims);
    let place = Place {
        segment: resolved,
        runs_on: resolved_on,
    };
    // A segment that is not there was reported.
    let at = if segment.is_some() && resolved.is_none() {
        body.all("at");
        Vec::new()
    } else {
        at::workload(cx, decl, place, body)
    };
    Detail::Workload(Workload {
        segment: resolved,
        runs_on: resolved_on,
        from: from_id,
        at,
        claims,
    })
}

fn runs_on_word<'a>(cx: &mut Cx<'a, '_>, word: &Arg<'a>) -> Option<RunsOn> {
    let text = cx.text(word);
    cx.hear_words(word.span, RUNS_ON.iter().map(|(word, _)| *word));
    cx.hear_name(word.span, "device");
    if let Some((_, runs_on)) = RUNS_ON.iter().find(|(name, _)| *name == text) {
        return Some(*runs_on);
    }
    if !cx.scope.names.contains_key(&text) {
        let known: Vec<String> = RUNS_ON.iter().map(|(word, _)| (*word).to_owned()).collect();
        cx.unknown_word(
            word,
            "something that code runs on",
            known.iter().map(String::as_str),
        );
        return None;
    }
    cx.thing(word, Some("device")).map(RunsOn::Device)
}

/// A value that is compared as it stands: a wildcard in it would only look like one.
fn exact<'a>(cx: &mut Cx<'a, '_>, value: &Arg<'a>) -> arena::Name {
    let text = cx.text(value);
    if text.trim() != text {
        cx.push(
            Diagnostic::new(
                &WRONG_TYPE,
                value.span,
                format!("`{text}` has a space at an end, and a claim is exact"),
            )
            .help(format!("write `\"{}\"`", text.trim())),
        );
    }
    if text.contains(['*', '?']) {
        cx.push(
            Diagnostic::new(
                &WRONG_TYPE,
                value.span,
                format!("`{text}` has a wildcard, and a claim is exact"),
            )
            .help("name each value"),
        );
    }
    cx.intern(&text)
}

/// What tells a pod from others, and an example of each.
const OF_A_POD: &[(&str, &str)] = &[
    ("cluster", "production"),
    ("namespace", "shop"),
    ("service-account", "orders"),
];

type Claims = [(arena::Name, Vec<arena::Name>, source::Span)];

fn check_workload<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    (segment, runs_on, from): (&Option<Arg<'a>>, Option<RunsOn>, &Option<Arg<'a>>),
    claims: &Claims,
) {
    let name = &decl.name.text;
    let is_ci = runs_on == Some(RunsOn::Ci);
    let contradiction = |cx: &mut Cx<'a, '_>, span, message: String, help: &str| {
        cx.push(Diagnostic::new(&CONTRADICTORY_ACTOR, span, message).help(help));
    };
    // Who becomes a role that exists is not said here.
    let has_own_role = !decl.lines.iter().any(|line| {
        line.as_written()
            .into_iter()
            .any(|child| child.word() == "existing")
    });
    match (is_ci, from) {
        (true, None) if has_own_role => {
            contradiction(
                cx,
                decl.head(),
                format!("`{name}` runs on `ci`, and nobody vouches for it"),
                "write `from=PROVIDER`",
            );
        }
        (false, Some(from)) => {
            contradiction(
                cx,
                from.span,
                format!("`{name}` is vouched for by a provider, and does not run on `ci`"),
                "write `runs-on=ci`",
            );
        }
        (true, _) | (false, None) => {}
    }
    if is_ci && claims.is_empty() && has_own_role {
        crate::body::missing(
            cx,
            &format!("workload `{name}`"),
            "claim",
            decl.head(),
            "any job of the provider could take its role: write `claim sub \"repo:…\"`",
        );
    }
    let is_pod = runs_on == Some(RunsOn::Eks);
    if is_pod && has_own_role {
        let said = |claim: &str| claims.iter().any(|(said, ..)| cx.text_of(*said) == claim);
        let missing = OF_A_POD.iter().filter(|(claim, _)| !said(claim));
        let missing: Vec<String> = missing
            .map(|(claim, example)| format!("`claim {claim} {example}`"))
            .collect();
        if !missing.is_empty() {
            let help = format!("pods of others could take its role: write {}", missing.join(", "));
            crate::body::missing(cx, &format!("workload `{name}`"), "claim", decl.head(), &help);
        }
    }
    if let Some((_, _, span)) = claims.first()
        && !is_ci
        && !is_pod
    {
        contradiction(
            cx,
            *span,
            format!("`{name}` has claims, and runs neither on `ci` nor on `eks`"),
            "write `runs-on=ci`",
        );
    }
    let placeless = match runs_on {
        Some(RunsOn::Device(_)) => Some("its device's segment is its own"),
        Some(RunsOn::Ci) => Some("a job of a provider has no place"),
        Some(RunsOn::IotOta) => Some("a service of the provider has no place"),
        Some(RunsOn::Lambda | RunsOn::Ecs | RunsOn::Ec2 | RunsOn::Eks | RunsOn::Onprem) | None => None,
    };
    match (placeless, segment, runs_on) {
        (Some(why), Some(segment), _) => {
            contradiction(
                cx,
                segment.span,
                format!("`{name}` has a segment: {why}"),
                "leave out `segment=`",
            );
        }
        (None, None, Some(RunsOn::Onprem)) => {
            contradiction(
                cx,
                decl.head(),
                format!("`{name}` runs on premises, and has no segment"),
                "write `segment=NAME`",
            );
        }
        (_, _, _) => {}
    }
}

/// Reads what is particular to people.
pub(crate) fn people<'a>(cx: &mut Cx<'a, '_>, entries: &mut Entries<'a>, body: &mut Body<'a>) -> Detail {
    let from = entries.prop("from").and_then(|provider| cx.provider(&provider));
    let group = body.one(cx, "group").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let group = entries.need(cx, "the group's name at the provider");
        entries.finish_leaf(cx);
        let group = group?;
        let text = cx.text(&group);
        if text.trim() != text {
            let message = format!("`{text}` has a space at an end, and a group's name is exact");
            cx.push(
                Diagnostic::new(&WRONG_TYPE, group.span, message)
                    .help(format!("write `group \"{}\"`", text.trim())),
            );
        }
        Some((cx.intern(&text), group.span))
    });
    let mfa = body.one(cx, "mfa").map(|line| {
        let mut entries = Entries::of(cx, &line);
        let accept_idp = cx.accepts(&mut entries, "idp-mfa");
        entries.finish_leaf(cx);
        cx.fact(line.head());
        if !accept_idp && from.is_some() {
            unaccepted_mfa(cx, line.head());
        }
        Mfa {
            accept_idp,
            span: line.head(),
        }
    });
    let session = body.one(cx, "session").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let most = entries.need_prop(cx, "at-most", "\"1h\"");
        entries.finish_leaf(cx);
        cx.fact(line.head());
        let most = most?;
        let seconds = cx.duration(&most)?;
        takes::check(cx, &sessions(), "session", &Value::Duration(seconds), &most);
        Some((seconds, line.head()))
    });
    let mut attributes = Vec::new();
    if let Some(line) = body.one(cx, "attributes") {
        let mut entries = Entries::of(cx, &line);
        for attribute in entries.need_rest(cx, "names of attributes") {
            let text = cx.text(&attribute);
            crate::spelling::check_text(cx, &text, attribute.span);
            let name = cx.intern(&text);
            if attributes.iter().any(|(earlier, _)| *earlier == name) {
                crate::body::duplicate(cx, &text, attribute.span, line.head());
            } else {
                attributes.push((name, attribute.span));
            }
        }
        entries.finish_leaf(cx);
    }
    Detail::People(People {
        from,
        group,
        mfa,
        session,
        attributes,
    })
}

/// How long a session of a role may be.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>, read 2026-11-30.
fn sessions() -> Takes {
    let hours = |hours: u64| {
        Some(Value::Duration(Duration {
            seconds: hours * 3_600,
        }))
    };
    Takes::Between(hours(1), hours(12))
}

pub(crate) static UNACCEPTED_SUBSTITUTE: Code = Code {
    name: "unaccepted-substitute",
    severity: Severity::Error,
    summary: "no layer enforces a fact exactly, and its substitute is not accepted",
    docs: include_str!("pages/unaccepted_substitute.md"),
};

/// The provider sees a federated session, never the second factor.
pub(crate) fn unaccepted_mfa(cx: &mut Cx<'_, '_>, span: source::Span) {
    cx.push(
        Diagnostic::new(
            &UNACCEPTED_SUBSTITUTE,
            span,
            "the second factor of federated people is seen by nobody but their provider",
        )
        .note("the nearest substitute is `idp-mfa`: the identity provider vouches for it")
        .help("accept it on this very fact: `accept=idp-mfa`"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_a_shape() {
        assert!(is_host("api.vendor.example") && !is_host("10.0.0.1") && !is_host("a") && !is_host("a..b"));
        assert!(!is_host("*.example.com") && !is_host("a.b/c"));
    }
}
