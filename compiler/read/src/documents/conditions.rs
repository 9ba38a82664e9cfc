//! The condition block as a set of contexts: operators and keys restrict together, values widen.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators", read 2026-11-21. An absent key fails a positive operator and
//! meets a negated one; `…IfExists` is met by an absent key; of a negated operator, no value may match.

use pattern::address::{Block, Fault};
use pattern::date;
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::{Type, Values};
use pattern::words::Words;

use super::contested;
use super::keys::{self, Sort};
use super::resources;
use super::text::{self, Refused, Wild};
use super::variables::Engine;
use crate::at::At;
use crate::facts::document::Effect;
use crate::json::Json;
use crate::letters::Letters;
use crate::sink::{Class, Sink};

/// What a condition is read with.
pub(crate) struct Reading<'a> {
    pub(crate) engine: Engine,
    pub(crate) letters: &'a Letters,
    pub(crate) effect: Effect,
}

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Text(Wild),
    Arn,
    Flag,
    Number(Order),
    Date(Order),
    Address,
    Null,
}

/// The values that stand on the right side of a comparison of numbers or dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

struct Operator {
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

const OPERATORS: &[(&str, Comparison, bool)] = &[
    ("StringEquals", Comparison::Text(Wild::Literal), false),
    ("StringNotEquals", Comparison::Text(Wild::Literal), true),
    ("StringLike", Comparison::Text(Wild::Glob), false),
    ("StringNotLike", Comparison::Text(Wild::Glob), true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnNotLike", Comparison::Arn, true),
    ("Bool", Comparison::Flag, false),
    ("NumericEquals", Comparison::Number(Order::Equal), false),
    ("NumericNotEquals", Comparison::Number(Order::Equal), true),
    ("NumericLessThan", Comparison::Number(Order::Less), false),
    (
        "NumericLessThanEquals",
        Comparison::Number(Order::LessOrEqual),
        false,
    ),
    ("NumericGreaterThan", Comparison::Number(Order::Greater), false),
    (
        "NumericGreaterThanEquals",
        Comparison::Number(Order::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Comparison::Date(Order::Equal), false),
    ("DateNotEquals", Comparison::Date(Order::Equal), true),
    ("DateLessThan", Comparison::Date(Order::Less), false),
    ("DateLessThanEquals", Comparison::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Order::Greater), false),
    (
        "DateGreaterThanEquals",
        Comparison::Date(Order::GreaterOrEqual),
        false,
    ),
    ("IpAddress", Comparison::Address, false),
    ("NotIpAddress", Comparison::Address, true),
    ("Null", Comparison::Null, false),
];

/// Operators that the manual has and that are outside the fragment that is decided.
const NOT_DECIDED: &[&str] = &[
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "BinaryEquals",
];

fn operator(name: &str) -> Result<Operator, Refused> {
    if name.starts_with("ForAllValues:") || name.starts_with("ForAnyValue:") {
        return Err(Refused::NotDecided(format!("the set operator `{name}`")));
    }
    let (plain, if_exists) = match name.strip_suffix("IfExists") {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    if NOT_DECIDED.contains(&plain) {
        return Err(Refused::NotDecided(format!("the operator `{name}`")));
    }
    OPERATORS
        .iter()
        .find(|(known, comparison, _)| *known == plain && !(if_exists && *comparison == Comparison::Null))
        .map(|(_, comparison, negated)| Operator {
            comparison: *comparison,
            negated: *negated,
            if_exists,
        })
        .ok_or_else(|| Refused::Unread(format!("unknown operator `{name}`")))
}

/// Reads the value of `Condition`; `None` if any part of it is not read.
pub(crate) fn read(value: &Json<'_>, reading: &Reading<'_>, at: &At<'_>, sink: &mut Sink) -> Option<Region> {
    let Json::Object(blocks) = value else {
        sink.unread(at, format!("a condition is an object, not {}", value.sort()));
        return None;
    };
    let mut region = Some(Region::everything());
    for (name, block) in blocks {
        let at = at.key(name);
        let operator = match operator(name) {
            Ok(operator) => operator,
            Err(refused) => {
                refuse(refused, &at, sink);
                region = None;
                continue;
            }
        };
        let Json::Object(keys) = block else {
            sink.unread(&at, format!("an operator holds an object, not {}", block.sort()));
            region = None;
            continue;
        };
        for (key, values) in keys {
            let at = at.key(key);
            match term(&operator, key, values, reading) {
                Ok(term) => {
                    sink.count(Class::Enforcing, values.leaves());
                    region = region.map(|region| region.and(&term));
                }
                Err(refused) => {
                    refuse(refused, &at, sink);
                    region = None;
                }
            }
        }
    }
    region
}

/// Files a refusal.
pub(crate) fn refuse(refused: Refused, at: &At<'_>, sink: &mut Sink) {
    match refused {
        Refused::Unread(what) => sink.unread(at, what),
        Refused::NotDecided(what) => sink.not_decided(at, what),
    }
}

/// The contexts that one key of one operator admits.
fn term(operator: &Operator, key: &str, values: &Json<'_>, reading: &Reading<'_>) -> Result<Region, Refused> {
    let unread = |what: String| Err(Refused::Unread(what));
    let Some(sort) = keys::sort(reading.engine, key) else {
        return unread(format!("unknown condition key `{key}`"));
    };
    let of = match sort {
        Sort::Text | Sort::Arn => Type::Text,
        Sort::Flag => Type::Flag,
        Sort::Number => Type::Number,
        Sort::Date => Type::Date,
        Sort::Address => Type::Address,
        Sort::List if operator.comparison == Comparison::Null => {
            return Err(Refused::NotDecided(contested::NULL_OF_A_LIST.says()));
        }
        Sort::List => return Err(Refused::NotDecided(format!("`{key}` holds a list"))),
    };
    let fits = match operator.comparison {
        Comparison::Text(_) => matches!(sort, Sort::Text | Sort::Arn),
        Comparison::Arn => sort == Sort::Arn,
        Comparison::Flag => sort == Sort::Flag,
        Comparison::Number(_) => sort == Sort::Number,
        Comparison::Date(_) => sort == Sort::Date,
        Comparison::Address => sort == Sort::Address,
        Comparison::Null => true,
    };
    if !fits {
        return unread(format!("`{key}` holds no values of this operator"));
    }
    let items: &[Json<'_>] = match values {
        Json::List(items) => items,
        single => std::slice::from_ref(single),
    };
    let mut matched = Values::nothing(of);
    for item in items {
        let text = scalar(item)?;
        let one = one_value(operator, &text, of, reading)?;
        matched = matched
            .or(&one)
            .ok_or_else(|| Refused::Unread(format!("`{key}` with values of two types")))?;
    }
    let mut admitted = if operator.negated { matched.not() } else { matched };
    if operator.if_exists {
        admitted = admitted.or_absent();
    }
    Ok(Region::only(Key::new(key), admitted))
}

/// A value as text: numbers and flags may stand without quotes.
fn scalar<'t>(value: &'t Json<'_>) -> Result<std::borrow::Cow<'t, str>, Refused> {
    match value {
        Json::Text(text) => Ok(text.as_ref().into()),
        Json::Number(number) => Ok((*number).into()),
        Json::Bool(flag) => Ok(if *flag { "true" } else { "false" }.into()),
        Json::Null | Json::List(_) | Json::Object(_) => Err(Refused::Unread(format!(
            "a value of a condition is text, not {}",
            value.sort()
        ))),
    }
}

fn one_value(operator: &Operator, text: &str, of: Type, reading: &Reading<'_>) -> Result<Values, Refused> {
    match operator.comparison {
        Comparison::Text(wild) => words(operator, text, wild, reading),
        Comparison::Arn => {
            check_arn(text, reading)?;
            words(operator, text, Wild::Glob, reading)
        }
        Comparison::Flag if text.contains("${") => {
            Err(Refused::NotDecided(contested::BOOL_WITH_VARIABLE.says()))
        }
        Comparison::Flag => Ok(Values::flag(flag(text)?)),
        Comparison::Number(order) => Ok(Values::numbers([range(order, number(text)?)])),
        Comparison::Date(order) => Ok(Values::dates([range(order, instant(text)?)])),
        Comparison::Address => Ok(Values::addresses([block(text)?])),
        Comparison::Null if flag(text)? => Ok(Values::absent(of)),
        Comparison::Null => Ok(Values::any(of)),
    }
}

fn words(operator: &Operator, text: &str, wild: Wild, reading: &Reading<'_>) -> Result<Values, Refused> {
    let read = text::with_variables(text, wild, reading.engine, reading.letters)?;
    if read.has_variable && operator.negated {
        return Err(Refused::NotDecided(
            contested::NEGATED_OPERATOR_WITH_VARIABLE.says(),
        ));
    }
    if read.has_variable && reading.effect == Effect::Deny {
        return Err(Refused::NotDecided(contested::VARIABLE_IN_DENY.says()));
    }
    let words = Words::of(&read.pattern);
    words
        .map(Values::text)
        .ok_or_else(|| Refused::NotDecided(format!("`{text}` is neither a literal nor ends in its only `*`")))
}

/// Sixth fields, by service, whose names hold no colon: there a final `*` means the same under both readings.
const COLONLESS: &[(&str, &str)] = &[
    ("iam", "role/"),
    ("iot", "rule/"),
    ("s3", ""),
    ("sns", ""),
    ("sqs", ""),
];

fn check_arn(text: &str, reading: &Reading<'_>) -> Result<(), Refused> {
    if resources::is_assigned_name(text, reading.letters) {
        return if text.contains(['*', '?']) {
            Err(Refused::NotDecided(contested::ARN_LIKE_ACROSS_COLONS.says()))
        } else {
            Ok(())
        };
    }
    let Some(last) = resources::last_field(text) else {
        return Err(Refused::Unread(format!("`{text}` is no name of six fields")));
    };
    let fields = text.strip_suffix(last).unwrap_or_default();
    if fields.contains(['*', '?']) {
        return Err(Refused::NotDecided(format!(
            "`{text}`: wildcards in the first five fields"
        )));
    }
    let service = fields.split(':').nth(2).unwrap_or_default();
    let is_colonless = COLONLESS
        .iter()
        .any(|(of, head)| *of == service && last.starts_with(head))
        && !last.contains(':');
    if last.contains(['*', '?']) && !is_colonless {
        return Err(Refused::NotDecided(contested::ARN_LIKE_ACROSS_COLONS.says()));
    }
    Ok(())
}

fn flag(text: &str) -> Result<bool, Refused> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(Refused::Unread(format!("`{text}` is neither `true` nor `false`")))
    }
}

fn number(text: &str) -> Result<i64, Refused> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match text.parse() {
        Ok(number) if !text.starts_with('+') => Ok(number),
        Ok(_) | Err(_) if is_decimal => Err(Refused::NotDecided(format!("`{text}` is no whole number"))),
        Ok(_) | Err(_) => Err(Refused::Unread(format!("`{text}` is no number"))),
    }
}

/// A second, written as a timestamp in UTC, as a day (its first second), or in seconds of the epoch.
fn instant(text: &str) -> Result<i64, Refused> {
    let epoch = || {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten()
    };
    date::seconds(text)
        .or_else(|| date::midnight(text))
        .or_else(epoch)
        .ok_or_else(|| Refused::Unread(format!("`{text}` is no date that we read")))
}

fn range(order: Order, than: i64) -> (i64, i64) {
    match order {
        Order::Equal => (than, than),
        // An empty range, first above last, holds nothing.
        Order::Less => than.checked_sub(1).map_or((1, 0), |last| (i64::MIN, last)),
        Order::LessOrEqual => (i64::MIN, than),
        Order::Greater => than.checked_add(1).map_or((1, 0), |first| (first, i64::MAX)),
        Order::GreaterOrEqual => (than, i64::MAX),
    }
}

fn block(text: &str) -> Result<Block, Refused> {
    match Block::parse(text) {
        Ok(block) => Ok(block),
        Err(Fault::HostBits(_)) => Err(Refused::NotDecided(contested::HOST_BITS_IN_A_BLOCK.says())),
        Err(Fault::Malformed | Fault::PrefixTooLong) => {
            Err(Refused::Unread(format!("`{text}` is no block of addresses")))
        }
    }
}
