//! Version 1 of the plan. Its schema is `schemas/plan-v1.json`.

use serde::Serialize;

use crate::Plan;

/// The name of the format.
pub const FORMAT: &str = "leastwise-plan/1";

/// Why an access exists, where the side that has it knows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Why {
    /// `stores.kdl:12`.
    pub trust: Option<String>,
    /// The author's sentence.
    pub because: Option<String>,
}

#[derive(Serialize)]
struct Whole<'a> {
    format: &'static str,
    inputs: &'a [Input<'a>],
    environments: Vec<Environment<'a>>,
}

/// Something besides the spec that is not what it was: a change of access may come from it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Input<'a> {
    /// `stdlib`, `catalogue` …, or the path of a file that the spec names.
    pub input: &'a str,
    /// Its digest before; `None` if it was not there.
    pub before: Option<&'a str>,
    /// And now.
    pub after: Option<&'a str>,
}

#[derive(Serialize)]
struct Environment<'a> {
    environment: Option<&'a str>,
    gained: Vec<Access<'a>>,
    lost: Vec<Access<'a>>,
    opened: Vec<Flow<'a>>,
    closed: Vec<Flow<'a>>,
    files: Files<'a>,
}

#[derive(Serialize)]
struct Access<'a> {
    principal: &'a str,
    actions: &'a [String],
    resources: &'a [String],
    when: &'a str,
    #[serde(flatten)]
    why: Why,
}

#[derive(Serialize)]
struct Flow<'a> {
    guard: &'a str,
    direction: &'static str,
    peer: &'a str,
    ports: &'a str,
    #[serde(flatten)]
    why: Why,
}

#[derive(Serialize)]
struct Files<'a> {
    created: &'a [String],
    updated: &'a [String],
    deleted: &'a [String],
}

/// Looks up why an access or a flow exists.
pub trait Reasons {
    /// Of an access that is gained.
    fn access(&self, change: &crate::AccessChange) -> Why;
    /// Of a flow that is opened.
    fn flow(&self, change: &crate::FlowChange) -> Why;
}

/// Plans of several environments (or one without a name) as one JSON text.
#[must_use]
pub fn json(inputs: &[Input<'_>], plans: &[(Option<&str>, &Plan, &dyn Reasons)]) -> String {
    let environments = plans
        .iter()
        .map(|(environment, plan, reasons)| {
            let access = |change, why| access(change, why);
            Environment {
                environment: *environment,
                gained: plan
                    .gained
                    .iter()
                    .map(|change| access(change, reasons.access(change)))
                    .collect(),
                lost: plan
                    .lost
                    .iter()
                    .map(|change| access(change, Why::default()))
                    .collect(),
                opened: plan
                    .opened
                    .iter()
                    .map(|change| flow(change, reasons.flow(change)))
                    .collect(),
                closed: plan
                    .closed
                    .iter()
                    .map(|change| flow(change, Why::default()))
                    .collect(),
                files: Files {
                    created: &plan.files.created,
                    updated: &plan.files.updated,
                    deleted: &plan.files.deleted,
                },
            }
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&Whole {
        format: FORMAT,
        inputs,
        environments,
    })
    .unwrap_or_default();
    text.push('\n');
    text
}

fn access(change: &crate::AccessChange, why: Why) -> Access<'_> {
    Access {
        principal: &change.principal,
        actions: &change.actions,
        resources: &change.resources,
        when: &change.when,
        why,
    }
}

fn flow(change: &crate::FlowChange, why: Why) -> Flow<'_> {
    let direction = if change.egress { "egress" } else { "ingress" };
    Flow {
        guard: &change.guard,
        direction,
        peer: &change.peer,
        ports: &change.ports,
        why,
    }
}
