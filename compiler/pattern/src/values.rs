//! Sets of values of one context key. *Absent* is a member of every domain.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::address::{Addresses, Block};
use crate::date;
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

    /// A member, *absent* (`Some(None)`) only if there is no other; `None` if there is no member.
    pub fn sample(&self) -> Option<Option<Value>> {
        let value = match &self.present {
            Present::Text(words) => words.sample().map(Value::Text),
            Present::Number(ranges) => nearest(ranges, 0).map(Value::Number),
            Present::Date(ranges) => nearest(ranges, SAMPLE_SECOND).map(Value::Date),
            Present::Address(addresses) => sample_address(addresses).map(Value::Address),
            Present::Flag(flags) if flags.yes => Some(Value::Flag(true)),
            Present::Flag(flags) => flags.no.then_some(Value::Flag(false)),
        };
        match value {
            Some(value) => Some(Some(value)),
            None => self.absent.then_some(None),
        }
    }
}

/// 2026-01-01, so that a date in a witness looks like one.
const SAMPLE_SECOND: i64 = 1_767_225_600;

/// The member nearest to `wanted` from above, else the greatest below it.
fn nearest(ranges: &Ranges<i64>, wanted: i64) -> Option<i64> {
    let ranges = ranges.as_slice();
    let at = ranges.partition_point(|(_, last)| *last < wanted);
    match ranges.get(at) {
        Some((first, _)) => Some(wanted.max(*first)),
        None => ranges.last().map(|(_, last)| *last),
    }
}

/// An address of the documentation blocks if one is a member, else the first.
fn sample_address(addresses: &Addresses) -> Option<IpAddr> {
    let known = [
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
    ];
    let known = known.into_iter().find(|address| addresses.contains(*address));
    let v4 = || {
        addresses
            .v4
            .as_slice()
            .first()
            .map(|(first, _)| IpAddr::V4(Ipv4Addr::from_bits(*first)))
    };
    let v6 = || {
        addresses
            .v6
            .as_slice()
            .first()
            .map(|(first, _)| IpAddr::V6(Ipv6Addr::from_bits(*first)))
    };
    known.or_else(v4).or_else(v6)
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(word) => write!(f, "`{word}`"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Date(second) => f.write_str(&date::timestamp(*second)),
            Value::Address(address) => write!(f, "{address}"),
            Value::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str("anything or absent");
        }
        if self.is_nothing() {
            return f.write_str("nothing");
        }
        let mut parts = Vec::new();
        let limit = |point: i64, show: &dyn Fn(i64) -> String| match point {
            i64::MIN | i64::MAX => String::new(),
            point => show(point),
        };
        let ranges = |ranges: &Ranges<i64>, show: &dyn Fn(i64) -> String| -> Vec<String> {
            let one = |&(first, last): &(i64, i64)| {
                if first == last {
                    show(first)
                } else {
                    format!("{}..={}", limit(first, show), limit(last, show))
                }
            };
            ranges.as_slice().iter().map(one).collect()
        };
        match &self.present {
            present if present.is_all() => parts.push("anything".to_owned()),
            present if present.is_empty() => {}
            Present::Text(words) => parts.push(words.to_string()),
            Present::Number(set) => parts.extend(ranges(set, &|number| number.to_string())),
            Present::Date(set) => parts.extend(ranges(set, &date::timestamp)),
            Present::Address(addresses) => parts.extend(addresses.blocks().iter().map(Block::to_string)),
            Present::Flag(flags) => parts.push(flags.yes.to_string()),
        }
        if self.absent {
            parts.push("absent".to_owned());
        }
        f.write_str(&parts.join(" | "))
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({self})")
    }
}
