//! The form of the tables: one row for each argument of a type, its class, and what its absence means.

use crate::sink::Class;
use crate::terraform::args::Args;
use crate::terraform::cx::{Cx, Read};
use crate::terraform::world::World;

/// A type of resource or data source.
pub(crate) struct Type {
    /// `aws_vpc`.
    pub(crate) name: &'static str,
    /// Whether it is a data source.
    pub(crate) is_data: bool,
    /// Its arguments and nested blocks.
    pub(crate) rows: &'static [Row],
    /// The address of its object, or of the object that it is a part of; `None` if the arguments do not give one.
    pub(crate) address: fn(&World<'_>, usize) -> Option<String>,
    /// What a reference to it gives.
    pub(crate) gives: &'static [(&'static str, Gives)],
    /// Its arguments to facts.
    pub(crate) read: fn(&mut Cx<'_, '_>, &mut Args<'_>) -> Read<()>,
}

/// What a reference to an attribute gives.
pub(crate) enum Gives {
    /// A value that the provider assigns, under the name of this attribute.
    Assigned(&'static str),
    /// An assigned value of another object: its address, and the name of the attribute.
    AssignedOf(fn(&World<'_>, usize) -> Option<String>, &'static str),
    /// What an argument says.
    Argument(&'static str),
    /// The address itself.
    Address,
    /// A text that the manual forms from arguments.
    Formed(fn(&World<'_>, usize) -> Option<String>),
}

/// An argument or nested block.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    pub(crate) rule: Rule,
    pub(crate) absent: Absent,
    /// Whether a change of it is told although nothing that is read follows from it: how a thing is made is for its kind to say.
    pub(crate) held: bool,
}

/// Who reads an argument.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// The reader of its type.
    Taken,
    /// Nobody: whichever of the values that the provider takes it has, no fact follows from it.
    Free(Values),
    /// It must say one of these; the first is what its absence means.
    Only(&'static [&'static str]),
    /// A nested block with arguments of its own.
    Nested(&'static [Row]),
}

/// The values that an argument takes, as the provider's pages and the services' manuals say.
#[derive(Clone, Copy)]
pub(crate) enum Values {
    /// All of its type.
    Any,
    /// These words.
    Words(&'static [&'static str]),
    /// Whole numbers, first and last.
    Whole(i64, i64),
    /// Texts for which this holds.
    Text(fn(&str) -> bool),
}

/// What the absence of an argument means.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// The provider refuses it.
    Refused,
    /// There is none of what it says.
    Nothing,
    /// The provider's default.
    Means(&'static str),
}

/// An argument that must be there.
pub(crate) const fn required(name: &'static str, class: Class) -> Row {
    Row {
        name,
        class,
        rule: Rule::Taken,
        absent: Absent::Refused,
        held: false,
    }
}

/// An argument whose absence means that there is none.
pub(crate) const fn optional(name: &'static str, class: Class) -> Row {
    Row {
        name,
        class,
        rule: Rule::Taken,
        absent: Absent::Nothing,
        held: false,
    }
}

/// An argument with a default.
pub(crate) const fn or(name: &'static str, class: Class, default: &'static str) -> Row {
    Row {
        name,
        class,
        rule: Rule::Taken,
        absent: Absent::Means(default),
        held: false,
    }
}

/// A row whose argument is held as well to what its kind says.
pub(crate) const fn held(row: Row) -> Row {
    Row { held: true, ..row }
}

/// A setting from which no fact follows and whose absence means a default of the provider. One that the provider computes where it
/// is not said has none: it stays as it was.
///
/// Source: the provider's own plan of resources of which nothing else is said, 5.100, 2026-11-29; its pages, 6.25.
pub(crate) const fn free_or(name: &'static str, default: &'static str) -> Row {
    Row {
        absent: Absent::Means(default),
        ..free(name)
    }
}

/// The same, of which the provider takes certain values.
pub(crate) const fn among_or(name: &'static str, values: Values, default: &'static str) -> Row {
    Row {
        absent: Absent::Means(default),
        ..among(name, values)
    }
}

impl Row {
    /// What the provider takes where the argument is not said, if it is always the same.
    pub(crate) fn default(&self) -> Option<&'static str> {
        match (self.absent, self.rule) {
            (Absent::Means(value), _) => Some(value),
            (Absent::Nothing, Rule::Only(values)) => values.first().copied(),
            (Absent::Nothing | Absent::Refused, _) => None,
        }
    }
}

/// A setting from which no fact follows, and whose absence means no fixed value: capacity, timing, what an account sets.
pub(crate) const fn free(name: &'static str) -> Row {
    Row {
        name,
        class: Class::Setting,
        rule: Rule::Free(Values::Any),
        absent: Absent::Nothing,
        held: true,
    }
}

/// A setting from which no fact follows, of which the provider takes certain values.
pub(crate) const fn among(name: &'static str, values: Values) -> Row {
    Row {
        name,
        class: Class::Setting,
        rule: Rule::Free(values),
        absent: Absent::Nothing,
        held: true,
    }
}

/// The same, and it must be there.
pub(crate) const fn needed(name: &'static str, values: Values) -> Row {
    Row {
        name,
        class: Class::Setting,
        rule: Rule::Free(values),
        absent: Absent::Refused,
        held: true,
    }
}

/// Prose.
pub(crate) const fn inert(name: &'static str) -> Row {
    Row {
        name,
        class: Class::Inert,
        rule: Rule::Free(Values::Any),
        absent: Absent::Nothing,
        held: false,
    }
}

/// An argument of which we read certain values; its absence means the first.
pub(crate) const fn only(name: &'static str, values: &'static [&'static str]) -> Row {
    Row {
        name,
        class: Class::Enforcing,
        rule: Rule::Only(values),
        absent: Absent::Nothing,
        held: true,
    }
}

/// A nested block, or several.
pub(crate) const fn nested(name: &'static str, rows: &'static [Row]) -> Row {
    Row {
        name,
        class: Class::Setting,
        rule: Rule::Nested(rows),
        absent: Absent::Nothing,
        held: false,
    }
}

/// For data sources and parts of other objects that have nothing to add beside what their address says.
pub(crate) fn nothing(_: &mut Cx<'_, '_>, _: &mut Args<'_>) -> Read<()> {
    Ok(())
}
