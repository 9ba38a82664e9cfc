//! What an action does to what it names, for chains of accesses; and by which other actions the same may be done.
//!
//! It starts from the access level that AWS publishes. An action of level list or read reads, one of level write or tagging
//! writes, one of level permissions management controls. Where that misleads, the overrides say otherwise, each with its
//! reason. Two examples: to decrypt with a key moves no data of the key, and `sts:AssumeRole` is published as a write, but who
//! may assume a role controls it.

use crate::action::Level;
use crate::{Catalogue, iot, key};

/// What an action does. Several may be so at once: a call carries data there, and its answer carries data back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effects {
    /// Data flows from the resource to the caller.
    pub reads: bool,
    /// Data flows from the caller to the resource.
    pub writes: bool,
    /// The caller can become or command somebody, or decide who may.
    pub controls: bool,
}

/// A write that returns what it wrote over, unless a condition key forbids that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returns {
    /// The condition key, `dynamodb:ReturnValues`. A request that does not say it returns nothing.
    pub key: &'static str,
    /// Its values under which nothing is returned.
    pub nothing: Vec<&'static str>,
}

impl Effects {
    /// Neither data nor control.
    pub const NONE: Self = Self {
        reads: false,
        writes: false,
        controls: false,
    };

    /// What either does.
    #[must_use]
    pub const fn join(self, other: Self) -> Self {
        Self {
            reads: self.reads | other.reads,
            writes: self.writes | other.writes,
            controls: self.controls | other.controls,
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut effects = Self::NONE;
        if text == "none" {
            return Some(effects);
        }
        for letter in text.bytes() {
            match letter {
                b'R' => effects.reads = true,
                b'W' => effects.writes = true,
                b'C' => effects.controls = true,
                _ => return None,
            }
        }
        (effects != Self::NONE).then_some(effects)
    }

    const fn of(level: Level) -> Self {
        let (mut effects, slot) = (Self::NONE, level);
        match slot {
            Level::List | Level::Read => effects.reads = true,
            Level::Write | Level::Tagging => effects.writes = true,
            Level::PermissionsManagement => effects.controls = true,
        }
        effects
    }
}

fn find<'t, T>(table: &'t [(&'static str, T)], action: &str) -> Option<&'t T> {
    let found = table
        .binary_search_by(|(name, _)| key::compare(name, action))
        .ok()?;
    table.get(found).map(|(_, value)| value)
}

impl Catalogue {
    /// What an action does, ignoring case: its levels, or what the overrides say instead. Actions of the device language
    /// that IAM does not have are known as well. `None` for what is no action.
    #[must_use]
    pub fn effects(&self, action: &str) -> Option<Effects> {
        if let Some(exception) = find(&self.effects, action) {
            return Some(*exception);
        }
        match self.action(action) {
            Some(known) => {
                let effects = known.levels().map(Effects::of);
                Some(effects.fold(Effects::NONE, Effects::join))
            }
            None => iot::action(action).map(iot::IotAction::effects),
        }
    }

    /// By which actions that which this one does may be done: itself, batch and query-language forms, other versions.
    ///
    /// - Shape: the action as it is written first, then the others in order of name. Not symmetric: a batch write
    ///   deletes, and a deletion writes no batch.
    pub fn same<'c>(&'c self, action: &'c str) -> impl Iterator<Item = &'c str> {
        let others = find(&self.same, action).into_iter().flatten().copied();
        std::iter::once(action).chain(others)
    }

    /// Whether an action sets how a thing is kept, or does away with it whole.
    #[must_use]
    pub fn manages(&self, action: &str) -> bool {
        self.managing
            .binary_search_by(|name| key::compare(name, action))
            .is_ok()
    }

    /// What a write returns of what it wrote over, and by which condition key that is forbidden; `None` if nothing.
    #[must_use]
    pub fn returns(&self, action: &str) -> Option<&Returns> {
        find(&self.returns, action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(action: &str) -> Effects {
        Catalogue::embedded().effects(action).unwrap()
    }

    const READS: Effects = Effects {
        reads: true,
        ..Effects::NONE
    };
    const WRITES: Effects = Effects {
        writes: true,
        ..Effects::NONE
    };
    const CONTROLS: Effects = Effects {
        controls: true,
        ..Effects::NONE
    };

    #[test]
    fn an_effect_is_the_level_where_no_exception_stands() {
        assert_eq!(effects("s3:getobject"), READS);
        assert_eq!(effects("s3:ListBucket"), READS);
        assert_eq!(effects("s3:PutObject"), WRITES);
        assert!(effects("s3:PutBucketPolicy").controls);
        assert_eq!(Catalogue::embedded().effects("s3:Nothing"), None);
    }

    #[test]
    fn exceptions_go_both_ways() {
        assert_eq!(effects("kms:Decrypt"), Effects::NONE);
        assert_eq!(effects("dynamodb:DescribeTable"), Effects::NONE);
        assert_eq!(effects("iot:Receive"), READS);
        for action in [
            "sts:AssumeRole",
            "iam:PassRole",
            "lambda:UpdateFunctionCode",
            "kinesis:PutResourcePolicy",
        ] {
            // Each is a write to the source as well.
            assert_eq!(effects(action), CONTROLS.join(WRITES), "{action}");
        }
        let invoke = effects("lambda:InvokeFunction");
        assert!(invoke.reads && invoke.writes && !invoke.controls);
    }

    #[test]
    fn a_device_action_that_iam_lacks_has_an_effect() {
        assert_eq!(effects("greengrass:GetDeploymentConfiguration"), READS);
        for action in iot::ACTIONS {
            assert!(
                Catalogue::embedded().effects(action.name).is_some(),
                "{}",
                action.name
            );
        }
    }

    #[test]
    fn the_same_is_done_by_batches_and_by_other_versions() {
        let by = |action| Catalogue::embedded().same(action).collect::<Vec<_>>();
        assert!(by("s3:GetObject").contains(&"s3:GetObjectVersion"));
        assert!(by("dynamodb:DeleteItem").contains(&"dynamodb:BatchWriteItem"));
        assert!(by("dynamodb:PutItem").contains(&"dynamodb:BatchWriteItem"));
        assert_eq!(by("dynamodb:BatchWriteItem"), ["dynamodb:BatchWriteItem"]);
        assert_eq!(by("kms:Decrypt"), ["kms:Decrypt", "kms:ReEncryptFrom"]);
        assert_eq!(by("sqs:SendMessage"), ["sqs:SendMessage"]);
    }

    #[test]
    fn a_write_that_returns_says_by_which_key_it_does_not() {
        let returns = Catalogue::embedded().returns("dynamodb:UpdateItem").unwrap();
        assert_eq!(
            (returns.key, &returns.nothing[..]),
            ("dynamodb:ReturnValues", &["NONE"][..])
        );
        assert_eq!(Catalogue::embedded().returns("dynamodb:BatchWriteItem"), None);
        let catalogue = Catalogue::embedded();
        for (action, returns) in &catalogue.returns {
            assert!(
                catalogue
                    .action(action)
                    .unwrap()
                    .condition_key(returns.key)
                    .is_some(),
                "{action}"
            );
        }
    }

    #[test]
    fn every_exception_is_in_the_order_that_is_searched() {
        let catalogue = Catalogue::embedded();
        let is_sorted = |names: Vec<&str>| names.is_sorted_by(|a, b| key::compare(a, b).is_lt());
        assert!(is_sorted(catalogue.effects.iter().map(|row| row.0).collect()));
        assert!(is_sorted(catalogue.same.iter().map(|row| row.0).collect()));
        assert!(is_sorted(catalogue.returns.iter().map(|row| row.0).collect()));
    }
}
