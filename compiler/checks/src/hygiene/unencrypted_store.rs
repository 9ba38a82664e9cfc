//! Stores that could be encrypted under a declared key and are not.

use crate::{Check, Context, Findings};
use diagnostics::{Code, Diagnostic, Severity};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "unencrypted-store",
    severity: Severity::Error,
    summary: "a store of data names no key",
    docs: include_str!("unencrypted_store.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    let Some(encrypted) = cx.model.names.find("encrypted") else {
        return;
    };
    for (_, thing) in cx.model.things.iter() {
        let Some(kind) = cx.model.kinds.get(thing.kind) else {
            continue;
        };
        let can = kind.words.holds_data
            && kind
                .words
                .properties
                .iter()
                .any(|property| property.name == encrypted);
        let does = thing.properties.iter().any(|property| property.name == encrypted);
        if !can || does || thing.existing.is_some() {
            continue;
        }
        let (word, name) = (cx.text(kind.name), cx.text(thing.name));
        findings.push(
            Diagnostic::new(
                &CODE,
                thing.span,
                format!("{word} `{name}` holds data and names no key"),
            )
            .note("without a key of your own, whoever may read the store reads the data")
            .help(format!(
                "declare a `key`, and say `encrypted key=NAME` in `{name}`"
            )),
            [thing.name],
        );
    }
}
