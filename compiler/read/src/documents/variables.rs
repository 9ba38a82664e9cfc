//! Policy variables: which the tables know, what they stand for, and which engine substitutes them.
//!
//! Sources, read 2026-11-21: IAM user guide, "IAM policy elements: variables and tags"; AWS IoT Core developer guide, "AWS IoT
//! Core policy variables" and "Authorizing direct calls to AWS services using AWS IoT Core credential provider".

/// Who evaluates a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// IAM and the services that share its language.
    Iam,
    /// AWS IoT Core.
    Iot,
}

/// A variable that the tables know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its key in facts: `name`, `attr:ATTRIBUTE`.
    pub(crate) key: String,
    /// Who substitutes it.
    pub(crate) engine: Engine,
}

/// How a variable is spelt, and what it stands for. One with an open end names an attribute.
struct Row {
    engine: Engine,
    head: &'static str,
    /// What closes an attribute's name; `None` if the head is the whole spelling.
    tail: Option<&'static str>,
}

const TABLE: &[Row] = &[
    Row {
        engine: Engine::Iam,
        head: "credentials-iot:ThingName",
        tail: None,
    },
    Row {
        engine: Engine::Iam,
        head: "aws:PrincipalTag/",
        tail: Some(""),
    },
    Row {
        engine: Engine::Iot,
        head: "iot:Connection.Thing.ThingName",
        tail: None,
    },
    Row {
        engine: Engine::Iot,
        head: "iot:Connection.Thing.Attributes[",
        tail: Some("]"),
    },
];

/// The variable of a spelling between `${` and `}`.
pub(crate) fn known(spelling: &str) -> Option<Variable> {
    TABLE.iter().find_map(|row| {
        let rest = spelling.strip_prefix(row.head)?;
        let key = match row.tail {
            None => rest.is_empty().then(|| "name".to_owned()),
            Some(tail) => rest
                .strip_suffix(tail)
                .filter(|name| is_attribute(name))
                .map(|name| format!("attr:{name}")),
        }?;
        Some(Variable {
            key,
            engine: row.engine,
        })
    })
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_name_the_same_letters() {
        let key = |spelling: &str| known(spelling).map(|variable| variable.key);
        assert_eq!(
            key("iot:Connection.Thing.ThingName"),
            key("credentials-iot:ThingName")
        );
        assert_eq!(
            key("iot:Connection.Thing.Attributes[line]"),
            key("aws:PrincipalTag/line")
        );
        assert_eq!(key("iot:ClientId"), None);
        assert_eq!(key("aws:PrincipalTag/"), None);
        assert_eq!(key("aws:PrincipalTag/a, 'b'"), None);
    }
}
