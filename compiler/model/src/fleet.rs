//! Inventories: interned columns, never a struct per device.

use arena::{Id, Name};
use source::Span;

use crate::thing::ThingId;

/// The id of a fleet.
pub type FleetId = Id<Fleet>;

/// The members of one class.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The class.
    pub class: ThingId,
    /// The `fleet` fact.
    pub span: Span,
    /// The inventory file, relative to the project, with the SHA-256 of its bytes in hexadecimal; `None` for `name=` and `count=`.
    pub file: Option<(Name, Box<str>)>,
    /// Member names, end to end; row `i` is `bounds[i]..bounds[i + 1]`.
    pub text: Box<str>,
    /// Offsets into `text`; one more than there are rows.
    pub bounds: Vec<u32>,
    /// The other columns, in order of the header.
    pub columns: Vec<Column>,
}

/// A column of an inventory: an attribute.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its header.
    pub name: Name,
    /// Each different value once, in order of first use.
    pub values: Vec<Box<str>>,
    /// Per row, the index into `values`.
    pub rows: Vec<u32>,
}

impl Fleet {
    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    /// Whether the fleet has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of the member at `row`; empty if there is none.
    #[must_use]
    pub fn member(&self, row: usize) -> &str {
        let (Some(start), Some(end)) = (self.bounds.get(row), self.bounds.get(row + 1)) else {
            return "";
        };
        self.text.get(*start as usize..*end as usize).unwrap_or("")
    }

    /// The column of an attribute.
    #[must_use]
    pub fn column(&self, name: Name) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    /// The value at `row`; empty if there is none.
    #[must_use]
    pub fn value(&self, row: usize) -> &str {
        self.rows
            .get(row)
            .and_then(|index| self.values.get(*index as usize))
            .map_or("", |value| value)
    }
}
