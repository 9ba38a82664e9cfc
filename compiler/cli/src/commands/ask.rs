//! Questions of people: names to ends, many questions at once, and how answers are shown.

use catalogue::limits::Limits;
use checks::Selection;
use diagnostics::Report;
use driver::Analysis;
use graph::question::Index;
use ide::question::{Question, capabilities, name, thing};
use model::trust::{Condition, End, Trust};
use read::facts::Facts;
use relation::promise::question::Answer;
use serde::Serialize;

use crate::session::{self, Format, Session};
use project::Trouble;

/// What the bytes of one environment grant, also where it is refused, which is said then: a promise or a test that fails is a
/// reason to ask. `None` if nothing can be emitted: the report says why, and is printed.
pub(super) fn facts(
    (session, format): (&Session, Format),
    environment: Option<&str>,
    analysis: &Analysis,
    mut report: Report,
) -> Option<Vec<Facts>> {
    let options = session.options(environment, &[]);
    let answered = driver::check(analysis, Selection::All, &mut report)
        .and_then(|checked| driver::verify(&checked, &options, Limits::embedded(), &mut report));
    let Some(answered) = answered else {
        let mut reports = [(environment.map(str::to_owned), report, analysis.sources.clone())];
        session::print_briefly(&mut reports, format);
        return None;
    };
    if answered.statement.is_none() {
        eprintln!("this is refused, and nothing of it is written: `leastwise check` says why");
    }
    Some(answered.facts)
}

/// A declared name, a part, or `internet`, as people write it.
pub(super) fn end(analysis: &Analysis, text: &str) -> Result<End, Trouble> {
    let model = &analysis.model;
    let unknown = || {
        let things = model.things.iter().map(|(id, _)| End::Thing(id));
        let parts = model.parts.iter().map(|(id, _)| End::Part(id));
        let names: Vec<String> = things.chain(parts).map(|end| name(analysis, end)).collect();
        let meant = resolve::nearest(text, names.iter().map(String::as_str));
        let help = meant.map_or_else(
            || "names stand in the spec".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        Trouble::new(format!("nothing is called `{text}`"), help)
    };
    if text == "internet" {
        return Ok(End::Internet);
    }
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (text, None),
    };
    let (id, thing) = model
        .things
        .iter()
        .find(|(_, thing)| model.names.text(thing.name) == whole)
        .ok_or_else(unknown)?;
    match part {
        None => Ok(End::Thing(id)),
        Some(part) => thing
            .parts
            .iter()
            .find(|candidate| {
                model
                    .parts
                    .get(**candidate)
                    .is_some_and(|candidate| model.names.text(candidate.name) == part)
            })
            .map(|part| End::Part(*part))
            .ok_or_else(unknown),
    }
}

/// Whether an object has a capability; its names as they were given.
pub(super) fn has_capability(
    analysis: &Analysis,
    object: End,
    (shown, capability): (&str, &str),
) -> Result<(), Trouble> {
    let known: Vec<&str> = capabilities(analysis, object)
        .into_iter()
        .map(|name| analysis.model.names.text(name))
        .collect();
    if known.contains(&capability) {
        return Ok(());
    }
    let parts = match object {
        End::Thing(thing) => analysis.model.things.get(thing).map(|thing| thing.parts.len()),
        End::Part(_) | End::Account(_) | End::Internet => None,
    };
    let help = match (known.is_empty(), parts) {
        (true, Some(1..)) => "name one of its parts: `NAME.PART`".to_owned(),
        (true, _) => "nothing may be done to it itself".to_owned(),
        (false, _) => match resolve::nearest(capability, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`? It has: {}", known.join(", ")),
            None => format!("it has: {}", known.join(", ")),
        },
    };
    Err(Trouble::new(
        format!("`{shown}` has no capability `{capability}`"),
        help,
    ))
}

/// A trust that names both ends and the capability.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Reason {
    /// `app.kdl:21`
    pub(super) place: String,
    /// What narrows it, as it is written.
    pub(super) limits: Vec<String>,
    pub(super) because: String,
    pub(super) owner: Option<String>,
    pub(super) expires: Option<String>,
}

/// The trusts by which somebody may do something: those that name both and the capability, else those that name both.
pub(super) fn reasons(analysis: &Analysis, index: &Index<'_>, asked: &Question) -> Vec<Reason> {
    let model = &analysis.model;
    let whole = |end: End| thing(model, end).map_or(end, End::Thing);
    let named: Vec<&Trust> = index
        .trusts(asked.subject)
        .filter_map(|id| model.trusts.get(id))
        .filter(|trust| {
            trust
                .objects
                .iter()
                .any(|object| whole(object.end) == whole(asked.object))
        })
        .collect();
    let allows = |trust: &&&Trust| trust.allow.iter().any(|(name, _)| *name == asked.capability);
    let exact: Vec<&Trust> = named.iter().filter(allows).copied().collect();
    let found = if exact.is_empty() { named } else { exact };
    let mut reasons: Vec<Reason> = found
        .into_iter()
        .map(|trust| Reason {
            place: analysis.sources.place(trust.span),
            limits: limits(analysis, trust),
            because: trust
                .because
                .map_or_else(String::new, |(text, _)| model.names.text(text).to_owned()),
            owner: trust
                .owner
                .and_then(|team| model.teams.get(team))
                .map(|team| model.names.text(team.name).to_owned()),
            expires: trust.expires.map(|(date, _)| date.to_string()),
        })
        .collect();
    reasons.sort_unstable();
    reasons
}

/// The lines of a trust that narrow it.
fn limits(analysis: &Analysis, trust: &Trust) -> Vec<String> {
    let text = |span| analysis.sources.text(span).trim();
    let narrow = trust.narrow.iter().map(|line| {
        let word = if line.under { "under" } else { "only" };
        format!("{word} {}", text(line.span))
    });
    let when = trust.when.iter().map(|condition| match condition {
        Condition::MfaAge { span, .. }
        | Condition::Source { span, .. }
        | Condition::Attribute { span, .. }
        | Condition::Until { span, .. } => text(*span).to_owned(),
    });
    let names = &analysis.model.names;
    let same = trust
        .same
        .iter()
        .map(|(name, _)| format!("same {}", names.text(*name)));
    narrow.chain(when).chain(same).collect()
}

/// An answer as programs read it.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) capability: String,
    pub(super) object: String,
    /// `yes`, `no`, `partly`, `undecided`.
    pub(super) answer: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) granted: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    pub(super) trusts: Vec<Reason>,
}

pub(super) fn told(analysis: &Analysis, index: &Index<'_>, asked: &Question, answer: Answer) -> Told {
    let (word, granted, missing, why) = match answer {
        Answer::Yes => ("yes", Vec::new(), Vec::new(), None),
        Answer::No => ("no", Vec::new(), Vec::new(), None),
        Answer::Partly { granted, missing } => ("partly", granted, missing, None),
        Answer::Undecided { why } => ("undecided", Vec::new(), Vec::new(), Some(why)),
    };
    let trusts = match word {
        "no" => Vec::new(),
        _ => reasons(analysis, index, asked),
    };
    Told {
        subject: name(analysis, asked.subject),
        capability: analysis.model.names.text(asked.capability).to_owned(),
        object: name(analysis, asked.object),
        answer: word,
        granted,
        missing,
        why,
        trusts,
    }
}

/// What of an answer is not a plain yes, in a few words.
pub(super) fn qualified(told: &Told) -> String {
    match told.answer {
        "yes" => String::new(),
        "partly" => " (in part)".to_owned(),
        _ => format!(" (not decided: {})", told.why.as_deref().unwrap_or_default()),
    }
}

/// A reason in a line.
pub(super) fn line(reason: &Reason) -> String {
    let mut text = format!("{}: {}", reason.place, reason.because);
    if !reason.limits.is_empty() {
        text.push_str(&format!("; {}", reason.limits.join(", ")));
    }
    if let Some(owner) = &reason.owner {
        text.push_str(&format!(" ({owner}"));
        if let Some(expires) = &reason.expires {
            text.push_str(&format!(", until {expires}"));
        }
        text.push(')');
    } else if let Some(expires) = &reason.expires {
        text.push_str(&format!(" (until {expires})"));
    }
    text
}

/// The name of the format of answers.
pub(super) const FORMAT: &str = "leastwise-answers/1";

/// Answers of all environments as one JSON text.
pub(super) fn json(environments: &impl Serialize) -> String {
    let whole = serde_json::json!({ "format": FORMAT, "environments": environments });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}
