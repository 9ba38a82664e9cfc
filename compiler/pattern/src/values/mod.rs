//! Sets of values of one context key. *Absent* is a member of every domain.

mod display;
mod sample;

use std::net::IpAddr;

use crate::address::{Addresses, Block};
use crate::ranges::Ranges;
use crate::word::Word;
use crate::words::Words;

/// The type of a key: which values it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Words.
    Text,
    /// Whole numbers.
    Number,
    /// Seconds of the epoch.
    Date,
    /// Addresses of both families.
    Address,
    /// True or false.
    Flag,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A word.
    Text(Word),
    /// A whole number.
    Number(i64),
    /// A second of the epoch.
    Date(i64),
    /// An address.
    Address(IpAddr),
    /// True or false.
    Flag(bool),
}

/// A subset of {true, false}.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags {
    /// Whether true is a member.
    pub yes: bool,
    /// Whether false is a member.
    pub no: bool,
}

/// A set of values of one type, *absent* apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Present {
    /// Words.
    Text(Words),
    /// Whole numbers.
    Number(Ranges<i64>),
    /// Seconds of the epoch.
    Date(Ranges<i64>),
    /// Addresses.
    Address(Addresses),
    /// True or false.
    Flag(Flags),
}

/// A set of values of one type, *absent* among them or not. Equal sets are equal values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Values {
    absent: bool,
    present: Present,
}

impl Present {
    fn none(of: Type) -> Present {
        match of {
            Type::Text => Present::Text(Words::none()),
            Type::Number => Present::Number(Ranges::none()),
            Type::Date => Present::Date(Ranges::none()),
            Type::Address => Present::Address(Addresses::none()),
            Type::Flag => Present::Flag(Flags {
                yes: false,
                no: false,
            }),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Present::Text(words) => words.is_empty(),
            Present::Number(ranges) | Present::Date(ranges) => ranges.is_empty(),
            Present::Address(addresses) => addresses.is_empty(),
            Present::Flag(flags) => !flags.yes && !flags.no,
        }
    }

    fn is_all(&self) -> bool {
        match self {
            Present::Text(words) => words.is_all(),
            Present::Number(ranges) | Present::Date(ranges) => ranges.is_all(),
            Present::Address(addresses) => addresses.is_all(),
            Present::Flag(flags) => flags.yes && flags.no,
        }
    }

    fn not(&self) -> Present {
        match self {
            Present::Text(words) => Present::Text(words.not()),
            Present::Number(ranges) => Present::Number(ranges.not()),
            Present::Date(ranges) => Present::Date(ranges.not()),
            Present::Address(addresses) => Present::Address(addresses.not()),
            Present::Flag(flags) => Present::Flag(Flags {
                yes: !flags.yes,
                no: !flags.no,
            }),
        }
    }

    fn and(&self, other: &Present) -> Option<Present> {
        Some(match (self, other) {
            (Present::Text(a), Present::Text(b)) => Present::Text(a.and(b)),
            (Present::Number(a), Present::Number(b)) => Present::Number(a.and(b)),
            (Present::Date(a), Present::Date(b)) => Present::Date(a.and(b)),
            (Present::Address(a), Present::Address(b)) => Present::Address(a.and(b)),
            (Present::Flag(a), Present::Flag(b)) => Present::Flag(Flags {
                yes: a.yes && b.yes,
                no: a.no && b.no,
            }),
            (
                Present::Text(_)
                | Present::Number(_)
                | Present::Date(_)
                | Present::Address(_)
                | Present::Flag(_),
                _,
            ) => return None,
        })
    }

    fn meets(&self, other: &Present) -> bool {
        match (self, other) {
            (Present::Text(a), Present::Text(b)) => a.meets(b),
            (
                Present::Text(_)
                | Present::Number(_)
                | Present::Date(_)
                | Present::Address(_)
                | Present::Flag(_),
                _,
            ) => self.and(other).is_some_and(|both| !both.is_empty()),
        }
    }

    fn or(&self, other: &Present) -> Option<Present> {
        Some(match (self, other) {
            (Present::Text(a), Present::Text(b)) => Present::Text(a.or(b)),
            (Present::Number(a), Present::Number(b)) => Present::Number(a.or(b)),
            (Present::Date(a), Present::Date(b)) => Present::Date(a.or(b)),
            (Present::Address(a), Present::Address(b)) => Present::Address(a.or(b)),
            (Present::Flag(a), Present::Flag(b)) => Present::Flag(Flags {
                yes: a.yes || b.yes,
                no: a.no || b.no,
            }),
            (
                Present::Text(_)
                | Present::Number(_)
                | Present::Date(_)
                | Present::Address(_)
                | Present::Flag(_),
                _,
            ) => return None,
        })
    }
}

impl Values {
    /// These values and not *absent*.
    pub fn present_only(present: Present) -> Values {
        Values {
            absent: false,
            present,
        }
    }

    /// The words of a set.
    pub fn text(words: Words) -> Values {
        Values::present_only(Present::Text(words))
    }

    /// Numbers in closed ranges.
    pub fn numbers(ranges: impl IntoIterator<Item = (i64, i64)>) -> Values {
        Values::present_only(Present::Number(Ranges::of(ranges)))
    }

    /// Seconds of the epoch in closed ranges.
    pub fn dates(ranges: impl IntoIterator<Item = (i64, i64)>) -> Values {
        Values::present_only(Present::Date(Ranges::of(ranges)))
    }

    /// The addresses of these blocks.
    pub fn addresses(blocks: impl IntoIterator<Item = Block>) -> Values {
        Values::present_only(Present::Address(Addresses::of(blocks)))
    }

    /// True alone, or false alone.
    pub fn flag(value: bool) -> Values {
        Values::present_only(Present::Flag(Flags {
            yes: value,
            no: !value,
        }))
    }

    /// No value, nor *absent*.
    pub fn nothing(of: Type) -> Values {
        Values::present_only(Present::none(of))
    }

    /// *Absent* alone.
    pub fn absent(of: Type) -> Values {
        Values {
            absent: true,
            present: Present::none(of),
        }
    }

    /// Every value, but not *absent*.
    pub fn any(of: Type) -> Values {
        Values::present_only(Present::none(of).not())
    }

    /// Every value and *absent*.
    pub fn everything(of: Type) -> Values {
        Values {
            absent: true,
            present: Present::none(of).not(),
        }
    }

    /// Just one value.
    pub fn just(value: &Value) -> Values {
        match value {
            Value::Text(word) => Values::text(Words::just(word)),
            Value::Number(number) => Values::numbers([(*number, *number)]),
            Value::Date(second) => Values::dates([(*second, *second)]),
            Value::Address(IpAddr::V4(v4)) => Values::addresses([Block::V4 {
                first: v4.to_bits(),
                prefix_bits: 32,
            }]),
            Value::Address(IpAddr::V6(v6)) => Values::addresses([Block::V6 {
                first: v6.to_bits(),
                prefix_bits: 128,
            }]),
            Value::Flag(value) => Values::flag(*value),
        }
    }

    /// The same values, and *absent* too.
    #[must_use]
    pub fn or_absent(mut self) -> Values {
        self.absent = true;
        self
    }

    /// The same values without *absent*.
    #[must_use]
    pub fn without_absent(mut self) -> Values {
        self.absent = false;
        self
    }

    /// The type of the values.
    pub fn value_type(&self) -> Type {
        match &self.present {
            Present::Text(_) => Type::Text,
            Present::Number(_) => Type::Number,
            Present::Date(_) => Type::Date,
            Present::Address(_) => Type::Address,
            Present::Flag(_) => Type::Flag,
        }
    }

    /// Whether *absent* is a member.
    pub fn has_absent(&self) -> bool {
        self.absent
    }

    /// The values, *absent* apart.
    pub fn present(&self) -> &Present {
        &self.present
    }

    /// Whether there is no member.
    pub fn is_nothing(&self) -> bool {
        !self.absent && self.present.is_empty()
    }

    /// Whether every value and *absent* are members.
    pub fn is_everything(&self) -> bool {
        self.absent && self.present.is_all()
    }

    /// Whether a value, or *absent* as `None`, is a member. A value of another type is not.
    pub fn contains(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return self.absent };
        match (&self.present, value) {
            (Present::Text(words), Value::Text(word)) => words.contains(word),
            (Present::Number(ranges), Value::Number(point)) | (Present::Date(ranges), Value::Date(point)) => {
                ranges.contains(*point)
            }
            (Present::Address(addresses), Value::Address(address)) => addresses.contains(*address),
            (Present::Flag(flags), Value::Flag(flag)) => {
                if *flag {
                    flags.yes
                } else {
                    flags.no
                }
            }
            (
                Present::Text(_)
                | Present::Number(_)
                | Present::Date(_)
                | Present::Address(_)
                | Present::Flag(_),
                _,
            ) => false,
        }
    }

    /// The members of both; `None` if the types differ.
    pub fn and(&self, other: &Values) -> Option<Values> {
        Some(Values {
            absent: self.absent && other.absent,
            present: self.present.and(&other.present)?,
        })
    }

    /// The members of either; `None` if the types differ.
    pub fn or(&self, other: &Values) -> Option<Values> {
        Some(Values {
            absent: self.absent || other.absent,
            present: self.present.or(&other.present)?,
        })
    }

    /// Whether some member is of both; values of two types have none.
    pub fn meets(&self, other: &Values) -> bool {
        self.absent && other.absent || self.present.meets(&other.present)
    }

    /// Every value of the type, and *absent*, that is not a member.
    #[must_use]
    pub fn not(&self) -> Values {
        Values {
            absent: !self.absent,
            present: self.present.not(),
        }
    }

    /// The members of this that are not of `other`; `None` if the types differ.
    pub fn minus(&self, other: &Values) -> Option<Values> {
        self.and(&other.not())
    }

    /// Whether every member is one of `other`; `None` if the types differ.
    pub fn is_subset(&self, other: &Values) -> Option<bool> {
        Some(self.minus(other)?.is_nothing())
    }

    /// Whether a symbol or a variable is in some word that tells members from others.
    pub(crate) fn has_unknown(&self) -> bool {
        match &self.present {
            Present::Text(words) => words.has_unknown(),
            Present::Number(_) | Present::Date(_) | Present::Address(_) | Present::Flag(_) => false,
        }
    }

    /// The set with its words replaced as `map` says; other types as they are.
    pub fn map_words(&self, map: &mut dyn FnMut(&Words) -> Option<Words>) -> Option<Values> {
        match &self.present {
            Present::Text(words) => Some(Values {
                absent: self.absent,
                present: Present::Text(map(words)?),
            }),
            Present::Number(_) | Present::Date(_) | Present::Address(_) | Present::Flag(_) => {
                Some(self.clone())
            }
        }
    }
}
