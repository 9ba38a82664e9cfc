//! Sets of contexts against truth tables.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use crate::alphabet;
use crate::alphabet::contexts::*;
use pattern::address::Block;
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::{Context, Region};
use pattern::values::{Type, Value, Values};
use pattern::word::Word;
use pattern::words::Words;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_region_has_the_contexts_of_its_formula(formula in formula()) {
        let region = formula.region();
        for context in contexts() {
            prop_assert_eq!(region.contains(&context), formula.has(&context), "{:?} {}", region, context);
        }
    }

    #[test]
    fn equal_regions_are_equal_values(left in formula(), right in formula()) {
        let (l, r) = (left.region(), right.region());
        let equal = contexts().iter().all(|context| left.has(context) == right.has(context));
        prop_assert_eq!(l == r, equal);
        prop_assert_eq!(l.cmp(&r).is_eq(), equal);
        prop_assert_eq!(l.cmp(&r), r.cmp(&l).reverse());
        let subset = contexts().iter().all(|context| !left.has(context) || right.has(context));
        prop_assert_eq!(l.is_subset(&r), subset);
        prop_assert_eq!(l.meets(&r), contexts().iter().any(|context| left.has(context) && right.has(context)));
    }

    #[test]
    fn laws_hold_as_equal_values(a in formula(), b in formula(), c in formula()) {
        let (a, b, c) = (a.region(), b.region(), c.region());
        prop_assert_eq!(a.and(&b.or(&c)), a.and(&b).or(&a.and(&c)));
        prop_assert_eq!(a.or(&b).not(), a.not().and(&b.not()));
        prop_assert_eq!(a.minus(&b).or(&a.and(&b)), a.clone());
        prop_assert_eq!(Region::any_of([a.clone(), b.clone(), c.clone()]), c.or(&b).or(&a));
        prop_assert!(a.or(&a.not()).is_everything() && a.and(&a.not()).is_nothing());
    }

    #[test]
    fn a_sample_is_a_member_and_names_the_keys_that_matter(formula in formula()) {
        let region = formula.region();
        match region.sample() {
            Some(context) => {
                prop_assert!(region.contains(&context) && formula.has(&context));
                let keys = region.keys();
                prop_assert!(context.0.keys().all(|key| keys.iter().any(|(other, _)| other == key)));
            }
            None => prop_assert!(contexts().iter().all(|context| !formula.has(context))),
        }
    }

    #[test]
    fn cubes_are_disjoint_and_make_the_region(formula in formula()) {
        let region = formula.region();
        let cubes: Vec<Region> = region
            .cubes()
            .into_iter()
            .map(|cube| {
                cube.into_iter().fold(Region::everything(), |all, (key, values)| all.and(&Region::only(key, values)))
            })
            .collect();
        prop_assert_eq!(Region::any_of(cubes.iter().cloned()), region);
        for (at, cube) in cubes.iter().enumerate() {
            prop_assert!(cubes.iter().skip(at + 1).all(|other| !cube.meets(other)));
        }
    }

    #[test]
    fn forgetting_a_key_asks_for_some_value_of_it(formula in formula(), at in 0usize..3) {
        let (key, _) = &keys()[at];
        let region = formula.region().forget(key);
        prop_assert!(region.keys().iter().all(|(other, _)| other != key));
        for context in contexts() {
            let some = domain(at).into_iter().any(|value| {
                let mut changed = context.clone();
                changed.0.insert(key.clone(), value);
                formula.has(&changed)
            });
            prop_assert_eq!(region.contains(&context), some);
        }
    }

    #[test]
    fn restricting_a_key_settles_it(formula in formula(), at in 0usize..3, pick in 0usize..64) {
        let (key, _) = &keys()[at];
        let domain = domain(at);
        let value = &domain[pick % domain.len()];
        let region = formula.region().restrict(key, value.as_ref());
        prop_assert!(region.keys().iter().all(|(other, _)| other != key));
        for mut context in contexts() {
            let before = region.contains(&context);
            context.0.insert(key.clone(), value.clone());
            prop_assert_eq!(before, formula.has(&context));
        }
    }

    #[test]
    fn sets_of_values_of_other_types_do_not_mix(left in values(0), right in values(1)) {
        prop_assert_eq!(left.and(&right), None);
        prop_assert_eq!(left.or(&right), None);
        prop_assert_eq!(left.is_subset(&right), None);
        prop_assert!(left.not().not() == left);
    }
}

fn text(text: &str) -> Values {
    Values::text(Words::just(&Word::text(text).unwrap()))
}

#[test]
fn keys_are_one_whatever_their_case() {
    assert_eq!(Key::new("aws:SourceIp"), Key::new("AWS:sourceip"));
    assert_eq!(Key::new("aws:SourceIp").as_str(), "aws:SourceIp");
    let (a, b) = (
        Region::only(Key::new("K"), text("v")),
        Region::only(Key::new("k"), text("v")),
    );
    assert_eq!(a, b);
    assert_eq!(a.and(&b), a);
}

#[test]
fn a_key_of_two_types_is_found() {
    let key = || Key::new("k");
    let mixed = Region::only(key(), text("v")).and(&Region::only(key(), Values::flag(true)));
    assert_eq!(mixed.mixed(), Some(key()));
    assert_eq!(Region::only(key(), text("v")).mixed(), None);
    assert!(mixed.forget(&key()).is_everything());
}

#[test]
fn absent_is_not_just_any_value() {
    let key = Key::new("mfa");
    let denied = Region::only(key.clone(), Values::flag(true)).not();
    assert!(denied.contains(&Context::default()));
    let present = denied.and(&Region::only(key.clone(), Values::any(Type::Flag)));
    assert_eq!(present, Region::only(key.clone(), Values::flag(false)));
    assert_eq!(denied, Region::only(key, Values::flag(false).or_absent()));
}

#[test]
fn a_witness_reads_well() {
    let office = Values::addresses([Block::parse("192.0.2.0/24").unwrap()]);
    let region = Region::only(Key::new("aws:SourceIp"), office.clone()).and(&Region::only(
        Key::new("aws:MultiFactorAuthPresent"),
        Values::absent(Type::Flag),
    ));
    let context = region.sample().unwrap();
    assert_eq!(
        context.to_string(),
        "aws:MultiFactorAuthPresent absent, aws:SourceIp = 192.0.2.0"
    );
    assert_eq!(
        region.to_string(),
        "aws:MultiFactorAuthPresent: absent and aws:SourceIp: 192.0.2.0/24"
    );
    let outside = Region::only(Key::new("aws:SourceIp"), office)
        .not()
        .sample()
        .unwrap();
    assert_eq!(outside.to_string(), "aws:SourceIp = 203.0.113.1");
    assert_eq!(Region::everything().to_string(), "always");
    assert_eq!(
        Values::dates([(0, 59), (86_400, i64::MAX)]).to_string(),
        "1970-01-01T00:00:00Z..=1970-01-01T00:00:59Z | 1970-01-02T00:00:00Z..="
    );
}

#[test]
fn the_words_of_a_region_can_be_mapped() {
    let variable = Word::of([alphabet::VARIABLE]).unwrap();
    let region = Region::only(Key::new("t"), Values::text(Words::just(&variable)));
    let mut name = |letter| (letter == alphabet::VARIABLE).then(|| Word::text("press-7").unwrap());
    let mapped = region
        .map_words(&mut |words| words.map_letters(&mut name))
        .unwrap();
    assert_eq!(mapped, Region::only(Key::new("t"), text("press-7")));
    // Two words become one: the region no longer says which context is meant.
    let both = Region::only(Key::new("t"), Values::text(Words::just(&variable)))
        .and(&Region::only(Key::new("u"), text("v")))
        .or(&Region::only(Key::new("t"), text("press-7")).and(&Region::only(Key::new("u"), text("w"))));
    assert_eq!(both.map_words(&mut |words| words.map_letters(&mut name)), None);
}

#[test]
fn values_hold_what_they_are_made_of() {
    let values = [
        Value::Text(Word::text("a").unwrap()),
        Value::Number(-3),
        Value::Date(7),
        Value::Flag(false),
        Value::Address("10.0.0.1".parse().unwrap()),
        Value::Address("::1".parse().unwrap()),
    ];
    for value in values {
        let just = Values::just(&value);
        assert!(just.contains(Some(&value)) && !just.contains(None));
        assert_eq!(just.sample(), Some(Some(value.clone())));
        assert!(!just.not().contains(Some(&value)) && just.not().contains(None));
        assert!(Values::everything(just.value_type()).is_everything());
        assert!(Values::nothing(just.value_type()).is_nothing());
        assert_eq!(Values::absent(just.value_type()).sample(), Some(None));
        assert_eq!(
            Values::any(just.value_type()).or_absent().without_absent(),
            Values::any(just.value_type())
        );
    }
}

#[test]
fn sets_cross_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<(Pattern, Region, Words, Values, Context)>();
}
