//! Things of a project's own kind that nothing makes, and that are not said to exist.

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::Detail;
use source::Origin;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "unmade",
    severity: Severity::Note,
    summary: "nothing makes a thing of a kind of the project's own",
    docs: include_str!("unmade.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, thing) in cx.model.things.iter() {
        let Some(kind) = cx.model.kinds.get(thing.kind) else {
            continue;
        };
        let is_resource = matches!(thing.detail, Detail::Resource);
        let has_address = kind.words.arn.is_some();
        if kind.origin != Origin::Project || !is_resource || !has_address {
            continue;
        }
        if kind.means.is_empty() && thing.existing.is_none() {
            let (name, word) = (cx.text(thing.name), cx.text(kind.name));
            let message = format!("nothing makes `{name}`: its kind has no `terraform` block");
            findings.push(
                Diagnostic::new(&CODE, thing.span, message)
                    .label(kind.span, "its kind")
                    .help(format!(
                        "say which one exists: `{word} {name} {{ existing \"…\" }}`"
                    )),
                [thing.name],
            );
        }
    }
}
