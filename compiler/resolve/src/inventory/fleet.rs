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
    let read: fn(&str, &mut Table) = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("csv") => read_csv,
        Some("ndjson" | "jsonl") => ndjson::read,
        Some(_) | None => return refused(cx, "is neither CSV nor NDJSON", "name it `….csv` or `….ndjson`"),
    };
    let (digest, ()) = rayon::join(|| hexadecimal(bytes), || read(text, table));
    let problems = std::mem::take(&mut table.problems);
    for problem in problems {
        cx.push(diagnostic(problem, &name, file.span));
    }
    if table.more_problems > 0 {
        let message = format!("`{name}`: {} more problems like these", table.more_problems);
        cx.push(Diagnostic::new(&BAD_INVENTORY, file.span, message));
    }
    Some((cx.intern(&name), digest.into_boxed_str()))
}

/// A shorter text is not worth a second thread.
const HALVED_FROM_BYTES: usize = 1 << 20;

/// Reads rows in two halves at once where that gives the same table, and one after the other where it might not.
fn read_csv(text: &str, table: &mut Table) {
    if text.len() < HALVED_FROM_BYTES || !read_in_halves(text, table) {
        *table = Table::default();
        table.reserve(newlines(text));
        read_rows(text, 1, table);
    }
}

/// False, with the table in no state to be used, if the halves cannot be told apart or something is wrong in one of them.
fn read_in_halves(text: &str, table: &mut Table) -> bool {
    // Without a quote, each line is a row.
    if memchr::memchr(b'"', text.as_bytes()).is_some() {
        return false;
    }
    let half = text.len() / 2;
    let Some(newline) = memchr::memchr(b'\n', text.as_bytes().get(half..).unwrap_or_default()) else {
        return false;
    };
    let Some((first, second)) = text.split_at_checked(half + newline + 1) else {
        return false;
    };
    let Some(header) = first.lines().find(|line| !line.is_empty()) else {
        return false;
    };
    let lines = newlines(first);
    let mut other = Table::default();
    other.header(1, header.split(','));
    other.reserve(newlines(second));
    table.reserve(lines + newlines(second));
    rayon::join(
        || read_rows(first, 1, table),
        || read_rows(second, lines as u32 + 1, &mut other),
    );
    table.append(other)
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

/// Reads the rows of a text that begins on this line; the first of a table without a header is its header.
fn read_rows(text: &str, line: u32, table: &mut Table) {
    let mut rows = csv::Rows::new(text, line);
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    let mut is_header = table.bounds.is_empty();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(read: impl FnOnce(&mut Table) -> bool) -> Option<String> {
        let mut table = Table::default();
        read(&mut table).then(|| {
            let found: Vec<Option<usize>> = (0..table.lines.len())
                .map(|row| {
                    let name = super::super::member(&table.text, &table.bounds, row as u32);
                    table
                        .rows
                        .slots
                        .look_up(super::super::hash(name), |other| {
                            super::super::member(&table.text, &table.bounds, other) == name
                        })
                        .map(|row| row as usize)
                })
                .collect();
            let columns: Vec<_> = table
                .columns
                .iter()
                .map(|(distinct, ids)| (format!("{distinct:?}"), ids))
                .collect();
            let values: Vec<String> = columns
                .iter()
                .map(|(distinct, _)| distinct.split("slots").next().unwrap_or_default().to_owned())
                .collect();
            let ids: Vec<_> = columns.iter().map(|(_, ids)| ids).collect();
            format!(
                "{:?} {:?} {:?} {:?} {values:?} {ids:?} {found:?}",
                table.text, table.bounds, table.lines, table.headers
            )
        })
    }

    fn in_halves(text: &str) -> Option<String> {
        table(|table| read_in_halves(text, table))
    }

    fn in_order(text: &str) -> Option<String> {
        table(|table| {
            read_rows(text, 1, table);
            true
        })
    }

    #[test]
    fn halves_are_the_same_table() {
        let mut number = 1u64;
        for rows in 2..200 {
            let mut text = String::from("\n\r\nname,line,asset\r\n");
            for row in 0..rows {
                number = number
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let end = if number >> 63 == 0 { "\n" } else { "\r\n\n" };
                text.push_str(&format!(
                    "s{row},l{},{}{end}",
                    (number >> 40) % 7,
                    (number >> 50) % 3
                ));
            }
            assert!(in_halves(&text).is_some(), "{text}");
            assert_eq!(in_halves(&text), in_order(&text), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_found_row_by_row() {
        let rows: String = (0..100).map(|row| format!("s{row},l\n")).collect();
        for wrong in [
            "s3,l\n",
            "s4\n",
            "s4,l,m\n",
            "s_ä,l\n",
            "\"s500\",l\n",
            "s500,a\u{200b}b\n",
        ] {
            let text = format!("name,line\n{rows}{wrong}");
            assert_eq!(in_halves(&text), None, "{wrong}");
        }
        assert_eq!(in_halves("name,name\na,b\nc,d\n"), None);
        assert_eq!(in_halves("id,line\na,b\nc,d\n"), None);
    }
}
