//! Regions as formulas over three keys, and every context that tells two of them apart.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeMap;

use pattern::key::Key;
use pattern::region::{Context, Region};
use pattern::values::{Value, Values};
use pattern::word::Word;
use pattern::words::Words;
use proptest::prelude::*;

/// The keys, each with what a formula may ask of it.
pub fn keys() -> [(Key, Vec<Values>); 3] {
    let words = |text: &str| {
        let (stem, prefix) = text.strip_suffix('*').map_or((text, false), |stem| (stem, true));
        let word = Word::text(stem).unwrap();
        Values::text(if prefix {
            Words::below(&word)
        } else {
            Words::just(&word)
        })
    };
    let texts = vec![
        words("a"),
        words("a*"),
        words("ab"),
        words("b*"),
        words("b").or_absent(),
    ];
    let numbers = vec![
        Values::numbers([(0, 1)]),
        Values::numbers([(1, 3)]).or_absent(),
        Values::numbers([(2, i64::MAX)]),
        Values::numbers([(i64::MIN, 0)]),
    ];
    let flags = vec![
        Values::flag(true),
        Values::flag(false).or_absent(),
        Values::flag(false),
    ];
    [
        (Key::new("text"), texts),
        (Key::new("Number"), numbers),
        (Key::new("flag"), flags),
    ]
}

/// A value of each cell into which the sets of a key cut its domain.
pub fn domain(at: usize) -> Vec<Option<Value>> {
    let words = ["", "a", "ab", "ac", "abc", "b", "bb", "c"];
    let values: Vec<Value> = match at {
        0 => words
            .iter()
            .map(|text| Value::Text(Word::text(text).unwrap()))
            .collect(),
        1 => (-1..=4).map(Value::Number).collect(),
        _ => vec![Value::Flag(true), Value::Flag(false)],
    };
    std::iter::once(None)
        .chain(values.into_iter().map(Some))
        .collect()
}

/// Every context, up to what no formula tells apart.
pub fn contexts() -> Vec<Context> {
    let mut all = vec![BTreeMap::new()];
    for (at, (key, _)) in keys().iter().enumerate() {
        let with = |context: &BTreeMap<Key, Option<Value>>| {
            let context = context.clone();
            domain(at).into_iter().map(move |value| {
                let mut context = context.clone();
                context.insert(key.clone(), value);
                context
            })
        };
        all = all.iter().flat_map(with).collect();
    }
    all.into_iter().map(Context).collect()
}

#[derive(Clone, Debug)]
pub enum Formula {
    Only(usize, Values),
    Not(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
    Minus(Box<Formula>, Box<Formula>),
}

impl Formula {
    pub fn has(&self, context: &Context) -> bool {
        match self {
            Formula::Only(at, values) => {
                values.contains(context.0.get(&keys()[*at].0).and_then(Option::as_ref))
            }
            Formula::Not(a) => !a.has(context),
            Formula::And(a, b) => a.has(context) && b.has(context),
            Formula::Or(a, b) => a.has(context) || b.has(context),
            Formula::Minus(a, b) => a.has(context) && !b.has(context),
        }
    }

    pub fn region(&self) -> Region {
        match self {
            Formula::Only(at, values) => Region::only(keys()[*at].0.clone(), values.clone()),
            Formula::Not(a) => a.region().not(),
            Formula::And(a, b) => a.region().and(&b.region()),
            Formula::Or(a, b) => a.region().or(&b.region()),
            Formula::Minus(a, b) => a.region().minus(&b.region()),
        }
    }
}

/// One set of values of a key.
pub fn values(at: usize) -> impl Strategy<Value = Values> {
    prop::sample::select(keys()[at].1.clone())
}

pub fn formula() -> impl Strategy<Value = Formula> {
    let leaf = (0usize..3).prop_flat_map(|at| values(at).prop_map(move |values| Formula::Only(at, values)));
    leaf.prop_recursive(4, 12, 2, |inner| {
        let two = || (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            inner.clone().prop_map(|a| Formula::Not(Box::new(a))),
            two().prop_map(|(a, b)| Formula::And(a, b)),
            two().prop_map(|(a, b)| Formula::Or(a, b)),
            two().prop_map(|(a, b)| Formula::Minus(a, b)),
        ]
    })
}
