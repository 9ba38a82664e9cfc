//! Conditions in the provider's operators: exactly, or not at all.
//!
//! A region is a union of disjoint conjunctions; each is the condition block of a statement of its own. An absent key
//! fails a positive operator and meets a negated one, and `…IfExists` adds *absent*.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use catalogue::Catalogue;
use catalogue::service::{ConditionKey, Value as Sort};
use pattern::address::{Addresses, Block};
use pattern::date;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::ranges::Ranges;
use pattern::region::Region;
use pattern::values::{Flags, Present, Values};
use pattern::words::Words;

use crate::deployment::document::Condition;

/// Why a region cannot be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inexpressible {
    /// The key.
    pub(crate) key: String,
    /// Why not.
    pub(crate) why: &'static str,
}

/// The condition blocks whose union is the region: one without conditions if it is everything, none if it is nothing.
///
/// - Shape: each block sorted by operator and key.
pub(crate) fn blocks(region: &Region) -> Result<Vec<Vec<Condition>>, Inexpressible> {
    let mut blocks = Vec::new();
    for cube in region.cubes() {
        // Alternatives of one key multiply: each is a conjunction.
        let mut of_cube: Vec<Vec<Condition>> = vec![Vec::new()];
        for (key, values) in &cube {
            let terms = terms(key, values)?;
            of_cube = of_cube
                .iter()
                .flat_map(|block| {
                    terms
                        .iter()
                        .map(move |term| block.iter().chain(term).cloned().collect())
                })
                .collect();
        }
        blocks.extend(of_cube);
    }
    for block in &mut blocks {
        block.sort();
    }
    blocks.sort();
    Ok(blocks)
}

/// Whether a request gives the key a list.
fn key_is_list(key: &str) -> bool {
    listed(key).is_some_and(|key| key.is_multi_valued)
        || catalogue::iot::condition_key(key).is_some_and(|key| key.is_multi_valued)
}

/// Alternatives for one key, each a conjunction of conditions.
fn terms(key: &Key, values: &Values) -> Result<Vec<Vec<Condition>>, Inexpressible> {
    let inexpressible = |why| Inexpressible {
        key: key.as_str().to_owned(),
        why,
    };
    if key_is_list(key.as_str()) {
        return Err(inexpressible(
            "it holds a list, and operators on lists also match an absent one",
        ));
    }
    let of = values.value_type();
    if *values == Values::absent(of) {
        return Ok(vec![vec![presence(key, false)]]);
    }
    if *values == Values::any(of) {
        return Ok(vec![vec![presence(key, true)]]);
    }
    let absent = values.has_absent();
    let alternatives = match values.present() {
        Present::Text(words) => text(key, words, absent).ok_or_else(|| {
            inexpressible("its values are neither a list of names and beginnings, nor all but such a list")
        })?,
        Present::Number(ranges) => self::ranges(key, ranges, absent, &NUMERIC),
        Present::Date(ranges) => self::ranges(key, ranges, absent, &DATE),
        Present::Address(addresses) => vec![self::addresses(key, addresses, absent)],
        Present::Flag(Flags { yes, .. }) => vec![vec![condition(
            "Bool",
            absent,
            key,
            vec![literal(if *yes { "true" } else { "false" })],
        )]],
    };
    Ok(alternatives)
}

fn literal(text: &str) -> Pattern {
    Pattern::literal(text).unwrap_or_else(Pattern::everything)
}

fn condition(operator: &str, absent: bool, key: &Key, mut values: Vec<Pattern>) -> Condition {
    values.sort();
    values.dedup();
    let if_exists = if absent { "IfExists" } else { "" };
    Condition {
        operator: format!("{operator}{if_exists}"),
        key: key.as_str().to_owned(),
        values,
    }
}

/// `Null`: whether the key is there.
fn presence(key: &Key, present: bool) -> Condition {
    condition(
        "Null",
        false,
        key,
        vec![literal(if present { "false" } else { "true" })],
    )
}

/// A negated operator admits *absent*, which `Null` takes out again.
fn negated(operator: &str, key: &Key, values: Vec<Pattern>, absent: bool) -> Vec<Condition> {
    let mut block = vec![condition(operator, false, key, values)];
    if !absent {
        block.push(presence(key, true));
    }
    block
}

fn text(key: &Key, words: &Words, absent: bool) -> Option<Vec<Vec<Condition>>> {
    if let Some(patterns) = words.patterns() {
        return Some(vec![vec![condition(
            text_operator(key, &patterns).0,
            absent,
            key,
            patterns,
        )]]);
    }
    let patterns = words.not().patterns()?;
    // A negated operator beside a variable without a value is read in two ways.
    if patterns.iter().any(|pattern| pattern.unknowns().next().is_some()) {
        return None;
    }
    Some(vec![negated(
        text_operator(key, &patterns).1,
        key,
        patterns,
        absent,
    )])
}

/// The operator of a list of names, and its negation.
fn text_operator(key: &Key, patterns: &[Pattern]) -> (&'static str, &'static str) {
    let is_literal = patterns.iter().all(Pattern::is_literal);
    match (is_arn(key.as_str()), is_literal) {
        (true, true) => ("ArnEquals", "ArnNotEquals"),
        // `*` of an ARN operator does not run over a colon: the same set only where no name has one.
        (true, false) if patterns.iter().all(is_without_colon) => ("ArnLike", "ArnNotLike"),
        (true | false, false) => ("StringLike", "StringNotLike"),
        (false, true) => ("StringEquals", "StringNotEquals"),
    }
}

fn is_arn(key: &str) -> bool {
    listed(key).is_some_and(|key| key.value == Sort::Arn)
}

/// What the catalogue says of a key: a global one, or one of the service that its prefix names.
fn listed(key: &str) -> Option<&'static ConditionKey> {
    let catalogue = Catalogue::embedded();
    let own = || catalogue.service(key.split_once(':')?.0)?.condition_key(key);
    catalogue.global(key).or_else(own)
}

/// What lies under these has no colon in its name.
const WITHOUT_COLON: [&str; 5] = [
    "arn:*:s3:::*",
    "arn:*:iam::*:role/*",
    "arn:*:iot:*:*:rule/*",
    "arn:*:sqs:*:*:*",
    "arn:*:sns:*:*:*",
];
/// The fields of an ARN.
const FIELDS: usize = 6;

fn is_without_colon(pattern: &Pattern) -> bool {
    let shown = pattern.display(&|_| String::from("_"));
    let named = shown
        .splitn(FIELDS, ':')
        .nth(FIELDS - 1)
        .is_some_and(|last| !last.is_empty() && !last.contains(':'));
    named
        && WITHOUT_COLON
            .iter()
            .filter_map(|shape| Pattern::glob(shape))
            .any(|shape| shape.covers(pattern))
}

/// Operators of ordered values.
struct Ordered {
    equal: &'static str,
    at_least: &'static str,
    /// With how much is added to the last value that is in.
    at_most: (&'static str, i64),
    show: fn(i64) -> String,
}

const NUMERIC: Ordered = Ordered {
    equal: "NumericEquals",
    at_least: "NumericGreaterThanEquals",
    at_most: ("NumericLessThanEquals", 0),
    show: |number| number.to_string(),
};

/// A last second is said as the one before which it is: midnight reads better than 23:59:59.
const DATE: Ordered = Ordered {
    equal: "DateEquals",
    at_least: "DateGreaterThanEquals",
    at_most: ("DateLessThan", 1),
    show: date::timestamp,
};

fn ranges(key: &Key, ranges: &Ranges<i64>, absent: bool, ordered: &Ordered) -> Vec<Vec<Condition>> {
    let value = |number: i64| literal(&(ordered.show)(number));
    let (single, wide): (Vec<_>, Vec<_>) = ranges.as_slice().iter().partition(|(first, last)| first == last);
    let mut alternatives = Vec::new();
    if !single.is_empty() {
        let values = single.iter().map(|(number, _)| value(*number)).collect();
        alternatives.push(vec![condition(ordered.equal, absent, key, values)]);
    }
    for (first, last) in wide {
        let mut block = Vec::new();
        if first != i64::MIN {
            block.push(condition(ordered.at_least, absent, key, vec![value(first)]));
        }
        if last != i64::MAX {
            let (operator, more) = ordered.at_most;
            block.push(condition(
                operator,
                absent,
                key,
                vec![value(last.saturating_add(more))],
            ));
        }
        alternatives.push(block);
    }
    if alternatives.is_empty() && absent {
        alternatives.push(vec![presence(key, false)]);
    }
    alternatives
}

fn addresses(key: &Key, addresses: &Addresses, absent: bool) -> Vec<Condition> {
    let values = |blocks: &[Block]| {
        blocks
            .iter()
            .map(|block| literal(&block.to_string()))
            .collect::<Vec<_>>()
    };
    let (inside, outside) = (addresses.blocks(), addresses.not().blocks());
    if outside.len() < inside.len() {
        return negated("NotIpAddress", key, values(&outside), absent);
    }
    vec![condition("IpAddress", absent, key, values(&inside))]
}

#[cfg(test)]
mod tests {
    use pattern::word::Word;

    use super::*;

    fn shown(region: &Region) -> Vec<Vec<String>> {
        let show = |condition: &Condition| {
            let values: Vec<String> = condition.values.iter().map(ToString::to_string).collect();
            format!("{} {} {}", condition.operator, condition.key, values.join(" "))
        };
        blocks(region)
            .unwrap()
            .iter()
            .map(|block| block.iter().map(show).collect())
            .collect()
    }

    fn words(texts: &[&str]) -> Words {
        let patterns: Vec<Pattern> = texts.iter().filter_map(|text| Pattern::glob(text)).collect();
        Words::from_patterns(&patterns).unwrap()
    }

    #[test]
    fn names_and_beginnings_are_told_apart() {
        let prefix = Key::new("s3:prefix");
        assert_eq!(
            shown(&Region::only(prefix.clone(), Values::text(words(&["a", "b"])))),
            [["StringEquals s3:prefix a b"]]
        );
        assert_eq!(
            shown(&Region::only(prefix.clone(), Values::text(words(&["a/*", "b"])))),
            [["StringLike s3:prefix a/* b"]]
        );
        assert_eq!(
            shown(&Region::only(
                prefix.clone(),
                Values::text(words(&["a"])).or_absent()
            )),
            [["StringEqualsIfExists s3:prefix a"]]
        );
        let but = Values::text(words(&["a"])).not();
        assert_eq!(
            shown(&Region::only(prefix.clone(), but.clone())),
            [["StringNotEquals s3:prefix a"]]
        );
        assert_eq!(
            shown(&Region::only(prefix, but.without_absent())),
            [["Null s3:prefix false", "StringNotEquals s3:prefix a"]]
        );
    }

    #[test]
    fn names_of_resources_have_operators_of_their_own() {
        let source = Key::new("aws:SourceArn");
        let only = |text: &str| shown(&Region::only(source.clone(), Values::text(words(&[text]))));
        assert_eq!(
            only("arn:aws:iot:r:1:rule/x"),
            [["ArnEquals aws:SourceArn arn:aws:iot:r:1:rule/x"]]
        );
        assert_eq!(
            only("arn:aws:iot:r:1:rule/*"),
            [["ArnLike aws:SourceArn arn:aws:iot:r:1:rule/*"]]
        );
        assert_eq!(
            only("arn:aws:ecs:r:1:*"),
            [["StringLike aws:SourceArn arn:aws:ecs:r:1:*"]]
        );
    }

    #[test]
    fn an_end_in_time_is_said_as_the_midnight_after() {
        let time = Key::new("aws:CurrentTime");
        let region = Region::only(
            time,
            Values::dates([(i64::MIN, date::last_second("2027-06-30").unwrap())]),
        );
        assert_eq!(
            shown(&region),
            [["DateLessThan aws:CurrentTime 2027-07-01T00:00:00Z"]]
        );
    }

    #[test]
    fn what_a_baseline_takes_out_holds_the_absent_key() {
        let tls = Region::only(Key::new("aws:SecureTransport"), Values::flag(true));
        assert_eq!(shown(&tls), [["Bool aws:SecureTransport true"]]);
        assert_eq!(shown(&tls.not()), [["BoolIfExists aws:SecureTransport false"]]);
    }

    #[test]
    fn numbers_and_addresses() {
        let age = Key::new("aws:MultiFactorAuthAge");
        assert_eq!(
            shown(&Region::only(age.clone(), Values::numbers([(i64::MIN, 3600)]))),
            [["NumericLessThanEquals aws:MultiFactorAuthAge 3600"]]
        );
        let two = Values::numbers([(1, 1), (3, 9)]);
        assert_eq!(
            shown(&Region::only(age.clone(), two)),
            [
                vec!["NumericEquals aws:MultiFactorAuthAge 1"],
                vec![
                    "NumericGreaterThanEquals aws:MultiFactorAuthAge 3",
                    "NumericLessThanEquals aws:MultiFactorAuthAge 9"
                ]
            ]
        );
        let source = Key::new("aws:SourceIp");
        let block = Block::parse("203.0.113.0/24").unwrap();
        let only = Values::addresses([block]);
        assert_eq!(
            shown(&Region::only(source.clone(), only.clone())),
            [["IpAddress aws:SourceIp 203.0.113.0/24"]]
        );
        assert_eq!(
            shown(&Region::only(source.clone(), only.not())),
            [["NotIpAddress aws:SourceIp 203.0.113.0/24"]]
        );
        let both = Region::only(source, only).and(&Region::only(age, Values::numbers([(0, i64::MAX)])));
        assert_eq!(
            shown(&both),
            [[
                "IpAddress aws:SourceIp 203.0.113.0/24",
                "NumericGreaterThanEquals aws:MultiFactorAuthAge 0"
            ]]
        );
    }

    #[test]
    fn a_list_is_refused() {
        let tags = Region::only(
            Key::new("aws:TagKeys"),
            Values::text(Words::just(&Word::text("a").unwrap())),
        );
        assert_eq!(blocks(&tags).unwrap_err().key, "aws:TagKeys");
        assert_eq!(blocks(&Region::nothing()).unwrap(), Vec::<Vec<Condition>>::new());
        assert_eq!(blocks(&Region::everything()).unwrap(), [Vec::new()]);
    }
}
