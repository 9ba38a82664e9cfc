//! Which values a property takes: what the provider would refuse is refused at the line that says it.

use std::cmp::Ordering;

use diagnostics::{Code, Diagnostic, Severity};
use model::kind::{PropertySort, Takes};
use model::value::{Duration, Value};

use crate::convert::WRONG_TYPE;
use crate::cx::Cx;
use crate::entries::{Entries, SURPLUS_VALUE};
use crate::line::{Arg, Line};
use crate::properties;
use crate::template::Members;

pub(crate) static UNSUPPORTED_VALUE: Code = Code {
    name: "unsupported-value",
    severity: Severity::Error,
    summary: "a property has a value that the provider does not take",
    docs: include_str!("pages/unsupported_value.md"),
};

/// `from=` and `to=`, or the values that a `values` line lists.
pub(crate) fn read<'a>(
    cx: &mut Cx<'a, '_>,
    sort: PropertySort,
    bounds: [Option<Arg<'a>>; 2],
    values: Option<&Line<'a>>,
) -> Takes {
    let ordered = |cx: &mut Cx<'a, '_>, arg: &Arg<'a>| match sort {
        PropertySort::Number | PropertySort::Duration => properties::value(cx, sort, None, arg, Members::Own),
        PropertySort::Name
        | PropertySort::Text
        | PropertySort::Flag
        | PropertySort::Date
        | PropertySort::Cidr
        | PropertySort::Version
        | PropertySort::Reference => {
            let message = "only a number or a duration has bounds";
            cx.push(Diagnostic::new(&WRONG_TYPE, arg.span, message).help("leave them out"));
            None
        }
    };
    let [from, to] = bounds.map(|bound| bound.and_then(|arg| ordered(cx, &arg)));
    let is_bounded = from.is_some() || to.is_some();
    let Some(line) = values else {
        return Takes::Between(from, to);
    };
    if is_bounded {
        let message = "`values` stands beside `from` or `to`";
        let help = "leave out the bounds: only what is listed is taken";
        cx.push(Diagnostic::new(&SURPLUS_VALUE, line.head(), message).help(help));
    }
    let mut entries = Entries::of(cx, line);
    let listed = entries.need_rest(cx, "a value");
    let mut listed: Vec<Value> = listed.iter().filter_map(|arg| ordered(cx, arg)).collect();
    entries.finish_leaf(cx);
    listed.sort_by(order);
    Takes::OneOf(listed)
}

/// Reports a value that a property does not take.
pub(crate) fn check(cx: &mut Cx<'_, '_>, takes: &Takes, word: &str, value: &Value, arg: &Arg<'_>) {
    let said = &arg.text;
    let (message, help) = match takes {
        Takes::Between(from, to) => {
            let below = from.as_ref().filter(|from| order(value, from).is_lt());
            let above = to.as_ref().filter(|to| order(value, to).is_gt());
            let (bound, what) = match (below, above) {
                (Some(from), _) => (from, "least"),
                (None, Some(to)) => (to, "most"),
                (None, None) => return,
            };
            let message = format!("`{word}` is at {what} `{}`, and this is `{said}`", shown(bound));
            (
                message,
                format!("the provider takes {}", range(from.as_ref(), to.as_ref())),
            )
        }
        Takes::OneOf(values) => {
            let after = values.partition_point(|known| order(known, value).is_lt());
            let next = values.get(after);
            if next.is_some_and(|known| order(known, value).is_eq()) {
                return;
            }
            let before = after.checked_sub(1).and_then(|at| values.get(at));
            let near: Vec<String> = [before, next]
                .into_iter()
                .flatten()
                .map(|value| format!("`{}`", shown(value)))
                .collect();
            let message = format!("`{word}` is none of the provider's steps: `{said}`");
            (message, format!("the nearest is {}", near.join(" or ")))
        }
    };
    cx.push(Diagnostic::new(&UNSUPPORTED_VALUE, arg.span, message).help(help));
}

fn range(from: Option<&Value>, to: Option<&Value>) -> String {
    let text = |value: &Value| format!("`{}`", shown(value));
    match (from.map(text), to.map(text)) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("{from} and more"),
        (None, Some(to)) => format!("up to {to}"),
        (None, None) => "any value".to_owned(),
    }
}

/// Numbers and durations by size; others have no order.
fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.cmp(other),
        (Value::Duration(one), Value::Duration(other)) => one.seconds.cmp(&other.seconds),
        _ => Ordering::Equal,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Duration(duration) => written(*duration),
        Value::Name(_)
        | Value::Text(_)
        | Value::Template(_)
        | Value::Flag(_)
        | Value::Date(_)
        | Value::Block(_)
        | Value::Version(_)
        | Value::Thing(_) => String::new(),
    }
}

/// A duration as a spec writes it, in the largest unit that is whole.
pub(crate) fn written(duration: Duration) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let whole = |size: u64| duration.seconds > 0 && duration.seconds.is_multiple_of(size);
    match units.into_iter().find(|(size, _)| whole(*size)) {
        Some((size, unit)) => format!("{}{unit}", duration.seconds / size),
        None => format!("{}s", duration.seconds),
    }
}
