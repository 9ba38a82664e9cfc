//! Version 2 of the plan. Its schema is `schemas/plan-v2.json`.

use serde::Serialize;

use crate::rest::{About, Beside};
use crate::show::{Input, Part, Whole};
use crate::spec::Reason;
use crate::told::chain::Chain;
use crate::told::{Change, Flow, Kind, Narrowing, Plan, Request};

/// The name of the format.
pub const FORMAT: &str = "leastwise-plan/2";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    inputs: Vec<InputLine<'a>>,
    environments: Vec<Environment<'a>>,
    /// The conditions of `--fail-on` that are met.
    fails: &'a [&'a str],
}

#[derive(Serialize)]
struct InputLine<'a> {
    input: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct Environment<'a> {
    environment: Option<&'a str>,
    counts: Counts,
    changes: Vec<ChangeLine<'a>>,
    narrowing: Vec<NarrowingLine<'a>>,
    beside: Vec<BesideLine<'a>>,
    chains: Chains<'a>,
    late: Vec<LateLine>,
    ending: Vec<Ending<'a>>,
    files: FileLines<'a>,
}

#[derive(Serialize)]
struct Counts {
    gained: usize,
    widened: usize,
    changed: usize,
    narrowed: usize,
    lost: usize,
    moved: usize,
    renamed: usize,
}

#[derive(Serialize)]
struct ChangeLine<'a> {
    change: &'static str,
    subject: &'a str,
    object: &'a str,
    gains: &'a str,
    loses: &'a str,
    was: Option<&'a str>,
    is: Option<&'a str>,
    declared: bool,
    risks: Vec<&'static str>,
    reasons: Vec<ReasonLine<'a>>,
    permitted: Vec<RequestLine<'a>>,
    refused: Vec<RequestLine<'a>>,
    opened: Vec<FlowLine<'a>>,
    closed: Vec<FlowLine<'a>>,
    follows: Vec<Ends<'a>>,
}

#[derive(Serialize)]
struct Ends<'a> {
    subject: &'a str,
    object: &'a str,
}

#[derive(Serialize)]
struct ReasonLine<'a> {
    line: &'a str,
    sort: &'static str,
    side: &'static str,
    because: Option<&'a str>,
    owner: Option<&'a str>,
    ends: Option<&'a str>,
}

#[derive(Serialize)]
struct RequestLine<'a> {
    principal: &'a str,
    actions: &'a [String],
    resources: &'a [String],
    when: &'a str,
}

#[derive(Serialize)]
struct FlowLine<'a> {
    guard: &'a str,
    direction: &'static str,
    peer: &'a str,
    ports: &'a str,
}

#[derive(Serialize)]
struct NarrowingLine<'a> {
    of: &'a str,
    permitted: Vec<RequestLine<'a>>,
    refused: Vec<RequestLine<'a>>,
    reasons: Vec<ReasonLine<'a>>,
}

#[derive(Serialize)]
struct BesideLine<'a> {
    about: &'static str,
    of: &'a str,
    looser: bool,
    less: &'a [String],
    more: &'a [String],
}

#[derive(Serialize)]
struct Chains<'a> {
    left_out: Option<&'a str>,
    possible: Vec<ChainLine<'a>>,
    impossible: Vec<ChainLine<'a>>,
}

#[derive(Serialize)]
struct ChainLine<'a> {
    from: &'a str,
    controls: bool,
    steps: Vec<StepLine<'a>>,
}

#[derive(Serialize)]
struct StepLine<'a> {
    how: &'a str,
    to: &'a str,
    lines: &'a [String],
}

#[derive(Serialize)]
struct LateLine {
    sort: &'static str,
    count: usize,
    sentence: &'static str,
}

#[derive(Serialize)]
struct Ending<'a> {
    subject: &'a str,
    object: &'a str,
    reason: ReasonLine<'a>,
}

#[derive(Serialize)]
struct FileLines<'a> {
    created: &'a [String],
    updated: &'a [String],
    deleted: &'a [String],
}

/// The plan as one JSON text, with the conditions for which it fails.
#[must_use]
pub fn json(whole: &Whole<'_>, fails: &[&str]) -> String {
    let inputs = whole.inputs.iter();
    let document = Document {
        format: FORMAT,
        inputs: inputs.map(input).collect(),
        environments: whole.parts.iter().map(environment).collect(),
        fails,
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn input<'a>(input: &Input<'a>) -> InputLine<'a> {
    InputLine {
        input: input.input,
        before: input.before,
        after: input.after,
    }
}

fn environment<'a>(part: &Part<'a>) -> Environment<'a> {
    let plan: &Plan = part.plan;
    Environment {
        environment: part.environment,
        counts: Counts {
            gained: plan.count(Kind::Gained),
            widened: plan.count(Kind::Widened),
            changed: plan.count(Kind::Both),
            narrowed: plan.count(Kind::Narrowed),
            lost: plan.count(Kind::Lost),
            moved: plan.count(Kind::Moved),
            renamed: plan.count(Kind::Renamed),
        },
        changes: plan.changes.iter().map(change).collect(),
        narrowing: plan.narrowing.iter().map(narrowing).collect(),
        beside: plan.beside.iter().map(beside).collect(),
        chains: Chains {
            left_out: plan.chains.left_out.as_deref(),
            possible: plan.chains.possible.iter().map(chain).collect(),
            impossible: plan.chains.impossible.iter().map(chain).collect(),
        },
        late: plan
            .late
            .iter()
            .map(|late| LateLine {
                sort: late.sort,
                count: late.count,
                sentence: late.sentence,
            })
            .collect(),
        ending: plan
            .ending
            .iter()
            .map(|(subject, object, why)| Ending {
                subject,
                object,
                reason: reason(why),
            })
            .collect(),
        files: FileLines {
            created: &plan.files.created,
            updated: &plan.files.updated,
            deleted: &plan.files.deleted,
        },
    }
}

fn change(change: &Change) -> ChangeLine<'_> {
    ChangeLine {
        change: change.kind.word(),
        subject: &change.subject,
        object: &change.object,
        gains: &change.gains,
        loses: &change.loses,
        was: change.was.as_deref(),
        is: change.is.as_deref(),
        declared: change.is_declared,
        risks: change.risks.iter().map(|risk| risk.word()).collect(),
        reasons: change.reasons.iter().map(reason).collect(),
        permitted: change.more.iter().map(request).collect(),
        refused: change.less.iter().map(request).collect(),
        opened: change.opened.iter().map(flow).collect(),
        closed: change.closed.iter().map(flow).collect(),
        follows: change
            .follows
            .iter()
            .map(|(subject, object)| Ends { subject, object })
            .collect(),
    }
}

fn reason(reason: &Reason) -> ReasonLine<'_> {
    ReasonLine {
        line: &reason.line,
        sort: reason.sort,
        side: if reason.was { "before" } else { "after" },
        because: reason.because.as_deref(),
        owner: reason.owner.as_deref(),
        ends: reason.ends.as_deref(),
    }
}

fn request(request: &Request) -> RequestLine<'_> {
    RequestLine {
        principal: &request.principal,
        actions: &request.actions,
        resources: &request.resources,
        when: &request.when,
    }
}

fn flow(flow: &Flow) -> FlowLine<'_> {
    FlowLine {
        guard: &flow.guard,
        direction: if flow.egress { "egress" } else { "ingress" },
        peer: &flow.peer,
        ports: &flow.ports,
    }
}

fn narrowing(one: &Narrowing) -> NarrowingLine<'_> {
    NarrowingLine {
        of: &one.of,
        permitted: one.looser.iter().map(request).collect(),
        refused: one.tighter.iter().map(request).collect(),
        reasons: one.reasons.iter().map(reason).collect(),
    }
}

fn beside(one: &Beside) -> BesideLine<'_> {
    BesideLine {
        about: match one.about {
            About::Network => "network",
            About::Setting => "setting",
            About::Device => "device",
            About::Thing => "thing",
        },
        of: &one.of,
        looser: one.is_looser(),
        less: &one.less,
        more: &one.more,
    }
}

fn chain(chain: &Chain) -> ChainLine<'_> {
    let steps = chain.steps.iter().map(|step| StepLine {
        how: &step.how,
        to: &step.to,
        lines: &step.lines,
    });
    ChainLine {
        from: &chain.from,
        controls: chain.controls,
        steps: steps.collect(),
    }
}
