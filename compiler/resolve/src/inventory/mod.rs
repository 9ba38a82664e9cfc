//! Fleets: an inventory is streamed into interned columns, never into a struct for each device.

pub(crate) mod across;
mod csv;
mod distinct;
mod fleet;
mod ndjson;
pub(crate) mod path;

use std::borrow::Cow;

use diagnostics::{Code, Diagnostic, Severity};
use model::fleet::{Column, Fleet};

use crate::spelling;
use distinct::{Distinct, Slot, Slots, hash};

pub(crate) use fleet::read;

pub(crate) static BAD_INVENTORY: Code = Code {
    name: "bad-inventory",
    severity: Severity::Error,
    summary: "an inventory is not a table of devices",
    docs: include_str!("../pages/bad_inventory.md"),
};

pub(crate) static DUPLICATE_MEMBER: Code = Code {
    name: "duplicate-member",
    severity: Severity::Error,
    summary: "an inventory names a device twice",
    docs: include_str!("../pages/duplicate_member.md"),
};

pub(crate) static UNSAFE_VALUE: Code = Code {
    name: "unsafe-value",
    severity: Severity::Error,
    summary: "a value of an inventory has a character that its use forbids",
    docs: include_str!("../pages/unsafe_value.md"),
};

/// The most rows of one inventory. Above it, the reader stops.
pub const ROWS_MAX: usize = 5_000_000;
/// The most columns of one inventory. Source: a thing with a type has 50 attributes.
pub const COLUMNS_MAX: usize = 51;
/// The longest value, in bytes. Source: the longest value of a thing's attribute.
pub const VALUE_BYTES_MAX: usize = 800;
/// The longest name of a device, in bytes. Source: the name of a thing.
pub const NAME_BYTES_MAX: usize = 128;
/// How many problems of one inventory are shown.
const PROBLEMS_MAX: usize = 20;

/// Members by name.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    slots: Slots,
}

impl Rows {
    /// The row of a member.
    pub(crate) fn find(&self, fleet: &Fleet, name: &str) -> Option<usize> {
        let at = |row: u32| fleet.member(row as usize);
        self.slots
            .look_up(hash(name), |row| at(row) == name)
            .map(|row| row as usize)
    }
}

/// One thing that is wrong with an inventory.
#[derive(Debug)]
pub(crate) struct Problem {
    code: &'static Code,
    message: String,
    help: Option<&'static str>,
}

/// A table that grows row by row.
#[derive(Debug, Default)]
struct Table {
    text: String,
    bounds: Vec<u32>,
    lines: Vec<u32>,
    headers: Vec<String>,
    columns: Vec<(Distinct, Vec<u32>)>,
    rows: Rows,
    problems: Vec<Problem>,
    more_problems: usize,
}

impl Table {
    /// Makes room for the rows of a text: each has a line, and takes its share of the bytes.
    fn reserve(&mut self, rows: usize) {
        let rows = rows.min(ROWS_MAX);
        self.bounds.reserve(rows + 1);
        self.lines.reserve(rows);
        self.rows.slots = Slots::with_room(rows);
    }

    /// Takes the rows that follow; false, with no table left to use, if there is anything to say about either.
    fn append(&mut self, other: Self) -> bool {
        let is_plain = |table: &Self| table.problems.is_empty() && !table.bounds.is_empty();
        let rows = self.lines.len() + other.lines.len();
        if !is_plain(self) || !is_plain(&other) || self.headers != other.headers || rows > ROWS_MAX {
            return false;
        }
        let Self {
            text, lines, columns, ..
        } = other;
        let bounds = other.bounds;
        let own = &mut self.columns;
        let append_columns = || {
            for ((distinct, ids), (values, others)) in own.iter_mut().zip(columns) {
                let known: Vec<u32> = values
                    .into_values()
                    .iter()
                    .map(|value| distinct.intern(value).0)
                    .collect();
                let renamed = others.iter().map(|id| known.get(*id as usize).copied());
                ids.extend(renamed.map(Option::unwrap_or_default));
            }
        };
        let (slots, own_text, own_bounds) = (&mut self.rows.slots, &mut self.text, &mut self.bounds);
        let append_names = || {
            let first = own_bounds.len() - 1;
            let start = own_text.len() as u32;
            own_text.push_str(&text);
            own_bounds.extend(bounds.iter().skip(1).map(|bound| start + bound));
            let at = |row: u32| member(own_text, own_bounds, row);
            (first..rows).all(|row| {
                let name = at(row as u32);
                let slot = slots.find(hash(name), row as u32, |row| at(row) == name, |row| hash(at(row)));
                slot == Slot::Taken
            })
        };
        let (is_new, ()) = rayon::join(append_names, append_columns);
        self.lines.extend(lines);
        is_new
    }

    fn problem(&mut self, code: &'static Code, message: String, help: Option<&'static str>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { code, message, help });
        } else {
            self.more_problems += 1;
        }
    }

    /// Takes the header; false if no row can be read under it.
    fn header<'h>(&mut self, line: u32, headers: impl Iterator<Item = &'h str>) -> bool {
        let headers: Vec<&str> = headers.collect();
        self.bounds.push(0);
        match headers.first() {
            Some(&"name") => {}
            first => {
                let first = first.map_or("", |first| first);
                let message = format!("line {line}: the first column is `{}`, not `name`", shown(first));
                let help = match first {
                    _ if first.starts_with('#') || first.starts_with("//") => {
                        "an inventory has no comments: delete the line"
                    }
                    _ if first.contains('\t') => "tabs stand between the columns: save the file with commas",
                    _ if first.contains(';') => {
                        "semicolons stand between the columns: save the file with commas"
                    }
                    _ if headers.contains(&"name") => "move the column `name` to the front",
                    _ => "the first column is `name`; the others are attributes",
                };
                self.problem(&BAD_INVENTORY, message, Some(help));
                return false;
            }
        }
        if headers.len() > COLUMNS_MAX {
            let message = format!(
                "line {line}: {} columns, the limit is {COLUMNS_MAX}",
                headers.len()
            );
            self.problem(&BAD_INVENTORY, message, None);
            return false;
        }
        for (index, header) in headers.iter().enumerate() {
            if !spelling::is_name(header) {
                let message = format!("line {line}: `{}` is no name of a column", shown(header));
                self.problem(
                    &BAD_INVENTORY,
                    message,
                    Some("a name has ASCII letters, digits, `-` and `_`"),
                );
            } else if *header == "environment" {
                let message = format!("line {line}: `environment` is a word of the language, not a column");
                self.problem(&BAD_INVENTORY, message, None);
            } else if headers.iter().take(index).any(|earlier| earlier == header) {
                self.problem(
                    &BAD_INVENTORY,
                    format!("line {line}: the column `{header}` stands twice"),
                    None,
                );
            }
        }
        self.headers = headers
            .iter()
            .skip(1)
            .map(|header| (*header).to_owned())
            .collect();
        self.columns = self
            .headers
            .iter()
            .map(|_| (Distinct::default(), Vec::new()))
            .collect();
        true
    }

    /// Takes a row; false if the limit is reached.
    fn row(&mut self, line: u32, cells: &[Cow<'_, str>]) -> bool {
        if self.bounds.len() > ROWS_MAX {
            let message = format!("line {line}: more than {ROWS_MAX} rows");
            self.problem(&BAD_INVENTORY, message, Some("split the class"));
            return false;
        }
        let wanted = self.columns.len() + 1;
        if cells.len() != wanted {
            let message = format!("line {line}: {} cells under {wanted} columns", cells.len());
            self.problem(
                &BAD_INVENTORY,
                message,
                Some("a cell may be empty, but it must be there"),
            );
            return true;
        }
        let Some((name, values)) = cells.split_first() else {
            return true;
        };
        if !self.name(line, name) {
            return true;
        }
        for (index, value) in values.iter().enumerate() {
            let Some((distinct, rows)) = self.columns.get_mut(index) else {
                continue;
            };
            let (id, is_new) = distinct.intern(value);
            rows.push(id);
            if is_new && let Some(why) = unprintable(value) {
                let header = self.headers.get(index).cloned().unwrap_or_default();
                self.problem(&UNSAFE_VALUE, format!("line {line}: `{header}` {why}"), None);
            }
        }
        true
    }

    fn name(&mut self, line: u32, name: &str) -> bool {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(fits) {
            let message = if name.is_empty() {
                format!("line {line}: the device has no name")
            } else {
                format!("line {line}: `{}` is no name of a device", shown(name))
            };
            self.problem(
                &UNSAFE_VALUE,
                message,
                Some("a name has up to 128 ASCII letters, digits, `-` and `_`"),
            );
            return false;
        }
        let row = self.lines.len() as u32;
        let (text, bounds) = (&self.text, &self.bounds);
        let at = |row: u32| member(text, bounds, row);
        let found = match self
            .rows
            .slots
            .find(hash(name), row, |row| at(row) == name, |row| hash(at(row)))
        {
            Slot::Found(row) => Some(row),
            Slot::Taken => None,
            Slot::Crowded => {
                let message = format!("line {line}: too many names that are made to collide");
                self.problem(&BAD_INVENTORY, message, None);
                return false;
            }
        };
        if let Some(earlier) = found {
            let first = self.lines.get(earlier as usize).copied().unwrap_or(0);
            let message = format!("`{}` stands on line {first} and on line {line}", shown(name));
            self.problem(&DUPLICATE_MEMBER, message, Some("a device has one row"));
            return false;
        }
        self.text.push_str(name);
        self.bounds.push(self.text.len() as u32);
        self.lines.push(line);
        true
    }

    fn broken(&mut self, line: u32, message: &str) {
        self.problem(&BAD_INVENTORY, format!("line {line}: {message}"), None);
    }

    fn into_columns(
        self,
        mut intern: impl FnMut(&str) -> arena::Name,
    ) -> (Box<str>, Vec<u32>, Vec<Column>, Rows) {
        let columns = self
            .headers
            .iter()
            .zip(self.columns)
            .map(|(header, (distinct, rows))| Column {
                name: intern(header),
                values: distinct.into_values(),
                rows,
            });
        let columns = columns.collect();
        (self.text.into_boxed_str(), self.bounds, columns, self.rows)
    }
}

/// The name in a row.
fn member<'t>(text: &'t str, bounds: &[u32], row: u32) -> &'t str {
    let start = bounds.get(row as usize).copied().unwrap_or(0) as usize;
    let end = bounds.get(row as usize + 1).copied().unwrap_or(0) as usize;
    text.get(start..end).unwrap_or("")
}

/// What of a text may be shown in a message.
fn shown(text: &str) -> String {
    let visible = text
        .chars()
        .filter(|letter| !letter.is_control() && !spelling::is_invisible(*letter));
    visible.take(80).collect()
}

/// Why a value of a column cannot be taken at all.
fn unprintable(value: &str) -> Option<String> {
    if value.len() > VALUE_BYTES_MAX {
        return Some(format!(
            "has {} bytes, the limit is {VALUE_BYTES_MAX}",
            value.len()
        ));
    }
    let letter = value
        .chars()
        .find(|letter| letter.is_control() || spelling::is_invisible(*letter))?;
    Some(format!(
        "has the character U+{:04X}, which people cannot see",
        u32::from(letter)
    ))
}

/// The character of a value that may not stand where a text uses the attribute: a separator, a wildcard, a space.
pub(crate) fn separator(value: &str) -> Option<char> {
    value.chars().find(|letter| {
        letter.is_whitespace() || !letter.is_ascii() || "/:+#*?${}\"'\\,<>&|;`()[]^%!=".contains(*letter)
    })
}

fn diagnostic(problem: Problem, path: &str, span: source::Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(problem.code, span, format!("`{path}`: {}", problem.message));
    match problem.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
