//! Jobs whose role every pull request of a repository may take.

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::Detail;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "any-pull-request",
    severity: Severity::Note,
    summary: "every pull request may act as a workload",
    docs: include_str!("any_pull_request.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, thing) in cx.model.things.iter() {
        let Detail::Workload(workload) = &thing.detail else {
            continue;
        };
        for (claim, values, span) in &workload.claims {
            let is_any = values
                .iter()
                .any(|value| cx.text(*value).ends_with(":pull_request"));
            if cx.text(*claim) == "sub" && is_any {
                let name = cx.text(thing.name);
                let message = format!("the code of every pull request may act as `{name}`");
                findings.push(
                    Diagnostic::new(&CODE, *span, message)
                        .note("nobody has looked at it when it runs")
                        .help("name a branch or an environment: `repo:OWNER/NAME:ref:refs/heads/main`, `repo:OWNER/NAME:environment:prod`"),
                    [thing.name],
                );
            }
        }
    }
}
