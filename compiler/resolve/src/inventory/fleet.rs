//! The `fleet` fact of a class: an inventory, one name, or a count.

use std::borrow::Cow;

use diagnostics::Diagnostic;
use model::fleet::{Fleet, FleetId};
use model::thing::ThingId;
use source::Span;

use super::{BAD_INVENTORY, ROWS_MAX, Table, csv, diagnostic, ndjson, path};
use crate::cx::Cx;
use crate::entries::Entries;
use crate::library::hexadecimal;
use crate::line::{Arg, Line};

/// Reads the members of a class; `None` if they cannot be known.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, class: ThingId, line: &Line<'a>) -> Option<FleetId> {
    let mut entries = Entries::of(cx, line);
    let file = entries.arg();
    let name = entries.prop("name");
    let count = entries.prop("count");
    entries.finish_leaf(cx);
    let mut table = Table::default();
    let mut from = None;
    match (file, count, name) {
        (Some(file), None, None) => from = Some(read_file(cx, &file, &mut table)?),
        (None, Some(count), Some(name)) => counted(cx, &count, &name, &mut table),
        (None, None, Some(name)) => {
            let text = cx.text(&name);
            table.header(1, ["name"].into_iter());
            table.row(1, &[text]);
            if !table.problems.is_empty() {
                let message = format!("`{}` is no name of a device", super::shown(&name.text));
                cx.push(Diagnostic::new(&super::UNSAFE_VALUE, name.span, message));
                table.problems.clear();
            }
        }
        (_, _, _) => {
            cx.push(
                Diagnostic::new(&BAD_INVENTORY, line.head(), "`fleet` says neither a file, nor a name, nor a count and a name")
                    .help("write `fleet \"fleet/gateways.csv\"`, `fleet name=hist-01`, or `fleet count=48 name=\"ell{n:5}\"`"),
            );
            return None;
        }
    }
    Some(store(cx, class, line.head(), table, from))
}

fn store(
    cx: &mut Cx<'_, '_>,
    class: ThingId,
    span: Span,
    table: Table,
    file: Option<(arena::Name, Box<str>)>,
) -> FleetId {
    let names = &mut cx.model.names;
    let (text, bounds, columns, rows) = table.into_columns(|header| names.intern(header));
    let bounds = if bounds.is_empty() { vec![0] } else { bounds };
    let fleet = cx.model.fleets.push(Fleet {
        class,
        span,
        file,
        text,
        bounds,
        columns,
    });
    cx.rows.insert(fleet, rows);
    cx.fleets.insert(class, fleet);
    fleet
}

fn read_file<'a>(cx: &mut Cx<'a, '_>, file: &Arg<'a>, table: &mut Table) -> Option<(arena::Name, Box<str>)> {
    let name = cx.text(file);
    if !path::check(cx, &name, file.span) {
        return None;
    }
    let inventories = cx.inventories;
    let Some(bytes) = inventories.get(&*name) else {
        path::missing(cx, &name, file.span);
        return None;
    };
    let refused = |cx: &mut Cx<'a, '_>, why: &str, help: &str| {
        cx.push(Diagnostic::new(&BAD_INVENTORY, file.span, format!("`{name}` {why}")).help(help));
        None
    };
    if bytes.len() >= u32::MAX as usize {
        return refused(cx, "has 4 GiB or more", "split the class");
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refused(cx, "is not UTF-8", "save the file as UTF-8");
    };
    let text = text.trim_start_matches('\u{feff}');
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("csv") => read_csv(text, table),
        Some("ndjson" | "jsonl") => ndjson::read(text, table),
        Some(_) | None => return refused(cx, "is neither CSV nor NDJSON", "name it `….csv` or `….ndjson`"),
    }
    let problems = std::mem::take(&mut table.problems);
    for problem in problems {
        cx.push(diagnostic(problem, &name, file.span));
    }
    if table.more_problems > 0 {
        let message = format!("`{name}`: {} more problems like these", table.more_problems);
        cx.push(Diagnostic::new(&BAD_INVENTORY, file.span, message));
    }
    Some((cx.intern(&name), hexadecimal(bytes).into_boxed_str()))
}

fn read_csv(text: &str, table: &mut Table) {
    let mut rows = csv::Rows::new(text);
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    let mut is_header = true;
    loop {
        match rows.next(&mut cells) {
            Ok(None) => break,
            Ok(Some(line)) if is_header => {
                is_header = false;
                if !table.header(line, cells.iter().map(|cell| &**cell)) {
                    return;
                }
            }
            Ok(Some(line)) => {
                if !table.row(line, &cells) {
                    return;
                }
            }
            Err(broken) => {
                table.broken(broken.line, broken.message);
                return;
            }
        }
    }
    if is_header {
        table.broken(1, "there is no header: the first line names the columns");
    }
}

/// `fleet count=48 name="ell{n:5}"`: numbers from 1, padded with zeros.
fn counted<'a>(cx: &mut Cx<'a, '_>, count: &Arg<'a>, name: &Arg<'a>, table: &mut Table) {
    table.header(1, ["name"].into_iter());
    let Some(count) = cx.count(count, ROWS_MAX as u32) else {
        return;
    };
    let text = cx.text(name);
    let parts = text.split_once('{').and_then(|(before, rest)| {
        let (inner, after) = rest.split_once('}')?;
        let width = match inner.strip_prefix('n')? {
            "" => 0,
            width => width
                .strip_prefix(':')?
                .parse::<usize>()
                .ok()
                .filter(|width| *width <= 20)?,
        };
        (!after.contains(['{', '}'])).then_some((before, width, after))
    });
    let Some((before, width, after)) = parts else {
        cx.push(
            Diagnostic::new(
                &BAD_INVENTORY,
                name.span,
                format!("`{}` does not number the devices", super::shown(&text)),
            )
            .help("write `{n}`, or `{n:5}` for five digits: `name=\"ell{n:5}\"`"),
        );
        return;
    };
    for number in 1..=count {
        let member = format!("{before}{number:0width$}{after}");
        table.row(number, &[Cow::Owned(member)]);
        if !table.problems.is_empty() {
            break;
        }
    }
    if !table.problems.is_empty() {
        table.problems.clear();
        let message = format!("`{}` makes no names of devices", super::shown(&text));
        cx.push(
            Diagnostic::new(&super::UNSAFE_VALUE, name.span, message)
                .help("a name has ASCII letters, digits, `-` and `_`"),
        );
    }
}
