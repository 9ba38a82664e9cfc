//! `require WORD { facts }`: every declaration of that word has these facts, its own or its file's.

use diagnostics::{Code, Diagnostic, Severity};
use model::promise::{Promise, RequiredFact, Rule};
use model::thing::{Detail, Thing};
use model::trust::{End, Trust};
use model::value::Value;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "unmet-require",
    severity: Severity::Error,
    summary: "a declaration lacks a fact that the project requires",
    docs: include_str!("require.md"),
};

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, promise) in cx.model.promises.iter() {
        let Rule::Require { word, facts, .. } = &promise.rule else {
            continue;
        };
        if cx.text(*word) == "trust" {
            for (_, trust) in cx.model.trusts.iter() {
                for fact in facts {
                    trust_fact(cx, promise, trust, fact, findings);
                }
            }
            continue;
        }
        for (_, thing) in cx.model.things.iter() {
            if cx
                .model
                .kinds
                .get(thing.kind)
                .is_some_and(|kind| kind.name == *word)
            {
                for fact in facts {
                    let Some(problem) = problem(cx, thing, fact) else {
                        continue;
                    };
                    let (word, name, fact) = (cx.text(*word), cx.text(thing.name), cx.text(fact.name));
                    let help = match problem {
                        Problem::Missing => format!("say `{fact}` in `{name}`"),
                        Problem::Off => format!("leave `#false` out, or take `{name}` out by a waiver"),
                        Problem::TooLong { .. } => format!("say a shorter `{fact}` in `{name}`"),
                        Problem::NoLength => format!("leave `at-most=` out: `{fact}` has no length"),
                    };
                    let message = match problem {
                        Problem::Missing => format!("{word} `{name}` has no `{fact}`"),
                        Problem::Off => format!("{word} `{name}` says that it has no `{fact}`"),
                        Problem::TooLong { seconds, most } => format!(
                            "{word} `{name}` has a `{fact}` of {}, longer than {}",
                            length(seconds),
                            length(most)
                        ),
                        Problem::NoLength => {
                            format!("`at-most=` says nothing about `{fact}` of {word} `{name}`")
                        }
                    };
                    findings.push_promise(
                        Diagnostic::new(&CODE, thing.span, message)
                            .label(promise.span, "required here")
                            .help(help),
                        [thing.name],
                        promise.name,
                    );
                }
            }
        }
    }
}

/// Why a declaration does not have a fact as it is required.
enum Problem {
    Missing,
    /// A flag that is said to be off.
    Off,
    TooLong {
        seconds: u64,
        most: u64,
    },
    /// The fact is no duration.
    NoLength,
}

fn length(seconds: u64) -> String {
    let of = |unit: u64| seconds.is_multiple_of(unit).then_some(seconds / unit);
    match (of(DAY_SECONDS), of(3_600), of(60)) {
        (Some(days), ..) => format!("{days} days"),
        (None, Some(hours), _) => format!("{hours} hours"),
        (None, None, Some(minutes)) => format!("{minutes} minutes"),
        (None, None, None) => format!("{seconds} seconds"),
    }
}

fn problem(cx: &Context<'_>, thing: &Thing, fact: &RequiredFact) -> Option<Problem> {
    let own = thing
        .properties
        .iter()
        .find(|property| property.name == fact.name);
    let most = fact.at_most.map(|most| most.seconds);
    let too_long = |seconds: u64| {
        let most = most.filter(|most| seconds > *most)?;
        Some(Problem::TooLong { seconds, most })
    };
    if let Some(property) = own {
        let is_off =
            !property.values.is_empty() && property.values.iter().all(|value| *value == Value::Flag(false));
        if is_off {
            return Some(Problem::Off);
        }
        let mut values = property.values.iter();
        return values.find_map(|value| match value {
            Value::Duration(duration) => too_long(duration.seconds),
            _ => most.map(|_| Problem::NoLength),
        });
    }
    if let (Detail::People(people), "session") = (&thing.detail, cx.text(fact.name)) {
        return match people.session {
            Some((session, _)) => too_long(session.seconds),
            None => Some(Problem::Missing),
        };
    }
    if !has(cx, thing, fact) {
        return Some(Problem::Missing);
    }
    most.map(|_| Problem::NoLength)
}

/// Whether a declaration has a fact that any may have.
fn has(cx: &Context<'_>, thing: &Thing, fact: &RequiredFact) -> bool {
    match cx.text(fact.name) {
        "owner" => thing.owner.is_some(),
        "data-class" => thing.data_class.is_some(),
        "existing" => thing.existing.is_some(),
        "mfa" => matches!(&thing.detail, Detail::People(people) if people.mfa.is_some()),
        "group" => matches!(&thing.detail, Detail::People(people) if people.group.is_some()),
        _ => false,
    }
}

fn trust_fact(
    cx: &Context<'_>,
    promise: &Promise,
    trust: &Trust,
    fact: &RequiredFact,
    findings: &mut Findings,
) {
    let name = cx.text(fact.name);
    let problem = match name {
        "because" | "owner" | "consent" if fact.at_most.is_some() => {
            Some(format!("`at-most=` says nothing about `{name}` of a trust"))
        }
        "because" => trust
            .because
            .is_none()
            .then(|| "the trust has no `because`".to_owned()),
        "owner" => trust
            .owner
            .is_none()
            .then(|| "the trust has no `owner`".to_owned()),
        "expires" => expiry(cx, trust, fact),
        "consent" => missing_consent(cx, trust),
        _ => Some(format!("a trust cannot have `{name}`")),
    };
    let Some(problem) = problem else { return };
    findings.push_promise(
        Diagnostic::new(&CODE, trust.span, problem)
            .label(fact.span, "required here")
            .help(match name {
                "consent" => {
                    "let the object's owner say `open-to TEAM`, or let the owner hold the trust".to_owned()
                }
                _ => format!("say `{name}` in the trust, or at the top of its file"),
            }),
        [],
        promise.name,
    );
}

fn expiry(cx: &Context<'_>, trust: &Trust, fact: &RequiredFact) -> Option<String> {
    let Some((date, _)) = trust.expires else {
        return Some("the trust has no `expires`".to_owned());
    };
    let most = fact.at_most?.seconds / DAY_SECONDS;
    let days = i64::from(date.0) - i64::from(cx.model.project.as_of.0);
    (days > 0 && days as u64 > most).then(|| format!("the trust ends in {days} days, later than {most}"))
}

/// The first object whose owner has not agreed.
fn missing_consent(cx: &Context<'_>, trust: &Trust) -> Option<String> {
    let Some(owner) = trust.owner else {
        return Some("the trust has no `owner` whose consent could be judged".to_owned());
    };
    trust.objects.iter().find_map(|object| {
        let thing = match object.end {
            End::Thing(thing) => thing,
            End::Part(part) => cx.model.parts.get(part)?.of,
            End::Account(_) | End::Internet => return None,
        };
        let thing = cx.model.things.get(thing)?;
        let agreed = thing.owner.is_none_or(|of| of == owner) || thing.open_to.contains(&owner);
        let team = cx.model.teams.get(owner).map_or("", |team| cx.text(team.name));
        (!agreed).then(|| {
            format!(
                "`{}` belongs to another team, and is not open to `{team}`",
                cx.text(thing.name)
            )
        })
    })
}
