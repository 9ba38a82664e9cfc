//! `require WORD { facts }`: every declaration of that word has these facts, its own or its file's.

use diagnostics::{Code, Diagnostic, Severity};
use model::promise::{Promise, RequiredFact, Rule};
use model::thing::{Detail, Thing};
use model::trust::{End, Trust};

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
                    if !has(cx, thing, fact) {
                        let (word, name, fact) = (cx.text(*word), cx.text(thing.name), cx.text(fact.name));
                        findings.push_promise(
                            Diagnostic::new(&CODE, thing.span, format!("{word} `{name}` has no `{fact}`"))
                                .label(promise.span, "required here")
                                .help(format!("say `{fact}` in `{name}`")),
                            [thing.name],
                            promise.name,
                        );
                    }
                }
            }
        }
    }
}

fn has(cx: &Context<'_>, thing: &Thing, fact: &RequiredFact) -> bool {
    let own = thing.properties.iter().any(|property| property.name == fact.name);
    let common = match cx.text(fact.name) {
        "owner" => thing.owner.is_some(),
        "data-class" => thing.data_class.is_some(),
        "existing" => thing.existing.is_some(),
        "mfa" => matches!(&thing.detail, Detail::People(people) if people.mfa.is_some()),
        "session" => {
            matches!(&thing.detail, Detail::People(people) if people.session.is_some_and(|(session, _)| {
                fact.at_most.is_none_or(|most| session.seconds <= most.seconds)
            }))
        }
        "group" => matches!(&thing.detail, Detail::People(people) if people.group.is_some()),
        _ => false,
    };
    own || common
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
