//! Values for people.

use std::fmt;

use crate::address::Block;
use crate::date;
use crate::ranges::Ranges;
use crate::values::{Present, Value, Values};

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
