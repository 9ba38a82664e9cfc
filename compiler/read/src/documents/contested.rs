//! Rules of the provider on which sources disagree. A document that depends on one is not decided; nothing here takes a side.
//!
//! Collected 2026-11-21 from the IAM user guide, the AWS IoT Core developer guide, and evaluators that others published.

/// One such rule.
#[derive(Debug)]
pub(crate) struct Contested {
    /// Its name, as refusals show it.
    pub(crate) name: &'static str,
    /// What the sources disagree about.
    pub(crate) what: &'static str,
}

impl Contested {
    /// As a refusal says it.
    pub(crate) fn says(&self) -> String {
        format!("depends on `{}`: {}", self.name, self.what)
    }
}

macro_rules! contested {
    ($($rule:ident = $name:literal, $what:literal;)*) => {
        $(pub(crate) static $rule: Contested = Contested { name: $name, what: $what };)*
        /// Every rule, for tests.
        #[cfg(test)]
        static ALL: &[&Contested] = &[$(&$rule),*];
    };
}

contested! {
    WILDCARD_ACROSS_FIELDS = "wildcard-across-fields", "whether `*` in one of the first five fields of a name may run across `:`";
    ARN_LIKE_ACROSS_COLONS = "arn-like-across-colons", "whether a final `*` of an ARN operator covers `:` in the last field";
    NEGATED_OPERATOR_WITH_VARIABLE = "negated-operator-with-variable", "whether a negated operator matches if a variable has no value";
    VARIABLE_IN_DENY = "variable-in-deny", "a deny that does nothing while its variable has no value";
    BOOL_WITH_VARIABLE = "bool-with-variable", "whether variables are substituted in values of `Bool`";
    NULL_OF_A_LIST = "null-of-a-list", "whether an empty list counts as absent";
    HOST_BITS_IN_A_BLOCK = "host-bits-in-a-block", "whether an address block with bits behind its prefix is masked or refused";
    SHORT_NAME = "short-name", "whether a name with fewer than six fields is filled up with `*`";
    MIXED_ANYBODY = "anybody-beside-others", "whether `*` beside other principals covers services";
    ESCAPES_IN_IOT = "iot-escapes", "how a wildcard character is escaped in an AWS IoT Core policy";
    EVERYTHING_IN_A_RULE = "rule-on-everything", "whether the filter `#` of a topic rule covers topics that start with `$`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
