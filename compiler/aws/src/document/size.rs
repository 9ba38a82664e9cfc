//! How long a document will be, before it is text: what is split is decided here, quotas are measured on the bytes later.

use arena::{Name, Names};
use graph::address::OfVariables;
use pattern::pattern::Pattern;
use pattern::word::Letter;

use crate::deployment::document::{Condition, Document, Engine, PrincipalName, Principals, Statement};

/// How documents are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes<'a> {
    pub(crate) engine: Engine,
    pub(crate) variables: &'a Names<OfVariables>,
}

/// The length of `{"Version":"2012-10-17","Statement":[]}`.
const FRAME: usize = 39;
/// The most characters of a value that the provider assigns: the id of a key.
const SYMBOL: usize = 36;

impl Sizes<'_> {
    /// Characters of a document, white space not counted.
    pub(crate) fn document(self, document: &Document) -> usize {
        let statements = &document.statements;
        FRAME
            + statements
                .iter()
                .map(|statement| self.statement(statement))
                .sum::<usize>()
            + statements.len().saturating_sub(1)
    }

    /// Characters of a statement, without the comma between two.
    pub(crate) fn statement(self, statement: &Statement) -> usize {
        let mut members = vec![member(
            "Effect",
            quoted(if statement.deny { "Deny" } else { "Allow" }),
        )];
        if self.engine.has_ids() {
            members.push(member("Sid", quoted(&statement.id)));
        }
        if let Some(principals) = &statement.principals {
            members.push(member("Principal", self.principals(principals)));
        }
        members.push(member(
            "Action",
            one_or_list(statement.actions.iter().map(|action| quoted(action))),
        ));
        if !statement.resources.is_empty() {
            members.push(member(
                "Resource",
                one_or_list(statement.resources.iter().map(|pattern| self.pattern(pattern))),
            ));
        }
        if !statement.conditions.is_empty() {
            members.push(member("Condition", self.conditions(&statement.conditions)));
        }
        list(members.into_iter())
    }

    fn principals(self, principals: &Principals) -> usize {
        let Principals::These(names) = principals else {
            return quoted("*");
        };
        let of = |sort: &str, names: Vec<usize>| {
            (!names.is_empty()).then(|| member(sort, one_or_list(names.into_iter())))
        };
        let mut sorts: [Vec<usize>; 3] = Default::default();
        let [aws, service, federated] = &mut sorts;
        for name in names {
            match name {
                PrincipalName::Aws(text) => aws.push(quoted(text)),
                PrincipalName::Service(text) => service.push(quoted(text)),
                PrincipalName::Federated(text) => federated.push(quoted(text)),
            }
        }
        let [aws, service, federated] = sorts;
        list(
            [of("AWS", aws), of("Service", service), of("Federated", federated)]
                .into_iter()
                .flatten(),
        )
    }

    fn conditions(self, conditions: &[Condition]) -> usize {
        let of_operator = |conditions: &[Condition]| {
            let operator = conditions.first().map_or("", |condition| &condition.operator);
            let keys = conditions.iter().map(|condition| {
                let values = one_or_list(condition.values.iter().map(|value| self.pattern(value)));
                quoted(&condition.key) + 1 + values
            });
            member(operator, list(keys))
        };
        list(
            conditions
                .chunk_by(|a, b| a.operator == b.operator)
                .map(of_operator),
        )
    }

    fn pattern(self, pattern: &Pattern) -> usize {
        let length = |letter| match letter {
            Letter::Symbol(_) => SYMBOL,
            Letter::Variable(id) => {
                let key = self.variables.text(Name::new(id));
                self.engine.variable(key).map_or(0, |text| text.len())
            }
            Letter::Scalar(_) => 1,
        };
        pattern.char_len(&length) + 2
    }
}

fn quoted(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count() + 2
}

fn member(name: &str, value: usize) -> usize {
    quoted(name) + 1 + value
}

/// Brackets or braces, with commas.
fn list(members: impl Iterator<Item = usize>) -> usize {
    let (count, sum) = members.fold((0, 0), |(count, sum), size| (count + 1, sum + size));
    2 + sum + usize::saturating_sub(count, 1)
}

fn one_or_list(items: impl Iterator<Item = usize>) -> usize {
    let items: Vec<usize> = items.collect();
    match items.as_slice() {
        [one] => *one,
        many => list(many.iter().copied()),
    }
}
