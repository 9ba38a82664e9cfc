//! Devices of one inventory that say one and the same address.

use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Severity};
use model::thing::Detail;
use model::value::Block;

use crate::{Check, Context, Findings};

pub(crate) static CHECK: Check = Check {
    code: &CODE,
    since: "0.1",
    run,
};

static CODE: Code = Code {
    name: "equal-addresses",
    severity: Severity::Note,
    summary: "two devices say one address",
    docs: include_str!("equal_addresses.md"),
};

fn run(cx: &Context<'_>, findings: &mut Findings) {
    for (_, thing) in cx.model.things.iter() {
        let Detail::Class(class) = &thing.detail else {
            continue;
        };
        let Some(fleet) = class.fleet.and_then(|fleet| cx.model.fleets.get(fleet)) else {
            continue;
        };
        for at in &class.at {
            let mut counts = vec![0usize; at.values.len()];
            for value in &at.rows {
                if let Some(count) = counts.get_mut(*value as usize) {
                    *count += 1;
                }
            }
            let is_shared = |value: u32| {
                let block = at.values.get(value as usize).filter(|block| block.is_single())?;
                (counts.get(value as usize).is_some_and(|count| *count > 1)).then_some(*block)
            };
            let mut at_one: BTreeMap<Block, Vec<&str>> = BTreeMap::new();
            for (row, value) in at.rows.iter().enumerate() {
                if let Some(block) = is_shared(*value) {
                    at_one.entry(block).or_default().push(fleet.member(row));
                }
            }
            let count: usize = at_one.values().map(|names| names.len() - 1).sum();
            // In order of name: the order of an inventory means nothing.
            let pairs = at_one.iter_mut().map(|(block, names)| {
                names.sort_unstable();
                (names.first().copied(), names.get(1).copied(), *block)
            });
            let Some((Some(one), Some(other), block)) = pairs.min() else {
                continue;
            };
            let more = match count {
                1 => String::new(),
                count => format!(", and {} more rows say one that is taken", count - 1),
            };
            let message = format!("`{one}` and `{other}` say one address, `{block}`{more}");
            findings.push(
                Diagnostic::new(&CODE, at.span, message)
                    .note("what knows addresses only takes them for one device")
                    .help("mend the inventory, unless one machine stands there under two names"),
                [thing.name],
            );
        }
    }
}
